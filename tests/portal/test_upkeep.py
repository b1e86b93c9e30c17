import datetime as dt

import pytest
from tests import world

from tanhui.journal.models import Entry
from tanhui.ledger.models import Movement
from tanhui.portal.acts import statistics, upkeep
from tanhui.portal.models import Beneficiary, Facet, Line, Standing
from tanhui.portal.queries import lines
from tanhui.portal.queries import statistics as figures

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def rebuilt(register):
    upkeep.rebuild(at=register.at)


def standings():
    columns = ("day", "dimension", "value", "held_t", "retired_t", "transferred_t", "movements")
    return list(Standing.objects.order_by("day", "dimension", "value").values_list(*columns))


def catalogue():
    columns = ("register", "ref", "words", "key", "tags", "quantity_t", "rank")
    return list(Line.objects.exclude(register="M").order_by("register", "ref").values_list(*columns))


class TestTheFigures:
    def test_are_the_same_before_and_after_upkeep(self, register):
        register.retire(300)
        before = figures.now()

        rebuilt(register)

        assert before == figures.now() == figures.Figures(1000, 600, 100, 300, 0, 0)

    def test_of_a_past_day_do_not_change_with_what_comes_later(self, register):
        register.retire(300)
        register.retire(50, at=register.at + 3 * DAY)
        rebuilt(register)

        first, later = (figures.at_end_of((register.at + days * DAY).date()) for days in (2, 3))

        assert (first.whole.retired, later.whole.retired) == (300, 350)
        assert figures.at_end_of(register.at.date() - DAY).whole.issued == 0

    def test_fold_what_comes_in_pieces_into_the_same_rows(self, register):
        rebuilt(register)
        register.retire(300)
        register.transfer(100, at=register.at + DAY)
        mark = figures.mark()
        for one in Movement.objects.filter(pk__gt=mark).order_by("pk"):
            statistics.fold(mark, one.pk)
            mark = one.pk
        pieces = standings()
        rebuilt(register)

        assert pieces == standings()

    def test_are_split_by_scheme_methodology_vintage_province_and_purpose(self, register):
        register.retire(300)
        rebuilt(register)

        found = figures.at_end_of(register.at.date()).values

        assert [(one.value, one.figures.issued) for one in found["province"]] == [("15", 1000)]
        assert [(one.value, one.figures.retired, one.movements) for one in found["purpose"]] == [("EVENT", 300, 1)]

    def test_are_checked_against_every_posting(self, register):
        register.retire(300)
        rebuilt(register)

        assert statistics.check(at=register.at).sound
        Standing.objects.filter(dimension="").update(retired_t=299)
        assert not statistics.check(at=register.at).sound


class TestTheCatalogue:
    def test_has_a_line_for_every_public_row(self, register):
        register.retire(300)
        rebuilt(register)

        assert {letter: Line.objects.filter(register=letter).count() for letter in "PBR"} == {"P": 1, "B": 1, "R": 1}
        assert Facet.objects.get(tag="R:purpose=EVENT").count == 1
        assert Beneficiary.objects.get(name="城市马拉松").quantity_t == 300

    def test_is_the_same_whether_followed_or_filled(self, register):
        register.retire(300)
        upkeep.read_facts(0, Entry.objects.order_by("-pk").first().pk)
        followed = catalogue()
        counted = dict(Facet.objects.values_list("tag", "count"))
        rebuilt(register)

        assert followed == catalogue()
        assert counted.items() <= dict(Facet.objects.values_list("tag", "count")).items()

    def test_finds_a_single_character_anywhere(self, register):
        world.project(
            operator=register.operator, owner=register.owner, validator=register.validator, name="旌德县竹林经营"
        )
        rebuilt(register)
        listing = lines.LISTINGS["projects"]

        for text in ("竹", "德县", "竹林经营", "竹 旌"):
            asked = lines.read(listing, {"q": text})
            assert [one.name for one in lines.page(asked).rows] == ["旌德县竹林经营"], text
            assert lines.count(asked) == (1, True)
