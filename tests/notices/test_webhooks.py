"""Other systems are told over real HTTP: signed, at least once under one id, and never inside our own network."""

import base64
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from standardwebhooks import Webhook
from tests import world

from tanhui.journal import sequencer
from tanhui.journal.models import Entry
from tanhui.notices import calling
from tanhui.notices.acts import delivering, subscribing
from tanhui.notices.models import Attempt, Delivery, Notice, Subscription

HOUR = dt.timedelta(hours=1)


class Receiver:
    """A server on this machine that keeps what it got and answers as told."""

    def __init__(self):
        self.got, self.status, self.headers, self.before = [], 204, {}, lambda: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.path, dict(self.headers.items()), body.decode()))
                outer.before()
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if outer.status != 204:
                    self.wfile.write("收到\x00".encode())

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook?from=tanhui"

    def ids(self):
        return [headers["webhook-id"] for _, headers, _ in self.got]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def subscribe(register, receiver):
    """Subscribes the owner; the secret is kept in ``.plain``."""

    def subscribe(kinds=("registry.transferred",), scope="ALL", url=None):
        sequencer.sequence(at=world.NOON)
        made, secret = subscribing.subscribe(
            mandate=register.owner.initiator, label="财务系统", url=url or receiver.url, kinds=kinds, scope=scope,
            at=world.NOON,
        )  # fmt: skip
        made.plain = secret
        return made

    return subscribe


def send(subscription, at=world.NOON):
    """What the worker does: facts get their places, become deliveries, and what is due goes out."""
    sequencer.sequence(at=at)
    delivering.gather(at=at)
    while delivering.deliver_next(subscription=str(subscription.pk), at=at):
        pass


class TestASubscription:
    def test_is_told_what_happens_from_then_on(self, register, subscribe, receiver):
        register.transfer(10)
        hooked = subscribe()
        register.transfer(20)

        send(hooked)
        send(hooked)

        [(path, headers, body)] = receiver.got
        assert path == "/hook?from=tanhui"
        assert headers["Content-Type"].startswith("application/json")
        told = json.loads(body)
        assert (told["type"], told["timestamp"]) == ("registry.transferred", "2026-06-05T04:00:00Z")
        assert told["data"]["fact"]["batches"][0]["quantity_t"] == 20
        assert "private" not in body
        assert Delivery.objects.get().state == "DONE"

    def test_is_signed_as_standard_webhooks_says(self, register, subscribe, receiver, monkeypatch):
        hooked = subscribe()
        register.transfer(20)
        now = dt.datetime.now(dt.UTC)
        delivering.gather(at=now)
        sequencer.sequence(at=now)

        send(hooked, at=now)

        [(_, headers, body)] = receiver.got
        assert Webhook(hooked.plain).verify(body, headers)["type"] == "registry.transferred"
        assert len(base64.b64decode(hooked.plain.removeprefix("whsec_"))) == 32

    def test_of_own_matters_is_told_of_no_others(self, register, subscribe, receiver):
        third = world.party("PART", operator=register.operator)
        register.transfer(50)
        hooked = subscribe(scope="OWN")
        register.transfer(20, source=register.buyer.holding, target=third.holding, by=register.buyer)
        register.transfer(30)

        send(hooked)

        [(_, _, body)] = receiver.got
        assert json.loads(body)["data"]["fact"]["batches"][0]["quantity_t"] == 30

    def test_keeps_its_secret_sealed(self, subscribe):
        hooked = subscribe()

        stored = bytes(Subscription.objects.values_list("secret", flat=True).get(pk=hooked.pk))

        assert hooked.plain.encode() not in stored

    def test_whose_secret_is_renewed_is_signed_by_both_for_a_day(self, register, subscribe, receiver):
        hooked = subscribe()
        former = hooked.plain
        now = dt.datetime.now(dt.UTC)
        _, secret = subscribing.rotate(subscription=hooked, mandate=register.owner.initiator, at=now)
        delivering.ping(subscription=hooked, at=now)
        send(hooked, at=now)
        delivering.ping(subscription=hooked, at=now)
        Subscription.objects.update(former_until_at=now)
        send(hooked, at=now)

        (_, both, body), (_, one, later) = receiver.got
        assert Webhook(former).verify(body, both) == Webhook(secret).verify(body, both)
        assert len(one["webhook-signature"].split()) == 1
        assert Webhook(secret).verify(later, one)["type"] == "tanhui.test"

    def test_that_is_paused_keeps_what_happens_until_resumed(self, register, subscribe, receiver):
        hooked = subscribe()
        subscribing.pause(subscription=hooked, mandate=register.owner.initiator, at=world.NOON)
        register.transfer(20)
        send(hooked)
        assert receiver.got == []

        subscribing.resume(subscription=hooked, mandate=register.owner.initiator, at=world.NOON)
        send(hooked)

        assert len(receiver.got) == 1

    def test_that_ended_is_told_nothing_and_stays_ended(self, register, subscribe, receiver):
        hooked = subscribe()
        register.transfer(20)
        subscribing.end(subscription=hooked, mandate=register.owner.initiator, at=world.NOON)
        send(hooked)

        assert receiver.got == []
        with world.refuses(subscribing.SubscriptionEnded, label="财务系统"):
            subscribing.resume(subscription=hooked, mandate=register.owner.initiator, at=world.NOON)

    def test_is_in_the_journal_with_nothing_published(self, subscribe):
        subscribe()

        kept = Entry.objects.get(kind="notices.subscription")
        assert json.loads(bytes(kept.leaf))["fact"] == {}
        assert kept.private["private"]["change"] == "made"


class TestAMessageThatIsNotTaken:
    def test_is_sent_again_later_under_the_same_id(self, register, subscribe, receiver):
        hooked = subscribe()
        register.transfer(20)
        receiver.status = 500
        send(hooked)
        waiting = Delivery.objects.get()
        assert (waiting.state, waiting.tries, waiting.due_at) == ("WAITING", 1, world.NOON + delivering.AGAIN[0])
        attempt = Attempt.objects.get()
        assert (attempt.status, attempt.answer) == (500, "收到")

        receiver.status = 200
        send(hooked)
        assert len(receiver.got) == 1, "it is not yet due"
        send(hooked, at=world.NOON + delivering.AGAIN[0])

        assert len(set(receiver.ids())) == 1
        assert len(receiver.got) == 2
        assert Delivery.objects.get().state == "DONE"

    def test_holds_back_the_others_while_the_server_fails(self, register, subscribe, receiver):
        hooked = subscribe()
        receiver.status = 503
        for tonnes in (1, 2, 3):
            register.transfer(tonnes)

        send(hooked)

        assert len(receiver.got) == 1
        assert Subscription.objects.get().due_at == world.NOON + delivering.AGAIN[0]
        assert delivering.dispatch(at=world.NOON) == 0

    def test_holds_nothing_back_when_it_alone_is_refused(self, register, subscribe, receiver):
        hooked = subscribe()
        receiver.status = 400
        for tonnes in (1, 2, 3):
            register.transfer(tonnes)

        send(hooked)

        assert len(receiver.got) == 3

    def test_is_given_up_after_being_refused_often(self, register, subscribe, receiver):
        hooked = subscribe()
        receiver.status = 422
        register.transfer(1)
        at = world.NOON
        for wait in [dt.timedelta(), *delivering.AGAIN[: delivering.REFUSED_OFTEN]]:
            at += wait
            send(hooked, at=at)

        assert len(receiver.got) == delivering.REFUSED_OFTEN
        assert Delivery.objects.get().state == "FAILED"

    def test_is_not_led_elsewhere(self, register, subscribe, receiver):
        hooked = subscribe()
        elsewhere = Receiver()
        receiver.status, receiver.headers = 307, {"Location": elsewhere.url}
        register.transfer(1)

        send(hooked)
        elsewhere.server.shutdown()
        elsewhere.server.server_close()

        assert elsewhere.got == []
        assert Attempt.objects.get().status == 307
        assert Delivery.objects.get().state == "WAITING"

    def test_does_not_wait_for_a_server_that_dawdles(self, register, subscribe, receiver, monkeypatch):
        monkeypatch.setattr(calling, "PATIENCE", 0.5)
        released = threading.Event()
        receiver.before = lambda: released.wait(20)
        hooked = subscribe()
        register.transfer(1)
        started = time.monotonic()

        send(hooked)
        released.set()

        assert time.monotonic() - started < 5
        attempt = Attempt.objects.get()
        assert (attempt.status, attempt.fault) == (None, "timeout")

    def test_by_a_server_that_is_down_says_so(self, register, subscribe, receiver):
        hooked = subscribe()
        receiver.server.shutdown()
        receiver.server.server_close()
        register.transfer(1)

        send(hooked)

        assert "refused" in Attempt.objects.get().fault.lower()


class TestPausing:
    def test_happens_by_itself_after_half_a_day_of_failures_and_is_told(self, register, subscribe, receiver):
        hooked = subscribe()
        receiver.status = 500
        register.transfer(1)
        at = world.NOON
        for wait in [dt.timedelta(), *delivering.AGAIN[: delivering.PAUSE_AFTER]]:
            at += wait
            send(hooked, at=at)

        paused = Subscription.objects.get()
        assert (paused.state, paused.paused_because) == ("PAUSED", "HTTP 500")
        assert len(receiver.got) == delivering.PAUSE_AFTER
        told = Notice.objects.filter(url=f"/webhooks/{hooked.pk}")
        assert told.count() == 2
        assert "财务系统" in told[0].said("subject", "zh-hans")
        assert Delivery.objects.get().state == "WAITING", "it is kept"

    def test_happens_at_once_when_the_other_side_is_gone(self, register, subscribe, receiver):
        hooked = subscribe()
        receiver.status = 410
        register.transfer(1)

        send(hooked)

        assert Subscription.objects.get().state == "PAUSED"

    def test_is_over_with_the_first_success(self, register, subscribe, receiver):
        hooked = subscribe()
        receiver.status = 500
        register.transfer(1)
        send(hooked)
        receiver.status = 200

        send(hooked, at=world.NOON + HOUR)

        assert (Subscription.objects.get().failures, Subscription.objects.get().failing_since_at) == (0, None)


class TestReplay:
    def test_of_one_message_keeps_its_id(self, register, subscribe, receiver):
        hooked = subscribe()
        register.transfer(1)
        send(hooked)

        delivering.resend(delivery=Delivery.objects.get(), at=world.NOON)
        send(hooked)

        assert len(receiver.got) == 2
        assert len(set(receiver.ids())) == 1

    def test_of_a_span_sends_what_was_made_in_it(self, register, subscribe, receiver):
        hooked = subscribe()
        register.transfer(1)
        send(hooked)
        register.transfer(2, at=world.NOON + HOUR)
        send(hooked, at=world.NOON + HOUR)
        again = {"subscription": hooked, "failed_only": False, "at": world.NOON + 2 * HOUR}

        count = delivering.replay(since=world.NOON + HOUR, until=world.NOON + 2 * HOUR, **again)
        send(hooked, at=world.NOON + 2 * HOUR)

        assert count == 1
        assert receiver.ids()[2] == receiver.ids()[1]
        assert delivering.replay(since=world.NOON, until=world.NOON + HOUR, **again | {"failed_only": True}) == 0

    def test_of_a_paused_subscription_is_refused(self, register, subscribe):
        hooked = subscribe()
        subscribing.pause(subscription=hooked, mandate=register.owner.initiator, at=world.NOON)

        with world.refuses(delivering.NotActive, label="财务系统"):
            delivering.ping(subscription=hooked, at=world.NOON)

    def test_of_too_much_is_refused(self, register, subscribe, monkeypatch):
        hooked = subscribe()
        register.transfer(1)
        send(hooked)
        monkeypatch.setattr(delivering, "MOST_REPLAYED", 0)

        with world.refuses(delivering.TooMuchToReplay, count=1, most=0):
            delivering.replay(
                subscription=hooked, since=world.NOON, until=world.NOON + HOUR, failed_only=False, at=world.NOON
            )


class TestSubscribing:
    def subscribe(self, register, **overrides):
        values = {
            "label": "系统",
            "url": "https://example.cn/",
            "kinds": ["registry.issued"],
            "scope": "ALL",
        } | overrides
        return subscribing.subscribe(mandate=register.owner.initiator, at=world.NOON, **values)

    def test_to_an_unknown_kind_is_refused(self, register):
        with world.refuses(subscribing.KindsUnknown, kinds="registry.rumour"):
            self.subscribe(register, kinds=["registry.issued", "registry.rumour"])

    def test_to_no_kind_is_refused(self, register):
        with world.refuses(subscribing.KindsUnknown):
            self.subscribe(register, kinds=[])

    @pytest.mark.parametrize(
        "label", ["", " ", "长" * 61, "a\x00b", "a\u202eb"], ids=["none", "blank", "long", "null", "bidi"]
    )
    def test_under_no_usable_name_is_refused(self, register, label):
        with world.refuses(subscribing.LabelUnusable):
            self.subscribe(register, label=label)

    def test_more_often_than_allowed_is_refused(self, register, receiver, monkeypatch):
        monkeypatch.setattr(subscribing, "MOST", 1)
        self.subscribe(register, url=receiver.url)

        with world.refuses(subscribing.TooManySubscriptions, most=1):
            self.subscribe(register, url=receiver.url)


class TestAnAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "", "ftp://example.cn/", "https://", "https:///x", "https://user:word@example.cn/", "https://example.cn/#x",
            "https://example.cn:22/", "https://example.cn:99999/", "https://exa mple.cn/", "https://例.cn/\x00",
            "javascript:alert(1)", "https://[::1", "https://" + "a" * 64 + ".cn/", "//example.cn/",
        ],
    )  # fmt: skip
    def test_that_is_none_is_refused(self, url):
        with pytest.raises(calling.UrlUnusable):
            calling.place(url)

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
            "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "[fe80::1]",
            "[fd00::1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[::]", "255.255.255.255", "198.18.0.1",
        ],
    )  # fmt: skip
    def test_inside_is_refused_in_production(self, host, settings):
        settings.TANHUI_MODE = "production"
        with pytest.raises(calling.HostInside):
            calling.place(f"https://{host}/")

    def test_on_this_machine_may_be_called_in_a_demonstration(self, settings):
        settings.TANHUI_MODE = "demonstration"
        assert calling.place("http://127.0.0.1:8080/x?y=1").path == "/x?y=1"
        with pytest.raises(calling.HostInside):
            calling.place("https://10.0.0.1/")

    @pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://93.184.215.14/"])
    def test_by_plain_http_is_refused_in_production(self, url, settings):
        settings.TANHUI_MODE = "production"
        with pytest.raises((calling.UrlUnusable, calling.HostInside)):
            calling.place(url)

    def test_of_which_one_is_inside_is_refused(self, monkeypatch, settings):
        settings.TANHUI_MODE = "production"
        both = [(0, 0, 0, "", ("93.184.215.14", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]
        monkeypatch.setattr(calling.socket, "getaddrinfo", lambda *words, **options: both)
        with pytest.raises(calling.HostInside):
            calling.place("https://example.cn/")

    def test_that_changes_its_mind_is_called_where_it_was_looked_at(self, receiver, monkeypatch):
        asked = []
        real = calling.socket.getaddrinfo

        def once(host, *rest, **options):
            asked.append(host)
            named = asked.count("rebinding.example.cn")
            return real(("127.0.0.1" if named == 1 else "10.0.0.1") if "example" in host else host, *rest, **options)

        monkeypatch.setattr(calling.socket, "getaddrinfo", once)
        answer = calling.post(receiver.url.replace("127.0.0.1", "rebinding.example.cn"), b"{}", {})

        assert answer.status == 204
        assert receiver.got[0][1]["Host"].startswith("rebinding.example.cn")


KILLED = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tanhui.site.settings"
import django
django.setup()
from django.conf import settings
from pathlib import Path
settings.TANHUI_SECRETS = Path(sys.argv[2])
from tanhui.notices import tasks
tasks.deliver(sys.argv[1])
"""


@pytest.mark.django_db(transaction=True)
class TestAWorkerKilledBetweenSendingAndNoting:
    def test_sends_again_under_the_same_id(self, register, subscribe, receiver, tmp_path, settings):
        hooked = subscribe()
        delivering.ping(subscription=hooked, at=world.NOON)
        began, released = threading.Event(), threading.Event()

        def hold():
            began.set()
            released.wait(20)

        receiver.before = hold
        found = connection.settings_dict
        url = f"postgresql://{found['USER']}:{found['PASSWORD']}@{found['HOST'].replace('/', '%2F')}/{found['NAME']}"
        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(hooked.pk), str(settings.TANHUI_SECRETS)],
            env=os.environ | {"TANHUI_MODE": "demonstration", "TANHUI_DATABASE_URL": f"{url}?port={found['PORT']}",
                              "TANHUI_VAR": str(tmp_path)},
        )  # fmt: skip
        assert began.wait(30)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        released.set()
        assert Delivery.objects.get().state == "WAITING"
        receiver.before = lambda: None

        send(hooked, at=world.NOON + HOUR)

        assert len(receiver.got) == 2
        assert len(set(receiver.ids())) == 1
        assert Delivery.objects.get().state == "DONE"
