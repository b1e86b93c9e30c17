"""Events of a provider by MQTT, through a real broker: taken as over HTTP, answered row by row."""

import json
import threading

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from tests.inclusion import city
from tests.projects.test_field_readings import broker  # noqa: F401 the broker of the meters

from tanhui.inclusion import citydata
from tanhui.inclusion import listening as events
from tanhui.inclusion.acts import providers
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


class TestTheTableOfTheDataCentre:
    def test_is_a_batch_with_a_receipt_of_every_row(self, place, client, monkeypatch):
        _, secret = providers.issue(
            provider=place.provider, label="市大数据中心", mandate=place.operator.initiator, at=city.NEXT
        )  # fmt: skip
        monkeypatch.setattr("django.utils.timezone.now", lambda: city.NEXT)
        heads = "数据主键,人员标识,场景编码,开始时间,结束时间,数量,单位,活动标识"
        good = f"d-1,{place.marks[0]},{place.scenario.code},2026-06-06 08:00:00,2026-06-06 08:20:00,8000,m,A-1"
        bad = good.replace("d-1", "d-2").replace("8000", "八千")
        for encoding, reference in (("utf-8-sig", "D-1"), ("gb18030", "D-1")):
            told = client.post(
                "/api/v1/inclusion/city/events", "\n".join([heads, good, bad]).encode(encoding),
                content_type="text/csv", headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": reference},
            ).json()  # fmt: skip
            assert (told["received"], told["accepted"], told["refused"]) == (2, 1, 1), told
        assert Batch.objects.filter(reference="D-1").count() == 1

    @pytest.mark.parametrize("raw", [b"", b"\x00", b"a,b\n1,2", "数据主键,数据主键".encode(), b"\xff\xff\xff", b'"'])
    def test_that_is_none_is_refused_as_a_whole(self, raw):
        with pytest.raises(citydata.CityTableUnreadable):
            citydata.events(raw)

    def test_has_a_published_schema(self, client):
        told = client.get("/api/v1/inclusion/schemas/event").json()
        assert set(told["required"]) == {
            "key", "person", "scenario", "began_at", "ended_at", "quantity", "unit",
        }  # fmt: skip
        assert set(told["x-csv"].values()) <= set(told["properties"])
