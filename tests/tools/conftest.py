"""The tools are scripts beside the product; here they are modules, and a checkout is a dictionary of files."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))


@pytest.fixture
def checkout(tmp_path):
    """Writes files, by their path in the checkout, and gives the folder that stands for it."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def says(checkout):
    """What a lint says of a checkout that holds these files."""

    def ask(lint, files):
        return [fault.says for fault in lint.faults(checkout(files))]

    return ask
