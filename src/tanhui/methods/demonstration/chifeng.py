"""A made-up afforestation near Chifeng, measured tree by tree: the run of a project on peer-reviewed models.

Every number of the plots is generated and says so. Equations and carbon fractions are of evidence P, so the run passes
as a project's; an issuance, which demands A, refuses it and names what it rests on.
"""

import random
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tanhui.methods import engine
from tanhui.methods.engine import tables
from tanhui.methods.engine.record import Run
from tanhui.methods.engine.tables import Table

PACKAGE = "ccer_14_001/v01"
SEED = 150400
PLOT_HECTARES = "0.06"
STRATA = {  # species, plots, trees a plot, mean diameter (cm) and height (m), yearly growth of both
    "pine": ("油松", 12, 96, 6.8, 4.1, 0.42, 0.24),
    "larch": ("华北落叶松", 9, 84, 8.1, 6.4, 0.55, 0.38),
    "poplar": ("小叶杨", 8, 50, 11.2, 8.3, 0.72, 0.46),
}
YEARS, LOST = 5, 0.03  # between the surveys, and the share of the trees that died


def run(purpose: str = "project", *, changes: Mapping[str, Any] | None = None) -> Run:
    """The removal between the two surveys; ``changes`` replaces sections of the project file."""
    return engine.run(PACKAGE, project=project() | dict(changes or {}), inputs=surveys(), purpose=purpose)


def project() -> dict[str, Any]:
    """The project file."""
    text = (Path(__file__).parent / "chifeng.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def surveys() -> dict[str, Table]:
    """Plots, and the trees of both surveys; equal at every call."""
    dice = random.Random(SEED)  # noqa: S311  a made-up forest needs no secrecy
    plots, trees = ["plot_id,stratum,area"], ["plot_id,tree_number,survey,species,diameter,height"]
    for at, (stratum, (species, count, stems, diameter, height, thicker, taller)) in enumerate(STRATA.items(), 1):
        for number in range(1, count + 1):
            plot = f"{at}{number:02d}"
            plots.append(f"{plot},{stratum},{PLOT_HECTARES}")
            site = dice.gauss(1, 0.05)
            for tree in range(1, stems + dice.randint(-4, 4) + 1):
                size = max(dice.gauss(site, 0.12), 0.6)
                trees.append(_tree(plot, tree, 1, species, diameter * size, height * site))
                if dice.random() > LOST:
                    later = diameter * size + YEARS * thicker * site, height * site + YEARS * taller * site
                    trees.append(_tree(plot, tree, 2, species, *later))
    return {
        name: tables.parse(("\n".join(lines) + "\n").encode(), file=f"chifeng_{name}.csv")
        for name, lines in (("plot", plots), ("tree", trees))
    }


def _tree(plot: str, number: int, survey: int, species: str, diameter: float, height: float) -> str:
    return f"{plot},{number},{survey},{species},{diameter:.1f},{height:.1f}"
