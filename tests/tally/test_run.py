"""A day settled by whom and in what order you like; killed, resumed, corrected: nothing lost, nothing twice."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.tally import builders
from tests.tally.builders import rule

from tanhui.tally import execution, refusals, results, run, shape
from tanhui.tally import lake as lakes
from tanhui.tally.given import Given
from tanhui.tally.lake import Lake
from tanhui.tally.rules import Rules

RULES = Rules(
    scenarios=tuple(
        rule(name, fastest=150_000, day_events=3, cap_day_g=1_500, cap_year_g=5_000, most=28_000)
        for name in ("cycling", "metro", "walking")
    ),
    burst_events=4,
    burst_seconds=3600,
)
PEOPLE, EVENTS = 300, 6_000


def given() -> Given:
    people = np.arange(1, PEOPLE + 1)
    names = ["cycling", "metro", "walking"]
    since = [dt.datetime(2026, 5, 31, 16 + n % 8, tzinfo=dt.UTC) for n in range(PEOPLE)]
    consents = pa.table(
        {
            "account": np.repeat(people, 3),
            "scenario": names * PEOPLE,
            "since": pa.array([one for one in since for _ in names], shape.UTC_MS),
            "until": pa.nulls(3 * PEOPLE, shape.UTC_MS),
        }
    )
    earned = pa.table({"account": people, "scenario": ["metro"] * PEOPLE, "grams": people * 20})
    held = pa.table({"account": people[::5], "scenario": ["metro"] * len(people[::5])})
    return Given(consents=consents, earned=earned, held=held)


def made(folder: Path, parts: list[pa.Table]) -> Lake:
    """A lake with the same secret wherever it is, for comparing bytes."""
    lake = lakes.create(folder, 4)
    about = (folder / "lake.json").read_text().replace(lake.secret.hex(), "ab" * 32)
    (folder / "lake.json").write_text(about)
    lake = lakes.open(folder)
    for number, part in enumerate(parts):
        lakes.append(lake, part, batch=f"b{number}")
    return lake


def bytes_of(lake: Lake, number: int = 1) -> dict[str, bytes]:
    out = results.folder(lake.folder, builders.DAY, number)
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("part=*/*.parquet"))}


@pytest.fixture(scope="module")
def events() -> pa.Table:
    return builders.made_up(EVENTS, PEOPLE)


@pytest.fixture(scope="module")
def settled(events: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = made(tmp_path_factory.mktemp("settled"), [events])
    run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())
    return lake


class TestTheSameDay:
    def test_makes_the_same_bytes_from_other_batches_in_another_order(
        self, settled: Lake, events: pa.Table, tmp_path: Path
    ) -> None:
        shuffled = events.take(pa.array(np.random.default_rng(3).permutation(len(events))))
        other = made(tmp_path / "lake", [shuffled.slice(begin, 900) for begin in range(0, len(shuffled), 900)])
        run.settle(other.folder, builders.DAY, number=1, rules=RULES, given=given())
        assert bytes_of(other) == bytes_of(settled)
        counts = run.settle(settled.folder, builders.DAY, number=1, rules=RULES).counts
        assert all(counts[name] for name in ("not_consented", "implausible", "same_activity", "surplus", "withdrawn"))
        assert all(counts[f"waiting_{name}"] for name in ("clock", "speed", "device", "burst", "overlap"))
        assert sum(counts.values()) == 2 * counts["received"]

    @pytest.mark.parametrize("by", [{"workers": 2}, {"workers": 2, "scheduler": "local"}])
    def test_makes_the_same_bytes_by_two_processes_and_on_a_cluster(
        self, settled: Lake, events: pa.Table, tmp_path: Path, by: dict
    ) -> None:
        other = made(tmp_path / "lake", [events])
        there = run.settle(other.folder, builders.DAY, number=1, rules=RULES, given=given(), **by)
        assert bytes_of(other) == bytes_of(settled)
        assert there.counts == run.settle(settled.folder, builders.DAY, number=1, rules=RULES).counts

    def test_settled_again_changes_nothing(self, settled: Lake) -> None:
        once = run.settle(settled.folder, builders.DAY, number=1, rules=RULES, given=given())
        before = bytes_of(settled)
        assert run.settle(settled.folder, builders.DAY, number=1, rules=RULES, given=given()) == once
        assert bytes_of(settled) == before
        anew = run.settle(settled.folder, builders.DAY, number=90, rules=RULES, given=given())
        assert (anew.changes, anew.days) == (0, once.days)

    def test_has_one_settlement_under_a_number(self, settled: Lake) -> None:
        with pytest.raises(refusals.AnotherSettlement):
            run.settle(settled.folder, builders.DAY, number=1, rules=Rules(scenarios=RULES.scenarios[:1]))
        with pytest.raises(refusals.AnotherSettlement):
            run.resettle(settled.folder, builders.DAY, [1], number=1, rules=RULES)
        with pytest.raises(refusals.NotSettled):
            run.waiting(settled.folder, builders.DAY, 2)
        with pytest.raises(refusals.NotSettled):
            run.resettle(settled.folder, builders.DAY + dt.timedelta(days=1), [1], number=1, rules=RULES)

    def test_without_events_is_empty(self, settled: Lake) -> None:
        day = builders.DAY + dt.timedelta(days=9)
        empty = run.settle(settled.folder, day, number=1, rules=RULES)
        assert (empty.days, empty.waiting, empty.counts["received"]) == (0, 0, 0)
        assert len(run.days(settled.folder, day, 1)) == len(run.waiting(settled.folder, day, 1)) == 0


class TestCorrections:
    """Late, corrected and withdrawn events, and a device that one more person uses."""

    def late(self, events: pa.Table) -> pa.Table:
        corrected = events.slice(0, 40)
        for name, column in {
            "revision": np.full(40, 2, np.int32),
            "quantity": corrected["quantity"].to_numpy() + 1_000,
            "body": np.arange(40) + 1,
            "withdrawn": np.arange(40) % 4 == 0,
        }.items():
            corrected = corrected.set_column(corrected.column_names.index(name), name, pa.array(column))
        new = builders.made_up(60, PEOPLE, seed=9)
        owners = pa.array(np.r_[np.full(3, 4 * 7919), new["device"].to_numpy()[3:]])  # three more use a person's phone
        new = new.set_column(new.column_names.index("device"), "device", owners)
        return pa.concat_tables([corrected.cast(shape.EVENT), new.cast(shape.EVENT)])

    @pytest.mark.parametrize("parts", [1, 2, 4])
    @pytest.mark.parametrize("warm", [True, False])
    def test_settle_the_touched_anew_and_come_to_what_everybody_s_day_comes_to(
        self, events: pa.Table, tmp_path: Path, warm: bool, parts: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(run, "FEW", parts)
        monkeypatch.setattr(run, "MOST", 10**6)
        lake = made(tmp_path / "lake", [events])
        run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())
        if warm:
            assert run.keep_warm(lake.folder, builders.DAY, 1) == EVENTS
        late = self.late(events)
        lakes.append(lake, late, batch="late")
        touched = pc.unique(late["account"]).to_pylist()
        partly = run.resettle(lake.folder, builders.DAY, touched, number=2, rules=RULES, given=given())
        whole = run.settle(lake.folder, builders.DAY, number=3, rules=RULES, given=given())
        assert partly.partial
        assert len(list(results.folder(lake.folder, builders.DAY, 2).glob("part=*"))) == max(parts, 2)
        assert partly.counts["received"] < whole.counts["received"]
        assert 0 < partly.changes < partly.days
        assert whole.changes == 0  # the touched were everybody whose day changed
        again = run.resettle(lake.folder, builders.DAY, touched, number=4, rules=RULES, given=given())
        assert again.changes == 0

        changes = pa.concat_tables(run.changes(lake.folder, builders.DAY, 2)).to_pylist()
        before = {(one["account"], one["scenario"]): one for one in run.days(lake.folder, builders.DAY, 1).to_pylist()}
        after = {(one["account"], one["scenario"]): one for one in run.days(lake.folder, builders.DAY, 3).to_pylist()}
        differ = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        assert {(one["account"], one["scenario"]) for one in changes} == differ
        for one in changes:
            key = one["account"], one["scenario"]
            assert one["grams_before"] == before.get(key, {"grams": 0})["grams"]
            assert one["grams"] == after.get(key, {"grams": 0})["grams"]
            assert one["held"] == (one["scenario"] == "metro" and one["account"] % 5 == 1)

    def test_of_many_people_are_settled_bucket_by_bucket(self, events: pa.Table, tmp_path: Path) -> None:
        lake = lakes.create(tmp_path / "lake", 64)
        assert [run._together(lake, people) for people in (1, 160_000, 160_001, 2_000_000)] == [8, 4, 4, 1]

    def test_reach_everybody_whose_device_became_one_of_too_many(self, events: pa.Table, tmp_path: Path) -> None:
        lake = made(tmp_path / "lake", [events])
        run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())
        late = self.late(events)
        lakes.append(lake, late, batch="late")
        others = [one for one in pc.unique(late["account"]).to_pylist() if one != 4]
        again = run.resettle(lake.folder, builders.DAY, others, number=2, rules=RULES, given=given())
        assert again.counts["waiting_device"]
        held = run.waiting(lake.folder, builders.DAY, 2)
        mine = held.filter((pc.field("account") == 4) & (pc.field("rule") == "tally.device"))
        assert len(mine)

    @pytest.mark.parametrize("warm", [True, False])
    def test_of_one_of_many_who_share_a_device_leave_the_others_alone(
        self, events: pa.Table, tmp_path: Path, warm: bool
    ) -> None:
        lake = made(tmp_path / "lake", [events])
        run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())
        if warm:
            run.keep_warm(lake.folder, builders.DAY, 1)
        held = run.waiting(lake.folder, builders.DAY, 1).filter(pc.field("rule") == "tally.device")
        shared = events.filter(pc.is_in(events["body"], value_set=held["body"].combine_chunks()))
        sharers = pc.unique(shared["account"]).sort().to_pylist()[:4]
        for number, one in enumerate(sharers, start=2):
            mine = events.filter(pc.field("account") == one)
            corrected = shared.filter(pc.field("account") == one).slice(0, 1)
            for name, value in {"revision": np.int32(number), "body": number}.items():
                corrected = corrected.set_column(corrected.column_names.index(name), name, pa.array([value]))
            lakes.append(lake, corrected.cast(shape.EVENT), batch=f"late{number}")
            again = run.resettle(lake.folder, builders.DAY, [one], number=number, rules=RULES, given=given())
            assert again.counts["received"] == len(mine) + 1
            assert again.counts["waiting_device"]


CHILD = """
import os, sys, signal, datetime as dt
from tanhui.tally import run, settle
from tests.tally import test_run
if __name__ == "__main__":
    run.settle(sys.argv[1], dt.date(2026, 6, 1), number=1, rules=test_run.RULES, given=test_run.given(), workers=2)
"""


class TestAKill:
    """SIGKILL: no handler runs, no file is closed."""

    def started(self, lake: Lake, script: Path) -> "subprocess.Popen[bytes]":
        script.write_text(CHILD)
        root = Path(__file__).parents[2]
        path = {"PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}"}
        return subprocess.Popen([sys.executable, str(script), str(lake.folder)], env=os.environ | path)

    def until_some_are_done(self, lake: Lake, process: "subprocess.Popen[bytes]") -> int:
        out, until = results.folder(lake.folder, builders.DAY, 1), time.monotonic() + 60
        while time.monotonic() < until:
            done = len(list(out.glob("part=*/result.json")))
            if done:
                return done
            assert process.poll() is None, "it ended before it could be killed"
            os.sched_yield()
        raise AssertionError("nothing was settled within a minute")

    def test_of_everything_in_the_middle_loses_and_doubles_nothing(
        self, settled: Lake, events: pa.Table, tmp_path: Path
    ) -> None:
        lake = made(tmp_path / "lake", [events])
        process = self.started(lake, tmp_path / "child.py")
        try:
            self.until_some_are_done(lake, process)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        lakes.append(lake, builders.made_up(50, PEOPLE, seed=5), batch="meanwhile")  # is for the next settlement
        kept = {path: path.stat().st_mtime_ns for path in lake.folder.glob("settled/*/*/part=*/result.json")}
        next(lake.folder.glob("settled/*/*/part=*")).joinpath(".days.parquet.1").write_bytes(b"PAR1")  # of a worker
        whole = run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())
        assert bytes_of(lake) == bytes_of(settled)
        assert all(path.stat().st_mtime_ns == before for path, before in kept.items())  # not done again
        assert whole.counts["received"] == EVENTS
        assert [path.name for path in lake.folder.rglob(".*")] == []

    def test_of_a_worker_is_told_and_what_is_finished_stays(
        self, settled: Lake, events: pa.Table, tmp_path: Path
    ) -> None:
        lake = made(tmp_path / "lake", [events])
        with execution.pool(2) as pool:
            victim = pool.submit(os.getpid).result()
            pool.submit(os.kill, victim, signal.SIGKILL)
            with pytest.raises(refusals.WorkerLost):
                run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given(), by=pool)
        run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())  # it may not have got to its plan
        assert bytes_of(lake) == bytes_of(settled)

    def test_that_left_half_a_file_has_the_partition_done_again(self, events: pa.Table, tmp_path: Path) -> None:
        lake = made(tmp_path / "lake", [events])
        once = run.settle(lake.folder, builders.DAY, number=1, rules=RULES, given=given())
        out = results.folder(lake.folder, builders.DAY, 1)
        (out / "settlement.json").unlink()
        whole = bytes_of(lake)
        cut = out / "part=001" / "days.parquet"
        cut.write_bytes(cut.read_bytes()[:100])
        (out / "part=002" / "result.json").write_bytes(b'{"task"')
        assert run.settle(lake.folder, builders.DAY, number=1, rules=RULES) == once
        assert bytes_of(lake) == whole


class TestACluster:
    def test_that_is_away_is_told(self, settled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(execution, "CONNECTED", 0.2)
        with pytest.raises(refusals.SchedulerAway):
            run.settle(settled.folder, builders.DAY, number=95, rules=RULES, scheduler="tcp://127.0.0.1:9")
