"""What people read of their account: holdings and movements, narrowed, on any day, page by page, as a file."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook
from tests import world

from tanhui.registry import book, queries
from tanhui.registry.acts import desk

NEXT_DAY = world.NOON + dt.timedelta(days=1)


@pytest.fixture
def signed_in(client, register):
    client.force_login(register.owner.initiator.membership.person)
    return client


def address(register, part=""):
    return f"/accounts/{register.owner.account.code}{part}"


def statements(act):
    with CaptureQueriesContext(connection) as caught:
        act()
    return len(caught)


class TestHoldings:
    def test_add_up_to_what_the_account_holds(self, register):
        register.transfer(100)
        register.initiate(40)

        page = book.holdings(register.owner.account, narrowed=book.Narrowing())

        assert page.totals == book.Totals(900, 860, 40, 0)
        assert [one.quantity for one in page.rows] == [900]

    @pytest.mark.parametrize(
        ("narrowed", "count"),
        [
            ({"text": "造林"}, 1),
            ({"text": "没有的项目"}, 0),
            ({"vintage": 2023}, 1),
            ({"vintage": 1999}, 0),
            ({"purpose": "ISSUED"}, 1),
            ({"purpose": "HOLDING"}, 0),
        ],
    )
    def test_are_narrowed_alike_now_and_in_the_past(self, register, narrowed, count):
        narrowing = book.Narrowing(**narrowed)

        now = book.holdings(register.owner.account, narrowed=narrowing)
        then = book.holdings(register.owner.account, narrowed=narrowing, as_of=NEXT_DAY)

        assert len(now.rows) == len(then.rows) == now.count == then.count == count
        assert now.totals == then.totals

    def test_of_a_past_day_do_not_know_what_came_later(self, register):
        register.transfer(100, at=NEXT_DAY)

        then = book.holdings(register.owner.account, narrowed=book.Narrowing(), as_of=world.NOON)

        assert then.totals.quantity == 1000

    def test_read_no_more_statements_when_more_is_held(self, register):
        def ask():
            book.holdings(register.owner.account, narrowed=book.Narrowing())

        few = statements(ask)
        for _ in range(3):
            register.another_batch(10)

        assert statements(ask) == few
        assert len(queries.holdings(register.owner.account)) == 4


class TestMovements:
    def test_are_newest_first_and_walk_to_the_end(self, register, monkeypatch):
        monkeypatch.setattr(book, "SIZE", 2)
        for tonnes in (1, 2, 3, 4):
            register.transfer(tonnes)

        seen = [one.quantity for one in book.every_movement(register.owner.account, narrowed=book.Narrowing())]

        assert seen == [-4, -3, -2, -1, 1000]

    def test_are_narrowed_by_kind_and_day(self, register):
        register.transfer(5, at=NEXT_DAY)
        register.retire(7)
        everything = book.Narrowing()

        retired = book.movements(register.owner.account, narrowed=everything, kind="registry.retired")
        later = book.movements(register.owner.account, narrowed=everything, span=(NEXT_DAY, NEXT_DAY + dt.timedelta(1)))

        assert [one.quantity for one in retired.rows] == [-7]
        assert [one.quantity for one in later.rows] == [-5]


class TestThePages:
    def test_show_what_has_changed_though_the_page_was_kept(self, signed_in, register, settings):
        settings.TANHUI_REMEMBER = 60
        first = signed_in.get(address(register)).content.decode()
        register.transfer(100)

        then = signed_in.get(address(register)).content.decode()

        assert "1,000" in first
        assert "900" in then
        assert "1,000" not in then

    def test_keep_the_filter_in_their_links(self, signed_in, register):
        said = signed_in.get(address(register), {"q": "造林", "vintage": "2023"}).content.decode()

        assert "format=xlsx" in said
        assert "q=%E9%80%A0%E6%9E%97" in said.replace("&amp;", "&")

    def test_show_a_past_day_and_say_so(self, signed_in, register):
        said = signed_in.get(address(register), {"as_of": "2020-01-01"}).content.decode()

        assert "2020-01-01" in said
        assert "没有符合" in said

    @pytest.mark.parametrize(
        "asked",
        [
            {"as_of": "2999-01-01"},
            {"as_of": "x"},
            {"vintage": "x"},
            {"where": "NOWHERE"},
            {"q": "a\x00b" * 500},
            {"before": "9" * 50},
            {"before": "-1"},
        ],
    )
    @pytest.mark.parametrize("part", ["", "/movements"])
    def test_bear_what_makes_no_sense(self, signed_in, register, asked, part):
        assert signed_in.get(address(register, part), asked).status_code == 200

    @pytest.mark.parametrize("part", ["", "/movements"])
    def test_are_not_there_for_strangers(self, client, register, part):
        client.force_login(register.buyer.initiator.membership.person)

        assert client.get(address(register, part)).status_code == 404

    def test_are_given_as_a_spreadsheet_with_text_and_numbers(self, signed_in, register):
        register.transfer(5)
        answer = signed_in.get(address(register, "/movements"), {"format": "xlsx"})

        rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)

        assert [row[7] for row in rows.to_python()[1:]] == [-5, 1000]
        assert all(isinstance(row[1], str) for row in rows.to_python())


class TestInstructions:
    def test_that_ended_are_filtered_by_what_and_how(self, signed_in, register):
        asked = register.initiate(3)
        desk.reject(instruction=asked, mandate=register.owner.confirmer, reason="不需要", at=world.NOON)
        desk.confirm(instruction=register.initiate(4), mandate=register.owner.confirmer, at=world.NOON)

        person = register.owner.initiator.membership.person
        rejected = book.ended(person, at=NEXT_DAY, outcome="REJECTED").rows
        retired = book.ended(person, at=NEXT_DAY, act="registry.retire").rows
        said = signed_in.get("/instructions", {"outcome": "REJECTED", "since": "2020-01-01"}).content.decode()

        assert [one.pk for one in rejected] == [asked.pk]
        assert retired == []
        assert "3 吨" in said
        assert "4 吨" not in said

    @pytest.mark.parametrize(
        "asked", [{"outcome": "?"}, {"act": "\x00"}, {"since": "0001-01-01"}, {"until": "9999-12-31"}]
    )
    def test_bear_what_makes_no_sense(self, signed_in, asked):
        assert signed_in.get("/instructions", asked).status_code == 200
