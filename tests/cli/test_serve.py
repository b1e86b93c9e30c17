"""Serving as a person does it: started, hurt in every way, and stopped with Ctrl-C."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tanhui.site import postgres, supervisor

PATIENCE = 60  # seconds
LOADED = 40  # MB a web process has at least once it has read the product


class Served:
    """A ``tanhui serve`` that answers."""

    def __init__(self, environment, var, port):
        self.var, self.port = var, port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tanhui.cli.main", "--lang", "en", "serve", "--port", str(port)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        first_line = self.process.stdout.readline()
        assert "Serving at" in first_line

    def status(self, path="/readyz"):
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asked.request("GET", path)
            return asked.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            asked.close()

    def recovers(self):
        """Whether people are served again before long, by processes that all live."""
        return supervisor.wait_until(lambda: self.status() == 200, PATIENCE)

    def parts(self):
        return {
            "postgres": postgres.postmaster_of(postgres.cluster(self.var)),
            "web": child(self.process.pid, "granian"),
            "worker": child(self.process.pid, "tanhui.site.worker"),
        }

    def end(self, sign=signal.SIGINT):
        self.process.send_signal(sign)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code


def children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(each): Path(f"/proc/{each}/cmdline").read_bytes().replace(b"\0", b" ").decode() for each in listed}


def child(pid, words):
    return next((each for each, line in children(pid).items() if words in line), None)


def alive(pid):
    return (
        pid is not None
        and Path(f"/proc/{pid}").exists()
        and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    )


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def migrated(tanhui):
    assert tanhui("migrate").returncode == 0


@pytest.fixture
def served(migrated, environment, var, port):
    found = Served(environment, var, port)
    yield found
    if found.process.poll() is None:
        found.end()


class TestServing:
    def test_answers(self, served):
        assert served.status("/healthz") == 200
        assert served.status() == 200

    @pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_ends_whole_when_asked(self, served, sign):
        parts = served.parts()

        assert served.end(sign) == 0
        assert not [name for name, pid in parts.items() if alive(pid)]
        assert not supervisor.marked(served.var)

    @pytest.mark.parametrize("part", ["postgres", "web", "worker"])
    def test_recovers_when_a_part_is_killed(self, served, part):
        before = served.parts()[part]

        os.kill(before, signal.SIGKILL)

        assert supervisor.wait_until(lambda: served.parts()[part] not in (None, before), PATIENCE)
        assert served.recovers()

    def test_recovers_when_one_web_process_is_killed(self, served):
        master = served.parts()["web"]
        victim = next(iter(children(master)))

        os.kill(victim, signal.SIGKILL)

        assert supervisor.wait_until(lambda: len(set(children(master)) - {victim}) >= 2, PATIENCE)
        assert served.recovers()

    @pytest.mark.parametrize("also", [[], ["web"], ["postgres"], ["postgres", "web", "worker"]])
    def test_starts_again_after_being_killed(self, served, environment, var, port, also):
        parts = served.parts()
        for pid in [served.process.pid, *(parts[part] for part in also)]:
            os.kill(pid, signal.SIGKILL)
        served.process.wait()
        served.process.stdout.close()

        again = Served(environment, var, port)

        assert again.status() == 200
        assert again.end() == 0

    def test_is_refused_a_second_time_for_one_folder(self, served, tanhui):
        second = tanhui("--lang", "en", "serve", "--port", "1")

        assert second.returncode == 1
        assert "site.already_served" in second.stderr
        assert str(served.process.pid) in second.stderr

    def test_is_ended_by_stop(self, served, tanhui):
        stopped = tanhui("--lang", "en", "stop")

        assert (stopped.returncode, stopped.stdout) == (0, "Stopped.\n")
        assert served.process.wait(PATIENCE) == 0
        assert tanhui("--lang", "en", "stop").stdout == "Nothing was running.\n"
        served.process.stdout.close()

    def test_stays_small(self, served):
        """ARCHITECTURE.md: a web process at most 200 MB, the idle whole at most 600 MB (proportional set size)."""
        master = served.parts()["web"]
        assert supervisor.wait_until(lambda: all(pss_mb(pid) > LOADED for pid in children(master)), PATIENCE)
        web = [pss_mb(pid) for pid in children(master)]
        whole = sum(
            pss_mb(pid)
            for pid in {
                served.process.pid,
                *supervisor.marked(served.var),
                *postgres.processes(postgres.cluster(served.var)),
            }
        )

        assert max(web) <= 200
        assert whole <= 600


class TestAPortInUse:
    def test_is_refused(self, migrated, tanhui):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()

            refused = tanhui("--lang", "en", "serve", "--port", other.getsockname()[1])

        assert refused.returncode == 1
        assert "site.port_taken" in refused.stderr


def pss_mb(pid):
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
