"""The product's own web server in a process of its own, over the tests' database."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import connection


def surroundings():
    """The environment in which another process meets the tests' database and folder."""
    found = connection.settings_dict
    parts = {"host": found["HOST"], "port": found["PORT"], "user": found["USER"], "password": found["PASSWORD"]}
    words = " ".join(f"{name}='{value}'" for name, value in (parts | {"dbname": found["NAME"]}).items() if value)
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tanhui.site.settings",
        "TANHUI_MODE": "demonstration",
        "TANHUI_DATABASE_URL": words,
        "TANHUI_VAR": str(settings.TANHUI_VAR),
        "TANHUI_SECRET_KEY": settings.SECRET_KEY,
    }


class Server:
    """One worker process behind one port; ``pid`` is the process that answers."""

    def __init__(self, port, process):
        self.port, self.process = port, process

    @property
    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def peak_kb(self):
        """The most memory any of its processes ever held."""
        return max(memory(pid, "VmHWM") for pid in self.pids)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method, path, body=None, **headers):
        line = self.connect()
        try:
            line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = line.getresponse()
            answer.content = answer.read()
            return answer
        finally:
            line.close()


def memory(pid, what):
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(what)), 0)


@contextlib.contextmanager
def serving():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    words = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    words += ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    words += ["tanhui.site.wsgi:application"]
    process = subprocess.Popen(words, env=surroundings(), stderr=subprocess.DEVNULL, start_new_session=True)
    found = Server(port, process)
    try:
        end = time.monotonic() + 60
        while not answers(found):
            assert process.poll() is None
            assert time.monotonic() < end
        yield found
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(found):
    try:
        return found.ask("GET", "/healthz").status == 200
    except OSError:
        return False
