"""Applications for an account: the caller's own and those at the caller's desk, and what reviewers decide."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import clock
from tanhui.registry import access, openings
from tanhui.registry.acts.opening import content, deciding, drafting, reviewing
from tanhui.registry.api import shapes
from tanhui.registry.api.answers import Key, caller, key
from tanhui.registry.api.lists import Window, page
from tanhui.registry.models import Application, Step

router = Router(tags=["开户"])
READ = rights.person("registry.openings")
REVIEW = rights.member(
    "registry.review_opening",
    roles=[Organisation.Role.EXCHANGE, Organisation.Role.REGISTRY],
    capacities=[Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM],
    at_door=True,
)
Papers = Annotated[list[str], Field(max_length=40, description="Every kind of paper that was checked.")]
Version = Annotated[int, Field(ge=1, strict=True, description="The version you decided on.")]
Text = Annotated[str, Field(max_length=reviewing.LONGEST)]


class DueDay(Schema):
    """The time limit that runs: its last day, working days left (negative when overdue), whether the calendar of the
    days between is announced, and whether the clock stands still during correction."""

    on: str = Field(json_schema_extra={"format": "date"})
    working_days_left: int
    announced: bool
    stopped: bool


class Taken(Schema):
    """One step: the act, from which state to which, when, by whom and why."""

    act: str
    before: str
    after: str
    at: shapes.Moment
    by: str
    organisation: str
    reason: str
    remarks: dict[str, str] = Field(description="What to correct, by field or kind of paper.")


class Opening(Schema):
    """An application in a list. ``number`` is empty before the first submission."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    number: str
    state: str = Field(json_schema_extra={"enum": list(Application.State.values)})
    version: int
    uscc: str
    name: str
    applicant: str
    exchange: str
    reviewer: str
    account: str
    due: DueDay | None
    changed_at: shapes.Moment


class Detail(Opening):
    """An application with its last submission, secrets masked, and its course."""

    round: int
    content: dict[str, str]
    papers: list[dict[str, Any]]
    steps: list[Taken]


class Openings(Schema):
    items: list[Opening]
    next: str | None


class Checked(Schema):
    version: Version
    checklist: Papers


class Back(Schema):
    version: Version
    reason: Text = ""
    remarks: dict[str, Text] = Field(description="What to correct, by field or kind of paper; at least one.")


class Why(Schema):
    version: Version
    reason: Text


@router.get("/openings", response=Openings, operation_id="listOpenings", summary="开户申请列表")
@rights.needs(READ)
def listed(
    request: HttpRequest,
    response: HttpResponse,
    window: Annotated[Window, Query()],
    desk: Annotated[bool, Query(description="Those at your desk instead of your own.")] = False,
) -> Openings:
    """The applications you started or are named in, or those that came to your exchange or registry; newest first."""
    now, person = timezone.now(), caller(request)
    rows = openings.reviewed_by(person, at=now) if desk else openings.of_person(person)
    found, following = page(request, response, rows, window, ["changed_at", "id"])
    return Openings(items=[Opening(**outline(one)) for one in found], next=following)


@router.get("/openings/{uuid:key}", response=Detail, operation_id="getOpening", summary="一份开户申请")
@rights.needs(READ)
def one(request: HttpRequest, response: HttpResponse, key: UUID) -> Detail:
    """One application with its last submission and every step; its ETag is its version."""
    return told(response, access.application(caller(request), key, at=timezone.now()))


@router.post("/openings/{uuid:key}/take", response=Detail, operation_id="takeOpening", summary="接办")
@rights.needs(REVIEW)
def take(request: HttpRequest, response: HttpResponse, key: UUID, idempotency_key: Key) -> Detail:
    """Take an application in hand, also over from a colleague."""
    return decided(request, response, key, idempotency_key, "", reviewing.take)


@router.post("/openings/{uuid:key}/pass", response=Detail, operation_id="passOpening", summary="初审通过")
@rights.needs(REVIEW)
def pass_on(
    request: HttpRequest, response: HttpResponse, key: UUID, body: Checked, idempotency_key: Key
) -> Detail:  # fmt: skip
    """The exchange finds everything in order and hands it to the registry."""
    return decided(request, response, key, idempotency_key, "", reviewing.pass_on, **body.dict())


@router.post("/openings/{uuid:key}/return", response=Detail, operation_id="returnOpening", summary="退回补正")
@rights.needs(REVIEW)
def send_back(request: HttpRequest, response: HttpResponse, key: UUID, body: Back, idempotency_key: Key) -> Detail:
    """Return it for correction; the clock stands still until it is submitted again."""
    return decided(request, response, key, idempotency_key, "", reviewing.send_back, **body.dict())


@router.post("/openings/{uuid:key}/reject", response=Detail, operation_id="rejectOpening", summary="不予通过")
@rights.needs(REVIEW)
def reject(request: HttpRequest, response: HttpResponse, key: UUID, body: Why, idempotency_key: Key) -> Detail:
    """Turn it down for good."""
    return decided(request, response, key, idempotency_key, "", reviewing.reject, **body.dict())


@router.post(
    "/openings/{uuid:key}/propose", response=Detail, operation_id="proposeOpening", summary="签署开户（第一人）"
)
@rights.needs(REVIEW)
def propose(request: HttpRequest, response: HttpResponse, key: UUID, body: Checked, idempotency_key: Key) -> Detail:
    """The registry's reviewer signs; a colleague must sign too, within seven days."""
    return decided(request, response, key, idempotency_key, "INITIATE", deciding.propose, **body.dict())


@router.post(
    "/openings/{uuid:key}/confirm", response=Detail, operation_id="confirmOpening", summary="签署并开户（第二人）"
)
@rights.needs(REVIEW)
def confirm(request: HttpRequest, response: HttpResponse, key: UUID) -> Detail:
    """Sign second and open the account. Asking again gives the same answer."""
    now = timezone.now()
    asked = access.reviewed_application(caller(request), key, at=now)
    mandate = access.signer(caller(request), asked, at=now)
    deciding.confirm(application=asked, mandate=mandate, at=now)
    return told(response, access.reviewed_application(caller(request), key, at=now))


def decided(
    request: HttpRequest, response: HttpResponse, wanted: UUID, reference: str, capacity: str,
    act: Callable[..., object], **given: Any,
) -> Detail:  # fmt: skip
    """Let a reviewer do one act and answer with what the application is then."""
    now, named = timezone.now(), key(reference)
    asked = access.reviewed_application(caller(request), wanted, at=now)
    mandate = access.reviewer(caller(request), asked, capacity, at=now)
    act(application=asked, mandate=mandate, reference=named, at=now, **given)
    return told(response, access.reviewed_application(caller(request), wanted, at=now))


def told(response: HttpResponse, asked: Application) -> Detail:
    response["ETag"] = f'"{asked.version}"'
    last = openings.rounds(asked)[-1:]
    said = drafting.filled_in(last[0]) if last else {}
    return Detail(
        **outline(asked),
        round=last[0].number if last else 0,
        content={
            field: openings.masked(field, value) if field in content.SECRET else value for field, value in said.items()
        },
        papers=last[0].papers if last else [],
        steps=[taken(each) for each in openings.steps(asked)],
    )


def outline(asked: Application) -> dict[str, Any]:
    due = openings.due(asked, today=clock.day(timezone.now()))
    return {
        "id": str(asked.pk), "number": asked.code, "state": asked.state, "version": asked.version, "uscc": asked.uscc,
        "name": asked.name, "applicant": asked.applicant.name,
        "exchange": asked.exchange.name if asked.exchange else "",
        "reviewer": asked.reviewer.name if asked.reviewer else "",
        "account": asked.account.code if asked.account else "", "changed_at": asked.changed_at,
        "due": DueDay(
            on=due.on.isoformat(), working_days_left=due.left, announced=due.announced, stopped=due.stopped
        ) if due else None,
    }  # fmt: skip


def taken(each: Step) -> Taken:
    return Taken(
        act=each.act, before=each.before, after=each.after, at=each.at, by=each.by.name, reason=each.reason,
        organisation=each.organisation.name if each.organisation else "", remarks=each.remarks,
    )  # fmt: skip
