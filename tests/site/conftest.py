"""Folders for clusters and servers of a test's own."""

import shutil
import socket
import tempfile
from pathlib import Path

import pytest

from tanhui.site import postgres, supervisor


@pytest.fixture
def make_var():
    """Makes folders whose database and processes end with the test. ``closed`` ones only their owner may enter."""
    made = []

    def make(*, closed=False, inside=""):
        top = Path(tempfile.mkdtemp(prefix="tanhui-"))
        top.chmod(0o700 if closed else 0o755)
        var = top / inside / "var"
        made.append((top, var))
        return var

    yield make
    for top, var in made:
        supervisor.stop(var)
        postgres.remove(var)
        shutil.rmtree(top)


@pytest.fixture
def var(make_var):
    return make_var()


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
