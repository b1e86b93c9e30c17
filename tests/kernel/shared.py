"""The real lists beside the checkout, where they are present."""

import csv
import datetime as dt
import os
from pathlib import Path

import pytest

from tanhui.kernel.workdays import Calendar

LISTS = Path(os.environ.get("TANHUI_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "lists"
needs_lists = pytest.mark.skipif(not LISTS.is_dir(), reason=f"the shared lists are not at {LISTS}")


def rows(name):
    with (LISTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def announced():
    """The working-day calendar of the years the list has (it has gaps between 2004 and 2026)."""
    days = [(dt.date.fromisoformat(row["date"]), row["kind"]) for row in rows("cn_holidays.csv")]
    return Calendar(
        years=frozenset(day.year for day, _ in days if (day.month, day.day) == (1, 1)),
        holidays=frozenset(day for day, kind in days if kind == "statutory_off_day"),
        makeup=frozenset(day for day, kind in days if kind == "make_up_workday"),
    )
