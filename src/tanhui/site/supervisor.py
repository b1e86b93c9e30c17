"""Keeps web server, worker and embedded PostgreSQL running together, and ends them together.

Every process started here carries a mark in its environment naming the folder it serves. Whatever a killed supervisor
left behind is found by that mark at the next start and ended, so that it blocks neither port nor lock.
"""

import contextlib
import ctypes
import fcntl
import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.site import environment, postgres

MARK = "TANHUI_SERVING"
GRACE = 10.0  # seconds a process gets to end by itself
STEADY = 10.0  # seconds after which a process counts as having started well
PATIENCE = 5  # quick deaths in a row before we give up
PR_SET_PDEATHSIG = 1

log = logging.getLogger("tanhui.supervisor")
libc = ctypes.CDLL(None, use_errno=True)


class AlreadyServed(Refusal):
    code = "site.already_served"
    sentence = gettext_noop(
        "%(var)s is already served at %(address)s by process %(pid)s. Stop it with Ctrl-C there or with `tanhui stop`, "
        "or name another folder in TANHUI_VAR."
    )
    clause = "ARCHITECTURE.md §2"


class PortTaken(Refusal):
    code = "site.port_taken"
    sentence = gettext_noop("Another program listens at %(host)s:%(port)s. Choose another port with --port.")
    clause = "ARCHITECTURE.md §2"


class NotServing(Refusal):
    code = "site.not_serving"
    sentence = gettext_noop("The process “%(part)s” ended %(times)s times in a row. What it said is in %(log)s.")
    clause = "ARCHITECTURE.md §2"
    status = 503


@contextlib.contextmanager
def exclusive(var: Path, *, host: str, port: int) -> Iterator[None]:
    """Be the only one who serves this folder, with nothing left of one who was killed."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "serve.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise AlreadyServed(var=var, **serving(var)) from taken
        end_strays(var)
        if not port_free(host, port):
            raise PortTaken(host=host, port=port)
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "address": f"http://{host}:{port}/"}))
        lock.flush()
        yield


def serving(var: Path) -> dict[str, object]:
    """Process and address of who serves or served the folder last."""
    try:
        found = json.loads((var / "serve.lock").read_text())
        return {"pid": found["pid"], "address": found["address"]}
    except (OSError, ValueError, KeyError):
        return {"pid": "?", "address": "?"}


def served(var: Path) -> bool:
    """Whether someone serves the folder now."""
    if not (var / "serve.lock").exists():
        return False
    with (var / "serve.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def stop(var: Path) -> bool:
    """End whoever serves the folder, what is left of it, and its PostgreSQL; whether anything ran."""
    ran = served(var)
    if ran and isinstance(pid := serving(var)["pid"], int):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not served(var), 3 * GRACE)
    strays = end_strays(var)
    return postgres.stop(var) or ran or strays > 0


def end_strays(var: Path) -> int:
    """End every process marked as serving this folder whose supervisor is gone; how many there were."""
    strays = marked(var)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in marked(var):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
        if wait_until(lambda: not marked(var), GRACE):
            break
    return len(strays)


def marked(var: Path) -> list[int]:
    wanted = f"{MARK}={var}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or another user's
            if int(entry.name) != os.getpid() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def port_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


# -- the parts ---------------------------------------------------------------------------------------------------------


class Part:
    """One process we keep running. Its output goes to ``log_file``, or where ours goes."""

    def __init__(self, name: str, words: list[str], *, var: Path, log_file: Path | None) -> None:
        self.name, self.words, self.log_file = name, words, log_file
        counters = {"PROMETHEUS_MULTIPROC_DIR": str(var / "metrics")}
        self.environment = os.environ | counters | {MARK: str(var), "MALLOC_ARENA_MAX": "2"}
        self.deaths = 0
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        with self.log_file.open("a") if self.log_file else contextlib.nullcontext() as output:
            self.process = subprocess.Popen(
                self.words,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def tend(self) -> None:
        """Start it again if it died, but not for ever."""
        if self.process.poll() is None:
            return
        self.end()
        self.deaths = 1 if time.monotonic() - self.started > STEADY else self.deaths + 1
        log.error("part=%s exit=%s deaths=%d", self.name, self.process.returncode, self.deaths)
        if self.deaths >= PATIENCE:
            raise NotServing(part=self.name, times=self.deaths, log=self.log_file or "stderr")
        self.start()

    def ask_to_end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def end(self) -> None:
        """Wait for it, then make sure of it and of the processes it started."""
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            log.error("part=%s did not end within %d s", self.name, GRACE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def end_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def web_words(*, host: str, port: int, processes: int, threads: int) -> list[str]:
    words = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    words += ["--workers", str(processes), "--blocking-threads", str(threads), "--respawn-failed-workers"]
    words += ["--blocking-threads-idle-timeout", "600", "--workers-kill-timeout", "5", "--no-ws"]
    return [*words, "--log-level", "warning", "tanhui.site.wsgi:application"]


def run(
    var: Path,
    *,
    host: str,
    port: int,
    processes: int = 2,
    threads: int = 4,
    log_file: Path | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve until asked to end (Ctrl-C, SIGTERM, SIGHUP). ``ready`` is called once, when the first page answers."""
    ended = threading.Event()
    previous = {
        sign: signal.signal(sign, lambda *_: ended.set()) for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    forget_counters(var / "metrics")
    words = web_words(host=host, port=port, processes=processes, threads=threads)
    parts: list[Part] = []
    try:
        parts.append(Part("web", words, var=var, log_file=log_file))
        parts.append(Part("worker", [sys.executable, "-m", "tanhui.site.worker"], var=var, log_file=log_file))
        while not ended.wait(0.05) and not answers(host, port):
            tend(parts, var)
        if ready and not ended.is_set():
            ready()
        while not ended.wait(0.5):
            tend(parts, var)
    finally:
        for part in parts:
            part.ask_to_end()
        for part in parts:
            part.end()
        for sign, before in previous.items():
            signal.signal(sign, before)


def forget_counters(folder: Path) -> None:
    """Counters begin at zero with each start, as Prometheus expects; the files are of processes that are gone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        path.unlink()


def tend(parts: list[Part], var: Path) -> None:
    for part in parts:
        part.tend()
    if environment.embedded() and not postgres.running(var):
        log.error("part=postgres ended; starting it again")
        postgres.start(var)


def answers(host: str, port: int) -> bool:
    """Whether the web server answers a request, whatever it says."""
    asked = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=5)  # noqa: S104
    try:
        asked.request("GET", "/healthz", headers={"Host": next(iter(environment.words("TANHUI_HOSTS")), "localhost")})
        asked.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        asked.close()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
