"""Exports: asked for, made by the worker row by row into a file that appears whole, told, and forgotten in time."""

import hashlib
import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import translation

from tanhui.files import exports, store
from tanhui.files.acts import receiving
from tanhui.files.models import Export
from tanhui.identity.models import Person
from tanhui.journal import jobs
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import downloads

JOB = "files.export"
KEPT_FOR = timedelta(days=7)
MOST_OPEN = 5  # exports one person may have waiting or running
TRIES = 3
TOLD_EVERY = 2000  # rows
log = logging.getLogger("tanhui.files")


class ExportsWaiting(Refusal):
    code = "files.exports_waiting"
    sentence = gettext_noop(
        "%(count)s of your exports are still being made. Wait for one of them, or take one back, and ask again."
    )
    clause = "GB/T 22239-2019 8.1.4.1"
    status = 429


@transaction.atomic
def ask(*, person: Person, name: str, parameters: Mapping[str, str], form: str, language: str, at: datetime) -> Export:
    """Ask for a list as a file; the worker makes it once this is committed.

    The same list asked for again while it still waits or runs is the same export. Refuses with ``ExportUnknown``,
    ``ExportsWaiting``, or what the list's own parameters break.
    """
    found = exports.exporter(name, person, parameters, at)
    total, _ = found.rows(parameters)
    receiving.lock(f"exports of {person.pk}")
    unfinished = Export.objects.filter(asked_by=person, state__in=[Export.State.ASKED, Export.State.RUNNING])
    if same := unfinished.filter(name=name, parameters=dict(parameters), form=form).first():
        return same
    if (count := unfinished.count()) >= MOST_OPEN:
        raise ExportsWaiting(count=count)
    made = Export.objects.create(
        asked_by=person, name=name, parameters=dict(parameters), form=Export.Form(form), language=language,
        rows_total=total, asked_at=at,
    )  # fmt: skip
    jobs.defer(JOB, key=str(made.pk))
    return made


def make(*, key: uuid.UUID, at: datetime) -> None:
    """Make an export's file. Whoever was killed over it before left nothing behind that counts: it begins anew.

    Of two that make the same, one does. What fails three times has failed.
    """
    with alone(key) as chosen:
        export = Export.objects.filter(pk=key, state__in=[Export.State.ASKED, Export.State.RUNNING]).first()
        if not chosen or export is None:
            return
        export.state, export.attempts, export.rows_done = Export.State.RUNNING, export.attempts + 1, 0
        export.save(update_fields=["state", "attempts", "rows_done"])
        try:
            written(export, at)
        except Exception:
            if export.attempts < TRIES:
                raise
            log.exception("export=%s failed", key)
            give_up(export=export, at=at)


def written(export: Export, at: datetime) -> None:
    """Write the draft, then let it become a content and the export ready in one transaction."""
    person = export.asked_by
    found = exports.exporter(export.name, person, export.parameters, at)
    draft = store.draft_path(export.pk)
    try:
        with translation.override(export.language):
            total, rows = found.rows(export.parameters)
            downloads.write(draft, export.form, str(found.title), list(found.header()), told(export, total, rows))
        export.sha256, export.size_bytes = store.digest(draft), draft.stat().st_size
        with transaction.atomic():
            receiving.lock(export.sha256)
            if not Export.objects.select_for_update().filter(pk=export.pk).exists():
                return  # taken back meanwhile
            store.store().keep(draft, export.sha256)
            export.state, export.finished_at, export.expires_at = Export.State.READY, at, at + KEPT_FOR
            export.save()
            record(
                kind="files.exported",
                fact={"export": str(export.pk), "rows": export.rows_done},
                private={"name": export.name, "parameters": export.parameters, "sha256": export.sha256},
                at=at,
                by=person.pk,
            )
    finally:
        draft.unlink(missing_ok=True)


def told(export: Export, total: int, rows: Iterable[exports.Row]) -> Iterator[exports.Row]:
    """The rows, counted into the export as they pass."""
    export.rows_total = total
    for row in rows:
        yield row
        export.rows_done += 1
        if export.rows_done % TOLD_EVERY == 0:
            Export.objects.filter(pk=export.pk).update(rows_done=export.rows_done, rows_total=total)
    export.rows_total = export.rows_done


def give_up(*, export: Export, at: datetime) -> None:
    """An export that could not be made says so."""
    unfinished = Export.objects.filter(pk=export.pk, state__in=[Export.State.ASKED, Export.State.RUNNING])
    unfinished.update(state=Export.State.FAILED, finished_at=at)


def forget(*, export: Export) -> None:
    """Take an export back, whatever its state; its file goes with it unless something else holds the same bytes."""
    with transaction.atomic():
        receiving.lock(export.sha256 or str(export.pk))
        Export.objects.filter(pk=export.pk).delete()
        if export.sha256:
            receiving.drop_unheld(export.sha256)


def expire(*, export: Export) -> None:
    """Let a ready export's file go; that it was there stays."""
    with transaction.atomic():
        receiving.lock(export.sha256)
        sha256 = export.sha256
        Export.objects.filter(pk=export.pk).update(state=Export.State.EXPIRED, sha256="", size_bytes=None)
        receiving.drop_unheld(sha256)


@contextmanager
def alone(key: uuid.UUID) -> Iterator[bool]:
    """Whether nobody else makes this export; the database itself ends the claim of whoever dies."""
    number = int.from_bytes(hashlib.sha256(f"files/export {key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        chosen: bool = cursor.fetchone()[0]
    try:
        yield chosen
    finally:
        if chosen:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
