import datetime as dt
import io
import json
import os
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests import world
from tests.inclusion import city as cities
from tests.inclusion.city import DAY, NEXT, event, lines, ref

from tanhui.inclusion import lakes, listening, receipts, sifting
from tanhui.inclusion.acts import batches, dropping, providers
from tanhui.inclusion.models import Batch, Written
from tanhui.inclusion.queries import quality, reconciling
from tanhui.tally import intake, shape
from tanhui.tally import refusals as tally

URL = "/api/v1/inclusion/batches"


@pytest.fixture
def city(db, settings, tmp_path):
    settings.TANHUI_VAR, settings.TANHUI_LAKE_BUCKETS = tmp_path, 2
    return cities.built(many=2)


@pytest.fixture
def token(city):
    return providers.issue(provider=city.provider, label="生产", mandate=city.company.initiator, at=NEXT)[1]


def parquet(rows):
    """The same rows as a Parquet file."""
    columns = {name: [one.get(name) for one in rows] for name in shape.ASKED}
    for name in ("began_at", "ended_at"):
        columns[name] = pa.array([dt.datetime.fromisoformat(one) for one in columns[name]], shape.UTC_MS)
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


class TestABatch:
    def test_keeps_the_good_rows_and_says_of_each_other_one_why(self, city):
        good, other = event(city.marks[0], city.scenario, key="good"), event(city.marks[1], city.scenario)
        made = city.take(
            good,
            good,
            other | {"key": "stranger", "person": "e" * 32},
            other | {"key": "minus", "quantity": -1},
            other | {"key": "naive", "began_at": "2026-06-06T08:00:00"},
            other | {"key": "future", "began_at": "2026-06-09T08:00:00+08:00", "ended_at": "2026-06-09T09:00:00+08:00"},
            other | {"key": "old", "began_at": "2024-06-06T08:00:00+08:00", "ended_at": "2024-06-06T09:00:00+08:00"},
            other | {"key": "unit", "unit": "km"},
            b"{not json",
        )
        assert (made.received, made.accepted, made.duplicate, made.refused, made.waiting) == (9, 1, 1, 7, 0)
        found = {one["key"]: one for one in receipts.rows(made)}
        assert [found[key]["code"] for key in ("stranger", "minus", "naive", "future", "old", "unit", "")] == [
            "tally.person_unknown", "tally.quantity_negative", "tally.no_offset", "tally.future", "tally.ancient",
            "tally.unit_other", "tally.row_unreadable",
        ]  # fmt: skip
        assert [one["row"] for one in receipts.rows(made)] == [2, 3, 4, 5, 6, 7, 8, 9]

    @pytest.mark.parametrize(
        "odd",
        [
            {"key": "a\0b"}, {"key": "\ud800"}, {"key": "\0", "person": "e" * 32}, {"unit": "\0"},
            {"began_at": "\ud800"}, {"quantity": "\0"}, {"a\0": 1}, {"\udfff": 1}, {"facts": {"seat": "\ud800"}},
        ],
    )  # fmt: skip
    def test_tells_back_what_no_store_takes_and_keeps_the_good_rows(self, city, odd):
        made = city.take(event(city.marks[0], city.scenario, key="odd") | odd, event(city.marks[1], city.scenario))
        assert (made.accepted, made.refused) == (1, 1)
        made.refresh_from_db()
        json.dumps(receipts.receipt(made), default=str, ensure_ascii=False).encode()

    def test_of_parquet_whose_text_is_none_or_whose_keys_stand_twice_is_refused_whole(self, city):
        good = pq.read_table(io.BytesIO(parquet([event(city.marks[0], city.scenario)])))
        broken = good.set_column(0, "key", pa.array([b"\xff\xfe"]).view(pa.string()))
        for table, refusal in (
            (broken, tally.TableUnreadable),
            (good.append_column("key", good["key"]), tally.ColumnUnknown),
        ):
            file = io.BytesIO()
            pq.write_table(table, file)
            with pytest.raises(refusal):
                batches.take(provider=city.provider, way="HTTP", reference=ref(), body=file.getvalue(), at=NEXT)
        assert not Batch.objects.filter(sandbox=False).exists()

    def test_is_refused_before_the_person_consented(self, city):
        began = event(city.marks[0], city.scenario, day=DAY - dt.timedelta(days=2))
        assert city.take(began).reasons == {"tally.not_consented": 1}

    def test_sent_twice_is_one_and_with_another_body_is_refused(self, city):
        row = event(city.marks[0], city.scenario)
        first = city.take(row, reference="b1")
        assert city.take(row, reference="b1").pk == first.pk
        assert Batch.objects.filter(sandbox=False).count() == 1
        with pytest.raises(batches.BatchTaken):
            city.take(row | {"quantity": 9_000}, reference="b1")

    def test_comes_as_parquet_alike_and_cut_off_is_refused_whole(self, city):
        body = parquet([event(city.marks[0], city.scenario), event(city.marks[1], city.scenario)])
        sent = {"provider": city.provider, "way": "HTTP", "at": NEXT}
        assert batches.take(reference=ref(), body=body, **sent).accepted == 2
        with pytest.raises(batches.Refusal) as found:
            batches.take(reference=ref(), body=body[:-20], **sent)
        assert found.value.code == "tally.table_unreadable"
        with pytest.raises(batches.Refusal) as found:
            batches.take(reference=ref(), body=parquet([])[:4] + b"", **sent)
        assert Batch.objects.filter(sandbox=False).count() == 1

    def test_of_a_trial_is_checked_and_never_kept(self, city):
        one = city.publish(city.apply(code="other"))
        made = city.try_out(city.enter(one, code="second"), one)
        assert (made.sandbox, made.accepted) == (True, 10)
        assert not Written.objects.exists()

    def test_that_a_process_left_half_added_is_forgotten_and_can_be_sent_again(self, city, monkeypatch):
        row = event(city.marks[0], city.scenario)

        def dies(*args, **kwargs):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(batches, "placed", dies)
            with pytest.raises(KeyboardInterrupt):
                city.take(row, reference="b1")
        left = list(lakes.folder().glob("events/day=*/bucket=*/*.parquet"))
        assert len(left) == 1
        assert batches.sweep() == 1
        assert not left[0].exists()
        assert city.take(row, reference="b1").accepted == 1

    def test_has_a_limit(self, city, monkeypatch):
        with pytest.raises(batches.BatchEmpty):
            city.take()
        rows = [event(city.marks[0], city.scenario, hour=hour) for hour in (8, 9, 10)]
        whole = batches.numbers.whole
        monkeypatch.setattr(
            batches.numbers, "whole", lambda name, on: 2 if name == "inclusion_batch_events" else whole(name, on)
        )
        with world.refuses(batches.BatchTooLarge, rows=2):
            city.take(*rows)
        with monkeypatch.context() as unread:
            unread.setattr(intake, "parquet", lambda content: 1 / 0)  # a billion equal rows fit into a kilobyte
            with world.refuses(batches.BatchTooLarge, rows=2):
                batches.take(provider=city.provider, way="HTTP", reference=ref(), body=parquet(rows), at=NEXT)
        assert city.take(*rows[:2]).accepted == 2


class TestTheThreeWays:
    def test_http_answers_with_the_receipt(self, city, token, client, settings):
        now = dt.datetime.now(dt.UTC)
        row = event(city.marks[0], city.scenario, day=now.date() - dt.timedelta(days=2))
        city.provider.until = now.date() + dt.timedelta(days=9)
        city.provider.save()
        row["began_at"] = "2026-06-05T13:00:00+08:00"
        row["ended_at"] = "2026-06-05T13:20:00+08:00"
        head = {"Authorization": f"Bearer {token}", "Idempotency-Key": "b-1"}
        providers.Credential.objects.update(expires_at=now + dt.timedelta(days=1))
        answer = client.post(URL, lines(row, row), content_type="application/x-ndjson", headers=head)
        assert answer.status_code == 200, answer.content
        said = json.loads(answer.getvalue())
        assert said["received"] == said["accepted"] + said["duplicate"] + said["refused"] + said["waiting"] == 2
        again = client.get(f"{URL}/{said['batch']}", headers=head)
        assert json.loads(again.getvalue()) == said
        assert client.post(URL, b"{}", content_type="text/plain", headers={"Idempotency-Key": "x"}).status_code == 401

    def test_a_daily_file_gets_its_receipt_beside_it(self, city):
        folder = lakes.drop() / city.provider.code
        folder.mkdir(parents=True)
        (folder / "20260606.jsonl").write_bytes(lines(event(city.marks[0], city.scenario)))
        (folder / "cut.parquet").write_bytes(b"PAR1 cut")
        for path in folder.iterdir():
            os.utime(path, (0, 0))
        assert dropping.pick_up(at=NEXT) == 2
        said = json.loads((folder / "done/20260606.jsonl.receipt.json").read_text())
        assert said["accepted"] == 1
        assert json.loads((folder / "refused/cut.parquet.receipt.json").read_text())["code"] == "tally.table_unreadable"
        assert dropping.pick_up(at=NEXT) == 0

    def test_a_message_says_who_sends_in_its_first_line(self, city, token):
        head = json.dumps({"token": token, "reference": "m1"}).encode()
        body = lines(event(city.marks[0], city.scenario))
        said = listening.taken("tanhui/inclusion/metro/events", head + b"\n" + body, at=NEXT)
        assert said["accepted"] == 1
        assert Batch.objects.get(sandbox=False).way == "MQTT"
        other = listening.taken("tanhui/inclusion/other/events", head + b"\n" + body, at=NEXT)
        assert other["code"] == "inclusion.secret_unknown"


class TestTheBooks:
    def test_balance_day_by_day(self, city):
        row = event(city.marks[0], city.scenario)
        city.take(row, row | {"key": "x", "quantity": -1})
        sums = reconciling.sums(city.provider, NEXT.date(), NEXT.date())
        assert (sums["batches"], sums["received"], sums["accepted"], sums["refused"]) == (1, 2, 1, 1)
        head, rows = reconciling.table(city.provider, NEXT.date(), NEXT.date())
        assert rows[-1][-1] == "✓"
        assert len(head) == len(rows[0])

    def test_quality_falls_with_what_is_refused_and_corrected(self, city):
        rows = [event(city.marks[0], city.scenario, key=f"q{n}", hour=6 + n) for n in range(4)]
        city.take(*rows)
        assert quality.scores([city.provider], NEXT.date(), NEXT.date())[city.provider.pk].total == 100
        city.take(rows[0] | {"revision": 2, "reason": "里程订正", "quantity": 7_000})
        city.take(*(one | {"key": f"bad{n}", "quantity": -1} for n, one in enumerate(rows)))
        score = quality.scores([city.provider], NEXT.date(), NEXT.date())[city.provider.pk]
        assert (score.received, score.accepted, score.stable) == (9, 55, 80)
        assert score.total == (55 * 40 + 100 * 25 + 100 * 20 + 80 * 15) // 100


class TestABatchOfWhichNothingIsGood:
    """Costs the process that serves no more than a good one: its receipt is kept as letters and told as it is read."""

    def test_is_told_some_rows_at_a_time(self, city, monkeypatch, client):
        monkeypatch.setattr(sifting, "SMALL", 0)
        row = event("e" * 32, city.scenario)
        made = city.take(*(row | {"key": f"k{n}"} for n in range(20_000)))
        assert (made.received, made.refused, made.reasons) == (20_000, 20_000, {"tally.person_unknown": 20_000})
        tracemalloc.start()
        try:
            size = sum(len(piece) for piece in receipts.written(made))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert size > 2_000_000
        assert peak < size / 2
        said = json.loads("".join(receipts.written(made)))
        assert said == receipts.receipt(made)
        assert [one["row"] for one in said["rows"]] == list(range(1, 20_001))
        world.sign_in(client, city.operator.initiator.membership.person)
        page = client.get(f"/scenarios/batches/{made.pk}")
        assert (len(page.context["rows"]), page.context["more"]) == (200, 19_800)
        assert [(one["code"], one["many"]) for one in page.context["reasons"]] == [("tally.person_unknown", 20_000)]
        assert client.get(f"/scenarios/batches/{made.pk}?format=csv").getvalue().count(b"\n") == 20_001


def lost(pipe, asked):
    os._exit(9)


class TestALargeBatch:
    """Is looked at in a process of its own; what comes out is the same."""

    def test_is_taken_row_by_row_as_a_small_one(self, city, monkeypatch):
        sent = [event(city.marks[0], city.scenario, key="a"), event("f" * 32, city.scenario, key="b")]
        monkeypatch.setattr(sifting, "SMALL", 0)
        made = city.take(*sent, sent[0])
        assert (made.received, made.accepted, made.refused, made.duplicate) == (3, 1, 1, 1)
        assert [one["code"] for one in receipts.rows(made)] == ["tally.person_unknown", ""]
        assert Written.objects.get(batch=made, path__startswith="events/").rows == 1

    def test_is_refused_as_a_small_one(self, city, monkeypatch):
        monkeypatch.setattr(sifting, "SMALL", 0)
        with world.refuses(batches.BatchEmpty):
            city.take()

    def test_of_which_the_process_is_lost_leaves_nothing(self, city, monkeypatch):
        monkeypatch.setattr(sifting, "SMALL", 0)
        monkeypatch.setattr(sifting, "serve", lost)
        with world.refuses(sifting.SiftingLost):
            city.take(event(city.marks[0], city.scenario))
