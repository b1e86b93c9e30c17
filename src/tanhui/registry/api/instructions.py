"""Instructions: what waits for a second person, and how that person decides."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from tanhui.identity import rights
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry import access, queries
from tanhui.registry.acts import desk
from tanhui.registry.api import reading, shapes
from tanhui.registry.api.answers import Match, caller
from tanhui.registry.api.lists import Window, page

router = Router(tags=["指令"])
CONFIRM, INITIATE = [Mandate.Capacity.CONFIRM], [Mandate.Capacity.INITIATE]


class Stale(Refusal):
    code = "registry.stale"
    sentence = gettext_noop(
        "You decided on %(given)s, and the instruction is %(current)s now (%(state)s). Read it again, then decide."
    )
    clause = "RFC 9110 §13.1.1"
    status = 412


@router.get("/instructions", response=shapes.Instructions, operation_id="listInstructions", summary="指令列表")
@rights.needs(rights.person("registry.instructions"))
def instructions(
    request: HttpRequest,
    response: HttpResponse,
    window: Annotated[Window, Query()],
    waiting: Annotated[bool, Query(description="Only those that wait for a second person.")] = False,
) -> shapes.Instructions:
    """The transfers and retirements asked for in your organisations, newest first."""
    now = timezone.now()
    rows = queries.instructions(caller(request), at=now)
    if waiting:
        rows = rows.filter(decision__isnull=True, expires_at__gt=now)
    found, following = page(request, response, rows, window, ["at", "id"])
    return shapes.Instructions(items=[reading.given(one, now) for one in found], next=following)


@router.get("/instructions/{uuid:key}", response=shapes.Instruction, operation_id="getInstruction", summary="一条指令")
@rights.needs(rights.member("registry.instructions", at_door=True))
def instruction(request: HttpRequest, response: HttpResponse, key: UUID) -> shapes.Instruction:
    """One instruction with exactly the units set aside for it, and its ETag."""
    return told(request, response, access.instruction(caller(request), key, at=timezone.now()))


@router.post(
    "/instructions/{uuid:key}/confirm", response=shapes.Instruction, operation_id="confirmInstruction",
    summary="确认并执行",
)  # fmt: skip
@rights.needs(rights.member("registry.confirm", capacities=CONFIRM, at_door=True))
def confirm(request: HttpRequest, response: HttpResponse, key: UUID, if_match: Match) -> shapes.Instruction:
    """Confirm and carry out, as a second person. Confirming again gives the same answer."""
    now = timezone.now()
    asked = access.instruction(caller(request), key, at=now)
    initiating, confirming = access.signing(caller(request), asked, at=now)
    fresh(asked, if_match, now)
    made = desk.confirm(instruction=asked, mandate=confirming, initiating=initiating, at=now)
    return decided(request, response, asked, made)


@router.post(
    "/instructions/{uuid:key}/reject", response=shapes.Instruction, operation_id="rejectInstruction", summary="驳回"
)
@rights.needs(rights.member("registry.confirm", capacities=CONFIRM, at_door=True))
def reject(
    request: HttpRequest, response: HttpResponse, key: UUID, body: shapes.Reason, if_match: Match
) -> shapes.Instruction:
    """Say no, as a second person; the units go free."""
    now = timezone.now()
    asked = access.instruction(caller(request), key, at=now)
    mandate = access.confirmer(caller(request), asked, at=now)
    fresh(asked, if_match, now)
    made = desk.reject(instruction=asked, mandate=mandate, reason=body.reason, at=now)
    return decided(request, response, asked, made)


@router.post(
    "/instructions/{uuid:key}/withdraw", response=shapes.Instruction, operation_id="withdrawInstruction",
    summary="撤回",
)  # fmt: skip
@rights.needs(rights.member("registry.withdraw", capacities=INITIATE, at_door=True))
def withdraw(
    request: HttpRequest, response: HttpResponse, key: UUID, body: shapes.Reason, if_match: Match
) -> shapes.Instruction:
    """Take back what you asked for; the units go free."""
    now = timezone.now()
    asked = access.instruction(caller(request), key, at=now)
    mandate = access.withdrawer(caller(request), asked, at=now)
    fresh(asked, if_match, now)
    made = desk.withdraw(instruction=asked, mandate=mandate, reason=body.reason, at=now)
    return decided(request, response, asked, made)


def fresh(asked: Instruction, if_match: str, at: datetime) -> None:
    """Refuse with ``Stale`` when the caller decided on another state than the present one (RFC 9110 §13.1.1)."""
    current = reading.etag(asked, at)
    given = [one.strip() for one in if_match.split(",")]
    if if_match and "*" not in given and current not in given:
        raise Stale(given=if_match[:200], current=current, state=reading.state(asked, at))


def decided(request: HttpRequest, response: HttpResponse, asked: Instruction, made: Decision) -> shapes.Instruction:
    """The instruction as the decision left it, without reading it anew."""
    if made.by_id == caller(request).pk:
        made.by = caller(request)
    made.instruction = asked
    asked.decision = made
    return told(request, response, asked)


def told(request: HttpRequest, response: HttpResponse, asked: Instruction) -> shapes.Instruction:
    now = timezone.now()
    response["ETag"] = reading.etag(asked, now)
    return reading.instruction(asked, now)
