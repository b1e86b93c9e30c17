"""The administrative divisions known here, and what is to be said of a code in a survey of a year.

The table of the house is GB/T 2260 from 2002 to 2014, as the package GB2260 has it. An operator puts a newer one at
``data/divisions.csv`` below the folder of the installation. What a table is too old to know is noted, never refused.
"""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from tanhui.kernel import divisions

LATEST = 2014  # what the package calls the current revision
MERGERS = {"310103": ("310101",), "310119": ("310115",), "310108": ("310106",)}  # 卢湾→黄浦, 南汇→浦东, 闸北→静安


def table() -> divisions.Table:
    """The newest table in hand."""
    own: Path = settings.TANHUI_VAR / "data" / "divisions.csv"
    return read(own, own.stat().st_mtime_ns) if own.is_file() else house()


@cache
def read(path: Path, changed: int) -> divisions.Table:
    return divisions.read(path, MERGERS)


@cache
def house() -> divisions.Table:
    from gb2260 import data  # two megabytes of source

    return divisions.build(
        (
            (divisions.published(str(revision or LATEST)), str(code), name)
            for revision, names in data.data.items()
            for code, name in names.items()
        ),
        MERGERS,
    )


def fault(code: str, year: int) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with a code of 6, 9 or 12 digits in a survey of that year, as a rule and its facts; None: nothing.

    ``division_ended`` and ``division_unknown`` are faults; ``division_newer`` (no table here knows it yet) is a note.
    """
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)):
        return "division_unknown", {"given": code[:20]}
    day, known = dt.date(year, 12, 31), table()
    try:
        divisions.province(code)
        known.at(code[:6], day)
    except divisions.EndedDivision as ended:
        return "division_ended", dict(ended.facts)
    except divisions.UnknownDivision:
        newer = day > known.newest and code[:2] in divisions.PROVINCES and not known.name(code[:6])
        return ("division_newer", {"given": code[:6], "until": known.newest.isoformat()}) if newer else (
            "division_unknown", {"given": code[:12]}
        )  # fmt: skip
    return None


def name(code: str) -> str:
    """A division as people say it, from the province down: 内蒙古自治区赤峰市松山区; empty where no table has it."""
    known = table()
    parts = [known.name(code[:2] + "0000"), known.name(code[:4] + "00"), known.name(code[:6])]
    return "".join(one for one in dict.fromkeys(parts) if one and one not in ("市辖区", "县"))


def short(code: str) -> str:
    """The name of the county alone, or the code where no table knows it."""
    return table().name(code[:6]) or code[:6]
