"""Keeping what the public pages derive from the register: a little every few seconds, or all of it again."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tanhui.journal.models import Entry
from tanhui.portal.acts import catalogue, statistics
from tanhui.portal.models import Line, Mark
from tanhui.portal.queries.statistics import POSTINGS

FACTS = "facts"
TABLES = {POSTINGS: "ledger_movement", FACTS: "journal_entry"}
MOST = 2000  # facts read at once


def catch_up(*, at: datetime) -> None:
    """Take in what was committed since last time: facts into the catalogue, postings into the statistics."""
    with transaction.atomic():
        mark = held(POSTINGS)
        until = complete(mark)
        if until > mark.done:
            statistics.fold(mark.done, until)
        kept(mark, until)
    with transaction.atomic():
        mark = held(FACTS)
        kept(mark, read_facts(mark.done, complete(mark)))
    keep_methodologies(at)


def held(name: str) -> Mark:
    """A mark, nobody else's until the transaction ends."""
    Mark.objects.get_or_create(name=name)
    return Mark.objects.select_for_update().get(name=name)


def complete(mark: Mark) -> int:
    """The id up to which nothing can be added any more.

    Whoever was given an id has locked the table before and keeps the lock until it commits. So the highest id there is
    now is complete if nobody else holds such a lock, and otherwise as soon as those who do have let it go.
    """
    now = writing(mark)
    if now & set(mark.writers):
        return mark.done
    until = mark.seen
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {TABLES[mark.name]}")  # noqa: S608 - names of our own
        (mark.seen,) = cursor.fetchone()
    mark.writers = sorted(
        writing(mark)
    )  # asked after the id: who has one below it, and has not committed, is among them
    return until if mark.writers else mark.seen


def writing(mark: Mark) -> set[str]:
    """The virtual transactions of others that write to a mark's table now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
            " AND granted AND pid <> pg_backend_pid() AND relation = %s::regclass"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [TABLES[mark.name]],
        )
        return {name for (name,) in cursor.fetchall()}


def kept(mark: Mark, done: int) -> None:
    mark.done = done
    mark.save()


def read_facts(done: int, until: int) -> int:
    """Make the lines of the rows that facts speak of. Returns the last fact read."""
    while done < until:
        rows = list(
            Entry.objects.filter(pk__gt=done, pk__lte=until).order_by("pk").values_list("pk", "kind", "leaf")[:MOST]
        )
        take_in((kind, json.loads(bytes(leaf))["fact"]) for _, kind, leaf in rows if kind.startswith("registry."))
        done = rows[-1][0] if len(rows) == MOST else until
    return done


def take_in(facts: Iterable[tuple[str, dict[str, Any]]]) -> None:
    projects: set[int] = set()
    batches: set[str] = set()
    certificates: set[str] = set()
    cancelled: set[int] = set()
    for kind, fact in facts:
        if str(fact.get("project", "")).isdigit():
            projects.add(int(fact["project"]))
        if kind == "registry.issued":
            batches |= {one["batch"] for one in fact["batches"]}
        elif kind == "registry.imported":
            batches.add(fact["batch"])
        elif kind == "registry.retired":
            certificates.add(fact["certificate"])
        elif kind == "registry.cancelled":
            cancelled.add(fact["transaction"])
    if batches:
        catalogue.refresh_batches(batches)
        projects |= catalogue.projects_of(batches)
    if projects:
        catalogue.refresh_projects(projects)
    if certificates:
        catalogue.refresh_retirements(certificates)
    if cancelled:
        catalogue.refresh_cancellations(cancelled)


def keep_methodologies(at: datetime) -> None:
    """The methodologies on the shelf, which no fact speaks of."""
    made = catalogue.methodologies(at)
    there = set(Line.objects.filter(register="M").values_list("ref", flat=True))
    if new := [one for one in made if one.ref not in there]:
        catalogue.keep(new)


@transaction.atomic
def rebuild(*, at: datetime) -> None:
    """Everything again, from all that is committed. For a register loaded in bulk, and after ``check`` found a fault.

    What others have under way may be missed: this is done while nobody acts.
    """
    for name in sorted(TABLES):
        mark = held(name)
        mark.writers = []
        complete(mark)
        if name == POSTINGS:
            statistics.empty()
            statistics.fold(0, mark.seen)
        else:
            catalogue.fill()
        kept(mark, mark.seen)
    keep_methodologies(at)
