import os
from pathlib import Path

import pytest

from tanhui.methods import demonstration, engine
from tanhui.methods.demonstration import generated
from tanhui.methods.engine import shelf, tables

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
