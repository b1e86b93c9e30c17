"""What stock sinks are used for, as everybody may read it: products, uses, compensation, restoration, incentives."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from ninja import Field, Path, Query, Router, Schema

from tanhui.identity import rights
from tanhui.inventory import certificates, choosing, doors, stock
from tanhui.inventory.models import Assessment, CompensationRound, Incentive, Restoration, StockUse
from tanhui.journal import queries as journal
from tanhui.kernel import clock
from tanhui.registry.api import answers

router = Router(tags=["存量碳汇使用"], auth=None)
MOST = 200  # rows of an answer


class ProductOut(Schema):
    """A product and what is left of it with whoever offers it."""

    code: str
    zone: str
    zone_name: str
    type: str
    year: int
    division: str
    red_line: bool
    basis: str
    conservative_kg: int
    quantity_t: int
    residual_kg: int
    left_t: int
    offered_by: str
    at: datetime
    entry: int = Field(description="The journal entry that says the same in the log.")


class PickOut(Schema):
    code: str
    tonnes: int


class Wished(Schema):
    """An amount: the answer is what the rule would have somebody take, in order; without one, all there is."""

    tonnes: int | None = Field(None, ge=1, le=10**9)
    district: str = Field("", max_length=12, description="Division code of the user; local sinks come before others.")


class UseOut(Schema):
    number: str
    purpose: str
    undertaking: str
    beneficiary: str
    statement: str
    quantity_t: int
    used_by: str
    rule: str
    at: datetime
    entry: int
    products: list[Any]


class RoundOut(Schema):
    """A round of compensation with its whole worksheet, so that anyone recomputes it."""

    key: int
    title: str
    account: str
    pack: str
    version: str
    budget_fen: int
    inputs_sha256: str
    in_force: bool
    demonstration: bool
    at: datetime
    entry: int
    formula: dict[str, Any]
    towns: list[Any]
    rows: list[Any]


class AssessmentOut(Schema):
    before: int
    after: int
    before_kg: int
    after_kg: int
    change_kg: int
    lower_kg: int
    upper_kg: int
    comparable: bool
    finding: str


class WorksOut(Schema):
    key: UUID
    name: str
    kind: str
    place: str
    level: str
    zone: str
    area_m2: int
    cost_fen: int
    began_on: date
    ended_on: date | None
    basis: str
    entered_by: str
    assessments: list[AssessmentOut]


class IncentiveOut(Schema):
    """A grant; a person's name is masked."""

    kind: str
    recipient: str
    recipient_kind: str
    purpose: str
    amount_fen: int
    basis: str
    granted_on: date
    paid_on: date | None
    granted_by: str
    entry: int


def product(one: stock.Stock) -> ProductOut:
    row = one.product
    return ProductOut(
        code=row.code, zone=row.zone, zone_name=row.zone_name, type=row.type, year=row.year,
        division=row.division_code, red_line=row.red_line, basis=row.basis, conservative_kg=row.bound_kg,
        quantity_t=row.quantity_t, residual_kg=row.residual_kg, left_t=one.left_t, offered_by=str(row.account),
        at=row.at, entry=row.entry,
    )  # fmt: skip


@router.get("/stock-sinks/products", operation_id="stockProducts", response=list[ProductOut], summary="存量碳汇产品")
@rights.needs(rights.PUBLIC)
def products(request: HttpRequest) -> list[ProductOut]:
    """Every product with what is left of it, newest year first."""
    return [product(one) for one in stock.on_offer()]


@router.get("/stock-sinks/order", operation_id="stockOrder", response=list[PickOut], summary="存量碳汇选用顺序")
@rights.needs(rights.PUBLIC)
def order(request: HttpRequest, asked: Query[Wished]) -> list[PickOut]:
    """Which products an amount would be taken from: inside the ecological red line first, then local ones.

    Refuses with ``inventory.too_few_offered`` or ``rulepacks.none_in_force``.
    """
    named, _rule = stock.order(clock.day(now()))
    offers = stock.on_offer()
    wanted = sum(one.left_t for one in offers) if asked.tonnes is None else asked.tonnes
    found = choosing.picks(offers, named, asked.district, wanted)
    return [PickOut(code=one.key, tonnes=one.tonnes) for one in found]


@router.get("/stock-sinks/uses", operation_id="stockUses", response=list[UseOut], summary="存量碳汇使用记录")
@rights.needs(rights.PUBLIC)
def uses(request: HttpRequest) -> list[UseOut]:
    """The latest uses."""
    return [used(one) for one in stock.uses()[:MOST]]


@router.get(
    "/stock-sinks/uses/{number}.pdf", response=None, operation_id="stockUsePdf",
    summary="存量碳汇使用证书（PDF，含证明）", openapi_extra=answers.PDF,
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def use_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The sealed certificate, PDF/A-3 with its proof inside; the same bytes whenever it is asked for."""
    one = doors.use(number)
    return answers.pdf(certificates.certificate(one), one.number)


@router.get("/stock-sinks/uses/{number}", operation_id="stockUse", response=UseOut, summary="存量碳汇使用凭证")
@rights.needs(rights.PUBLIC)
def use(request: HttpRequest, number: str) -> UseOut:
    """A use by its number, with the very units that were used up."""
    one = doors.use(number)
    return used(one, journal.fact(one.entry)["fact"]["products"])


def used(one: StockUse, units: list[Any] | None = None) -> UseOut:
    return UseOut(
        number=one.number, purpose=one.purpose, undertaking=one.undertaking, beneficiary=one.beneficiary,
        statement=one.statement, quantity_t=one.quantity_t, used_by=str(one.source), rule=one.rule, at=one.at,
        entry=one.entry,
        products=units if units is not None else [{"product": code, "quantity_t": t} for code, t in one.picks],
    )  # fmt: skip


@router.get(
    "/stock-sinks/compensation", operation_id="compensationRounds", response=list[RoundOut], summary="生态补偿分配"
)
@rights.needs(rights.PUBLIC)
def rounds(request: HttpRequest) -> list[RoundOut]:
    """Every round with its formula, its inputs and its worksheet, newest first."""
    return [shared_out(one) for one in stock.compensations()[:MOST]]


@router.get(
    "/stock-sinks/compensation/{key}", operation_id="compensationRound", response=RoundOut, summary="生态补偿计算表"
)
@rights.needs(rights.PUBLIC)
def one_round(request: HttpRequest, key: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> RoundOut:
    """One round."""
    return shared_out(doors.compensation(key))


def shared_out(one: CompensationRound) -> RoundOut:
    return RoundOut(
        key=one.pk, title=one.title, account=one.accounting_year.code, pack=one.pack_code, version=one.pack_version,
        budget_fen=one.budget_fen, inputs_sha256=one.inputs_sha256, in_force=not hasattr(one, "revised_by"),
        demonstration=one.demonstration, at=one.at, entry=one.entry, formula=one.pack, towns=one.towns, rows=one.rows,
    )  # fmt: skip


@router.get(
    "/stock-sinks/restoration", operation_id="restorationWorks", response=list[WorksOut], summary="生态修复工程成效"
)
@rights.needs(rights.PUBLIC)
def works(request: HttpRequest) -> list[WorksOut]:
    """Every restoration project with each comparison of its sink before and after."""
    return [restored(one) for one in stock.works()[:MOST]]


def restored(one: Restoration) -> WorksOut:
    return WorksOut(
        key=one.pk, name=one.name, kind=one.kind, place=one.place, level=one.level, zone=one.zone,
        area_m2=one.area_m2, cost_fen=one.cost_fen, began_on=one.began_on, ended_on=one.ended_on, basis=one.basis,
        entered_by=str(one.organisation), assessments=[compared(each) for each in one.assessments.all()],
    )  # fmt: skip


def compared(one: Assessment) -> AssessmentOut:
    return AssessmentOut(
        before=one.before.year, after=one.after.year, before_kg=one.before.nep_kg_co2, after_kg=one.after.nep_kg_co2,
        change_kg=one.change_kg, lower_kg=one.lower_kg, upper_kg=one.upper_kg, comparable=one.comparable,
        finding=one.verdict,
    )  # fmt: skip


@router.get("/stock-sinks/incentives", operation_id="incentives", response=list[IncentiveOut], summary="激励登记")
@rights.needs(rights.PUBLIC)
def incentives(request: HttpRequest) -> list[IncentiveOut]:
    """The latest grants."""
    return [granted(one) for one in stock.incentives()[:MOST]]


def granted(one: Incentive) -> IncentiveOut:
    payment = getattr(one, "payment", None)
    return IncentiveOut(
        kind=one.kind, recipient=one.recipient_name, recipient_kind=one.recipient_kind, purpose=one.purpose,
        amount_fen=one.amount_fen, basis=one.clause, granted_on=one.granted_on,
        paid_on=payment.paid_on if payment else None, granted_by=str(one.organisation), entry=one.entry,
    )  # fmt: skip
