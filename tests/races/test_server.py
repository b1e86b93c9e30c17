"""The web server killed without warning in the midst of requests (T4): what it acknowledged over HTTP is there once."""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
from threading import Event, Thread

import pytest
from django.utils import timezone
from tests import world
from tests.ledger import books
from tests.races.conftest import ROOT, rounds
from tests.races.test_crashes import alone

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Instruction
from tanhui.registry import audit
from tanhui.registry.models import Transfer
from tanhui.site import supervisor

pytestmark = pytest.mark.slow
CALLERS = 8


@pytest.fixture
def web(database, tmp_path):
    """Starts the product's own web server on a port of its own, again and again; ends what is left of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = []

    def start():
        running.append(
            subprocess.Popen(
                supervisor.web_words(host="127.0.0.1", port=port, processes=2, threads=4),
                cwd=ROOT,
                env=os.environ | {"TANHUI_DATABASE_URL": database, "TANHUI_VAR": str(tmp_path)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
        wait_for(port)
        return running[-1]

    start.port = port
    yield start
    for one in running:
        kill(one)


def wait_for(port):
    """Until the first page answers."""
    for _ in range(600):
        try:
            with Caller(port, "") as anybody:
                anybody.send("GET", "/api/v1/batches")
            return
        except OSError:
            Event().wait(0.05)
    raise AssertionError("the web server does not answer")


def kill(process):
    """The server and its workers, all at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Caller:
    """One person's connection. Raises ``OSError`` when the server goes away."""

    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} if token else {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, method, path, body=None, key=None):
        extra = {"Idempotency-Key": key} if key else {}
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), self.headers | extra)
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except http.client.HTTPException as lost:
            self.connection.close()
            raise ConnectionError(str(lost)) from lost

    def insist(self, method, path, body=None, key=None):
        """Send, and once more on a new connection when the server closed this one: asking again is harmless."""
        try:
            return self.send(method, path, body, key)
        except OSError:
            self.connection.close()
            return self.send(method, path, body, key)


class Traffic:
    """People of the owner who ask for transfers and confirm them, until the server is gone; what they were told."""

    def __init__(self, register, port, prefix):
        self.port, self.prefix = port, prefix
        self.tokens = [
            enrolment.make_token(person=one.membership.person, label="race", at=timezone.now())
            for one in (register.owner.initiator, register.owner.confirmer)
        ]
        self.body = {
            "account": register.owner.account.code, "sub_account": "ISSUED", "target": register.buyer.account.code,
            "units": [{"batch": register.batch.asset.code, "quantity_t": 1}],
        }  # fmt: skip
        self.asked, self.confirmed, self.faults = {}, {}, []
        self.enough = Event()
        self.threads = [Thread(target=self.work, args=[number]) for number in range(CALLERS)]

    def begin(self, count):
        self.count = count
        for one in self.threads:
            one.start()
        assert self.enough.wait(120)

    def work(self, number):
        keys = (f"{self.prefix}-{number}-{n}" for n in range(10_000))
        with (
            Caller(self.port, self.tokens[0]) as asking,
            Caller(self.port, self.tokens[1]) as confirming,
            contextlib.suppress(OSError),  # the server is gone
        ):
            while self.transfer(next(keys), asking, confirming):
                if len(self.confirmed) >= self.count:
                    self.enough.set()
        self.enough.set()

    def transfer(self, key, asking, confirming):
        """Ask, be told, confirm, be told; whether all went well."""
        status, said = asking.send("POST", "/api/v1/transfers", self.body, key)
        if status == 201:
            self.asked[key] = said["id"]
            status, said = confirming.send("POST", f"/api/v1/instructions/{said['id']}/confirm", {})
            if status == 200:
                self.confirmed[key] = said
                return True
        self.faults.append((status, said))
        return False

    def end(self):
        for one in self.threads:
            one.join()
        assert not self.faults


class TestAKilledWebServer:
    def test_leaves_every_acknowledged_transfer_once_and_none_by_halves(self, register, web):
        for _ in range(rounds(2, most=20)):
            server = web()
            traffic = Traffic(register, web.port, f"web-{next(world.NAMES)}")
            traffic.begin(random.randint(15, 60))

            kill(server)
            traffic.end()
            alone()

            self.look(traffic)
            server = web()
            self.ask_again(traffic)
            kill(server)
            alone()
            assert not books.faults()

    def look(self, traffic):
        """What was told is there; at most one request of each caller was carried out without an answer."""
        kept = {
            one.reference: one
            for one in Instruction.objects.filter(reference__startswith=f"{traffic.prefix}-").select_related("decision")
        }
        assert {key: str(kept[key].pk) for key in traffic.asked} == traffic.asked
        decided = {key for key, one in kept.items() if hasattr(one, "decision")}
        assert traffic.confirmed.keys() <= decided
        assert len(kept) - len(traffic.asked) <= CALLERS
        assert len(decided) - len(traffic.confirmed) <= CALLERS
        for key in decided:
            assert Transfer.objects.filter(reference=f"i{kept[key].pk.hex}").count() == 1
        assert not books.faults()
        assert not audit.audit(log=False).findings

    def ask_again(self, traffic):
        """The same keys after the restart give the same instructions, and confirming them the same decisions."""
        with Caller(traffic.port, traffic.tokens[0]) as asking, Caller(traffic.port, traffic.tokens[1]) as confirming:
            for key, instruction in traffic.asked.items():
                status, said = asking.insist("POST", "/api/v1/transfers", traffic.body, key)
                assert (status, said["id"]) == (201, instruction)
                status, said = confirming.insist("POST", f"/api/v1/instructions/{instruction}/confirm", {})
                assert status == 200
                assert said == traffic.confirmed.get(key, said)
        assert Transfer.objects.filter(
            reference__in=[f"i{instruction.replace('-', '')}" for instruction in traffic.asked.values()]
        ).count() == len(traffic.asked)
