"""A person taken out of the lake."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.tally import builders

from tanhui.tally import compaction, files, forgetting, run, shape, stored
from tanhui.tally import lake as lakes

WHO = 7


@pytest.fixture
def lake(tmp_path: Path) -> lakes.Lake:
    """A settled day of 40 people, some of whom share a device, with coordinates and working columns."""
    lake = builders.lake(tmp_path)
    table = builders.made_up(2_000, 40)
    tracks = pa.table(
        {
            "account": table["account"], "began_at": table["began_at"], "id": table["id"],
            **{name: pa.array([1] * len(table), pa.int32()) for name in shape.TRACK},
        }
    ).cast(shape.TRACKS)  # fmt: skip
    lakes.append(lake, table, batch="b1", tracks=tracks)
    run.settle(lake.folder, builders.DAY, number=1, rules=builders.rules(*RULES))
    run.keep_warm(lake.folder, builders.DAY, 1)
    return lake


RULES = [builders.rule(name) for name in ("metro", "walking", "cycling")]


def of_each(lake: lakes.Lake, day: dt.date = builders.DAY) -> dict[int, int]:
    return {who: len(lakes.events(lake, day, who)) for who in range(1, 41)}


def named(lake: lakes.Lake) -> list[str]:
    return sorted(str(path.relative_to(lake.folder)) for path in (lake.folder / "events").rglob("*.parquet"))


class TestForgettingAPerson:
    def test_takes_them_alone_out_of_events_and_coordinates_and_says_what_became_of_the_files(
        self, lake: lakes.Lake
    ) -> None:
        before, files_before = of_each(lake), named(lake)
        gone = forgetting.forget_person(lake, WHO)
        assert of_each(lake) == before | {WHO: 0}
        assert before[WHO] == sum(one.rows for one in gone if one.path.startswith("events/")) > 0
        assert sum(one.rows for one in gone if one.path.startswith("tracks/")) == before[WHO]
        assert not len(forgetting.tracks(lake, WHO))
        assert len(forgetting.tracks(lake, 8)) == before[8]
        assert named(lake) == files_before
        for one in gone:
            assert files.digest_of((lake.folder / one.path).read_bytes()) == one.after != one.before

    def test_leaves_their_number_nowhere_but_beside_grams_and_evidence(self, lake: lakes.Lake) -> None:
        forgetting.forget_person(lake, WHO)
        found = set()
        for path in [*lake.folder.rglob("*.parquet"), *lake.folder.rglob("*.arrow")]:
            table = pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_file(path).read_all()
            if "account" in table.column_names and WHO in table["account"].to_pylist():
                found.add(path.name)
        assert found == {"days.parquet"}

    def test_is_done_once(self, lake: lakes.Lake) -> None:
        forgetting.forget_person(lake, WHO)
        assert forgetting.forget_person(lake, WHO) == []

    def test_settles_everybody_else_as_before(self, lake: lakes.Lake) -> None:
        rules = builders.rules(*RULES)
        forgetting.forget_person(lake, WHO)
        others = [who for who in range(1, 41) if who != WHO]
        again = run.resettle(lake.folder, builders.DAY, others, number=2, rules=rules)
        assert (again.changes, again.partial) == (0, True)

    def test_keeps_what_a_file_put_together_says_it_has(self, tmp_path: Path) -> None:
        lake = builders.lake(tmp_path)
        for number in range(3):
            lakes.append(lake, builders.made_up(500, 40, seed=number), batch=f"b{number}")
        run.settle(lake.folder, builders.DAY, number=1, rules=builders.rules(*RULES))
        assert compaction.compact(lake, builders.DAY, least=2)
        bucket = lake.bucket(WHO)
        stood = stored.standing(lake.partition(builders.DAY, bucket))
        assert forgetting.forget_person(lake, WHO)
        assert stored.standing(lake.partition(builders.DAY, bucket)) == stood
        assert not len(lakes.events(lake, builders.DAY, WHO))
        others = [who for who in range(1, 41) if who != WHO]
        again = run.resettle(lake.folder, builders.DAY, others, number=2, rules=builders.rules(*RULES))
        assert again.changes == 0

    def test_of_whom_nothing_is_known_changes_nothing(self, lake: lakes.Lake) -> None:
        assert forgetting.forget_person(lake, 41) == []


class TestForgettingADay:
    def test_leaves_nothing_but_grams_and_evidence_and_the_other_days(self, lake: lakes.Lake) -> None:
        times = {"began_at": builders.moment("08:00:00", NEXT), "ended_at": builders.moment("08:01:00", NEXT)}
        checked = builders.check(lake, [builders.row(**times)], now=builders.NOW + dt.timedelta(days=1))
        lakes.append(lake, checked.table, batch="b2")
        run.settle(lake.folder, NEXT, number=1, rules=builders.rules(*RULES))
        other, before = under(lake, NEXT), under(lake, builders.DAY)
        assert {"waiting.parquet", "tokens.arrow", "bucket=000.arrow"} <= {path.name for path in before}
        assert any(path.parent.name == "tokens" for path in before)
        lakes.forget_day(lake.folder, builders.DAY)
        lakes.forget_day(lake.folder, builders.DAY)
        kept = under(lake, builders.DAY)
        assert kept == {one for one in before if "settled" in one.parts} - {
            one for one in before if one.name == "waiting.parquet" or one.parent.name == "tokens"
        }
        assert under(lake, NEXT) == other
        assert "waiting.parquet" in {path.name for path in other}
        assert not len(run.waiting(lake.folder, builders.DAY, 1))
        assert len(run.days(lake.folder, builders.DAY, 1))


NEXT = builders.DAY + dt.timedelta(days=1)


def under(lake: lakes.Lake, day: dt.date) -> set[Path]:
    return {path for path in lake.folder.rglob("*") if path.is_file() and f"day={day}" in path.parts}
