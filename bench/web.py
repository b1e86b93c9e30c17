"""Two-person transfers through HTTP against the bare ledger limit L1: ``python bench/web.py [--json] [--quick]``.

The real server (granian, two worker processes), eight clients on kept-open sockets, each call with a person's bearer
token. A round asks for transfers (``POST /api/v1/transfers``), lets the second person confirm each of them, which
carries it out, and then does both in turn. L1 is as in ``ledger.py``, taken turn about. Afterwards every accepted
answer is looked for in the database, and the register audits itself.
"""

import argparse
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    import _world as worlds

import _base as base
import ledger

HOST = "127.0.0.1"
TICKS = os.sysconf("SC_CLK_TCK")


class Caller:
    """A client that costs next to nothing: one socket, requests as bytes, of the answer only what is needed."""

    def __init__(self, port: int) -> None:
        self.link = socket.create_connection((HOST, port))
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, request: bytes) -> bytes:
        """Send a request; the answer's body. Whatever is not a success ends the bench."""
        self.link.sendall(request)
        got = b""
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self.more()
        head, body = got[:end].lower(), got[end + 4 :]
        if not head.startswith(b"http/1.1 20"):
            raise RuntimeError(got.decode())
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self.more()
        return body

    def more(self) -> bytes:
        if not (piece := self.link.recv(65536)):
            raise RuntimeError("the server hung up")
        return piece


class Desk:
    """The requests of a world's people."""

    def __init__(self, world: "worlds.World") -> None:
        from django.utils import timezone

        from tanhui.identity.acts import enrolment

        self.accounts = [place.account.code for place in world.places]
        self.tokens = [
            [
                enrolment.make_token(person=one.membership.person, label="bench", at=timezone.now())
                for one in (two.initiator, two.confirmer)
            ]
            for two in world.signatures
        ]
        self.batch = world.batch.asset.code

    def ask(self, giver: int, key: str) -> bytes:
        """For one tonne to go to the next account."""
        target = self.accounts[(giver + 1) % len(self.accounts)]
        units = [{"batch": self.batch, "quantity_t": 1}]
        body = json.dumps({"account": self.accounts[giver], "target": target, "units": units})
        return post("transfers", self.tokens[giver][0], body, f"Idempotency-Key: {key}\r\n")

    def confirm(self, giver: int, instruction: str) -> bytes:
        return post(f"instructions/{instruction}/confirm", self.tokens[giver][1])


def post(path: str, token: str, body: str = "", extra: str = "") -> bytes:
    return (
        f"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{extra}"
        f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
    ).encode()


def number(answer: bytes) -> str:
    """The instruction's, which stands first."""
    start = answer.index(b'"id": "') + 7
    return answer[start : start + 36].decode()


Asked = list[tuple[int, str]]  # who asked, and the instruction's number


class Bench:
    """What eight clients do with a desk, ``each`` as often."""

    def __init__(self, desk: Desk, port: int, each: int) -> None:
        self.desk, self.port, self.each = desk, port, each
        self.keys = (f"bench-{number}" for number in itertools.count())
        self.waiting: list[Asked] = []

    def givers(self, client: int) -> list[int]:
        """Accounts of this client alone, as people have them."""
        own = range(client, len(self.desk.accounts), base.CLIENTS)
        return [own[turn % len(own)] for turn in range(self.each)]

    def together(self, work: Callable[[int, Caller], tuple[list[float], Asked]]) -> tuple[float, list[float]]:
        """Let every client do its share; things done a second, and how long each took."""
        with tempfile.TemporaryDirectory() as folder:

            def client(number: int, _: float) -> list[float]:
                took, asked = work(number, Caller(self.port))
                Path(folder, str(number)).write_text(json.dumps(asked))
                return took

            found = base.together(client)
            self.waiting = [json.loads(Path(folder, str(one)).read_text()) for one in range(base.CLIENTS)]
        return found

    def ask(self) -> tuple[float, list[float]]:
        start = next(self.keys)

        def work(client: int, caller: Caller) -> tuple[list[float], Asked]:
            took, asked = [], []
            for turn, giver in enumerate(self.givers(client)):
                request = self.desk.ask(giver, f"{start}-{client}-{turn}")
                begun = time.perf_counter()
                answer = caller.call(request)
                took.append(time.perf_counter() - begun)
                asked.append((giver, number(answer)))
            return took, asked

        return self.together(work)

    def confirm(self) -> tuple[float, list[float]]:
        """What was asked for last."""
        waiting = self.waiting

        def work(client: int, caller: Caller) -> tuple[list[float], Asked]:
            took = []
            for giver, instruction in waiting[client]:
                request = self.desk.confirm(giver, instruction)
                begun = time.perf_counter()
                caller.call(request)
                took.append(time.perf_counter() - begun)
            return took, []

        return self.together(work)

    def both(self) -> tuple[float, list[float]]:
        start = next(self.keys)

        def work(client: int, caller: Caller) -> tuple[list[float], Asked]:
            took = []
            for turn, giver in enumerate(self.givers(client)):
                begun = time.perf_counter()
                answer = caller.call(self.desk.ask(giver, f"{start}-{client}-{turn}"))
                caller.call(self.desk.confirm(giver, number(answer)))
                took.append(time.perf_counter() - begun)
            return took, []

        return self.together(work)


@contextlib.contextmanager
def serving(port: int, application: str = "tanhui.site.wsgi:application") -> Iterator[int]:
    """The web server as ``tanhui serve`` starts it, or the same with another application; yields its process number."""
    from tanhui.site import supervisor

    words = [*supervisor.web_words(host=HOST, port=port, processes=2, threads=4)[:-1], application]
    path = os.environ | {"PYTHONPATH": str(base.ROOT / "bench")}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(words, env=path, stdout=output, stderr=output, start_new_session=True)
        try:
            if not supervisor.wait_until(lambda: supervisor.answers(HOST, port), 60):
                output.seek(0)
                raise RuntimeError(output.read().decode())
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def furnish(world: "worlds.World") -> None:
    """Half of what each account has in custody into its general holding, from where people give."""
    import _world as worlds
    from tanhui.registry.acts import transfer
    from tanhui.registry.acts.lines import Wanted
    from tanhui.registry.models import SubAccount

    half = Wanted(world.batch, worlds.EACH // 2)
    held = {one.account_id: one for one in SubAccount.objects.filter(purpose="HOLDING").select_related("account")}
    for place, two in zip(world.places, world.signatures, strict=True):
        transfer.transfer(
            source=place, target=held[place.account_id], wanted=[half], reference=f"furnish-{place.pk}",
            signatures=two, at=worlds.NOW,
        )  # fmt: skip


def free_port() -> int:
    with socket.create_server((HOST, 0)) as trial:
        found: int = trial.getsockname()[1]
        return found


def cpu(parent: int) -> float:
    """Seconds of processor the children of a process have used, those that ended too."""
    used = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # ended meanwhile
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                used += int(fields[11]) + int(fields[12])
            if int(entry.parent.name) == parent:
                used += int(fields[13]) + int(fields[14])
    return used / TICKS


def kept() -> tuple[int, int, int]:
    """Instructions, confirmations and transfers in the database."""
    from tanhui.identity.models import Decision, Instruction
    from tanhui.registry.models import Transfer

    return Instruction.objects.count(), Decision.objects.filter(outcome="CONFIRMED").count(), Transfer.objects.count()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a fifth of the requests")
    args = parser.parse_args()
    each = 50 if args.quick else 250
    port = free_port()
    rates: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    spent: dict[str, list[float]] = defaultdict(list)
    with base.server():
        with psycopg.connect(base.owner_url(), autocommit=True) as link:
            link.execute((base.ROOT / "bench" / "limits.sql").read_text())
        import _world as worlds  # its models need Django, which the server has just set up
        from tanhui.registry import audit
        from tanhui.site import environment, postgres

        world = worlds.make(base.ACCOUNTS)
        furnish(world)
        with serving(port) as web:
            database = postgres.postmaster_of(postgres.cluster(environment.var()))
            assert database is not None
            bench = Bench(Desk(world), port, each)
            bench.ask(), bench.confirm()  # until every thread has its connection and its statements are prepared
            before = kept()
            for _ in range(base.ROUNDS):
                rates["L1"].append(base.pgbench(ledger.ONE))
                for name in ("ask", "confirm", "both"):
                    used = cpu(web), cpu(database)
                    rate, durations = getattr(bench, name)()
                    rates[name].append(rate)
                    times[name].append(base.percentile(durations, 0.95) * 1000)
                    for part, begun, pid in zip(("web", "database"), used, (web, database), strict=True):
                        spent[f"{name} {part}"].append((cpu(pid) - begun) * 1000 / len(durations))
        accepted = 2 * base.ROUNDS * base.CLIENTS * each
        if (found := [now - then for now, then in zip(kept(), before, strict=True)]) != [accepted] * 3:
            raise RuntimeError(f"{accepted} were accepted; instructions, confirmations, transfers: {found}")
        if findings := audit.audit(log=False).findings:
            raise RuntimeError(str(findings))
    middle = {name: base.median(values) for name, values in rates.items()}
    status = base.tell(
        [
            base.Line("confirm, which carries out, against L1", middle["confirm"], "/s", middle["L1"], 0.12),
            base.Line("95 of 100 confirmations within", base.median(times["confirm"]), "ms", 100, 1.0, "less"),
        ],
        as_json=args.json,
    )
    for name, words in (("ask", "ask for a transfer"), ("confirm", "confirm"), ("both", "ask and confirm")):
        facts = {
            "figure": middle[name], "ratio": middle[name] / middle["L1"], "p95_ms": base.median(times[name]),
            "web_cpu_ms": base.median(spent[f"{name} web"]), "database_cpu_ms": base.median(spent[f"{name} database"]),
        }  # fmt: skip
        if args.json:
            print(json.dumps({"name": words} | facts))
        else:
            print(
                f"  {words:<20} {facts['figure']:>8,.1f} /s  {facts['ratio']:.3f} of L1  p95 {facts['p95_ms']:.1f} ms"
                f"  processor: web {facts['web_cpu_ms']:.2f} ms, database {facts['database_cpu_ms']:.2f} ms"
            )
    return status


if __name__ == "__main__":
    sys.exit(main())
