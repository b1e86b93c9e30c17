"""The demonstration's measured input: two consecutive surveys of forest plots, or a generated pair that says so."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from tanhui.methods import engine
from tanhui.methods.demonstration import generated
from tanhui.methods.engine import tables
from tanhui.methods.engine.record import Run

PACKAGE = "ar_cm_001/v01"
FILES = {
    "first": "forestat_plot_1.csv",
    "second": "forestat_plot_2.csv",
    "trees_first": "forestat_tree_1.csv",
    "trees_second": "forestat_tree_2.csv",
}


def forest_run(folder: Path | None = None) -> Run:
    """The removal between two surveys. ``folder`` holds the published plot and tree tables; without it, or where it
    lacks one of them, the input is generated and the run says so. The evidence is for demonstration only."""
    if folder is not None and all((folder / name).is_file() for name in FILES.values()):
        inputs = {table: tables.read(folder / name) for table, name in FILES.items()}
        return engine.run(PACKAGE, project=project(), inputs=inputs, purpose="demonstration")
    return engine.run(PACKAGE, project=made_up_project(), inputs=generated.surveys(), purpose="demonstration")


def project() -> dict[str, Any]:
    """The demonstration's project file."""
    text = (Path(__file__).parent / "project.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def made_up_project() -> dict[str, Any]:
    """The same declarations for the generated surveys."""
    return project() | {
        "title_en": "Generated forest, 62 plots of made-up measurements",
        "title_zh": "生成数据：62 块虚构样地",
        "generated": True,
        "exclude": [],
    }
