import os
import sys
from pathlib import Path

import pytest

from tanhui.methods import demonstration, engine
from tanhui.methods.demonstration import generated
from tanhui.methods.engine import shelf, tables

from . import tutorial

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("TANHUI_SHARED", CHECKOUT.parent / "shared"))


@pytest.fixture(scope="session")
def package():
    return shelf.load(demonstration.PACKAGE)


@pytest.fixture(scope="session")
def forest():
    """The folder of the published surveys."""
    folder = SHARED / "data/forest"
    if not (folder / "forestat_plot_1.csv").is_file():
        pytest.skip(f"the published forest surveys are not at {folder}")
    return folder


@pytest.fixture
def project():
    return demonstration.made_up_project()


@pytest.fixture
def sheets():
    """The generated tables as lists of rows, to be spoilt."""
    return {name: _rows(table) for name, table in generated.surveys().items()}


def _rows(table):
    names = list(table.columns)
    return [names, *([table.columns[name][at] for name in names] for at in range(len(table)))]


def as_tables(sheets):
    return {
        name: tables.parse("\n".join(",".join(row) for row in rows).encode(), file=f"{name}.csv")
        for name, rows in sheets.items()
    }


@pytest.fixture
def run(project, sheets):
    """Run the generated survey, as spoilt by the test."""

    def again(purpose="demonstration", **options):
        return engine.run(demonstration.PACKAGE, project=project, inputs=as_tables(sheets), purpose=purpose, **options)

    return again


@pytest.fixture
def shelved(monkeypatch):
    """Put a folder of installed distributions on the path for the test."""

    def put(folder):
        monkeypatch.syspath_prepend(str(folder))
        shelf.load.cache_clear()
        return folder

    yield put
    shelf.load.cache_clear()
    for name in [name for name in sys.modules if name.split(".")[0] in {"cover_crops", "broken_crops"}]:
        del sys.modules[name]


@pytest.fixture
def broken(tmp_path, shelved):
    """Put another package on the path, with some files of the tutorial's changed; its metadata is as pip leaves it."""

    def install(changed):
        tutorial.write(tmp_path, changed, package="broken_crops")
        about = tmp_path / "broken_crops-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-crops\nVersion: 1\n")
        (about / "entry_points.txt").write_text("[tanhui.methods]\nbroken_crops.v01 = broken_crops.v01\n")
        return shelved(tmp_path)

    return install
