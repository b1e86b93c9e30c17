"""Taking files in: begun, received piece by piece or at once, then inspected, scanned and kept."""

import hashlib
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import Sum

from tanhui.files import inspection, kinds, names, refusals, scanning, store
from tanhui.files.models import Export, Raster, Scan, Upload, Version
from tanhui.identity.models import Person
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

UNUSED_FOR = timedelta(hours=24)  # how long an upload waits for its rest, or to be used
DAILY_BYTES = 5 * kinds.GB
DAILY_COUNT = 500
ONE_DAY = timedelta(days=1)
HOLDERS: list[Any] = [Version, Upload, Export, Raster]  # models that name a content by ``sha256``; rooms add theirs


class Source(Protocol):
    """What bytes are read from: a request, an uploaded file, an open file."""

    def read(self, size: int, /) -> bytes: ...


class FileTooLarge(Refusal):
    code = "files.file_too_large"
    sentence = gettext_noop(
        "“%(name)s” has %(megabytes)s MB; a file of this kind may have %(most)s MB. Make it smaller or split it."
    )
    clause = "ARCHITECTURE.md §3"
    status = 413


class DailyLimit(Refusal):
    code = "files.daily_limit"
    sentence = gettext_noop(
        "You have handed in %(megabytes)s MB in %(count)s files today; %(most)s MB in %(files)s files are possible. "
        "Go on tomorrow, or ask the operator."
    )
    clause = "GB/T 22239-2019 8.1.4.1"
    status = 429


def begin(*, person: Person, name: str, size: int, kind: str, at: datetime) -> Upload:
    """Make room for a file of ``size`` bytes. Refuses a name, a kind, a size (``FileTooLarge``), and ``DailyLimit``."""
    asked = kinds.named(kind)
    kept = names.clean(name)
    if size == 0:
        raise refusals.FileEmpty
    if size > asked.most_bytes:
        raise FileTooLarge(name=kept, megabytes=-(-size // kinds.MB), most=asked.most_bytes // kinds.MB)
    with transaction.atomic():
        lock(f"uploads of {person.pk}")
        today = Upload.objects.filter(person=person, created_at__gt=clock.midnight_after(clock.day(at)) - ONE_DAY)
        used, count = today.aggregate(total=Sum("size_bytes"))["total"] or 0, today.count()
        if used + size > DAILY_BYTES or count >= DAILY_COUNT:
            raise DailyLimit(megabytes=used // kinds.MB, count=count, most=DAILY_BYTES // kinds.MB, files=DAILY_COUNT)
        return Upload.objects.create(
            person=person, name=kept, kind=asked.name, size_bytes=size, created_at=at, expires_at=at + UNUSED_FOR
        )


def receive(*, stream: Source, name: str, person: Person, at: datetime, kind: str = "any") -> Upload:
    """Take a whole file in at once and settle it, reading ``stream`` piece by piece.

    Refuses as ``begin`` does, and with what inspection or the scanner finds.
    """
    key, size, most = uuid.uuid4(), 0, kinds.named(kind).most_bytes
    draft = store.draft_path(key)
    try:
        with store.open_draft(key) as file:
            while size <= most and (piece := stream.read(store.PIECE)):
                size += file.write(piece)
        asked = begin(person=person, name=name, size=size, kind=kind, at=at)
        draft.replace(store.draft_path(asked.pk))
    finally:
        draft.unlink(missing_ok=True)
    asked.received_bytes = size
    asked.save(update_fields=["received_bytes"])
    try:
        settled = settle(upload=asked, at=at)
    except scanning.ScannerSilent:  # nobody would come back for it
        forget(upload=asked)
        raise
    if settled.refusal:
        if settled.scan != Scan.FOUND:  # what was set aside leaves a trace
            forget(upload=settled)
        raise inspection.refusal(settled.refusal)
    return settled


def settle(*, upload: Upload, at: datetime) -> Upload:
    """Inspect and scan a file that has come in whole, and keep it or say why not.

    The upload ends ``FINISHED`` or ``REFUSED``; settling it twice, even at once, does no harm. Refuses with
    ``ScannerSilent``: the upload then waits, and the worker settles it later.
    """
    draft = store.draft_path(upload.pk)
    if upload.state != Upload.State.RECEIVING or not draft.exists():
        upload.refresh_from_db()
        return upload
    found = Upload(state=Upload.State.FINISHED, sha256=store.digest(draft), finished_at=at)
    try:
        seen = inspection.inspect(draft, kinds.named(upload.kind).formats)
        found.format, found.facts, found.encoding = seen.format.name, seen.facts, seen.encoding
        found.scan = scanning.scan(draft)
    except scanning.ScannerSilent:
        raise
    except Refusal as refusal:
        found.state, found.refusal = Upload.State.REFUSED, {"code": refusal.code, "facts": refusal.facts}
        if isinstance(refusal, refusals.Infected):
            found.scan = Scan.FOUND
    return kept(upload, found, draft)


FOUND = ("state", "sha256", "finished_at", "format", "facts", "encoding", "scan", "refusal")


@transaction.atomic
def kept(upload: Upload, found: Upload, draft: Path) -> Upload:
    """Put the bytes where they belong, and say so in the row; of two who settle, the first one's word stands."""
    lock(found.sha256)
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    if row.state == Upload.State.RECEIVING:
        for name in FOUND:
            setattr(row, name, getattr(found, name))
        if row.state == Upload.State.FINISHED:
            store.store().keep(draft, row.sha256)
        elif row.scan == Scan.FOUND:
            draft.replace(store.folder("quarantine") / row.sha256)
        else:
            draft.unlink()
        row.save(update_fields=FOUND)
    return row


def lock(word: str) -> None:
    """Until the transaction ends, nobody else holds the lock of this word."""
    with connection.cursor() as cursor:
        number = int.from_bytes(hashlib.sha256(f"files/{word}".encode()).digest()[:8], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def forget(*, upload: Upload) -> None:
    """Give an upload up: its row, its draft, and its bytes unless something else holds the same."""
    sha256 = upload.sha256
    with transaction.atomic():
        lock(sha256 or str(upload.pk))
        Upload.objects.filter(pk=upload.pk).delete()
        store.draft_path(upload.pk).unlink(missing_ok=True)
        if sha256:
            drop_unheld(sha256)


def drop_unheld(sha256: str) -> None:
    """Drop a content that nothing names any more; the caller holds its lock."""
    if not any(model.objects.filter(sha256=sha256).exists() for model in HOLDERS):
        store.store().drop(sha256)
