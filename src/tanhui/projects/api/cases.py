"""The desk of projects for programs: the cases one has a part in, their steps, papers and second signatures.

A case is a development (``D000012``) or a monitoring period (``D000012-2``). The steps are those of the desk's pages:
of the side whose turn it is; where the procedure takes two people, one asks for a step and another confirms it.
"""

import datetime as dt
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema

from tanhui.files import access as uploads
from tanhui.identity import rights
from tanhui.identity.acts import instruction
from tanhui.identity.models import Instruction, Mandate, Person
from tanhui.kernel import clock
from tanhui.projects import access_cycle, deadlines, machine, numbers
from tanhui.projects.acts import asking, papers, steps
from tanhui.projects.api import shown
from tanhui.projects.queries import cycle
from tanhui.projects.sides import Subject
from tanhui.registry.api import shapes
from tanhui.registry.api.answers import Key, Match, caller
from tanhui.registry.api.answers import key as checked
from tanhui.registry.api.lists import Window, page

router = Router(tags=["项目办理"])
Code = Annotated[str, Path(max_length=24, description="D000012, or D000012-2 for a monitoring period.")]
LOOKS = rights.member("projects.look")
STEPS = rights.member("projects.step", capacities=[Mandate.Capacity.INITIATE])
DECIDES = rights.member("projects.decide", capacities=[Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM])


class ChoiceOut(Schema):
    """A step the caller could take or ask for now, and the papers it still lacks."""

    act: str
    label: str
    after: str
    side: str
    two_people: bool
    reason_needed: bool
    papers_missing: list[str]
    clause: str


class WaitingOut(Schema):
    """What was asked for and waits for a second signature."""

    id: UUID
    act: str
    label: str
    initiator: str
    organisation: str
    at: shapes.Moment
    expires_at: shapes.Moment


class CaseDetail(shown.SubjectOut):
    """A case at the desk. Its ETag is its revision; send it back as If-Match with a step."""

    name: str
    owner: str
    revision: int
    turn: list[str] = Field(description="The sides whose turn it is.")
    choices: list[ChoiceOut]
    waiting: WaitingOut | None
    periods: list[shown.PeriodLine]


class StepAsked(Schema):
    act: str = Field(max_length=24, description="One of `choices`.")
    reason: str = Field("", max_length=steps.LONGEST, description="Published; some steps ask for it.")
    quantity_t: shapes.Tonnes | None = Field(None, description="Of `claw_back`: how many are to be cancelled.")
    deadline: dt.date | None = Field(None, description="Of `claw_back`: the last day to comply.")

    def details(self) -> dict[str, object]:
        given = {"quantity_t": self.quantity_t, "deadline": self.deadline.isoformat() if self.deadline else None}
        return {name: value for name, value in given.items() if value is not None}


class PaperAsked(Schema):
    kind: str = Field(max_length=16, description="As the procedure names it: DESIGN, REPORT, …")
    upload: UUID = Field(description="A finished upload of yours (`/uploads`).")


@router.get("/cases", response=shown.DevelopmentList, operation_id="listCases", summary="本单位参与的项目")
@rights.needs(LOOKS)
def listed(request: HttpRequest, response: HttpResponse, window: Query[Window]) -> shown.DevelopmentList:
    """The projects your organisations have a part in, drafts of your own among them, newest number first."""
    rows = cycle.seen_by(caller(request), at=timezone.now())
    found, following = page(request, response, rows, window, ["number"])
    return shown.DevelopmentList(items=[shown.DevelopmentLine(**shown.line(one)) for one in found], next=following)


@router.get("/cases/{code}", response=CaseDetail, operation_id="getCase", summary="一个项目或监测期的办理情况")
@rights.needs(LOOKS)
def case(request: HttpRequest, response: HttpResponse, code: Code) -> CaseDetail:
    """Where a case stands, its course, its papers, what you can do next, and what waits for a second signature."""
    now = timezone.now()
    return told(request, response, door(caller(request), code, at=now), at=now)


@router.post("/cases/{code}/steps", response=CaseDetail, operation_id="takeCaseStep", summary="办理下一步")
@rights.needs(STEPS)
def step(
    request: HttpRequest, response: HttpResponse, code: Code, body: StepAsked, idempotency_key: Key, if_match: Match
) -> CaseDetail:
    """Take a step, or ask for it where two people must sign; the same key again gives the same answer."""
    now, person, reference = timezone.now(), caller(request), checked(idempotency_key)
    subject = door(person, code, at=now)
    said, revision = steps.Said(body.reason, body.details()), revision_of(if_match, subject)
    if not repeated(subject, body, person, reference):
        mandate = mandate_for(subject, body.act, person, at=now)
        take = asking.ask if steps.looked_up(subject, body.act).two else steps.step
        take(
            subject=subject, act=body.act, mandate=mandate, reference=reference, at=now, said=said, revision=revision
        )  # fmt: skip
    return told(request, response, access_cycle.again(subject), at=now)


@router.post("/cases/{code}/confirm", response=CaseDetail, operation_id="confirmCaseStep", summary="第二人确认")
@rights.needs(DECIDES)
def confirm(request: HttpRequest, response: HttpResponse, code: Code) -> CaseDetail:
    """Confirm what a colleague asked for: the step is taken. Confirming again changes nothing."""
    now, person = timezone.now(), caller(request)
    subject = door(person, code, at=now)
    asked = asking.latest(subject)
    if asked is None:
        raise asking.NothingAsked
    mandate = access_cycle.mandate(person, asked.organisation, Mandate.Capacity.CONFIRM, at=now)
    asking.confirm(subject=subject, mandate=mandate, at=now)
    return told(request, response, access_cycle.again(subject), at=now)


@router.post("/cases/{code}/drop", response=CaseDetail, operation_id="dropCaseStep", summary="驳回或撤回待确认事项")
@rights.needs(DECIDES)
def drop(request: HttpRequest, response: HttpResponse, code: Code, body: shapes.Reason) -> CaseDetail:
    """Say no as the second person, or take back what you asked for; the case stands where it stood."""
    now, person = timezone.now(), caller(request)
    subject = door(person, code, at=now)
    asked = cycle.waiting(subject, at=now)
    if asked is None:
        raise asking.NothingAsked
    mandate = access_cycle.any_mandate(person, asked.organisation, at=now)
    asking.drop(subject=subject, mandate=mandate, reason=body.reason, at=now)
    return told(request, response, access_cycle.again(subject), at=now)


@router.post("/cases/{code}/papers", response=shown.PaperOut, operation_id="handInCasePaper", summary="提交材料")
@rights.needs(STEPS)
def paper(request: HttpRequest, code: Code, body: PaperAsked) -> shown.PaperOut:
    """Hand in a paper of your side. The same bytes again are the same paper."""
    now, person = timezone.now(), caller(request)
    subject = door(person, code, at=now)
    known = papers.known(subject, body.kind)
    mandate = access_cycle.side_mandate(subject, known.side, person, at=now)
    if mandate is None:
        raise papers.PaperNotYours(
            paper=str(known.label), needed=str(machine.side(known.side)), organisation=person.name
        )  # fmt: skip
    upload = uploads.upload(person, body.upload, at=now)
    made = papers.hand_in(subject=subject, kind=body.kind, upload=upload, mandate=mandate, at=now)
    return shown.paper(request, made, known)


def door(person: Person, code: str, *, at: dt.datetime) -> Subject:
    """A development or a monitoring period the person has a part in; 404 otherwise."""
    if "-" in code:
        return access_cycle.period(person, code, at=at)
    return access_cycle.development(person, code, at=at)


def mandate_for(subject: Subject, act: str, person: Person, *, at: dt.datetime) -> Mandate:
    """The person's mandate for a step; where it is not their turn, one by which the step itself refuses."""
    found = next((one for one in cycle.choices(subject, person, at=at) if one.row.act == act), None)
    if found is not None:
        return found.mandate
    steps.looked_up(subject, act)
    return next(one for one in cycle.mandates(person, at=at) if one.capacity == Mandate.Capacity.INITIATE)


def repeated(subject: Subject, body: StepAsked, person: Person, reference: str) -> bool:
    """Whether this very request was carried out before. Refuses with ``identity.reference_taken`` where the reference
    stood under another one."""
    taken, asked = access_cycle.taken_by(person, reference), access_cycle.asked_by(person, reference)
    if taken is not None:
        before = (taken.monitoring_id or taken.development_id, taken.act, taken.reason)
    elif asked is not None:
        before = (UUID(asked.body["subject"]), asked.body["act"], asked.body["reason"])
    else:
        return False
    if before != (subject.pk, body.act, body.reason.strip()):
        raise instruction.ReferenceTaken(reference=reference)
    return True


def revision_of(if_match: str, subject: Subject) -> int | None:
    """The revision the caller decided on: none where no header is sent or any will do."""
    given = if_match.strip().strip('"')
    if given in {"", "*"}:
        return None
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def told(request: HttpRequest, response: HttpResponse, subject: Subject, *, at: dt.datetime) -> CaseDetail:
    person, held = caller(request), numbers.development_of(subject)
    response["ETag"] = f'"{subject.revision}"'
    asked = cycle.waiting(subject, at=at)
    rows = cycle.periods() if subject is held else cycle.periods().none()
    return CaseDetail(
        **shown.subject(request, subject, today=clock.day(at), private=True),
        name=held.name, owner=held.owner.name, revision=subject.revision, turn=sorted(cycle.turn(subject)),
        choices=[] if asked else [choice(subject, one) for one in cycle.choices(subject, person, at=at)],
        waiting=waiting(subject, asked) if asked else None, periods=shown.periods(rows, held),
    )  # fmt: skip


def choice(subject: Subject, one: cycle.Choice) -> ChoiceOut:
    row = one.row
    return ChoiceOut(
        act=row.act, label=str(row.label), after=row.after, side=row.side, two_people=row.two,
        reason_needed=row.reason, papers_missing=steps.papers_missing(subject, row), clause=row.clause,
    )  # fmt: skip


def waiting(subject: Subject, asked: Instruction) -> WaitingOut:
    row = deadlines.of(subject).row(asked.body["act"], subject.state, subject.stage)
    return WaitingOut(
        id=asked.pk, act=asked.body["act"], label=str(row.label) if row else "", initiator=asked.initiator.name,
        organisation=asked.organisation.name, at=asked.at, expires_at=asked.expires_at,
    )  # fmt: skip
