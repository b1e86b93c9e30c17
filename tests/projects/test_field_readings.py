"""What devices send: taken once, refused row by row, kept in files that a crash cannot damage."""

import asyncio
import base64
import datetime as dt
import hashlib
import json
import threading
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from tests import world
from tests.projects import infield
from tests.projects.infield import MINUTE, NOON, lines, row

from tanhui.files import store
from tanhui.files.acts import receiving
from tanhui.kernel.period import Period
from tanhui.projects import listening, parquet
from tanhui.projects import readings as rules
from tanhui.projects.acts import devices, readings
from tanhui.projects.models import Evidence, Series
from tanhui.projects.queries import field as queries

TODAY = Period(dt.date(2026, 6, 5), dt.date(2026, 6, 6))


@pytest.fixture
def field(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    store.place.cache_clear()
    yield infield.build()
    store.place.cache_clear()


def codes(receipt):
    return [(line, one.code.removeprefix("projects.")) for line, one in receipt.refused]


def files():
    return sorted(path.name for path in (store.root() / "contents").rglob("*") if path.is_file())


class TestABatch:
    def test_is_taken_into_one_file_a_day(self, field):
        receipt = field.take(*(row(minutes, minutes / 10) for minutes in range(0, 3 * 1440, 10)))
        assert (receipt.accepted, receipt.repeated, receipt.refused) == (432, 0, [])
        found = queries.series(field.development, field.device, Period(dt.date(2026, 6, 1), dt.date(2026, 7, 1)))
        assert len(found) == 432
        assert (found.at[1:] > found.at[:-1]).all()
        assert sorted(found.files) == [dt.date(2026, 6, day) for day in (2, 3, 4, 5)]
        assert queries.hashes(field.development, dt.date(2026, 6, 17)) == [
            {"device": field.device.code, "day": day.isoformat(), "rows": rows, "sha256": found.files[day]}
            for day, rows in zip(sorted(found.files), (71, 144, 144, 73), strict=True)
        ]

    def test_sent_again_repeats_and_writes_nothing(self, field):
        first = field.take(row(2), row(1))
        before = files()
        again = field.take(row(1), row(2), at=NOON + MINUTE)
        assert (first.accepted, again.accepted, again.repeated) == (2, 0, 2)
        assert files() == before

    def test_is_accepted_in_part_with_a_reason_for_each_row(self, field):
        receipt = field.take(
            row(1), {"at": "2026-06-05T11:00:00", "value": 1, "unit": "kWh"}, row(-10), row(2, unit=""),
            row(3, unit="MWh"), row(4, 1000.5), row(5, "7"), b"{",
            row(6, float("nan")), row(1440 * 401), b"", row(1, 9), row(7),
            {"at": 5, "value": 1, "unit": "kWh"}, b"[1]", row(8, True),
        )  # fmt: skip
        assert receipt.accepted == 2
        assert codes(receipt) == [
            (2, "reading_without_zone"), (3, "reading_in_future"), (4, "unit_missing"), (5, "unit_differs"),
            (6, "reading_out_of_range"), (7, "reading_unreadable"), (8, "reading_unreadable"),
            (9, "reading_out_of_range"),
            (10, "reading_too_old"), (12, "reading_contradicts"), (14, "reading_unreadable"),
            (15, "reading_unreadable"),
            (16, "reading_unreadable"),
        ]  # fmt: skip
        for _, refusal in receipt.refused:
            assert refusal.clause
            assert world.CHINESE.search(refusal.say("zh-hans"))
        assert sum(Series.objects.get(day="2026-06-05").reasons.values()) == 13

    def test_may_be_a_little_ahead_of_our_clock(self, field):
        assert field.take(row(-2)).accepted == 1
        assert codes(field.take(row(-2.1))) == [(1, "reading_in_future")]

    def test_keeps_the_first_value_where_a_second_differs(self, field):
        field.take(row(1, 5))
        assert codes(field.take(row(1, 6))) == [(1, "reading_contradicts")]
        assert queries.series(None, field.device, TODAY).value.tolist() == [5]

    def test_beyond_its_size_is_refused_whole(self, field):
        with world.refuses(rules.BatchTooLarge):
            field.take(*[row(1)] * 5001)
        with world.refuses(rules.BatchTooLarge):
            field.take(b" " * (1 << 20) + b" ")

    def test_of_a_stopped_device_is_refused_whole(self, field):
        devices.turn(device=field.device, state="STOPPED", mandate=field.owner.initiator, at=NOON)
        with world.refuses(readings.DeviceStopped):
            field.take(row(1))

    def test_of_a_stamped_month_is_refused_so_that_the_stamp_stands(self, field):
        field.take(row(1))
        before = queries.hashes(field.development, dt.date(2026, 6, 1))
        Evidence.objects.create(
            development=field.development, month="2026-06-01", sha256=world.HASH, name="m", size_bytes=1,
            due_on="2026-08-09", late=False, by=field.owner.initiator.membership.person, entry=1, at=NOON,
        )  # fmt: skip
        receipt = field.take(row(2), row(1440 * 6))
        assert receipt.accepted == 1
        assert codes(receipt) == [(1, "month_stamped")]
        assert queries.hashes(field.development, dt.date(2026, 6, 1)) == before


class TestAFileOfReadings:
    def test_is_what_its_hash_names_and_says_whose_it_is(self, field):
        field.take(row(1, 0.1))
        one = Series.objects.get()
        found, about = parquet.read(store.read(one.sha256, one.size_bytes))
        assert found["value"].tolist() == [0.1]
        assert about == {"device": field.device.code, "unit": "kWh", "day": "2026-06-05"}

    def test_damaged_on_disk_is_not_read(self, field):
        field.take(row(1))
        path = store.store().path(Series.objects.get().sha256)
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        with pytest.raises(store.Damaged):
            queries.series(None, field.device, TODAY)

    def test_is_not_forgotten_because_somebody_handed_the_same_bytes_in(self, field):
        field.take(row(1))
        sha256 = Series.objects.get().sha256
        receiving.drop_unheld(sha256)
        assert store.store().has(sha256)

    @pytest.mark.django_db(transaction=True)
    def test_is_the_old_one_or_the_new_one_after_a_crash(self, field):
        field.take(row(2))
        before = Series.objects.get().sha256

        class Crash(Exception):
            pass

        def crash():
            with transaction.atomic():
                field.take(row(1))
                raise Crash

        with pytest.raises(Crash):
            crash()
        assert Series.objects.get().sha256 == before
        assert len(queries.series(None, field.device, TODAY)) == 1
        field.take(row(1))
        assert files() == [Series.objects.get().sha256]
        assert len(queries.series(None, field.device, TODAY)) == 2


class TestADevice:
    def test_is_entered_once_with_a_token_that_is_kept_as_a_hash(self, field):
        assert field.token not in str(vars(field.device))
        assert readings.by_token(field.token) == field.device
        with world.refuses(devices.DeviceTaken):
            devices.register(
                about=infield.about(code=field.device.code), development=None, mandate=field.owner.initiator, at=NOON
            )

    def test_loses_its_old_token_when_it_gets_a_new_one(self, field):
        fresh = devices.renew(device=field.device, mandate=field.owner.initiator, at=NOON)
        assert readings.by_token(fresh) == field.device
        with world.refuses(readings.DeviceUnknown):
            readings.by_token(field.token)

    @pytest.mark.parametrize(
        "wrong",
        [{"code": "小表"}, {"code": "a b"}, {"name": " "}, {"unit": ""}, {"high": Decimal(0)}, {"interval_s": 0}],
    )
    def test_that_is_not_described_is_refused(self, field, wrong):
        with world.refuses(devices.DeviceUnreadable):
            devices.register(about=infield.about(**wrong), development=None, mandate=field.owner.initiator, at=NOON)

    def test_of_somebody_elses_project_is_refused(self, field):
        other = world.party("OWN").initiator
        with world.refuses(devices.NotTheOwner):
            devices.register(about=infield.about(), development=field.development, mandate=other, at=NOON)

    def test_has_certificates_that_end(self, field):
        said = {
            "number": "JZ-1", "laboratory": "演示计量院", "since": dt.date(2025, 7, 1), "until": dt.date(2026, 6, 30),
            "permissible": Decimal("0.5"), "mandate": field.owner.initiator, "at": NOON,
        }  # fmt: skip
        devices.certify(device=field.device, **said)
        until = queries.devices().get(pk=field.device.pk).calibrated_until
        assert [queries.calibration(until, dt.date(2026, month, 1)) for month in (3, 6, 7)] == ["", "SOON", "OVER"]
        with world.refuses(devices.CertificateTaken):
            devices.certify(device=field.device, **said)
        with world.refuses(devices.CertificateUnreadable):
            devices.certify(device=field.device, **said | {"number": "JZ-2", "permissible": Decimal(0)})


@pytest.fixture
def signer(field):
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    device, _ = devices.register(
        about=infield.about(public_key=public), development=field.development, mandate=field.owner.initiator, at=NOON
    )
    return device, lambda sent, body: base64.b64encode(private.sign(f"{sent}.".encode() + body)).decode()


class TestASignature:
    def test_proves_the_device(self, signer):
        device, sign = signer
        sent, body = str(int(NOON.timestamp())), lines(row(1))
        assert readings.by_signature(device.code, sent, sign(sent, body), body, at=NOON) == device

    def test_of_another_body_or_time_or_key_proves_nothing(self, signer, field):
        device, sign = signer
        sent, body = str(int(NOON.timestamp())), lines(row(1))
        good = sign(sent, body)
        for wrong in (
            (device.code, sent, good, body + b" "), (device.code, sent + "1", good, body),
            (device.code, sent, "", body),
            (field.device.code, sent, good, body), ("\x00", sent, good, body), (device.code, sent, "é", body),
        ):  # fmt: skip
            with world.refuses(readings.DeviceUnknown):
                readings.by_signature(*wrong, at=NOON)

    @pytest.mark.parametrize("off", [-301, 301])
    def test_of_a_clock_five_minutes_off_is_refused(self, signer, off):
        device, sign = signer
        sent, body = str(int(NOON.timestamp()) + off), lines(row(1))
        with world.refuses(readings.ClockOff):
            readings.by_signature(device.code, sent, sign(sent, body), body, at=NOON)


class TestTheEndpoint:
    ADDRESS = "/api/v1/field/readings"

    def send(self, client, body, **headers):
        return client.post(self.ADDRESS, body, content_type="application/x-ndjson", headers=headers)

    def test_takes_a_batch_and_says_what_became_of_each_row(self, field, client):
        now = dt.datetime.now(dt.UTC)
        body = lines(
            {"at": now.isoformat(), "value": 3, "unit": "kWh"}, {"at": now.isoformat(), "value": 3, "unit": "t"}
        )
        answer = self.send(client, body, Authorization=f"Bearer {field.token}")
        assert answer.status_code == 200
        said = answer.json()
        assert (said["device"], said["accepted"], said["repeated"]) == (field.device.code, 1, 0)
        assert [(one["line"], one["code"]) for one in said["refused"]] == [(2, "projects.unit_differs")]

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Authorization": "Bearer x"}, {"Tanhui-Device": "X", "Tanhui-Signature": "é", "Tanhui-Sent": "x"}],
    )
    def test_knows_nobody_without_proof(self, field, client, headers):
        answer = self.send(client, b"{}", **headers)
        assert answer.status_code == 401
        assert answer.json()["code"] == "projects.device_unknown"


@pytest.fixture
def broker(unused_tcp_port=None):
    """A real MQTT broker on a free port."""
    import socket

    from amqtt.broker import Broker

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    loop, started = asyncio.new_event_loop(), threading.Event()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    made = Broker(config, loop=loop)

    def run():
        asyncio.set_event_loop(loop)
        loop.run_until_complete(made.start())
        started.set()
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    yield port
    asyncio.run_coroutine_threadsafe(made.shutdown(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


class TestAMessage:
    def said(self, field, body, head=None, code=None):
        head = json.dumps({"token": field.token} if head is None else head).encode()
        return listening.taken(f"tanhui/{code or field.device.code}/readings", head + b"\n" + body, at=NOON)

    def test_is_taken_as_a_batch_is(self, field):
        found = self.said(field, lines(row(1), row(2, unit="t")))
        assert (found["accepted"], [(one["line"], one["code"]) for one in found["refused"]]) == (
            1, [(3, "projects.unit_differs")],
        )  # fmt: skip

    def test_of_a_signing_device_is_taken(self, field, signer):
        device, sign = signer
        sent, body = str(int(NOON.timestamp())), lines(row(1))
        assert self.said(field, body, {"sent": sent, "signature": sign(sent, body)}, device.code)["accepted"] == 1

    @pytest.mark.parametrize("head", [[], {}, {"token": 5}, {"token": "x"}, {"sent": "x", "signature": "x"}])
    def test_without_proof_is_refused(self, field, head):
        assert self.said(field, lines(row(1)), head)["code"] in {
            "projects.device_unknown", "projects.mqtt_header_unreadable",
        }  # fmt: skip

    def test_under_another_devices_name_is_refused(self, field, signer):
        assert self.said(field, lines(row(1)), code=signer[0].code)["code"] == "projects.device_unknown"

    def test_comes_through_a_real_broker_and_is_answered(self, field, broker):
        import paho.mqtt.client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion

        # The test's own transaction holds the data, so messages are handed to this thread and taken here.
        asked, listens, heard, answered = [], threading.Event(), threading.Event(), threading.Event()
        done, answers = {}, []

        def around(take):
            asked.append(take)
            heard.set()
            assert done.setdefault("go", threading.Event()).wait(10)
            return done["answer"]

        done["go"] = threading.Event()
        where = listening.broker(f"mqtt://127.0.0.1:{broker}")
        client = listening.client(where, name="tanhui-test", told=lambda: NOON, around=around, ready=listens.set)
        device = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="device")
        device.on_message = lambda one, data, message: (answers.append(json.loads(message.payload)), answered.set())
        client.loop_start()
        try:
            assert listens.wait(10)
            device.connect("127.0.0.1", broker)
            device.loop_start()
            device.subscribe(f"tanhui/{field.device.code}/receipt", qos=1)
            body = json.dumps({"token": field.token}).encode() + b"\n" + lines(row(1), row(2))
            device.publish(f"tanhui/{field.device.code}/readings", body, qos=1)
            assert heard.wait(10)
            done["answer"] = asked[0]()
            done["go"].set()
            assert answered.wait(10)
        finally:
            client.disconnect()
            device.disconnect()
            client.loop_stop()
            device.loop_stop()
        assert answers == [{"accepted": 2, "repeated": 0, "refused": []}]
        assert len(queries.series(None, field.device, TODAY)) == 2


class TestABrokersAddress:
    def test_says_host_port_and_encryption(self):
        assert listening.broker("mqtts://me:a%40b@host") == listening.Broker("host", 8883, True, "me", "a@b")

    @pytest.mark.parametrize("wrong", ["", "host", "http://host", "mqtt://", "mqtt://host:x", "mqtt://host/topic"])
    def test_that_is_none_is_refused(self, wrong):
        with pytest.raises(listening.BrokerUnreadable):
            listening.broker(wrong)


class TestAMonth:
    @pytest.fixture
    def desk(self, field, client):
        world.sign_in(client, field.owner.initiator.membership.person)
        field.take(row(1), row(1440 * 6))
        return client

    def test_is_listed_with_the_hash_of_what_is_stamped(self, field, desk):
        one, earlier = queries.months(field.development)
        assert (one.first, one.files, one.rows, earlier.first) == (dt.date(2026, 6, 1), 1, 1, dt.date(2026, 5, 1))
        raw = desk.get(f"/field/months/{field.development.pk}/2026-6.json").content
        assert hashlib.sha256(raw).hexdigest() == one.sha256
        assert json.loads(raw)["series"] == queries.hashes(field.development, one.first)
        assert one.sha256[:16] in desk.get(f"/field/months/{field.development.pk}").content.decode()

    def test_of_a_project_that_is_not_registered_is_not_stamped(self, field, desk):
        answer = desk.post(f"/field/months/{field.development.pk}", {"month": "2026-05-01"})
        assert answer.status_code >= 400
        assert not Evidence.objects.exists()

    @pytest.mark.parametrize("month", ["", "2026-05-02", "x"])
    def test_that_is_none_is_not_found(self, field, desk, month):
        assert desk.post(f"/field/months/{field.development.pk}", {"month": month}).status_code == 404


class TestTheDesk:
    @pytest.fixture
    def desk(self, field, client):
        world.sign_in(client, field.owner.initiator.membership.person)
        return client

    def said(self, **overrides):
        about = {
            "code": "NEW-1", "name": "新表", "kind": "PV", "unit": "kWh", "interval_s": 900, "low": 0, "high": 10,
        }  # fmt: skip
        return about | overrides

    def test_enters_a_device_and_shows_its_token_once(self, field, desk):
        answer = desk.post("/field/devices/new", self.said(development=str(field.development.pk)))
        token = answer.context["token"]
        assert readings.by_token(token).code == "NEW-1"
        assert token in answer.content.decode()
        again = desk.post("/field/devices/new", self.said())
        assert again.status_code == 409
        assert "code" in again.context["form"].errors

    def test_takes_a_certificate_stops_and_renews(self, field, desk):
        address = f"/field/devices/{field.device.code}"
        said = {"number": "1", "laboratory": "院", "since": "2026-01-01", "until": "2026-12-31", "permissible": "0.5"}
        assert desk.post(address, said).status_code == 302
        assert desk.post(address, said).status_code == 409
        assert desk.post(address, {"act": "stop"}).status_code == 302
        assert desk.post(address, {"act": "renew"}).context["token"] != field.token
        field.device.refresh_from_db()
        assert (field.device.state, field.device.certificates.count()) == ("STOPPED", 1)

    def test_tells_a_stranger_nothing(self, field, client):
        world.sign_in(client, world.party("OWN").initiator.membership.person)
        assert client.get(f"/field/devices/{field.device.code}").status_code == 404
        assert client.get(f"/field/months/{field.development.pk}").status_code == 404
        assert field.device.code not in client.get("/field").content.decode()
