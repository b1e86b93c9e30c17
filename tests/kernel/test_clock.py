import datetime as dt

import pytest

from tanhui.kernel import clock

NOON = dt.datetime(2026, 6, 5, 16, 30, tzinfo=dt.UTC)


class TestClock:
    def test_writes_the_shanghai_wall_clock_for_people(self):
        assert clock.for_people(NOON) == "2026-06-06 00:30"

    def test_writes_exact_utc_for_machines(self):
        assert clock.for_machines(NOON.astimezone(clock.SHANGHAI)) == "2026-06-05T16:30:00Z"
        assert clock.for_machines(NOON.replace(microsecond=7)) == "2026-06-05T16:30:00.000007Z"

    def test_knows_the_day_by_shanghai(self):
        assert clock.day(NOON) == dt.date(2026, 6, 6)

    def test_ends_a_day_at_midnight_in_shanghai(self):
        assert clock.midnight_after(dt.date(2026, 6, 5)) == dt.datetime(2026, 6, 5, 16, tzinfo=dt.UTC)

    @pytest.mark.parametrize("write", [clock.for_people, clock.for_machines, clock.day])
    def test_refuses_an_instant_without_a_zone(self, write):
        with pytest.raises(ValueError, match="no time zone"):
            write(NOON.replace(tzinfo=None))

    def test_agrees_with_the_time_zone_database_for_every_year_of_the_register(self):
        zone = pytest.importorskip("zoneinfo").ZoneInfo("Asia/Shanghai")
        for year in range(1992, 2036):
            for month in (1, 7):
                at = dt.datetime(year, month, 1, tzinfo=dt.UTC)
                assert at.astimezone(zone).utcoffset() == clock.SHANGHAI.utcoffset(None)
