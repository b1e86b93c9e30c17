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
        mark, until = ready(POSTINGS)
        if until > mark.done:
            statistics.fold(mark.done, until)
        look_ahead(mark, until)
    with transaction.atomic():
        mark, until = ready(FACTS)
        read = read_facts(mark.done, until)
        look_ahead(mark, read)
    keep_methodologies(at)


def ready(name: str) -> tuple[Mark, int]:
    """A mark, held until the transaction ends, and the id up to which nothing can be added any more."""
    Mark.objects.get_or_create(name=name)
    mark = Mark.objects.select_for_update().get(name=name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (oldest,) = cursor.fetchone()
    return mark, mark.seen if mark.fence and oldest >= mark.fence else mark.done


def look_ahead(mark: Mark, done: int) -> None:
    """Remember what was read; and when all that had been seen is read, see what there is now."""
    mark.done = done
    if done >= mark.seen:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(max(id), 0), pg_snapshot_xmax(pg_current_snapshot())::text::bigint"  # noqa: S608
                f" FROM {TABLES[mark.name]}"
            )
            mark.seen, mark.fence = cursor.fetchone()
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

    Whatever other transactions have under way is taken in by the next ``catch_up``, if its ids are above those seen;
    so this is done while nobody acts.
    """
    for name in sorted(TABLES):
        mark, _ = ready(name)
        mark.seen = 0
        if name == POSTINGS:
            statistics.empty()
            look_ahead(mark, 0)
            statistics.fold(0, mark.seen)
        else:
            look_ahead(mark, 0)
            catalogue.fill()
        look_ahead(mark, mark.seen)
    keep_methodologies(at)
