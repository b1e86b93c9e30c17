"""Handing stock sinks on and using them up, for programs: one person asks here, another confirms within seven days.

What is public of it stands in ``use``; these addresses are those of one's own.
"""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from ninja import Field, Router, Schema

from tanhui.identity import rights
from tanhui.identity.models import Instruction, Mandate
from tanhui.inventory import doors, stock
from tanhui.inventory.acts import second, supply
from tanhui.inventory.choosing import Pick
from tanhui.registry.api import answers, reading, shapes
from tanhui.registry.api.answers import Key, Match, caller
from tanhui.registry.api.instructions import fresh

router = Router(tags=["存量碳汇使用"])
CONFIRM, INITIATE = Mandate.Capacity.CONFIRM, Mandate.Capacity.INITIATE
MINE = rights.member("inventory.stock", at_door=True)
ASKS = rights.member("inventory.stock_ask", capacities=[INITIATE], at_door=True)
DECIDES = rights.member("inventory.stock_decide", capacities=[CONFIRM, INITIATE], at_door=True)


class Chosen(Schema):
    """Whole tonnes of one product."""

    code: str = Field(max_length=80)
    tonnes: shapes.Tonnes


class Amount(Schema):
    """Tonnes in the order of article 11, or, with ``chosen``, of these products where that order allows it."""

    tonnes: shapes.Tonnes
    chosen: list[Chosen] = Field(default_factory=list, max_length=100)

    def picks(self) -> list[Pick] | None:
        return [Pick(one.code, one.tonnes) for one in self.chosen] or None


class AskedUse(Amount):
    purpose: str = Field(max_length=20, description="WORKS, EVENT, ORG or PUBLIC; an offset of compliance is none.")
    undertaking: str = Field(max_length=120, description="The works or the event, as published.")
    beneficiary: str = Field(max_length=120, description="An organisation's or an event's name, as published.")
    statement: str = Field("", max_length=200)


class AskedSupply(Amount):
    target: str = Field(max_length=30, description="Unified social credit code of whoever takes them.")
    district: str = Field("", max_length=12, description="Division code of whoever takes them.")
    reason: str = Field("", max_length=120)


class HeldOut(Schema):
    code: str
    zone_name: str
    type: str
    year: int
    red_line: bool
    held_t: int
    available_t: int


class StockInstruction(Schema):
    """What one person asked for and another decides. Its ETag changes with its state."""

    id: UUID
    act: str
    state: str = Field(json_schema_extra={"enum": ["WAITING", "CONFIRMED", "REJECTED", "WITHDRAWN", "EXPIRED"]})
    organisation: str
    initiator: str
    at: datetime
    expires_at: datetime
    picks: list[Chosen]
    certificate: str = Field(description="Of a use, once it is confirmed: the number of its certificate.")


@router.get("/stock-sinks/ours/{code}", operation_id="ownStock", response=list[HeldOut], summary="本单位存量碳汇")
@rights.needs(MINE)
def ours(request: HttpRequest, code: str) -> list[HeldOut]:
    """What an organisation of yours holds of every product."""
    account = stock.account_of(doors.holder(caller(request), code, at=now()))
    return [
        HeldOut(
            code=row.key, zone_name=row.product.zone_name, type=row.product.type, year=row.year, red_line=row.red_line,
            held_t=row.held_t, available_t=row.left_t,
        )
        for row in (stock.holdings(account) if account else [])
    ]  # fmt: skip


@router.post(
    "/stock-sinks/ours/{code}/uses", operation_id="askStockUse", response={201: StockInstruction},
    summary="申请使用存量碳汇（待第二人确认）",
)  # fmt: skip
@rights.needs(ASKS)
def use(
    request: HttpRequest, response: HttpResponse, code: str, body: AskedUse, idempotency_key: Key
) -> StockInstruction:
    """Set stock sinks aside for neutral works or an event; they are used up when a second person confirms."""
    at, person, reference = now(), caller(request), answers.key(idempotency_key)
    holder = doors.holder(person, code, at=at)
    asked = supply.use(
        purpose=body.purpose, undertaking=body.undertaking, beneficiary=body.beneficiary, tonnes=body.tonnes,
        district=holder.uscc[2:8], statement=body.statement, chosen=body.picks(), reference=reference, at=at,
        mandate=doors.signs(person, holder.pk, INITIATE, at=at),
    )  # fmt: skip
    return created(request, response, asked)


@router.post(
    "/stock-sinks/ours/{code}/supplies", operation_id="askStockSupply", response={201: StockInstruction},
    summary="申请转交存量碳汇（待第二人确认）",
)  # fmt: skip
@rights.needs(ASKS)
def give(
    request: HttpRequest, response: HttpResponse, code: str, body: AskedSupply, idempotency_key: Key
) -> StockInstruction:
    """Set stock sinks aside to hand them to another organisation; they move when a second person confirms."""
    at, person, reference = now(), caller(request), answers.key(idempotency_key)
    holder = doors.holder(person, code, at=at)
    mandate = doors.signs(person, holder.pk, INITIATE, at=at)
    asked = supply.supply(
        target=doors.organisation(body.target), tonnes=body.tonnes, district=body.district, reason=body.reason,
        chosen=body.picks(), mandate=mandate, reference=reference, at=at,
    )  # fmt: skip
    return created(request, response, asked)


@router.get(
    "/stock-sinks/asked/{uuid:key}", operation_id="stockInstruction", response=StockInstruction, summary="一条申请"
)
@rights.needs(MINE)
def asked(request: HttpRequest, response: HttpResponse, key: UUID) -> StockInstruction:
    """Something asked about stock sinks by an organisation of yours, with its ETag."""
    return told(response, doors.asked(caller(request), key, at=now()))


@router.post(
    "/stock-sinks/asked/{uuid:key}/confirm", operation_id="confirmStock", response=StockInstruction,
    summary="确认并执行",
)  # fmt: skip
@rights.needs(DECIDES)
def confirm(request: HttpRequest, response: HttpResponse, key: UUID, if_match: Match) -> StockInstruction:
    """Confirm and carry out, as a second person. Confirming again gives the same answer."""
    at, person = now(), caller(request)
    one = doors.asked(person, key, at=at)
    fresh(one, if_match, at)
    second.confirm(asked=one, mandate=doors.signs(person, one.organisation_id, CONFIRM, at=at), at=at)
    return told(response, doors.asked(person, key, at=at))


@router.post(
    "/stock-sinks/asked/{uuid:key}/reject", operation_id="rejectStock", response=StockInstruction, summary="驳回"
)
@rights.needs(DECIDES)
def reject(
    request: HttpRequest, response: HttpResponse, key: UUID, body: shapes.Reason, if_match: Match
) -> StockInstruction:
    """Say no, as a second person; the units go free."""
    return dropped(request, response, key, "REJECTED", CONFIRM, body.reason, if_match)


@router.post(
    "/stock-sinks/asked/{uuid:key}/withdraw", operation_id="withdrawStock", response=StockInstruction, summary="撤回"
)
@rights.needs(DECIDES)
def withdraw(
    request: HttpRequest, response: HttpResponse, key: UUID, body: shapes.Reason, if_match: Match
) -> StockInstruction:
    """Take back what you asked for; the units go free."""
    return dropped(request, response, key, "WITHDRAWN", INITIATE, body.reason, if_match)


def dropped(
    request: HttpRequest, response: HttpResponse, key: UUID, outcome: str, capacity: str, reason: str, if_match: str
) -> StockInstruction:
    at, person = now(), caller(request)
    one = doors.asked(person, key, at=at)
    fresh(one, if_match, at)
    mandate = doors.signs(person, one.organisation_id, capacity, at=at)
    second.drop(asked=one, outcome=outcome, mandate=mandate, reason=reason, at=at)
    return told(response, doors.asked(person, key, at=at))


def told(response: HttpResponse, one: Instruction) -> StockInstruction:
    at = now()
    response["ETag"] = reading.etag(one, at)
    decision = getattr(one, "decision", None)
    return StockInstruction(
        id=one.pk, act=one.act, state=reading.state(one, at), organisation=one.organisation.name,
        initiator=one.initiator.name, at=one.at, expires_at=one.expires_at,
        picks=[Chosen(code=code, tonnes=tonnes) for code, tonnes in one.body.get("picks", [])],
        certificate=decision.result.get("certificate", "") if decision else "",
    )  # fmt: skip


def created(request: HttpRequest, response: HttpResponse, one: Instruction) -> StockInstruction:
    response["Location"] = f"{request.path.partition('/ours/')[0]}/asked/{one.pk}"
    return told(response, one)
