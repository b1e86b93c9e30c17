"""Restoration works, and whether the figures of two years show what they did."""

import datetime as dt

import pytest
from tests import world
from tests.inventory import using

from tanhui.inventory.acts import restoration
from tanhui.inventory.acts.steps import NotTheAuthority
from tanhui.inventory.models import Assessment, Restoration
from tanhui.journal import queries as journal

pytestmark = pytest.mark.django_db
AT = using.AT
SIGMA = {"npp_model": 300_000, "rh_model": 400_000, "pixel": 3_000, "weather": 4_000}


@pytest.fixture
def bureau():
    return using.authority()


def entered(bureau, **more):
    values = {
        "name": "横塘废弃矿山生态修复（演示）", "kind": "MINE", "place": "横塘村", "division_code": using.DIVISION,
        "level": "project", "zone": "P-1", "town_code": "330604101", "area_m2": 186_000, "cost_fen": 1_280_000_00,
        "began_on": dt.date(2020, 3, 1), "ended_on": dt.date(2021, 11, 30), "basis": "区发改〔2020〕12号（演示）",
        "mandate": bureau.initiator, "at": AT,
    } | more  # fmt: skip
    return restoration.enter(**values)


def years(bureau, before=1_000_000, after=1_500_000, **more):
    one, other = (using.published(bureau, year=number, **more) for number in (2019, 2023))
    using.figure(one, "P-1", kg=before, level="project", type="all", sigma=SIGMA)
    using.figure(other, "P-1", kg=after, level="project", type="all", sigma=SIGMA)


def assessed(bureau, works, before=2019, after=2023):
    return restoration.assess(works=works, before=before, after=after, mandate=bureau.initiator, at=AT)


class TestEntry:
    def test_says_what_was_done_where_and_for_how_much(self, bureau):
        works = entered(bureau)
        fact = journal.fact(works.entry)["fact"]
        assert (fact["name"], fact["area_m2"], fact["cost_fen"]) == (works.name, 186_000, 128_000_000)

    @pytest.mark.parametrize(
        ("change", "what"),
        [({"name": " "}, "name"), ({"kind": "MOON"}, "kind"), ({"area_m2": 0}, "area"), ({"cost_fen": -1}, "cost"),
         ({"ended_on": dt.date(2019, 1, 1)}, "days"), ({"began_on": dt.date(2030, 1, 1), "ended_on": None}, "days"),
         ({"basis": "x" * 201}, "basis"), ({"zone": ""}, "zone")],
    )  # fmt: skip
    def test_is_refused_where_it_is_unclear(self, bureau, change, what):
        with world.refuses(restoration.WorksUnclear, what=what):
            entered(bureau, **change)

    def test_is_made_once_and_by_the_authority(self, bureau):
        entered(bureau)
        with world.refuses(restoration.EnteredAlready):
            entered(bureau)
        firm = world.party()
        with world.refuses(NotTheAuthority):
            entered(firm, name="另一工程")
        assert Restoration.objects.count() == 1


class TestAssessment:
    def test_tells_a_change_that_stands_out(self, bureau):
        years(bureau)
        found = assessed(bureau, entered(bureau))

        assert (found.verdict, found.change_kg, found.comparable) == ("more", 550_000, True)
        assert 0 < found.lower_kg < found.change_kg < found.upper_kg
        assert journal.fact(found.entry)["fact"]["finding"] == "more"

    def test_says_so_where_none_can_be_told(self, bureau):
        years(bureau, after=1_005_000)
        found = assessed(bureau, entered(bureau))
        assert (found.verdict, found.lower_kg < 0 < found.upper_kg) == ("unclear", True)

    def test_takes_every_error_in_full_where_the_methods_differ(self, bureau):
        one, other = (using.published(bureau, year=y, method={"npp": str(y)}) for y in (2019, 2023))
        for year, kg in ((one, 1_000_000), (other, 1_500_000)):
            using.figure(year, "P-1", kg=kg, level="project", type="all", sigma=SIGMA)
        found = assessed(bureau, entered(bureau))
        assert (found.verdict, found.comparable) == ("unclear", False)

    def test_asked_twice_is_one(self, bureau):
        years(bureau)
        works = entered(bureau)
        assert assessed(bureau, works) == assessed(bureau, works)
        assert Assessment.objects.count() == 1

    def test_reads_a_back_series_where_a_year_has_no_account_of_its_own(self, bureau):
        later = using.published(bureau, year=2023)
        for number, kg in ((2018, 1_000_000), (2023, 1_500_000)):
            using.figure(later, "P-1", kg=kg, level="project", type="all", sigma=SIGMA, of=number)
        assert assessed(bureau, entered(bureau), before=2018).change_kg == 550_000

    @pytest.mark.parametrize(("before", "after"), [(2020, 2023), (2019, 2021), (2023, 2019)])
    def test_refuses_years_the_wrong_way(self, bureau, before, after):
        years(bureau)
        works = entered(bureau)
        with world.refuses(restoration.YearsTheWrongWay):
            assessed(bureau, works, before, after)

    def test_refuses_where_no_figure_is(self, bureau):
        years(bureau, state="COMPUTED")
        works = entered(bureau)
        with world.refuses(restoration.NoFigureThere, year=2019):
            assessed(bureau, works)
