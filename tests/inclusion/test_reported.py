"""A resident sees what became of everything that was reported of a day."""

import datetime as dt
import re

import pytest
from tests import world
from tests.inclusion import city as cities
from tests.inclusion.city import DAY, NEXT, event

from tanhui.inclusion import holders, lakes
from tanhui.inclusion.queries.reported import reported
from tanhui.tally import lake, reasons


@pytest.fixture
def city(db, settings, tmp_path):
    settings.TANHUI_VAR, settings.TANHUI_LAKE_BUCKETS = tmp_path, 2
    return cities.built()


def word(code):
    return reasons.say(code, {}, "zh-hans")


def words(city, who=0):
    return [(one.began.hour, one.became, one.counted) for one in reported(city.accounts[who].pk, DAY)]


class TestWhatWasReported:
    def test_says_of_each_behaviour_why_it_counts_or_not(self, city, client):
        mark, code = city.marks[0], city.scenario
        city.take(
            event(mark, code, key="a", hour=8),
            event(mark, code, key="b", hour=10, metres=30_000, minutes=5),
            event(mark, code, key="c", hour=12, metres=0),
        )
        assert words(city) == []  # nothing is settled
        city.settle()
        found = {hour: (said, counted) for hour, said, counted in words(city)}
        assert found[0] == (word("counted"), True)  # 8:00 in Beijing
        assert found[2] == (word("tally.speed"), False)
        assert not found[4][1]
        assert words(city, 1) == []
        world.sign_in(client, holders.person_of(city.accounts[0].pk))
        page = client.get(f"/carbon/days/{DAY}").content.decode()
        rows = re.findall(r"<th scope=\"row\">(\d\d:\d\d)</th>", page[page.index('id="reported"') :])
        assert rows == ["08:00", "10:00", "12:00"]
        assert word("tally.speed") in page

    def test_stands_open_where_nothing_counted(self, city, client):
        city.take(event(city.marks[0], city.scenario, key="c", hour=12, metres=0))
        city.settle()
        world.sign_in(client, holders.person_of(city.accounts[0].pk))
        page = client.get(f"/carbon/days/{DAY}").content.decode()
        assert 'id="reported" open' in page
        assert 'id="reported"' not in client.get(f"/carbon/days/{DAY + dt.timedelta(days=1)}").content.decode()

    def test_is_of_the_last_settlement_of_the_person(self, city):
        city.take(*[event(mark, city.scenario, key=f"a{mark}") for mark in city.marks])
        city.settle()
        city.take(event(city.marks[1], city.scenario, key="late", hour=18), at=NEXT + dt.timedelta(hours=1))
        assert len(words(city, 1)) == 1
        city.settle(at=NEXT + dt.timedelta(hours=2))
        assert [len(words(city, who)) for who in (0, 1, 2)] == [1, 2, 1]

    def test_is_gone_with_the_day_s_events(self, city):
        city.take(event(city.marks[0], city.scenario, key="a"))
        city.settle()
        lake.forget_day(lakes.folder(), DAY)
        assert words(city) == []
