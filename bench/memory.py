"""Memory of the whole system at rest after visits: ``python bench/memory.py [--json]``.

Starts what ``tanhui serve`` starts (two web processes, the worker, PostgreSQL); lets a person look at pages, papers and
the API over so many connections that each web process has answered each of them; lets it rest a moment; and reads the
proportional set size of every process. What several share, above all PostgreSQL's buffers, counts once.
"""

import argparse
import http.client
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import _base as base
import web

WEB_MB, WHOLE_MB = 200, 600
CONNECTIONS = 24  # by which each address is asked: that all reach the same of two processes does not happen
PATIENCE = 60.0  # seconds
REST = 5.0  # seconds after the last answer


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with session and token, and an account and a certificate to look at."""

    session: str
    token: str
    account: str
    certificate: str

    @property
    def addresses(self) -> list[str]:
        held, paper = f"/accounts/{self.account}", f"/certificates/{self.certificate}"
        pages = ["/", "/figures", "/figures/retirements", "/log", "/verify", held, f"{held}/transfer", f"{held}/retire"]
        calls = ["me", "accounts", "instructions", "retirements", "openapi.json", f"accounts/{self.account}/holdings"]
        return [*pages, "/instructions", paper, f"{paper}/pdf", *(f"/api/v1/{call}" for call in calls)]

    def headers(self, address: str) -> dict[str, str]:
        if address.startswith("/api/"):
            return {"Authorization": f"Bearer {self.token}"}
        return {"Cookie": f"sessionid={self.session}"}


def visitor() -> Visitor:
    """Someone with business on record."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    import _world as worlds
    from tanhui.identity.acts import enrolment
    from tanhui.registry.acts import retirement
    from tanhui.registry.acts.lines import Wanted
    from tanhui.registry.models import Retirement

    world = worlds.make(20)
    place, two = world.places[0], world.signatures[0]
    done = retirement.retire(
        source=place, wanted=[Wanted(world.batch, 7)], purpose=Retirement.Purpose.EVENT,
        beneficiary=retirement.Beneficiary(Retirement.Beneficiary.EVENT, "基准活动"), reference="memory",
        signatures=two, at=timezone.now(),
    )  # fmt: skip
    person = two.initiator.membership.person
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.save()
    token = enrolment.make_token(person=person, label="bench", at=timezone.now())
    return Visitor(str(session.session_key), token, place.account.code, done.certificate)


def status(port: int, address: str, headers: dict[str, str]) -> int:
    link = http.client.HTTPConnection(web.HOST, port, timeout=PATIENCE)
    try:
        link.request("GET", address, headers=headers)
        answer = link.getresponse()
        answer.read()
        return answer.status
    finally:
        link.close()


def visit(one: Visitor, port: int) -> None:
    from tanhui.site import supervisor

    for address in one.addresses:
        headers = one.headers(address)
        # A certificate is printed as soon as the worker has given it its place in the log.
        if not supervisor.wait_until(lambda a=address, h=headers: status(port, a, h) == 200, PATIENCE):  # type: ignore[misc]
            raise RuntimeError(f"{address}: {status(port, address, headers)}")
        for _ in range(CONNECTIONS):
            status(port, address, headers)


def pss_mb(pid: int) -> float:
    """Proportional set size in MB (2²⁰ bytes)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def children(pid: int) -> dict[int, str]:
    """Process numbers and command lines."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(one): Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode() for one in listed}


def measure(main: int) -> dict[str, list[float]]:
    """Megabytes of each process of a ``tanhui serve``, by part."""
    from tanhui.site import environment, postgres

    parts = children(main)
    master = next(pid for pid, words in parts.items() if "granian" in words)
    worker = next(pid for pid, words in parts.items() if "tanhui.site.worker" in words)
    return {
        "web": sorted(pss_mb(pid) for pid in children(master)),
        "web's parent": [pss_mb(master)],
        "worker": [pss_mb(worker)],
        "supervisor": [pss_mb(main)],
        "database": [pss_mb(pid) for pid in postgres.processes(postgres.cluster(environment.var()))],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with base.server():
        from django.db import connections

        someone, port = visitor(), web.free_port()
        connections.close_all()  # this process's own is not part of the system
        words = [sys.executable, "-m", "tanhui.cli.main", "serve", "--port", str(port)]
        served = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            assert served.stdout is not None
            if not served.stdout.readline():
                raise RuntimeError("tanhui serve did not start")
            visit(someone, port)
            time.sleep(REST)
            found = measure(served.pid)
        finally:
            served.terminate()
            served.wait(PATIENCE)
    for part, sizes in found.items():
        if not args.json:
            print(f"  {part:<14} {sum(sizes):>6.1f} MB  {' + '.join(f'{size:.1f}' for size in sizes)}")
    if args.json:
        print(json.dumps(found))
    return base.tell(
        [
            base.Line("the larger web process after visits", max(found["web"]), "MB", WEB_MB, 1.0, "less"),
            base.Line("the whole at rest", sum(sum(sizes) for sizes in found.values()), "MB", WHOLE_MB, 1.0, "less"),
        ],
        as_json=args.json,
    )


if __name__ == "__main__":
    sys.exit(main())
