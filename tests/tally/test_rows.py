"""Each row is looked at for itself, and totals reconcile."""

import csv
import datetime as dt
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.tally import builders

from tanhui.tally import intake, reasons, refusals, rows, run, shape
from tanhui.tally import lake as lakes


@pytest.fixture
def lake(tmp_path: Path) -> lakes.Lake:
    return builders.lake(tmp_path)


def codes(checked: rows.Checked) -> dict[int, str]:
    return {one.row: one.code for one in checked.refused}


BAD = {
    "tally.row_unreadable": intake.Malformed("cut off"),
    "tally.field_missing": {"unit": None},
    "tally.field_unknown": {"colour": "green"},
    "tally.field_of_another_type": {"quantity": "10000"},
    "tally.key_too_long": {"key": "k" * 65},
    "tally.time_unreadable": {"began_at": "13-04-2026 12:00:00 PM"},
    "tally.no_offset": {"began_at": "2026-06-01T08:00:00"},
    "tally.person_unknown": {"person": "f" * 32},
    "tally.scenario_unknown": {"scenario": "teleport"},
    "tally.unit_other": {"unit": "km"},
    "tally.ends_before_begin": {"ended_at": builders.moment("07:00:00")},
    "tally.too_long": {"began_at": "2026-05-20T08:00:00+08:00"},
    "tally.future": {"began_at": "2027-01-01T08:00:00+08:00", "ended_at": "2027-01-01T08:30:00+08:00"},
    "tally.ancient": {"began_at": "1999-01-01T08:00:00+08:00", "ended_at": "1999-01-01T08:30:00+08:00"},
    "tally.quantity_negative": {"quantity": -1},
    "tally.quantity_absurd": {"quantity": 200_001},
    "tally.place_impossible": {"lon_e6": 181_000_000},
    "tally.nothing_to_correct": {"revision": 2, "reason": "recalibrated"},
    "tally.reason_missing": {"withdrawn": True},
    "tally.revision_old": {"revision": 0},
}


class TestABadRow:
    @pytest.mark.parametrize("code", BAD)
    def test_is_refused_with_its_reason_and_costs_the_good_ones_nothing(self, lake: lakes.Lake, code: str) -> None:
        wrong = BAD[code]
        bad = wrong if isinstance(wrong, intake.Malformed) else builders.row("bad") | wrong
        checked = builders.check(lake, [builders.row("1"), bad, builders.row("2", begin="09:00:00", end="09:30:00")])
        assert codes(checked) == {1: code}
        assert checked.rows.tolist() == [0, 2]
        assert checked.counts == {"received": 3, "accepted": 2, "duplicate": 0, "refused": 1, "waiting": 0}
        assert reasons.say(code, checked.refused[0].facts, "zh-hans") != reasons.say(code, checked.refused[0].facts)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"quantity": 10**400},
            {"quantity": float("inf")},
            {"quantity": True},
            {"began_at": "9999-12-31T23:59:59+00:00", "ended_at": "9999-12-31T23:59:59-14:00"},
            {"began_at": "0001-01-01T00:00:00+14:00"},
            {"began_at": 5},
            {"key": "a\0b"},
            {"key": "\ud800"},
            {"person": []},
            {"lon_e6": 10**12},
            {"facts": "x" * 10_000},
            {"facts": {"note": "x" * 10_000}},
            {"facts": {"note": "\ud800"}},
            {"facts": {"\udc00": 1}},
        ],
    )
    def test_of_any_malice_is_refused_and_nothing_else_happens(self, lake: lakes.Lake, wrong: dict) -> None:
        checked = builders.check(lake, [builders.row("bad") | wrong, builders.row("1")])
        assert [one.row for one in checked.refused] == [0]
        assert len(checked.table) == 1

    def test_is_told_among_lines_that_are_no_json(self, lake: lakes.Lake) -> None:
        content = b'{"key": \n' + json.dumps(builders.row()).encode() + b"\n[1, 2]\n\xff\xfe\n"
        checked = builders.check(lake, intake.lines(content))
        assert checked.counts == {"received": 4, "accepted": 1, "duplicate": 0, "refused": 3, "waiting": 0}


class TestATableOfAnotherShape:
    def test_is_refused_whole(self, lake: lakes.Lake) -> None:
        checked = builders.check(lake, [builders.row()])
        content = files_of(as_sent([builders.row()]))
        for refusal, change in {
            refusals.ColumnMissing: lambda table: table.drop_columns(["unit"]),
            refusals.ColumnUnknown: lambda table: table.append_column("colour", pa.array(["green"])),
            refusals.ColumnOfAnotherType: lambda table: table.set_column(5, "quantity", pa.array([1.5])),
        }.items():
            with pytest.raises(refusal):
                builders.check(lake, change(intake.parquet(content)))
        assert builders.check(lake, intake.parquet(content)).table.equals(checked.table)

    def test_among_them_moments_without_a_zone(self, lake: lakes.Lake) -> None:
        table = as_sent([builders.row()])
        local = table.set_column(3, "began_at", table["began_at"].cast(pa.timestamp("ms")))
        with pytest.raises(refusals.ColumnOfAnotherType):
            builders.check(lake, local)

    def test_among_them_text_that_is_none_while_a_nul_costs_its_row_alone(self, lake: lakes.Lake) -> None:
        table = as_sent([builders.row("1"), builders.row("2", person=2), builders.row("3", person=3)])
        for keys, wanted in ((["1", "a\0b", "3"], 2), (["1", "x" * 5_000, "3"], 2), (["1", "2", "3"], 3)):
            given = table.set_column(0, "key", pa.array(keys))
            assert len(builders.check(lake, given).table) == wanted
        broken = pa.array([b"1", b"\xff\xfe", b"3"]).view(pa.string())
        with pytest.raises(refusals.TableUnreadable):
            intake.parquet(files_of(table.set_column(0, "key", broken)))

    def test_but_an_empty_one_is_nothing(self, lake: lakes.Lake) -> None:
        for nothing in (as_sent([]), [], intake.lines(b"\n\n")):
            checked = builders.check(lake, nothing)
            assert not any(checked.counts.values())
            assert lakes.append(lake, checked.table, batch="b1") == []

    def test_and_moments_at_the_ends_of_time_are_refused_by_row(self, lake: lakes.Lake) -> None:
        table = as_sent([builders.row("1")])
        for far in (-(2**63), 2**63 - 1, 0):
            column = pa.array([far], pa.int64()).cast(shape.UTC_MS)
            given = table.set_column(3, "began_at", column).set_column(4, "ended_at", column)
            assert builders.check(lake, given).counts["refused"] == 1

    @pytest.mark.parametrize("cut", [0, 4, 100, -1])
    def test_among_them_a_file_that_was_cut_off(self, cut: int) -> None:
        with pytest.raises(refusals.TableUnreadable):
            intake.parquet(files_of(as_sent([builders.row()]))[:cut])


def as_sent(given: list[dict]) -> pa.Table:
    return intake.of_rows(given).table


def files_of(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


class TestAKey:
    def test_sent_twice_is_a_duplicate_in_the_batch_and_later(self, lake: lakes.Lake) -> None:
        checked = builders.check(lake, [builders.row(), builders.row()])
        assert checked.duplicates == [1]
        lakes.append(lake, checked.table, batch="b1")
        again = builders.check(lake, [builders.row()])
        assert again.counts == {"received": 1, "accepted": 0, "duplicate": 1, "refused": 0, "waiting": 0}

    def test_with_another_body_is_refused(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [builders.row()])
        other = builders.row(quantity=9_000)
        assert codes(builders.check(lake, [other])) == {0: "tally.same_key_other_body"}
        assert codes(builders.check(lake, [builders.row("2"), builders.row("2", quantity=9_000)])) == {
            1: "tally.same_key_other_body"
        }

    def test_is_the_provider_s_own(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [builders.row()])
        assert builders.check(lake, [builders.row(quantity=9_000)], provider="bus").counts["accepted"] == 1

    def test_is_corrected_by_the_next_revision_of_the_same_person(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [builders.row()])
        more = {"revision": 2, "reason": "recalibrated"}
        assert builders.check(lake, [builders.row(quantity=9_000, **more)]).counts["accepted"] == 1
        builders.lay(lake, [builders.row(quantity=9_000, revision=3, reason="again")], batch="b2")
        assert codes(builders.check(lake, [builders.row(quantity=8_000, **more)])) == {0: "tally.revision_old"}

    def test_stays_with_its_person(self, lake: lakes.Lake) -> None:
        # both in one bucket, or the correction finds nothing to correct
        others = [number for number in range(2, 99) if lake.bucket(number) == lake.bucket(1)]
        builders.lay(lake, [builders.row()])
        moved = builders.row(person=others[0], revision=2, reason="wrong person")
        assert codes(builders.check(lake, [moved])) == {0: "tally.moved"}

    def test_stays_with_its_person_and_day_within_a_batch_too(self, lake: lakes.Lake) -> None:
        other = next(number for number in range(2, 99) if lake.bucket(number) != lake.bucket(1))
        more = {"revision": 2, "reason": "wrong"}
        next_day = builders.DAY + dt.timedelta(days=1)
        times = {"began_at": builders.moment("08:00:00", next_day), "ended_at": builders.moment("08:30:00", next_day)}
        given = [
            builders.row(),
            builders.row(person=other, **more),
            builders.row("2"),
            builders.row("2", **more | times),
        ]
        late = {"now": builders.NOW + dt.timedelta(days=1)}
        wanted = {1: "tally.moved", 3: "tally.nothing_to_correct"}
        assert codes(builders.check(lake, given, **late)) == wanted
        builders.lay(lake, [given[0], given[2]])
        assert codes(builders.check(lake, given, **late)) == wanted  # the first of each is there already


class TestConsent:
    def spans(self, accounts: list[int]) -> pa.Table:
        since = dt.datetime(2026, 6, 1, 0, 10, tzinfo=dt.UTC)  # 08:10 in Shanghai
        until = dt.datetime(2026, 6, 1, 2, 0, tzinfo=dt.UTC)
        return pa.table(
            {
                "account": pa.array([1, 2], pa.int64()),
                "scenario": ["metro", "metro"],
                "since": pa.array([since, since], shape.UTC_MS),
                "until": pa.array([until, None], shape.UTC_MS),
            }
        )

    def test_holds_from_the_moment_it_was_given_until_it_was_taken_back(self, lake: lakes.Lake) -> None:
        given = [
            builders.row("early"),
            builders.row("within", begin="09:00:00", end="09:30:00"),
            builders.row("late", begin="10:00:00", end="10:30:00"),
            builders.row("open", person=2, begin="10:00:00", end="10:30:00"),
            builders.row("other", person=2, begin="09:00:00", end="09:30:00", scenario="walking"),
        ]
        checked = builders.check(lake, given, consents=self.spans)
        assert checked.rows.tolist() == [1, 3]
        assert set(checked.reasons) == {"tally.not_consented"}

    def test_to_tracks_is_asked_for_apart(self, lake: lakes.Lake) -> None:
        given = [builders.row(str(n), person=n, begin="09:00:00", end="09:30:00", lon_e6=1, lat_e6=2) for n in (1, 3)]
        checked = builders.check(lake, given, track_consents=self.spans)
        assert checked.counts["accepted"] == 2
        assert checked.tracks["account"].to_pylist() == [1]
        assert checked.untracked == 1
        assert "lon_e6" not in checked.table.column_names
        written = lakes.append(lake, checked.table, batch="b1", tracks=checked.tracks)
        assert lakes.forget_tracks(lake, before=builders.DAY + dt.timedelta(days=1)) == 1
        assert [one.path.split("/")[0] for one in lakes.verify(lake, written)] == ["tracks"]


class TestTheLake:
    def test_takes_a_batch_twice_as_once_and_tells_altered_files(self, lake: lakes.Lake) -> None:
        checked = builders.check(lake, [builders.row(str(n), person=n) for n in range(1, 30)])
        once = lakes.append(lake, checked.table, batch="b/1")
        assert lakes.append(lake, checked.table, batch="b/1") == once
        assert sum(one.rows for one in once) == 29
        assert sum(len(lakes.inputs(lake, builders.DAY, bucket)) for bucket in range(4)) == len(once)
        path = lake.folder / once[0].path
        path.write_bytes(path.read_bytes()[:-1])
        assert lakes.verify(lake, once) == [once[0]]

    def test_has_buckets_for_good(self, lake: lakes.Lake, tmp_path: Path) -> None:
        with pytest.raises(refusals.LakeExists):
            lakes.create(lake.folder, 8)
        for wrong in (0, 3, 2048):
            with pytest.raises(refusals.BucketsWrong):
                lakes.create(tmp_path / "other", wrong)
        with pytest.raises(refusals.NoLake):
            lakes.open(tmp_path / "nowhere")

    def test_divides_a_day_at_midnight_in_shanghai(self, lake: lakes.Lake) -> None:
        builders.lay(lake, [builders.row("1", begin="00:00:00"), builders.row("2", begin="23:59:59", end="23:59:59")])
        assert lakes.days(lake) == [builders.DAY]
        assert lakes.events(lake, builders.DAY, 1)["key"].to_pylist() == ["1", "2"]


class TestRealSteps:
    """Minute steps of 27 volunteers."""

    def test_become_grams_day_by_day(self, lake: lakes.Lake, shared: Path) -> None:
        raw = pq.read_table(shared / "data/personal/fitbit_minute_steps.parquet").slice(0, 200_000)
        began = raw["ts"].cast(pa.int64()).to_numpy() // 1000 - shape.SHANGHAI_MS
        people = [f"{user:032x}" for user in raw["user_id"].to_pylist()]
        sent = pa.table(
            {
                "key": [f"{person}-{at}" for person, at in zip(people, began.tolist(), strict=True)],
                "person": people,
                "scenario": ["walking"] * len(raw),
                "began_at": pa.array(began).cast(shape.UTC_MS),
                "ended_at": pa.array(began + 60_000).cast(shape.UTC_MS),
                "quantity": raw["steps"].cast(pa.int64()),
                "unit": ["step"] * len(raw),
            }
        )
        numbers = {person: number for number, person in enumerate(sorted(set(people)), 1)}
        checked = builders.check(
            lake, sent, kinds={"walking": rows.Kind("step", 300)}, oldest=dt.date(2016, 1, 1), known=lambda _: numbers
        )
        assert checked.counts["accepted"] == len(raw)
        lakes.append(lake, checked.table, batch="2016")
        rules = builders.rules(builders.rule("walking", unit="step", numerator=73, denominator=1000, least=0))
        day = lakes.days(lake)[3]
        settled = run.settle(lake.folder, day, number=1, rules=rules)
        local = pa.table({"user": people, "day": shape.days(began), "steps": raw["steps"].cast(pa.int64())})
        sums = local.group_by(["user", "day"]).aggregate([("steps", "sum")]).to_pylist()
        since = (day - dt.date(1970, 1, 1)).days
        expected = {numbers[one["user"]]: one["steps_sum"] * 73 // 1000 for one in sums if one["day"] == since}
        days = run.days(lake.folder, day, 1)
        assert dict(zip(days["account"].to_pylist(), days["grams"].to_pylist(), strict=True)) == expected
        assert settled.waiting == 0

    def test_as_the_spreadsheet_left_them_are_refused_with_reasons(self, lake: lakes.Lake, shared: Path) -> None:
        with gzip.open(shared / "data/personal/fitbit_minuteStepsWide_as_found.csv.gz", "rt") as file:
            found = [
                {
                    "key": f"{one['Id']}-{one['Date']}-{one['ActivityHour']}",
                    "person": f"{int(one['Id']):032x}",
                    "scenario": "walking",
                    "began_at": f"{one['Date']} {one['ActivityHour']}",
                    "ended_at": f"{one['Date']} {one['ActivityHour']}",
                    "quantity": sum(int(one[f"Steps{minute:02d}"]) for minute in range(60)),
                    "unit": "m",
                }
                for one in csv.DictReader(file)
            ]
        checked = builders.check(lake, found)
        assert checked.counts == {"received": 17_330, "accepted": 0, "duplicate": 0, "refused": 17_330, "waiting": 0}
        assert checked.reasons == {"tally.time_unreadable": 17_330}
