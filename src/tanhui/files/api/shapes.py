"""What the API sends about papers. Times are UTC; sizes are bytes."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Schema
from pydantic import PlainSerializer, WithJsonSchema

from tanhui.files import inspection, kinds
from tanhui.files.models import Document, Export, Upload, Version
from tanhui.identity.models import Person
from tanhui.kernel import clock
from tanhui.ui import refusals

Moment = Annotated[
    datetime,
    PlainSerializer(clock.for_machines, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


def caller(request: HttpRequest) -> Person:
    """The person who asks; the router's authentication has put them there."""
    person: Person = request.auth  # type: ignore[attr-defined]
    return person


class Refused(Schema):
    """Why a file was not taken."""

    code: str
    detail: str


class Received(Schema):
    """A file on its way in. ``state``: RECEIVING, FINISHED, REFUSED."""

    id: Id
    name: str
    kind: str
    state: str
    size_bytes: int
    received_bytes: int
    expires_at: Moment
    format: str = Field(description="What a parser found it to be; empty until it was inspected.")
    format_label: str
    sha256: str
    encoding: str
    encoding_asked: bool = Field(description="Its attributes do not say their encoding: choose one before filing it.")
    facts: dict[str, Any]
    scan: str
    refusal: Refused | None


def received(upload: Upload) -> Received:
    why = inspection.refusal(upload.refusal) if upload.refusal else None
    return Received(
        id=str(upload.pk), name=upload.name, kind=upload.kind, state=upload.state, size_bytes=upload.size_bytes,
        received_bytes=upload.received_bytes, expires_at=upload.expires_at, format=upload.format,
        format_label=str(kinds.FORMATS[upload.format].label) if upload.format else "", sha256=upload.sha256,
        encoding=upload.encoding, encoding_asked="previews" in upload.facts and not upload.encoding,
        facts=upload.facts, scan=upload.scan,
        refusal=Refused(code=why.code, detail=refusals.say(why)) if why else None,
    )  # fmt: skip


class Numbered(Schema):
    """One version of a document."""

    number: int
    name: str
    size_bytes: int
    sha256: str
    format: str
    media_type: str
    encoding: str
    facts: dict[str, Any]
    scan: str
    by: str
    at: Moment


class Paper(Schema):
    """A document. A withheld one that you may not read has a reason and no versions."""

    id: Id
    subject: str
    kind: str
    title: str
    withheld_reason: str
    at: Moment
    versions: list[Numbered]


class Papers(Schema):
    items: list[Paper]


def paper(one: Document, versions: list[Version]) -> Paper:
    return Paper(
        id=str(one.pk), subject=one.subject, kind=one.kind, title=one.title, withheld_reason=one.withheld_reason,
        at=one.at, versions=[numbered(version) for version in versions],
    )  # fmt: skip


def numbered(one: Version) -> Numbered:
    return Numbered(
        number=one.number, name=one.name, size_bytes=one.size_bytes, sha256=one.sha256, format=one.format,
        media_type=one.media_type, encoding=one.encoding, facts=one.facts, scan=one.scan, by=one.by.name, at=one.at,
    )  # fmt: skip


class Asked(Schema):
    """An export. ``state``: ASKED, RUNNING, READY, FAILED, EXPIRED."""

    id: Id
    name: str
    parameters: dict[str, str]
    form: str
    state: str
    rows_done: int
    rows_total: int
    asked_at: Moment
    finished_at: Moment | None
    expires_at: Moment | None
    sha256: str
    size_bytes: int | None


class AllAsked(Schema):
    items: list[Asked]


def asked(one: Export) -> Asked:
    return Asked(
        id=str(one.pk), name=one.name, parameters=one.parameters, form=one.form, state=one.state,
        rows_done=one.rows_done, rows_total=one.rows_total, asked_at=one.asked_at, finished_at=one.finished_at,
        expires_at=one.expires_at, sha256=one.sha256, size_bytes=one.size_bytes,
    )  # fmt: skip
