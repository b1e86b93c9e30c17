"""Putting on file what the product itself made: its format is known, so that nothing is inspected."""

import shutil
import uuid
from datetime import datetime
from pathlib import Path

from django.db import transaction

from tanhui.files import doors, kinds, names, store
from tanhui.files.acts import receiving
from tanhui.files.models import Document, Scan, Version
from tanhui.identity.models import Person
from tanhui.journal.record import record


@transaction.atomic
def put(
    *, subject: str, kind: str, title: str, path: Path, name: str, format: str, by: Person, at: datetime,
    media_type: str = "", withheld_reason: str = "",
) -> Version:  # fmt: skip
    """File the bytes at ``path`` as a new document's first version; the file stays where it is.

    ``format`` is one of ``kinds.FORMATS``; ``media_type`` says more where the format is plain text. Refuses with
    ``SubjectUnknown`` or ``KindUnknown``.
    """
    doors.door(subject)
    kinds.named(kind)
    draft = store.draft_path(uuid.uuid4())
    try:
        shutil.copyfile(path, draft)
        sha256, size = store.digest(draft), draft.stat().st_size
        receiving.lock(sha256)
        store.store().keep(draft, sha256)
    finally:
        draft.unlink(missing_ok=True)
    document = Document.objects.create(
        subject=subject, kind=kind, title=title, withheld_reason=withheld_reason, by=by, at=at
    )
    kept = names.clean(name)
    entry = record(
        kind="files.filed",
        fact={"document": str(document.pk), "version": 1},
        private={"subject": subject, "title": title, "name": kept, "sha256": sha256, "kind": kind, "size": size},
        at=at,
        by=by.pk,
    )
    return Version.objects.create(
        document=document, number=1, name=kept, sha256=sha256, size_bytes=size, format=format,
        media_type=media_type or kinds.FORMATS[format].media_type, facts={}, scan=Scan.NONE, by=by, at=at,
        entry_id=entry,
    )  # fmt: skip
