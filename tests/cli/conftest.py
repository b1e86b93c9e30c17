"""The command line as it is typed, in a process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tanhui.site import postgres, supervisor


@pytest.fixture(scope="module")
def var():
    """A folder of the module's own, whose database and processes end with it."""
    top = Path(tempfile.mkdtemp(prefix="tanhui-"))
    top.chmod(0o755)
    yield top / "var"
    supervisor.stop(top / "var")
    postgres.remove(top / "var")
    shutil.rmtree(top)


@pytest.fixture(scope="module")
def environment(var):
    """What the processes see: a demonstration in that folder, and no variable of the machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TANHUI_")}
    return kept | {"TANHUI_MODE": "demonstration", "TANHUI_VAR": str(var), "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def tanhui(environment):
    def tanhui(*words, **extra):
        """Run one command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "tanhui.cli.main", *map(str, words)],
            env=environment | extra,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return tanhui
