"""Which value of a parameter holds, what a file of values may not say, and what no example or package gets past."""

import datetime as dt

import pytest

from tanhui.methods import scenarios
from tanhui.methods.engine import cases, parameter, shelf
from tanhui.methods.engine.checking import check

ABOUT = {
    "label_en": "Factor", "label_zh": "因子", "symbol": "f", "unit": "-", "bounds": [0, 10], "evidence": "D",
    "source": "made up", "review_by": dt.date(2027, 6, 30),
}  # fmt: skip


def read(*rows):
    return parameter.parse(ABOUT | {"value": list(rows)}, name="factor")


class TestTheValueThatHolds:
    def test_is_the_local_one_before_a_newer_national_one(self):
        rows = [
            {"value": 1, "tier": "local", "region": "31", "valid_from": dt.date(2020, 1, 1)},
            {"value": 2, "tier": "national", "valid_from": dt.date(2025, 1, 1)},
            {"value": 3, "tier": "ipcc", "valid_from": dt.date(2026, 1, 1)},
        ]
        for ordered in (rows, rows[::-1]):
            factor = read(*ordered)
            assert factor.resolve(region="310115", on=dt.date(2026, 6, 1)).number() == 1
            assert factor.resolve(region="330100", on=dt.date(2026, 6, 1)).number() == 2

    def test_is_that_of_the_smaller_region(self):
        rows = [
            {"value": 1, "tier": "local", "region": "3101", "valid_from": dt.date(2020, 1, 1)},
            {"value": 2, "tier": "local", "region": "31", "valid_from": dt.date(2025, 1, 1)},
        ]
        for ordered in (rows, rows[::-1]):
            assert read(*ordered).resolve(region="310115", on=dt.date(2026, 6, 1)).number() == 1


class TestAFileOfValues:
    @pytest.mark.parametrize("value", [-1, 11])
    def test_keeps_to_its_bounds(self, value):
        with pytest.raises(ValueError, match="outside the bounds"):
            read({"value": value})

    def test_gives_no_day_two_values(self):
        shared = dt.date(2025, 1, 1)

        with pytest.raises(ValueError, match="twice for the same time"):
            read({"value": 1, "valid_to": shared}, {"value": 2, "valid_from": shared})
        assert len(read({"value": 1, "valid_to": dt.date(2024, 12, 31)}, {"value": 2, "valid_from": shared}).rows) == 2


class TestAScenario:
    def test_that_is_only_shown_counts_nothing_though_its_kind_may(self, monkeypatch):
        metro = scenarios.read("metro/v01", region="110105", on=dt.date(2026, 6, 1))
        assert metro.counts

        monkeypatch.setitem(metro.package.metadata["scenario"], "display_only", True)
        assert not metro.counts


class TestAnExample:
    def test_of_another_length_agrees_with_nothing(self):
        package = shelf.load("vm0033/v2_1")
        case = next(one for one in package.cases() if "refused" not in one)
        name, expected = next(iter(case["expected"].items()))
        longer = [*expected, 1.0] if isinstance(expected, list) else [expected, expected]

        outcomes = cases.play(package, case | {"expected": {name: longer}})
        assert len(outcomes) == len(longer)
        assert not any(one.holds for one in outcomes)


class TestThePackage:
    def test_that_issues_says_what_may_not_be_counted_twice(self, monkeypatch):
        package = shelf.load("cms_021/v01")
        monkeypatch.delitem(package.metadata, "double_count_key")

        assert any("double_count_key" in one for one in check("cms_021/v01").problems)
