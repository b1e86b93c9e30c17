"""``tanhui registry``: replay another registry's published history through the acts, and compare."""

import argparse
import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tanhui.cli import house, say
from tanhui.kernel.refusal import Refusal, gettext_noop

DATABASE = "tanhui_replay"
MARK = "tanhui registry replay"  # the comment on a database of ours, without which none is dropped
SNAPSHOT = "2024-11-27"
REASONS = {
    "issued": gettext_noop("Issued"),
    "buffer": gettext_noop("of which put into the buffer"),
    "buffer_pool": gettext_noop("Ended from the buffer pool"),
    "intentional_reversal": gettext_noop("Retired for intentional reversal"),
    "voluntary": gettext_noop("Retired voluntarily"),
    "period_1": gettext_noop("Compliance 2013–2014"),
    "period_2": gettext_noop("Compliance 2015–2017"),
    "period_3": gettext_noop("Compliance 2018–2020"),
    "period_4": gettext_noop("Compliance 2021–2023"),
    "quebec": gettext_noop("Compliance in Québec"),
    "invalidated": gettext_noop("Invalid, cancelled (told in words)"),
    "replaced": gettext_noop("Replacing invalid ones (told in words)"),
    "held": gettext_noop("Still held"),
}
KINDS = {
    "operators": gettext_noop("operators' holdings"),
    "entities": gettext_noop("entities' surrenders"),
    "buffer_pool": gettext_noop("the buffer pool"),
}
HEADINGS = (
    gettext_noop("reason"),
    gettext_noop("source, t"),
    gettext_noop("register, t"),
    gettext_noop("difference, t"),
)
DIFFERENCES = gettext_noop("Differences between register and source, each with its cause:")
SETTLED = gettext_noop("Differences within the source, settled:")
RESTATED = gettext_noop("Figures restated since the snapshot of %(earlier)s:")
TIMES = gettext_noop("%(count)s rows alike, %(tonnes)s t in all, for example: %(example)s")
ACCOUNTS = gettext_noop("Accounts, %(kind)s: %(count)s, equal as they stand %(equal)s, by the causes %(by_causes)s")
AUDIT = gettext_noop(
    "Self-audit: issued %(issued)s = held %(held)s + retired %(retired)s + cancelled %(cancelled)s t; "
    "%(findings)s findings; %(facts)s facts in the log"
)
UNEXPLAINED = gettext_noop(
    "UNEXPLAINED %(where)s, %(reason)s: source %(source)s, register %(registry)s, explained %(explained)s t"
)
CLOSED = gettext_noop("The register agrees with the source; every difference has its cause.")
OPEN = gettext_noop("The register does not agree with the source: %(count)s differences have no cause.")
WHERE = gettext_noop("The replayed register is the database %(database)s; it stays until the next replay.")


class NotAReplay(Refusal):
    code = "cli.not_a_replay"
    sentence = gettext_noop(
        "The database %(database)s was not made by a replay and is left alone. Name another with --database."
    )
    clause = "ARCHITECTURE.md §2"


class MayNotCreate(Refusal):
    code = "cli.may_not_create_database"
    sentence = gettext_noop(
        "A replay takes a database of its own and the role in TANHUI_OWNER_URL may not make one: %(reason)s. Give it "
        "CREATEDB, or unset TANHUI_DATABASE_URL to use the embedded PostgreSQL."
    )
    clause = "ARCHITECTURE.md §2"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("registry", help=gettext_noop("replay a published registry through the acts"))
    acts = parser.add_subparsers(metavar="ACT", required=True)
    replay = acts.add_parser("replay", help=gettext_noop("repeat a registry's history, then compare with the source"))
    replay.add_argument("folder", type=Path, help=gettext_noop("folder with the tables of the registry"))
    replay.add_argument("--snapshot", default=SNAPSHOT, help=gettext_noop("which table of issuances, by its day"))
    replay.add_argument("--database", default=DATABASE, help=gettext_noop("name of the database that is made for it"))
    replay.add_argument("--json", action="store_true", help=gettext_noop("print the comparison as JSON"))
    replay.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when every difference has its cause and the audit is sound, else 1."""
    from tanhui.registry.tasks import carb

    tables = carb.read(args.folder, args.snapshot)
    with scratch(args.database):
        from tanhui.registry.tasks import reconciliation, replay, restatement

        with bar(quiet=args.json) as progress:
            done = replay.replay(tables, progress)
        found = reconciliation.reconcile(done, facts=publish())
        restated = restatement.since_earlier(args.folder, tables)
        if args.json:
            plain = found.plain() | {"snapshot": args.snapshot, "restated": [cause.plain() for cause in restated]}
            print(json.dumps(plain, ensure_ascii=False, indent=1))
        else:
            tell(found, restated)
            say.say(WHERE, database=args.database)
    return 0 if found.closed else 1


# -- a database of its own ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def scratch(name: str) -> Iterator[None]:
    """Django set up on an empty database of its own beside the product's, with its own log and secrets."""
    from tanhui.site import environment, postgres

    var = environment.var()
    server = postgres.using(var) if environment.embedded() else contextlib.nullcontext("")
    with server:
        if environment.embedded():
            urls = [postgres.url(var, database=name), postgres.url(var, role=postgres.OWNER, database=name)]
            make(postgres.url(var, role=postgres.SUPERUSER, database="postgres"), name, owner=postgres.OWNER)
        else:
            urls = [named(url, name) for url in (environment.database_url(), environment.owner_url())]
            make(environment.owner_url(), name)
        own = var / "replay" / name
        shutil.rmtree(own, ignore_errors=True)
        os.environ |= {"TANHUI_DATABASE_URL": urls[0], "TANHUI_OWNER_URL": urls[1], "TANHUI_VAR": str(own)}
        house.set_up()
        from tanhui.site import preparation

        preparation.migrate(verbosity=0)
        yield


def named(url: str, database: str) -> str:
    from psycopg import conninfo

    return conninfo.make_conninfo(url, dbname=database)


def make(url: str, name: str, owner: str | None = None) -> None:
    """An empty database, in place of the one an earlier replay left. A replay can be repeated, so it need not wait for
    the disk. Refuses with ``NotAReplay`` or ``MayNotCreate``."""
    import psycopg
    from psycopg import sql

    database = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as connection:
        left = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if left and left[0] != MARK:
            raise NotAReplay(database=name)
        try:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
            owned = sql.SQL(" OWNER {}").format(sql.Identifier(owner)) if owner else sql.SQL("")
            connection.execute(sql.SQL("CREATE DATABASE {}").format(database) + owned)
        except psycopg.errors.InsufficientPrivilege as refused:
            raise MayNotCreate(reason=str(refused).strip()) from refused
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, sql.Literal(MARK)))
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database))


def publish() -> int:
    """Give every fact of the replay its place in its own log; how many there are."""
    from django.utils import timezone

    from tanhui.journal import sequencer

    facts = 0
    while numbered := sequencer.sequence(at=timezone.now()):
        facts += numbered
    return facts


# -- telling -----------------------------------------------------------------------------------------------------------


def tell(found: Any, restated: list[Any]) -> None:
    """The table, the causes, the accounts and the audit, for people."""
    rows = [[say.translated(heading) for heading in HEADINGS]]
    for one in found.lines:
        figures = [f"{one.source_t:,}", f"{one.registry_t:,}", f"{one.difference_t:+,}" if one.difference_t else "0"]
        rows.append([say.translated(REASONS[one.reason]), *figures])
    for row in rows:
        print(padded(row[0], 40) + "".join(" " * max(16 - width(cell), 1) + cell for cell in row[1:]))
    if effective := [cause for cause in found.causes if cause.effect_t]:
        print("\n" + say.translated(DIFFERENCES))
        print(*(f"  {line(cause)}" for cause in effective), sep="\n")
    if settled := [cause for cause in found.causes if not cause.effect_t]:
        print("\n" + say.translated(SETTLED))
        tell_causes(settled)
    if restated:
        print("\n" + say.translated(RESTATED, earlier=restated[0].facts["earlier"]))
        tell_causes(restated)
    print()
    for one in found.accounts:
        say.say(
            ACCOUNTS, kind=say.translated(KINDS[one.kind]), count=one.count, equal=one.equal, by_causes=one.by_causes
        )
    sums = {name: f"{getattr(found.audit, name + '_t'):,}" for name in ("issued", "held", "retired", "cancelled")}
    print(say.translated(AUDIT, **sums, findings=len(found.audit.findings), facts=f"{found.facts:,}"))
    for finding in found.audit.findings[:20]:
        print(f"  {finding}")
    for one in found.unexplained:
        reason = say.translated(REASONS.get(one.reason, KINDS.get(one.reason, one.reason)))
        say.say(
            UNEXPLAINED, where=one.where, reason=reason, source=f"{one.source_t:,}", registry=f"{one.registry_t:,}",
            explained=f"{one.explained_t:,}",
        )  # fmt: skip
    say.say(CLOSED if found.closed else OPEN, count=len(found.unexplained))


MANY = 12  # causes of one kind that are listed one by one


def tell_causes(causes: list[Any]) -> None:
    """Each cause in a line; of a kind with very many, how many and one of them."""
    kinds: dict[str, list[Any]] = {}
    for cause in causes:
        kinds.setdefault(cause.code, []).append(cause)
    for same in kinds.values():
        lines = [line(cause) for cause in same]
        if len(same) > MANY:
            tonnes = f"{sum(cause.quantity_t for cause in same):,}"
            lines = [say.translated(TIMES, count=len(same), tonnes=tonnes, example=lines[0])]
        print(*(f"  {each}" for each in lines), sep="\n")


def line(cause: Any) -> str:
    reason = say.translated(REASONS[cause.reason]) if cause.reason in REASONS else ""
    place = " · ".join(part for part in (cause.issuance, reason, cause.entity) if part)
    amount = f"{cause.effect_t:+,} t" if cause.effect_t else f"{cause.quantity_t:,} t" if cause.quantity_t else ""
    return "  ".join(part for part in (place, amount, cause.say(say.spoken())) if part)


def width(text: str) -> int:
    """How many columns of a terminal a text takes; Chinese characters take two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, columns: int) -> str:
    return text + " " * max(columns - width(text), 1)


PROGRESS = gettext_noop("Replaying")


@contextlib.contextmanager
def bar(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar as a function of (day, done, total), on the error output; nothing where nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    hidden = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden) as shown:
        task = shown.add_task(say.translated(PROGRESS), total=None)

        def progress(step: str, done: int, total: int) -> None:
            shown.update(task, description=f"{say.translated(PROGRESS)} {step}", completed=done, total=total)

        yield progress
