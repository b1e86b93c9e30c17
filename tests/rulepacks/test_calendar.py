import csv
import datetime as dt
import os
from pathlib import Path

import pytest

from tanhui.rulepacks import calendar

SHARED = Path(os.environ.get("TANHUI_SHARED", Path(__file__).parents[3] / "shared"))
LIST = SHARED / "data/lists/cn_holidays.csv"


class TestAnnouncedCalendar:
    def test_knows_no_year_that_is_not_announced(self):
        years = calendar.announced().years

        assert years >= set(range(2004, 2027))
        assert years == set(range(min(years), max(years) + 1))
        assert calendar.announced().add(dt.date(max(years) + 1, 3, 1), 5).provisional

    def test_gives_the_worked_examples(self):
        announced = calendar.announced()

        assert announced.add(dt.date(2025, 1, 20), 20).settled().day == dt.date(2025, 2, 21)
        assert announced.add(dt.date(2025, 9, 22), 20).settled().day == dt.date(2025, 10, 24)
        assert announced.add(dt.date(2025, 9, 22), 15).settled().day == dt.date(2025, 10, 17)

    @pytest.mark.skipif(not LIST.exists(), reason=f"the shared list is not at {LIST}")
    def test_agrees_with_the_list_wherever_that_has_the_year(self):
        with LIST.open(encoding="utf-8", newline="") as file:
            listed = [(dt.date.fromisoformat(row["date"]), row["kind"]) for row in csv.DictReader(file)]
        years = {day.year for day, _ in listed}

        def of(kind):
            return {day for day, its_kind in listed if its_kind == kind}

        assert of("statutory_off_day") == {day for day in calendar.announced().holidays if day.year in years}
        assert of("make_up_workday") == {day for day in calendar.announced().makeup if day.year in years}
