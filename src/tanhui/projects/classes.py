"""Which ecosystem type a land class counts as, from a versioned table (``land_classes.toml``)."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tanhui.kernel import typed

TABLE = Path(__file__).with_name("land_classes.toml")
PLANTABLE = ("171", "172", "173", "161", "162", "163")  # 宜林地、无立木林地: set aside for trees, none there yet
PLANTABLE_NAMES = ("宜林", "荒山", "采伐迹地", "火烧迹地", "无立木林地")


@cache
def table() -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Ecosystem by code, and by name with the longest name first."""
    read: dict[str, Any] = tomllib.loads(TABLE.read_text("utf-8"))
    rows = [one for source in read["source"] for one in source["class"]]
    codes = {code: row["ecosystem"] for row in rows for code in row.get("codes", ())}
    names = [(name, row["ecosystem"]) for row in rows for name in row.get("names", ())]
    return codes, sorted(names, key=lambda one: -len(one[0]))


@cache
def version() -> str:
    return str(tomllib.loads(TABLE.read_text("utf-8"))["version"])


def ecosystem(land_class: str) -> str:
    """The ecosystem type of a land-class code or name; empty where the table has neither.

    Letters behind a code say more of the same class (0201K, adjustable); 05 to 09 are whole groups.
    """
    codes, names = table()
    said = typed.plain(land_class)
    code = said.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    if code.isascii() and code.isdigit():
        return codes.get(code) or (codes.get(code[:2], "") if len(code) == 4 else "")
    return next((found for name, found in names if name in said), "")


def plantable(land_class: str) -> bool:
    """Land that the survey sets aside for planting and that bears no forest (宜林地、无立木林地)."""
    said = typed.plain(land_class)
    return said in PLANTABLE or any(name in said for name in PLANTABLE_NAMES)
