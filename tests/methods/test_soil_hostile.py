"""Whatever is handed in for land, the answer is a number or a refusal that says where."""

import pytest

from tanhui.kernel.refusal import Refusal
from tanhui.methods.engine.faults import FaultyInput

from . import land

EVERY = [land.tidal, land.mangrove, land.tier1, land.tier2, land.measured, land.grass]
JUNK = ["", "x", "-1", "0", "1e400", "nan", "１２", "=1+1", "99999999999999999999", "是", "2025-01-01"]


def ends_well(handed):
    """The run, or the refusal; anything else fails the test."""
    try:
        return handed.run()
    except Refusal as refusal:
        for one in getattr(refusal, "faults", []):
            assert one.say("en")
            assert one.say("zh-hans")
            assert one.clause
        return refusal


@pytest.mark.parametrize("make", EVERY)
class TestInputOfLand:
    def test_may_lack_any_table(self, make):
        for name in make().sheets:
            handed = make()
            del handed.sheets[name]
            assert isinstance(ends_well(handed), FaultyInput)

    def test_may_have_empty_tables(self, make):
        for name in make().sheets:
            handed = make()
            del handed.sheets[name][1:]
            assert isinstance(ends_well(handed), FaultyInput)

    def test_may_lack_any_column(self, make):
        for name, rows in make().sheets.items():
            for column in rows[0]:
                handed = make()
                handed.drop(name, column)
                ends_well(handed)

    def test_may_hold_junk_in_any_cell(self, make):
        for name, rows in make().sheets.items():
            for column in rows[0]:
                for value in JUNK:
                    handed = make()
                    handed.set(name, column, value)
                    ends_well(handed)

    def test_may_lack_any_unit_declared_value_or_fact(self, make):
        for section in ("units", "declared", "facts"):
            for name in make().project.get(section, {}):
                handed = make()
                del handed.project[section][name]
                ends_well(handed)

    def test_may_have_columns_swapped(self, make):
        """Bounds and kinds catch what they can; nothing breaks."""
        for name, rows in make().sheets.items():
            for place in range(1, len(rows[0])):
                handed = make()
                heads = handed.sheets[name][0]
                heads[place - 1], heads[place] = heads[place], heads[place - 1]
                ends_well(handed)
