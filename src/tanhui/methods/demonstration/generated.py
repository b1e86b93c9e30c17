"""A made-up pair of surveys in the shape of the real one, for places where the real tables are absent.

62 plots at the first survey, 100 at the second, tree tables beside them; means times ten, as in the real tables.
"""

import random

from tanhui.methods.engine import tables
from tanhui.methods.engine.tables import Table

SEED = 20240630
MATCHED = {"0": 17, "620": 8, "630": 3, "410": 11, "150": 5, "421": 15, "530": 3}  # plots by dominant species code
ONLY_LATER = 38
PLOT_HEADER = (
    "plot_id,land_type,origin,disaster_type,dominant_tree_species,"
    "average_diameter_at_breast_height,average_tree_height,standing_stock"
)
TREE_HEADER = "plot_id,tree_number,tree_species_code"


def surveys() -> dict[str, Table]:
    """The four tables, equal at every call."""
    dice = random.Random(SEED)  # noqa: S311  a made-up forest needs no secrecy
    plots: dict[str, list[str]] = {"first": [PLOT_HEADER], "second": [PLOT_HEADER]}
    trees: dict[str, list[str]] = {"trees_first": [TREE_HEADER], "trees_second": [TREE_HEADER]}
    codes = [code for code, count in MATCHED.items() for _ in range(count)]
    for number in range(len(codes) + ONLY_LATER):
        code = codes[number] if number < len(codes) else dice.choice(list(MATCHED))
        plot = 900000001 + number
        stocked = code != "0"
        diameter, height = dice.randint(60, 250) * stocked, dice.randint(60, 160) * stocked
        litres = dice.randint(900, 7500) * stocked
        stand = ("111", "21", code) if stocked else ("240", "0", "0")
        if number < len(codes):
            plots["first"].append(_row(plot, *stand, diameter, height, litres))
            trees["trees_first"] += _trees(plot, code, litres)
        grown = litres * dice.randint(85, 145) // 100
        plots["second"].append(_row(plot, *stand, diameter + 8 * stocked, height + 7 * stocked, grown))
        trees["trees_second"] += _trees(plot, code, grown)
    return {
        name: tables.parse(("\n".join(lines) + "\n").encode(), file=f"generated_{name}.csv")
        for name, lines in sorted((plots | trees).items())
    }


def _row(plot: int, land: str, origin: str, code: str, diameter: int, height: int, litres: int) -> str:
    return f"{plot},{land},{origin},0,{code},{diameter},{height},{litres // 1000}.{litres % 1000:03d}"


def _trees(plot: int, code: str, litres: int) -> list[str]:
    species = {"620": "590", "630": "150"}.get(code, code)  # a tree is of one species where the stand is mixed
    return [f"{plot},{tree + 1},{species}" for tree in range(litres // 150)]
