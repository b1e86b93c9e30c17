"""The demonstration as a visitor meets it."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tanhui.tlog import proof, tiles

PATIENCE = 120  # seconds


@pytest.fixture(scope="module")
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def demonstration(environment, port):
    def demonstration(look):
        """What it says from start to Ctrl-C, and what ``look(address)`` saw meanwhile."""
        words = [sys.executable, "-m", "tanhui.cli.main", "demo", "--port", str(port)]
        with subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        ) as process:
            said = []
            for line in process.stdout:
                said.append(line)
                if line.startswith("日志："):
                    try:
                        seen = look(f"http://127.0.0.1:{port}")
                    finally:
                        process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        return "".join(said), seen

    return demonstration


def read(address):
    with urllib.request.urlopen(address, timeout=30) as response:
        return response.read().decode()


def checkpoint(address):
    """Size and root."""
    found = json.loads(read(f"{address}/api/v1/log/checkpoint"))
    return found["size"], found["root"]


def root_at(address, size):
    """What the log was at a size, from its tiles."""
    return proof.Tree(tiles.reader(f"{address}/log"), size).root().hex()


class TestTheDemonstration:
    def test_says_where_it_is_who_may_sign_in_and_what_to_look_at(self, demonstration, port):
        said, home = demonstration(read)

        assert f"http://127.0.0.1:{port}/" in said
        assert re.search(r"buyer-a +\S+", said)
        assert "先看" in said
        assert "<html" in home

    def test_loses_nothing_from_one_start_to_the_next(self, demonstration):
        first, before = demonstration(checkpoint)
        second, (size, root) = demonstration(lambda address: (checkpoint(address)[0], root_at(address, before[0])))

        password = re.compile(r"tanhui-[0-9a-f]+")
        assert size >= before[0] > 500  # a deadline may have come since: the worker tells of it
        assert root == before[1]
        assert password.findall(second) == password.findall(first) != []

    def test_is_refused_in_production(self, tanhui):
        refused = tanhui("--lang", "en", "demo", TANHUI_MODE="production")

        assert refused.returncode == 1
        assert "cli.demonstration_in_production" in refused.stderr


@pytest.mark.slow
class TestCheckingTheDemonstration:
    def test_does_the_whole_job_and_says_of_each_step_that_it_held(self, tanhui, var):
        left_over = var / "check" / "log" / "checkpoint"  # of an earlier check
        left_over.parent.mkdir(parents=True)
        left_over.write_text("")

        checked = tanhui("demo", "--check")

        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert checked.stdout.count("✓") >= 10
        assert "✗" not in checked.stdout

    def test_fails_when_a_step_does_not_hold(self, monkeypatch, capsys):
        from tanhui.cli import demo, house
        from tanhui.site import demonstration, preparation, startup

        monkeypatch.setenv("TANHUI_DATABASE_URL", "postgresql://nobody@/nowhere")
        monkeypatch.setattr(house, "opened", contextlib.nullcontext)
        for module, name in ((preparation, "prepare"), (preparation, "bring_up_to_date"), (startup, "refuse")):
            monkeypatch.setattr(module, name, lambda: None)
        monkeypatch.setattr(demonstration, "check", lambda report: (report("one", True), report("two", False, kg=3)))

        assert demo.check() == 1
        assert "✗ two  kg=3" in capsys.readouterr().out
