"""Points for a city, and one account's page in it.

* claims of two million people granted by ``points.grant`` over a bare binary COPY of the same rows into a
  table without index or trigger, on the same server, turn about; by the clock, and by processor time of this process
  and all of the server's, which other people's work on the machine does not lengthen
* the home page of an account with two million accounts loaded: 95th percentile warm, and statements with a
  day of history over those with a year
"""

import contextlib
import datetime as dt
import logging
import os
import resource
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

import _base as base

NOON = dt.datetime(2026, 6, 5, 4, tzinfo=dt.UTC)
DAY = dt.date(2026, 1, 1)
PAGES = 200
BARE = """
CREATE TABLE bench_bare (
    account_id bigint, day date, scenario_id bigint, grams integer, points integer, grant_id integer
)
"""
TURNS = 7  # some meet a checkpoint of the server, most do not


def founded(people: int) -> list[int]:
    """Accounts by one statement; what they are of, nobody here asks."""
    from django.db import connection

    from tanhui.identity.acts import enrolment
    from tanhui.inclusion.models import Scenario
    from tanhui.rulepacks import packs
    from tanhui.rulepacks.acts import activation

    one, two = (enrolment.enrol(username=f"bench-{n}", name="某人", password=None, at=NOON) for n in range(2))
    activation.activate(
        pack=packs.ship("demo-local"), mode="demonstration", initiator_id=one.pk, confirmer_id=two.pk, at=NOON
    )
    body = enrolment.register_foreign(code="X-BENCH-1", name="某机构", role="PLAT", at=NOON)
    for code in ("metro", "bus"):
        Scenario.objects.create(
            code=code, name=code, field="TRAVEL", organisation=body, methodology="metro/v01", division_code="110105",
            region_name="某地", unit="m", state="OPERATING", reassess_by=dt.date(2027, 1, 1), opened_by=one,
            opened_at=NOON, changed_at=NOON,
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inclusion_account (id, state, way, region, shows, opened_at, ended)"
            " SELECT gen_random_uuid(), 'ACTIVE', 'PHONE', '110105', '', %s, '' FROM generate_series(1, %s)",
            [NOON, people],
        )
        cursor.execute("SELECT number FROM inclusion_account ORDER BY number")
        return [row[0] for row in cursor.fetchall()]


def rows(accounts: list[int]) -> dict[str, Any]:
    from tanhui.inclusion.models import Scenario

    rng = np.random.default_rng(7)
    numbers = np.array(accounts, dtype=np.int64)
    metro = Scenario.objects.get(code="metro").pk
    return {
        "accounts": numbers, "scenarios": np.full(len(numbers), metro, dtype=np.int64),
        "grams": rng.integers(20, 2_000, len(numbers)),
    }  # fmt: skip


def points(world: Any) -> list[base.Line]:
    with base.server():
        from tanhui.site import preparation

        preparation.prepare()  # pages name their style sheets as they were collected
        accounts = founded(world.people)
        return [*granting(accounts, max(TURNS, world.rounds)), *pages(world.people)]


def processor(server: int) -> float:
    """Seconds of processor that this process has had and every process of the server, those that ended too."""
    total = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    ticks = 0
    for process in [server, *(int(one) for one in Path(f"/proc/{server}/task/{server}/children").read_text().split())]:
        with contextlib.suppress(OSError):
            after = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(
                map(int, after[11:15] if process == server else after[11:13])
            )  # the server's with its children
    return total + ticks / os.sysconf("SC_CLK_TCK")


def postmaster() -> int:
    from django.db import connection

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def granting(accounts: list[int], rounds: int) -> list[base.Line]:
    from django.db import transaction

    from tanhui.inclusion.acts import copying
    from tanhui.inclusion.acts import points as acts

    given, granted, bare, work, least = rows(accounts), [], [], [], []
    server = postmaster()
    count = len(accounts)
    with psycopg.connect(base.owner_url(), autocommit=True) as owner:  # the web role makes no tables
        owner.execute(BARE)
        owner.execute("GRANT INSERT ON bench_bare TO PUBLIC")
    for turn in range(rounds):
        columns = [
            ("account_id", "int8", given["accounts"]), ("day", "date", np.full(count, 20_600, dtype=np.int32)),
            ("scenario_id", "int8", given["scenarios"]), ("grams", "int4", given["grams"]),
            ("points", "int4", given["grams"] // 10), ("grant_id", "int4", np.full(count, turn, dtype=np.int32)),
        ]  # fmt: skip
        had, began = processor(server), time.perf_counter()
        with transaction.atomic():
            copying.copy("bench_bare", columns)
        bare.append(time.perf_counter() - began)
        least.append(processor(server) - had)
        had, began = processor(server), time.perf_counter()
        acts.grant(reference=f"bench-{turn}", day=DAY + dt.timedelta(days=turn), at=NOON, **given)
        granted.append(time.perf_counter() - began)
        work.append(processor(server) - had)
        print(
            f"  bare {bare[-1]:.2f} s ({least[-1]:.2f} of processor), granted {granted[-1]:.2f} s ({work[-1]:.2f})",
            flush=True,
        )
    clocked, by_work = (
        [count / statistics.median(one) / 1_000 for one in pair] for pair in ((granted, bare), (work, least))
    )
    return [
        base.Line(f"grant points to {count:,} people", clocked[0], "k/s", clocked[1], 0.5),
        base.Line("the same by processor time", by_work[0], "k/s", by_work[1], 0.5),
    ]


def pages(people: int) -> list[base.Line]:
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tanhui.identity.acts import enrolment
    from tanhui.inclusion import consent_texts
    from tanhui.inclusion.acts import accounts as acts
    from tanhui.inclusion.acts import demonstrating

    settings.ALLOWED_HOSTS.append("testserver")
    logging.getLogger("tanhui.request").setLevel(logging.WARNING)
    clients, numbers = [], []
    for number in range(2):
        who = enrolment.enrol(username=f"page-{number}", name="某人", password=None, at=NOON)
        phone = f"1390000000{number}"
        opened = acts.open_account(
            person=who, way="PHONE", subject=f"phone:{phone}", name="某人", phone=phone, at=NOON,
            text_version=consent_texts.CURRENT,
        )  # fmt: skip
        clients.append(Client())
        clients[-1].force_login(who)
        numbers.append(opened.pk)
    today = dt.datetime.now(tz=dt.UTC).date()
    for back in range(365, 0, -1):  # the first has a year of two scenarios, the second a day
        made = [(numbers[0], "bus", 300, 300, 5_000), (numbers[0], "metro", 500, 500, 7_000)]
        made += [(numbers[1], "metro", 500, 500, 7_000)] if back == 1 else []
        day = today - dt.timedelta(days=back)
        demonstrating.post(day=day, table=demonstrating.table(made, seed=back), at=NOON)
    statements, times = [], []
    for client in clients:
        client.get("/carbon")
        with CaptureQueriesContext(connection) as sent:
            answer = client.get("/carbon")
        if answer.status_code != 200:
            raise RuntimeError(answer.content.decode()[:400])
        statements.append(len(sent))
    server = postmaster()
    had = processor(server)
    for _ in range(PAGES):
        began = time.perf_counter()
        clients[0].get("/carbon")
        times.append((time.perf_counter() - began) * 1_000)
    each = (processor(server) - had) / PAGES * 1_000
    slowest = base.percentile(times, 0.95)
    return [
        base.Line(f"account page among {people:,}, 95th percentile", slowest, "ms", 100.0, 1.0, "less"),
        base.Line("the same page, processor time of all it takes", each, "ms", 100.0, 1.0, "less"),
        base.Line("statements, a year of days over one day", statements[0], "", statements[1], 1.0, "less"),
    ]


SECTIONS = {"points": points}
