"""The doors of files: how what a person sends becomes an upload, a document, a version or an export of theirs.

Whoever lacks the right learns nothing (404).
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.files import doors
from tanhui.files.models import Document, Export, Raster, Upload, Version
from tanhui.identity.models import Person

Row = TypeVar("Row", bound=Model)


def upload(person: Person, key: UUID | str, *, at: datetime) -> Upload:
    """One of the person's own uploads that has not run out, whatever its state; ``filing`` takes only finished ones."""
    return only(Upload.objects.filter(pk=uuid(key), person=person, expires_at__gt=at))


def document(person: Person | None, key: UUID | str, *, at: datetime) -> Document:
    """A document that the person (``None``: the public) may read."""
    found = only(Document.objects.filter(pk=uuid(key)))
    if not doors.may_read(person, found.subject, withheld=bool(found.withheld_reason), by=found.by_id, at=at):
        raise Http404
    return found


def version(person: Person | None, key: UUID | str, number: int, *, at: datetime) -> Version:
    """One version of a document that the person may read."""
    return only(document(person, key, at=at).versions.filter(number=number))


def raster(person: Person | None, key: UUID | str, number: int, *, at: datetime) -> Raster:
    """The map of a version that the person may read; 404 where it is no raster."""
    return only(Raster.objects.filter(version=version(person, key, number, at=at)).select_related("version__document"))


def export(person: Person, key: UUID | str) -> Export:
    """An export the person asked for."""
    return only(Export.objects.filter(pk=uuid(key), asked_by=person))


def uuid(key: UUID | str) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Http404 from None


def only(rows: QuerySet[Row]) -> Row:
    for row in rows:
        return row
    raise Http404
