"""Projects in development as the API tells them, and how rows become that. Times are UTC, days those of Beijing."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Schema

from tanhui.kernel.period import DAY
from tanhui.projects import deadlines, divisions, machine, numbers
from tanhui.projects.models import Comment, Development, Monitoring, Paper
from tanhui.projects.queries import cycle
from tanhui.projects.sides import Subject
from tanhui.registry.api import shapes


class DevelopmentDue(Schema):
    """The time limit that runs: its last day, working days left (negative when over), whether the calendar of the days
    between is announced, whether the clock stands still, and the rule that gives it."""

    on: dt.date
    working_days_left: int
    announced: bool
    stopped: bool
    pack: str
    clause: str


class DevelopmentLine(Schema):
    """A project in development, in a list."""

    code: str
    name: str
    owner: str
    owner_uscc: str
    procedure: str
    scheme: str
    methodology: str
    division_code: str
    division: str
    state: str
    state_label: str
    opened_at: shapes.Moment
    changed_at: shapes.Moment
    project: str = Field(description="Its number in the register, once it is registered.")


class DevelopmentList(Schema):
    items: list[DevelopmentLine]
    next: str | None


class StationOut(Schema):
    """One station of the life-line: the act, from which state to which, by whom, and the working days it took."""

    act: str
    label: str
    before: str
    after: str
    state_label: str
    by: str = Field(description="The organisation, or what acted: time itself.")
    reason: str
    working_days: int
    at: shapes.Moment
    entry: int = Field(description="The journal entry that says the same in the log.")


class PaperOut(Schema):
    kind: str
    label: str
    edition: int
    name: str
    size_bytes: int
    sha256: str
    by: str
    at: shapes.Moment
    public: bool
    url: str


class CommentOut(Schema):
    number: int
    name: str
    organisation: str
    text: str
    at: shapes.Moment
    answer: str
    adopted: bool | None


class PeriodLine(Schema):
    """A monitoring period: kilograms as computed and verified, tonnes applied for."""

    code: str
    first: dt.date
    last: dt.date
    state: str
    state_label: str
    verifier: str
    quantity_kg: int | None
    buffer_kg: int
    verified_kg: int | None
    applied_t: int | None
    bundle_sha256: str
    inputs_sha256: str
    trace_sha256: str
    demonstration: bool


class EvidenceOut(Schema):
    month: dt.date = Field(description="Its first day.")
    sha256: str
    due_on: dt.date
    late: bool
    at: shapes.Moment
    entry: int


class QuantitiesOut(Schema):
    periods: int
    computed_kg: int
    verified_kg: int
    issued_t: int


class BenefitOut(Schema):
    """What was sold and shared out, in fen, by tier; no person is named."""

    tonnes: int
    fen: int
    sales: int
    tiers: dict[str, int]


class SubjectOut(Schema):
    """Where a case stands, with its course and its papers."""

    code: str
    state: str
    state_label: str
    due: DevelopmentDue | None
    stations: list[StationOut]
    papers: list[PaperOut]
    comments: list[CommentOut]


def line(one: Development) -> dict[str, Any]:
    return {
        "code": one.code, "name": one.name, "owner": one.owner.name, "owner_uscc": one.owner.uscc,
        "procedure": one.profile, "scheme": one.scheme, "methodology": one.methodology,
        "division_code": one.division_code, "division": divisions.name(one.division_code),
        "state": one.state, "state_label": str(deadlines.state(one).label), "opened_at": one.opened_at,
        "changed_at": one.changed_at, "project": f"{one.registered.number:06d}" if one.registered else "",
    }  # fmt: skip


def subject(request: HttpRequest, one: Subject, *, today: dt.date, private: bool) -> dict[str, Any]:
    """What a development and a monitoring period have in common. ``private``: papers that are withheld too."""
    return {
        "code": one.code, "state": one.state, "state_label": str(deadlines.state(one).label), "due": due(one, today),
        "stations": stations(one), "papers": papers(request, one, private=private),
        "comments": [comment(each) for each in cycle.comments(one)],
    }  # fmt: skip


def due(one: Subject, today: dt.date) -> DevelopmentDue | None:
    left = deadlines.left(one, today=today)
    if left is None:
        return None
    return DevelopmentDue(
        on=left.on, working_days_left=left.left, announced=left.announced, stopped=left.stopped,
        pack=one.limit.get("pack", ""), clause=one.limit.get("clause", ""),
    )  # fmt: skip


def stations(one: Subject) -> list[StationOut]:
    return [
        StationOut(
            act=each.step.act, label=str(each.act), before=each.step.before, after=each.step.after,
            state_label=str(each.state.label), by=str(each.step.organisation or each.side), reason=each.step.reason,
            working_days=each.step.days, at=each.step.at, entry=each.step.entry,
        )
        for each in cycle.lifeline(one)
    ]  # fmt: skip


def papers(request: HttpRequest, one: Subject, *, private: bool) -> list[PaperOut]:
    """The papers as they stand, each with its hash and where it is fetched."""
    kinds = machine.profile(numbers.development_of(one).profile).papers
    return [
        paper(request, each, kinds.get(each.kind)) for each in cycle.papers(one) if each.public or private
    ]  # fmt: skip


def paper(request: HttpRequest, one: Paper, kind: machine.PaperKind | None) -> PaperOut:
    return PaperOut(
        kind=one.kind, label=str(kind.label) if kind else one.kind, edition=one.edition, name=one.name,
        size_bytes=one.size_bytes, sha256=one.sha256, by=one.organisation.name, at=one.at, public=one.public,
        url=request.build_absolute_uri(reverse("files:download", args=[one.document, one.version, one.name])),
    )  # fmt: skip


def comment(one: Comment) -> CommentOut:
    answer = getattr(one, "answer", None)
    return CommentOut(
        number=one.number, name=one.name, organisation=one.organisation, text=one.text, at=one.at,
        answer=answer.text if answer else "", adopted=answer.adopted if answer else None,
    )  # fmt: skip


def period(one: Monitoring) -> dict[str, Any]:
    return {
        "code": one.code, "first": one.span.lower, "last": one.span.upper - DAY, "state": one.state,
        "state_label": str(deadlines.state(one).label), "verifier": str(one.verifier or ""),
        "quantity_kg": one.quantity_kg, "buffer_kg": one.buffer_kg, "verified_kg": one.verified_kg,
        "applied_t": one.applied_t, "bundle_sha256": one.bundle_sha256, "inputs_sha256": one.inputs_sha256,
        "trace_sha256": one.trace_sha256, "demonstration": one.demonstration,
    }  # fmt: skip


def periods(rows: QuerySet[Monitoring], one: Development) -> list[PeriodLine]:
    return [PeriodLine(**period(each)) for each in rows.filter(development=one).order_by("number")]


def evidence(one: Development) -> list[EvidenceOut]:
    return [
        EvidenceOut(
            month=each.month, sha256=each.sha256, due_on=each.due_on, late=each.late, at=each.at, entry=each.entry
        )
        for each in one.evidence.order_by("month", "at")
    ]


def days(one: Development) -> dict[str, dt.date | None]:
    """The crediting period, both days included."""
    span = one.crediting
    return {
        "crediting_first": span.lower if span else None,
        "crediting_last": span.upper - DAY if span and span.upper else None,
    }  # fmt: skip
