"""Questions about papers: what a subject's file holds, how versions differ, what a person has asked for."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, QuerySet

from tanhui.files import doors, exports, kinds
from tanhui.files.models import Document, Export, Upload, Version
from tanhui.identity.models import Person

LATEST = 50  # exports on a page
SHOWN_FACTS = ("pages", "attachments", "sheets", "rows", "columns", "records", "features", "lines", "width", "height")


@dataclass(frozen=True)
class Listed:
    """One paper as a person meets it: ``versions`` newest first, none when it is withheld from them."""

    document: Document
    versions: list[Version]

    @property
    def readable(self) -> bool:
        return bool(self.versions)

    @property
    def newest(self) -> Version | None:
        return self.versions[0] if self.versions else None


def listed(subject: str, person: Person | None, at: datetime) -> list[Listed]:
    """The papers of a subject in the order they were handed in; two statements, however many there are.

    What is withheld from the person is listed without its versions: that it exists and why it is not shown. Whoever may
    read nothing of the subject gets an empty list. Refuses with ``SubjectUnknown``.
    """
    seen = [doors.may_read(person, subject, withheld=withheld, by=None, at=at) for withheld in (False, True)]
    if not any(seen):
        return []
    versions = Prefetch("versions", Version.objects.select_related("by").order_by("-number"))
    rows = Document.objects.filter(subject=subject).order_by("at", "id").prefetch_related(versions)
    return [
        Listed(one, list(one.versions.all()) if seen[bool(one.withheld_reason)] or mine(one, person) else [])
        for one in rows
    ]


def mine(one: Document, person: Person | None) -> bool:
    return person is not None and one.by_id == person.pk


def versions(document: Document) -> list[Version]:
    """Every version of a document with who handed it in, newest first."""
    return list(document.versions.select_related("by").order_by("-number"))


@dataclass(frozen=True)
class Difference:
    """What two versions next to each other do not share: ``what`` is a column or a fact."""

    what: str
    before: object
    after: object


def differences(older: Version, newer: Version) -> list[Difference]:
    """How a version differs from the one before it, by what was measured of both; same bytes, no difference."""
    if older.sha256 == newer.sha256:
        return []
    columns: list[tuple[str, object, object]] = [
        ("name", older.name, newer.name),
        ("format", shown(older.format), shown(newer.format)),
    ]
    columns += [("size_bytes", older.size_bytes, newer.size_bytes)]
    columns += [(name, older.facts.get(name), newer.facts.get(name)) for name in SHOWN_FACTS]
    columns += [("encoding", older.encoding, newer.encoding)]
    return [Difference(what, before, after) for what, before, after in columns if before != after]


def shown(name: str) -> str:
    return str(kinds.FORMATS[name].label)


def exports_of(person: Person) -> QuerySet[Export]:
    """The exports a person asked for, newest first."""
    return Export.objects.filter(asked_by=person).order_by("-asked_at")[:LATEST]


def exporter_of(export: Export) -> exports.Exporter | None:
    """What the export is of; none when its room no longer offers it."""
    return exports.known().get(export.name)


def waiting_uploads(*, expiring_before: datetime) -> QuerySet[Upload]:
    """Uploads that came in whole and were not settled, the oldest first; every request moves an upload's end on."""
    whole = Upload.objects.filter(state=Upload.State.RECEIVING, received_bytes=F("size_bytes"))
    return whole.filter(expires_at__lt=expiring_before).order_by("expires_at")[:20]


def expired_uploads(at: datetime) -> QuerySet[Upload]:
    return Upload.objects.filter(expires_at__lte=at)


def expired_exports(at: datetime) -> QuerySet[Export]:
    return Export.objects.filter(state=Export.State.READY, expires_at__lte=at)


def stuck_exports(asked_before: datetime) -> QuerySet[Export]:
    return Export.objects.filter(state__in=[Export.State.ASKED, Export.State.RUNNING], asked_at__lt=asked_before)
