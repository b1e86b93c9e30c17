"""Events of a provider by MQTT, through a real broker: taken as over HTTP, answered row by row."""

import json
import os
import threading

import paho.mqtt.client as mqtt
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from paho.mqtt.enums import CallbackAPIVersion
from tests import world
from tests.inclusion import city
from tests.projects.test_field_readings import broker  # noqa: F401 the broker of the meters

from tanhui.inclusion import citydata, lakes
from tanhui.inclusion import listening as events
from tanhui.inclusion.acts import dropping, providers
from tanhui.inclusion.models import Batch
from tanhui.projects import listening

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    return city.built(1)


class TestAMessage:
    def test_comes_through_a_real_broker_and_its_receipt_says_every_row(self, place, broker):  # noqa: F811
        _, secret = providers.issue(
            provider=place.provider, label="网关", mandate=place.operator.initiator, at=city.NEXT
        )  # fmt: skip
        good = city.event(place.marks[0], place.scenario, key="good")
        rows = [good, good | {"key": "bad", "quantity": -5}, good | {"key": "nobody", "person": "f" * 32}, b"{"]
        head = json.dumps({"token": secret, "reference": "M-1"}).encode()
        body = head + b"\n" + city.lines(*rows)
        answers = self.published(place, broker, body, body)
        first, again = answers
        assert (first["received"], first["accepted"], first["refused"]) == (4, 1, 3)
        assert first["received"] == first["accepted"] + first["duplicate"] + first["refused"] + first["waiting"]
        assert [one["row"] for one in first["rows"]] == [2, 3, 4]
        assert all(one["detail"] for one in first["rows"])
        assert again == first  # sent twice, as a broker may, it is one batch
        assert Batch.objects.filter(way="MQTT").count() == 1

    def published(self, place, port, *bodies):
        """What the provider hears of each message. The listener's thread hands messages to this one, whose transaction
        holds the data."""
        asked, listens, answers = [], threading.Event(), []
        came, done, heard = threading.Semaphore(0), threading.Semaphore(0), threading.Semaphore(0)
        told = {}

        def around(take):
            asked.append(take)
            came.release()
            assert done.acquire(timeout=30)
            return told["answer"]

        client = listening.client(
            listening.broker(f"mqtt://127.0.0.1:{port}"), name="tanhui-events", told=lambda: city.NEXT, around=around,
            ready=listens.set, topic=events.TOPIC, take=events.taken,
        )  # fmt: skip
        ready = threading.Event()
        sender = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="provider")
        sender.on_subscribe = lambda *given: ready.set()
        sender.on_message = lambda one, data, message: (answers.append(json.loads(message.payload)), heard.release())
        client.loop_start()
        try:
            assert listens.wait(30)
            sender.connect("127.0.0.1", port)
            sender.loop_start()
            sender.subscribe(f"tanhui/inclusion/{place.provider.code}/receipt", qos=1)
            assert ready.wait(30)
            for body in bodies:
                sender.publish(f"tanhui/inclusion/{place.provider.code}/events", body, qos=1)
                assert came.acquire(timeout=30)
                told["answer"] = asked.pop()()
                done.release()
                assert heard.acquire(timeout=30)
        finally:
            client.disconnect()
            sender.disconnect()
            client.loop_stop()
            sender.loop_stop()
        return answers


HEADS = "数据主键,人员标识,场景编码,开始时间,结束时间,数量,单位,活动标识"
GOOD = "d-1,MARK,SCENARIO,2026-06-06 08:00:00,2026-06-06 08:20:00,8000,m,A-1"


class TestTheTableOfTheDataCentre:
    def test_is_a_batch_with_a_receipt_of_every_row(self, place, client, monkeypatch):
        _, secret = providers.issue(
            provider=place.provider, label="市大数据中心", mandate=place.operator.initiator, at=city.NEXT
        )  # fmt: skip
        monkeypatch.setattr("django.utils.timezone.now", lambda: city.NEXT)
        good = GOOD.replace("MARK", place.marks[0]).replace("SCENARIO", place.scenario.code)
        bad = good.replace("d-1", "d-2").replace("8000", "八千")
        for encoding, reference in (("utf-8-sig", "D-1"), ("gb18030", "D-1")):
            answer = client.post(
                "/api/v1/inclusion/city/events", "\n".join([HEADS, good, bad]).encode(encoding),
                content_type="text/csv", headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": reference},
            )  # fmt: skip
            told = json.loads(answer.getvalue())
            assert (told["received"], told["accepted"], told["refused"]) == (2, 1, 1), told
        assert Batch.objects.filter(reference="D-1").count() == 1

    @pytest.mark.parametrize(("raw", "line"), [
        (b"", 1), (b"\x00", 1), (b"a,b\n1,2", 1), ("数据主键,数据主键".encode(), 1), (b"\xff\xff\xff", 1),
        (b'"', 1), (f"{HEADS}\n{GOOD}\n\"x".encode(), 3), (f"{HEADS}\n{GOOD}\n".encode() + b"\xff\xff", 3),
        (f"{HEADS}\n{GOOD}\0".encode(), 2),
    ])  # fmt: skip
    def test_that_is_none_is_refused_as_a_whole_from_the_line_on(self, raw, line):
        with world.refuses(citydata.CityTableUnreadable, line=line):
            citydata.events(raw)

    def test_laid_in_the_folder_is_taken_with_a_receipt_of_every_row(self, place):
        folder = lakes.drop() / place.provider.code
        folder.mkdir(parents=True)
        good = GOOD.replace("MARK", place.marks[0]).replace("SCENARIO", place.scenario.code)
        bad = good.replace("d-1", "d-2").replace("8000", "八千")
        (folder / "行为数据.CSV").write_bytes("\n".join([HEADS, good, bad]).encode("gb18030"))
        (folder / "broken.csv").write_bytes(b"a,b\n1,2")
        (folder / "folder.csv").mkdir()
        for path in folder.iterdir():
            os.utime(path, (0, 0))
        assert dropping.pick_up(at=city.NEXT) == 2
        told = json.loads((folder / "done/行为数据.CSV.receipt.json").read_text())
        assert (told["received"], told["accepted"], told["refused"]) == (2, 1, 1)
        assert [(one["row"], one["key"]) for one in told["rows"]] == [(2, "d-2")]
        assert Batch.objects.get(way="FILE").accepted == 1
        told = json.loads((folder / "refused/broken.csv.receipt.json").read_text())
        assert told["code"] == "inclusion.city_table_unreadable"
        assert dropping.pick_up(at=city.NEXT) == 0

    def test_is_handed_in_on_the_page_too(self, place, client, monkeypatch):
        monkeypatch.setattr("django.utils.timezone.now", lambda: city.NEXT)
        world.sign_in(client, place.company.initiator.membership.person)
        good = GOOD.replace("MARK", place.marks[0]).replace("SCENARIO", place.scenario.code)
        file = SimpleUploadedFile("t.csv", f"{HEADS}\n{good}".encode())
        sent = client.post(f"/scenarios/providers/{place.provider.code}", {"do": "file", "file": file})
        assert sent.status_code == 302, sent.content.decode()
        assert Batch.objects.get(way="FILE").accepted == 1

    def test_has_a_published_schema(self, client):
        told = client.get("/api/v1/inclusion/schemas/event").json()
        assert set(told["required"]) == {
            "key", "person", "scenario", "began_at", "ended_at", "quantity", "unit",
        }  # fmt: skip
        assert set(told["x-csv"].values()) <= set(told["properties"])
