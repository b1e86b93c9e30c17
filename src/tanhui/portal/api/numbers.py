"""What everyone may ask by program: any number, the registers, the figures, the log's last word. Nobody signs in."""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from tanhui.identity import rights
from tanhui.journal import queries as journal
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.portal.queries import figures, log, statistics, whereabouts
from tanhui.registry.api import reading, shapes
from tanhui.registry.api.lists import Window, page
from tanhui.registry.models import Batch, Retirement

router = Router(tags=["公开查询"])
ONE_DAY = dt.timedelta(days=1)
STATES: list[Any] = ["HELD", "RESTRICTED", "BUFFER", "RETIRED", "CANCELLED", "ELSEWHERE"]
Paged = Annotated[Window, Query()]


class LogEmpty(Refusal):
    code = "portal.log_empty"
    sentence = gettext_noop("The log has no checkpoint yet. Try again after the first act.")
    clause = "ARCHITECTURE.md §7"
    status = 404


class Stretch(Schema):
    """Consecutive units that share a fate."""

    first: int
    last: int
    serial: str
    state: str = Field(json_schema_extra={"enum": STATES})
    certificate: str | None = Field(description="The retirement's certificate, when these units are retired.")


class Step(Schema):
    at: shapes.Moment
    kind: str
    transaction: int


class Found(Schema):
    """What a number is, and what became of the units it names; never who holds them while they live."""

    kind: str = Field(json_schema_extra={"enum": ["UNITS", "CERTIFICATE"]})
    first: int | None = None
    last: int | None = None
    batch: str | None = None
    serial: str | None = Field(default=None, description="The serial of the whole batch.")
    project: int | None = None
    project_name: str | None = None
    vintage: int | None = None
    stretches: list[Stretch] = []
    more: bool = Field(default=False, description="There are more stretches than are told.")
    history: list[Step] = Field(default=[], description="Every movement, when one unit is asked about.")
    certificate: shapes.Certificate | None = None


class ProjectOut(Schema):
    number: int
    name: str
    type: str
    owner: str
    methodology: str
    region: str
    crediting_from: dt.date
    crediting_to: dt.date | None
    state: str
    issued_t: int


class Projects(Schema):
    items: list[ProjectOut]
    next: str | None


class BatchOut(Schema):
    batch: str
    serial: str
    project: int
    vintage: int
    period_from: dt.date
    period_to: dt.date
    quantity_t: int
    issued_at: shapes.Moment
    methodology: str
    inputs_sha256: str | None = Field(description="None for units of another registry.")
    trace_sha256: str | None


class Batches(Schema):
    items: list[BatchOut]
    next: str | None


class Purpose(Schema):
    purpose: str
    count: int
    quantity_t: int


class Figures(Schema):
    """Whole tonnes over the register: issued = held + buffer + retired + cancelled."""

    projects: int
    issued_t: int
    held_t: int
    buffer_t: int
    retired_t: int
    cancelled_t: int
    retired: list[Purpose]


class Checkpoint(Schema):
    size: int
    root: str = Field(description="SHA-256 in hex.")
    at: shapes.Moment
    note: str = Field(description="The signed note (C2SP), to be kept and compared later.")
    keys: list[str] = Field(description="The operator's verifier keys.")


@router.get("/units/{text}", response=Found, operation_id="lookUp", summary="编号查询")
@rights.needs(rights.PUBLIC)
def look_up(request: HttpRequest, text: str) -> Found:
    """Any printed serial, any unit number inside a block, any certificate number."""
    found = whereabouts.find(text.replace("\x00", "")[:200])
    if isinstance(found, Retirement):
        return Found(kind="CERTIFICATE", certificate=reading.certificate(found))
    return Found(
        kind="UNITS", first=found.asked.first, last=found.asked.last, batch=found.batch.asset.code, serial=found.serial,
        project=found.batch.project.number, project_name=found.batch.project.name, vintage=found.batch.vintage,
        more=found.cut,
        stretches=[
            Stretch(
                first=one.numbers.first, last=one.numbers.last, state=one.state,
                serial=reading.block(found.batch, one.numbers).serial,
                certificate=one.retirement.certificate if one.retirement else None,
            )
            for one in found.stretches
        ],
        history=[Step(at=one.at, kind=one.kind, transaction=one.transaction) for one in found.history],
    )  # fmt: skip


@router.get("/projects", response=Projects, operation_id="listProjects", summary="项目登记簿")
@rights.needs(rights.PUBLIC)
def projects(request: HttpRequest, response: HttpResponse, window: Paged) -> Projects:
    """The registered projects, highest number first."""
    rows, following = page(request, response, figures.projects(), window, ["number"])
    return Projects(items=[project(one) for one in rows], next=following)


def project(one: Any) -> ProjectOut:
    """A project with its ``issued_t``, as ``figures.projects`` gives it."""
    days = one.crediting
    return ProjectOut(
        number=one.number, name=one.name, type=one.kind, owner=one.owner.name, methodology=one.methodology,
        region=one.region, crediting_from=days.lower, crediting_to=days.upper - ONE_DAY if days.upper else None,
        state=one.state, issued_t=one.issued_t,
    )  # fmt: skip


@router.get("/batches", response=Batches, operation_id="listBatches", summary="签发批次")
@rights.needs(rights.PUBLIC)
def batches(request: HttpRequest, response: HttpResponse, window: Paged) -> Batches:
    """Every batch ever issued or brought in, newest first, with the hashes it can be recomputed from."""
    rows, following = page(request, response, figures.batches(), window, ["pk"])
    return Batches(items=[batch(one) for one in rows], next=following)


def batch(one: Batch) -> BatchOut:
    period = one.issuance.period if one.issuance else None
    return BatchOut(
        batch=one.asset.code, serial=figures.printed(one), project=one.project.number, vintage=one.vintage,
        period_from=one.span.lower, period_to=one.span.upper - ONE_DAY, quantity_t=one.quantity_t,
        issued_at=one.issued_at, methodology=one.project.methodology,
        inputs_sha256=period.inputs_sha256 if period else None, trace_sha256=period.trace_sha256 if period else None,
    )  # fmt: skip


@router.get("/figures", response=Figures, operation_id="getFigures", summary="登记簿总量")
@rights.needs(rights.PUBLIC)
def totals(request: HttpRequest) -> Figures:
    """The register's totals, summed now."""
    found = statistics.now()
    return Figures(
        projects=figures.registered(), issued_t=found.issued, held_t=found.held, buffer_t=found.buffer,
        retired_t=found.retired, cancelled_t=found.cancelled,
        retired=[
            Purpose(purpose=one.value, count=one.movements, quantity_t=one.figures.retired)
            for one in statistics.purposes()
        ],
    )  # fmt: skip


@router.get("/log/checkpoint", response=Checkpoint, operation_id="getCheckpoint", summary="透明日志最新检查点")
@rights.needs(rights.PUBLIC)
def checkpoint(request: HttpRequest) -> Checkpoint:
    """The log's newest signed checkpoint; its tiles lie under `/log/`."""
    head = journal.head()
    if head is None:
        raise LogEmpty
    return Checkpoint(size=head.size, root=bytes(head.root).hex(), at=head.at, note=head.note, keys=log.keys())
