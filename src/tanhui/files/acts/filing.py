"""Putting a finished upload on file as a document, and a better one in its place; the earlier ones stay."""

from datetime import datetime

from django.db import transaction

from tanhui.files import doors, inspection, kinds
from tanhui.files.acts import mapping, receiving
from tanhui.files.models import Document, Upload, Version
from tanhui.identity.models import Person
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop


class UploadUnfinished(Refusal):
    code = "files.upload_unfinished"
    sentence = gettext_noop("“%(name)s” is not here whole yet. Wait until it is, or choose it again.")
    clause = "ARCHITECTURE.md §6.1"
    status = 409


class KindMismatch(Refusal):
    code = "files.kind_mismatch"
    sentence = gettext_noop("“%(name)s” is %(format)s; %(kind)s is taken as %(formats)s. Choose a file of that format.")
    clause = "ARCHITECTURE.md §3"
    status = 422


class EncodingUnsaid(Refusal):
    code = "files.encoding_unsaid"
    sentence = gettext_noop(
        "“%(name)s” does not say in which encoding its attributes are written. Look at the preview and choose one."
    )
    clause = "ESRI Shapefile Technical Description (1998)"
    status = 409


@transaction.atomic
def file(
    *, subject: str, kind: str, title: str, upload: Upload, by: Person, at: datetime, withheld_reason: str = ""
) -> Document:
    """Put a finished upload on file as a new document's first version, and tell the journal.

    Refuses with ``SubjectUnknown``, ``KindUnknown``, ``UploadUnfinished``, ``KindMismatch``, ``FileTooLarge``,
    ``EncodingUnsaid``, or the rule that refused the upload. An upload may be filed once or several times.
    """
    doors.door(subject)
    check(upload, kind)
    made = Document.objects.create(
        subject=subject, kind=kind, title=title, withheld_reason=withheld_reason, by=by, at=at
    )
    add(made, 1, upload, by, at)
    return made


@transaction.atomic
def replace(*, document: Document, upload: Upload, by: Person, at: datetime) -> Version:
    """Add a version to a document; the earlier ones stay and can be read. Refuses as ``file`` does."""
    check(upload, document.kind)
    Document.objects.select_for_update().get(pk=document.pk)
    return add(document, document.versions.count() + 1, upload, by, at)


@transaction.atomic
def withhold(*, document: Document, reason: str, by: Person, at: datetime) -> None:
    """Show a document to the public no more, or again (an empty reason); that it exists and why stays listed."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    if row.withheld_reason == reason:
        return
    row.withheld_reason = document.withheld_reason = Document.Withheld(reason).value if reason else ""
    row.save(update_fields=["withheld_reason"])
    record(
        kind="files.withheld" if reason else "files.disclosed",
        fact={"document": str(row.pk)} | ({"reason": reason} if reason else {}),
        private={"subject": row.subject, "title": row.title},
        at=at,
        by=by.pk,
    )


def check(upload: Upload, kind: str) -> None:
    """Whether an upload may be filed as that kind."""
    asked = kinds.named(kind)
    if upload.refusal:
        raise inspection.refusal(upload.refusal)
    if upload.state != Upload.State.FINISHED:
        raise UploadUnfinished(name=upload.name)
    if upload.format not in asked.formats:
        label = kinds.FORMATS[upload.format].label
        raise KindMismatch(name=upload.name, format=str(label), kind=str(asked.label), formats=asked.spoken)
    if upload.size_bytes > asked.most_bytes:
        megabytes = -(-upload.size_bytes // kinds.MB)
        raise receiving.FileTooLarge(name=upload.name, megabytes=megabytes, most=asked.most_bytes // kinds.MB)
    if upload.facts.get("previews") and not upload.encoding:
        raise EncodingUnsaid(name=upload.name)


def add(document: Document, number: int, upload: Upload, by: Person, at: datetime) -> Version:
    """A version from an upload. The content's lock keeps its bytes from being dropped meanwhile."""
    receiving.lock(upload.sha256)
    told = {"subject": document.subject, "title": document.title, "name": upload.name, "sha256": upload.sha256}
    entry = record(
        kind="files.filed" if number == 1 else "files.replaced",
        fact={"document": str(document.pk), "version": number},
        private=told | {"kind": document.kind, "size": upload.size_bytes},
        at=at,
        by=by.pk,
    )
    made = Version.objects.create(
        document=document, number=number, name=upload.name, sha256=upload.sha256, size_bytes=upload.size_bytes,
        format=upload.format, media_type=kinds.FORMATS[upload.format].media_type, encoding=upload.encoding,
        facts={name: fact for name, fact in upload.facts.items() if name != "previews"}, scan=upload.scan,
        by=by, at=at, entry_id=entry,
    )  # fmt: skip
    if made.format == "geotiff":
        mapping.ask(made, at=at)
    return made
