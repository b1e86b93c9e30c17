import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.tally import builders

from tanhui.tally import compaction, files, forgetting, run, stored
from tanhui.tally import lake as lakes

DAY, RULES = builders.DAY, builders.rules()


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Many small batches of two senders; what was written, and the day settled."""
    lake = builders.lake(tmp_path_factory.mktemp("small"), 2)
    written = []
    for batch in range(8):
        table = builders.made_up(300, 60, seed=batch)
        other = table.set_column(table.column_names.index("provider"), "provider", pa.array(["bus"] * 300))
        written += lakes.append(lake, table.slice(0, 200), batch=f"b{batch}")
        written += lakes.append(lake, other.slice(200).cast(table.schema), batch=f"b{batch}")
    return lake, written, run.settle(lake.folder, DAY, number=1, rules=RULES)


@pytest.fixture
def lake(filled, tmp_path):
    shutil.copytree(filled[0].folder, tmp_path / "lake")
    return lakes.open(tmp_path / "lake")


def names(lake):
    return sorted(path.name for path in (lake.folder / "events").rglob("*.parquet"))


def bytes_of(lake, number):
    out = lake.folder / "settled" / f"day={DAY}" / f"{number:08d}"
    return {path.relative_to(out): files.digest_of(path.read_bytes()) for path in out.glob("part=*/*.parquet")}


class TestSmallFiles:
    def test_become_one_for_each_sender_and_partition(self, lake):
        before = {bucket: lakes.inputs(lake, DAY, bucket) for bucket in range(2)}
        made = compaction.compact(lake, DAY)
        assert [one.files for one in made] == [8] * 4
        assert len(names(lake)) == 4
        assert {bucket: lakes.inputs(lake, DAY, bucket) for bucket in range(2)} == before

    def test_put_together_settle_to_the_same_bytes(self, lake, filled):
        compaction.compact(lake, DAY)
        again = run.settle(lake.folder, DAY, number=2, rules=RULES)
        first, second = (bytes_of(lake, number) for number in (1, 2))
        assert again.changes == 0
        assert {path: second[path] for path in first} == first
        assert again.counts == filled[2].counts

    def test_put_together_again_stay_as_they_are(self, lake):
        compaction.compact(lake, DAY)
        there = names(lake)
        assert compaction.compact(lake, DAY, least=1) == compaction.every(lake, least=1) == []
        assert names(lake) == there

    def test_still_answer_who_asks_for_a_person_or_an_event(self, lake):
        before = lakes.events(lake, DAY, 7)
        ids = before["id"].slice(0, 3).combine_chunks()
        known = [lakes.present(lake, DAY, lake.bucket(7), ids, provider=one).num_rows for one in ("subway", "bus")]
        compaction.compact(lake, DAY)
        assert lakes.events(lake, DAY, 7).to_pylist() == before.to_pylist()
        assert [
            lakes.present(lake, DAY, lake.bucket(7), ids, provider=one).num_rows for one in ("subway", "bus")
        ] == known
        assert sum(known) == 3

    def test_are_still_what_was_written(self, lake, filled):
        compaction.compact(lake, DAY)
        assert lakes.verify(lake, filled[1]) == []
        wrong = next((lake.folder / "events").rglob("*+*.parquet"))
        content = wrong.read_bytes()
        for altered in (content[:100] + bytes([content[100] ^ 1]) + content[101:], content[:-20]):
            wrong.write_bytes(altered)
            assert len(lakes.verify(lake, filled[1])) == 8

    def test_that_no_settlement_has_read_are_left(self, lake):
        lakes.append(lake, builders.made_up(50, 60, seed=99), batch="late")
        compaction.compact(lake, DAY)
        assert sorted(name.split("-")[0] for name in names(lake) if stored.MARK not in name) == ["subway~late"] * 2
        touched = set(range(1, 61))
        late = run.resettle(lake.folder, DAY, touched, number=2, rules=RULES)
        assert late.counts["received"] == 8 * 300 + 50
        assert [one.files for one in compaction.compact(lake, DAY, least=2)] == [2, 2]
        assert len(names(lake)) == 4

    def test_wait_for_a_settlement_that_is_not_finished(self, lake):
        out = lake.folder / "settled" / f"day={DAY}" / "00000002"
        out.mkdir()
        shutil.copy(out.with_name("00000001") / "plan.json", out / "plan.json")
        assert compaction.compact(lake, DAY) == []

    def test_are_read_once_where_the_work_was_killed_before_they_were_removed(self, lake, filled):
        kept = lake.folder.with_name("kept")
        shutil.copytree(lake.folder / "events", kept)
        compaction.compact(lake, DAY)
        shutil.copytree(kept, lake.folder / "events", dirs_exist_ok=True)  # as if nothing had been removed
        assert len(names(lake)) == 4 + 32
        assert run.settle(lake.folder, DAY, number=2, rules=RULES).counts == filled[2].counts
        assert compaction.compact(lake, DAY) == []
        assert len(names(lake)) == 4

    def test_of_corrections_are_found_in_working_columns_laid_down_before(self, lake):
        run.keep_warm(lake.folder, DAY, 1)
        compaction.compact(lake, DAY)
        assert run.resettle(lake.folder, DAY, [7], number=2, rules=RULES).changes == 0
        assert run.keep_warm(lake.folder, DAY, 1) > 0

    def test_forget_a_person_and_say_still_what_they_have(self, lake):
        compaction.compact(lake, DAY)
        before = lakes.inputs(lake, DAY, lake.bucket(7))
        assert forgetting.forget_person(lake, 7)
        assert len(lakes.events(lake, DAY, 7)) == 0
        assert lakes.inputs(lake, DAY, lake.bucket(7)) == before
        rest = next((lake.folder / "events").rglob(f"bucket={lake.bucket(7):03d}/*+*.parquet"))
        assert 7 not in pq.ParquetFile(rest).read()["account"].to_pylist()
