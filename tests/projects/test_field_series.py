"""Series of readings: the file they are kept in, and what the functions that watch them find in real ones."""

import base64
import csv
import datetime as dt

import duckdb
import numpy as np
import pytest

from tanhui.projects import drift, parquet

HOUR, DAY = 3600, 86400
COLUMNS = (parquet.Column("at", "instant"), parquet.Column("value", "number"), parquet.Column("source", "integer"))

# Three rows as series were written before pyarrow: plain values in gzip pages.
BEFORE = (
    "UEFSMRUAFTAVTiwVBhUAFQYVBgAAH4sIAAAAAAAAA2Nw2Nz9LIiNgeG4Wz+Y9rs1CUQDACvNpBQYAAAAFQAVMBVQLBUGFQAVBhUGAAAfiwgAAAAA"
    "AAAD85xUY7rhxRun29euuoLoPGn9MBANAPFpkXIYAAAAFQAVMBU0LBUGFQAVBhUGAAAfiwgAAAAAAAADY2SAAEY0GgAIPiZAGAAAABUCGUxIBnNj"
    "aGVtYRUGABUEJQAYAmF0JRRMjBEcLAAAAAAAFQolABgFdmFsdWUAFQQlABgGc291cmNlABYGGRwZPCYIHBUEGSUABhkYAmF0FQQWBhZSFnAmCAAA"
    "JngcFQoZJQAGGRgFdmFsdWUVBBYGFlIWciZ4AAAm6gEcFQQZJQAGGRgGc291cmNlFQQWBhZSFlYm6gEAABb2ARYGABksGAZkZXZpY2UYBVBWLTAx"
    "ABgEdW5pdBgDa1doABgGdGFuaHVpAMYAAABQQVIx"
)


def file(rows=3):
    at = np.arange(rows) * 60_000_000 + 1_780_000_000_000_000
    return parquet.write(dict(zip(COLUMNS, (at, at / 7, at % 3), strict=True)), {"device": "PV-01", "unit": "kWh"})


class TestAParquetFile:
    @pytest.mark.parametrize("rows", [0, 1, 1440, 100_000])
    def test_gives_back_every_bit_of_what_was_written(self, rows):
        found, about = parquet.read(file(rows))
        assert len(found["at"]) == rows
        assert np.array_equal(found["value"], found["at"] / 7)
        assert about == {"device": "PV-01", "unit": "kWh"}

    def test_is_opened_by_others(self, tmp_path):
        path = tmp_path / "one.parquet"
        path.write_bytes(file(1440))
        rows = duckdb.sql(f"""SELECT epoch_us("at"), value, source FROM read_parquet('{path}') ORDER BY 1""").fetchall()
        assert len(rows) == 1440
        assert rows[7] == (1_780_000_420_000_000, 1_780_000_420_000_000 / 7, 1_780_000_420_000_000 % 3)

    def test_written_anew_is_the_same_to_the_byte(self):
        assert file(1440) == file(1440)

    def test_of_the_writer_before_stays_readable(self):
        found, about = parquet.read(base64.b64decode(BEFORE))
        now, said = parquet.read(file(3))
        assert {name: values.tolist() for name, values in found.items()} == {
            name: values.tolist() for name, values in now.items()
        }
        assert about == said

    @pytest.mark.parametrize("cut", [0, 3, 4, 40, 150, -9, -1])
    def test_that_was_cut_short_is_refused(self, cut):
        with pytest.raises(parquet.Unreadable):
            parquet.read(file()[:cut])

    def test_of_columns_of_different_length_is_not_written(self):
        with pytest.raises(ValueError, match="length"):
            parquet.write({COLUMNS[0]: np.array([1]), COLUMNS[1]: np.array([])}, {})


class TestGaps:
    def test_of_a_whole_series_are_none(self):
        assert drift.gaps(np.arange(24) * HOUR, HOUR, 0, DAY) == []

    def test_are_exactly_the_rows_taken_out(self):
        at = np.delete(np.arange(100) * HOUR, [0, 1, 30, 50, 51, 52, 99])
        found = drift.gaps(at, HOUR, 0, 100 * HOUR)
        assert [one.missing for one in found] == [2, 1, 3, 1]
        assert sum(one.missing for one in found) + len(at) == 100

    def test_allow_half_an_interval_of_jitter(self):
        at = np.arange(50) * HOUR + np.where(np.arange(50) % 2, 0, 0.24 * HOUR)
        assert drift.gaps(at, HOUR, 0, 50 * HOUR) == []

    def test_of_an_empty_series_are_the_span(self):
        assert drift.gaps(np.array([]), HOUR, 0, DAY) == [drift.Gap(0, DAY, 24)]
        assert drift.coverage(0, HOUR, 0, DAY) == 0


@pytest.fixture(scope="module")
def pressure(shared):
    """A real station: hourly pressure there (P0) and reduced to sea level (P); their difference should stay put."""
    at, here, sea = [], [], []
    with (shared / "data/ev/urbanev_weather_central.csv").open(encoding="utf-8-sig") as opened:
        for row in csv.DictReader(opened):
            if row["P0"] and row["P"]:
                when = dt.datetime.strptime(row["time"], "%Y/%m/%d %H:%M").replace(
                    tzinfo=dt.timezone(dt.timedelta(hours=8))
                )
                at.append(when.timestamp())
                here.append(float(row["P0"]))
                sea.append(float(row["P"]))
    return np.array(at), np.array(here), np.array(sea)


def judged(at, residual, permissible=0.5):
    days, levels = drift.daily(at, residual)
    return drift.drift(days, levels, permissible=permissible, calibrated=days[0]), days


class TestARealSensorAgainstItsReference:
    def test_is_steady_as_it_came(self, pressure):
        at, here, sea = pressure
        assert judged(at, here - sea)[0].verdict == "STEADY"

    def test_has_the_gaps_of_its_file(self, pressure):
        at, _, _ = pressure
        found = drift.gaps(at, HOUR, at[0], at[-1] + HOUR)
        assert sum(one.missing for one in found) + len(at) == round((at[-1] - at[0]) / HOUR) + 1

    def test_drifts_when_a_hundredth_a_day_is_added(self, pressure):
        at, here, sea = pressure
        found, _ = judged(at, here - sea + 0.01 * (at - at[0]) / DAY)
        assert found.verdict == "DRIFTING"
        own = judged(at, here - sea)[0].trend.per_day  # of the temperature that the reduction goes by
        assert found.trend.per_day - own == pytest.approx(0.01, rel=0.05)
        assert found.trend.low - own < 0.01 < found.trend.high - own

    def test_has_shifted_on_the_day_it_was_shifted(self, pressure):
        at, here, sea = pressure
        days = np.floor((at + 8 * HOUR) / DAY)
        found, own = judged(at, here - sea + np.where(days >= days[0] + 100, 1.0, 0.0))
        assert found.verdict == "SHIFTED"
        assert own[found.step.place] == days[0] + 100
        assert found.step.size == pytest.approx(1.0, abs=0.25)  # less what the seasons do

    def test_is_not_judged_within_two_weeks(self, pressure):
        at, here, sea = (one[: 13 * 24] for one in pressure)
        assert judged(at, here - sea)[0].verdict == "UNKNOWN"

    def test_is_not_moved_by_a_few_wild_days(self, pressure):
        at, here, sea = pressure
        wild = np.where(np.floor((at - at[0]) / DAY) % 10 == 3, 40.0, 0.0)
        assert judged(at, here - sea + wild)[0].verdict == "STEADY"


class TestASeriesByItself:
    def test_shows_a_stuck_sensor(self):
        values = np.r_[np.arange(5), np.full(12, 3.3), np.arange(4)]
        assert drift.stuck(np.arange(len(values)) * HOUR, values, 10) == [(5 * HOUR, 16 * HOUR, 12)]

    def test_shows_a_counter_that_runs_backwards(self):
        assert drift.backwards(np.arange(5) * HOUR, np.array([1, 2, 1.5, 3, 3])) == [2 * HOUR]
