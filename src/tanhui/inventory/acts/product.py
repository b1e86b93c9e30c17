"""Offering stock-sink products (article 11): a published figure's conservative bound becomes whole tonnes, once.

Units lie in the ledger in a family of their own. Nothing the register does with its units can be done with these: they
are no batch.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from tanhui.identity.models import Instruction, Mandate, Organisation
from tanhui.inventory import stock
from tanhui.inventory.acts import asking, steps
from tanhui.inventory.models import FAMILY, AccountingYear, Figure, Product, StockAccount
from tanhui.journal.record import MOVEMENT, SERIALS, draft, record
from tanhui.kernel import clock, quantity
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.acts import movement, opening
from tanhui.rulepacks import queries as rules
from tanhui.rulepacks.models import Activation

OFFER = "inventory.offer"
OFFERED = "stock:offered"  # the boundary stock sinks come from
MEASURE = "《上虞区生态系统存量碳汇核算及使用管理办法》"


class NotPublished(Refusal):
    code = "inventory.figure_not_published"
    sentence = gettext_noop(
        "%(zone)s %(year)s is no figure of a published year in force. Publish the year first, then offer its sinks."
    )
    clause = f"{MEASURE}第十条、第十一条"


class NoWholeTonne(Refusal):
    code = "inventory.no_whole_tonne"
    sentence = gettext_noop(
        "The conservative bound of %(zone)s is %(kg)s kg, and a product needs at least one whole tonne. Offer another "
        "zone."
    )
    clause = "docs/algorithms/nep.md §1"


class TypesMixed(Refusal):
    code = "inventory.types_mixed"
    sentence = gettext_noop("A product is of one type of ecosystem; choose a type instead of all of them together.")
    clause = f"{MEASURE}第三条"
    status = 422


class NoZone(Refusal):
    code = "inventory.no_zone"
    sentence = gettext_noop("What lies outside every zone is nobody's to offer. Choose a zone.")
    clause = f"{MEASURE}第十一条"
    status = 422


class OfferedAlready(Refusal):
    code = "inventory.offered_already"
    sentence = gettext_noop(
        "The sink of %(zone)s of this type and year is a product already. The same tonne is never offered twice."
    )
    clause = "ARCHITECTURE.md §6.6"


class OtherLevel(Refusal):
    code = "inventory.other_level"
    sentence = gettext_noop(
        "Sinks of this type and year are on offer by “%(level)s”, whose zones may overlap with this one. Offer zones "
        "of that level only."
    )
    clause = "ARCHITECTURE.md §6.6"


def offer(*, figure: Figure, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Ask to make a product of a published figure: its conservative bound in whole tonnes, never more. Whether it lies
    inside the ecological red line follows from the polygons the year was computed with.

    Refuses with ``steps.NotTheAuthority``, ``NotPublished``, ``TypesMixed``, ``NoZone``, ``NoWholeTonne``,
    ``OfferedAlready`` or ``OtherLevel``.
    """
    steps.check_authority(mandate, at=at)
    basis = stock.within_red_line(figure)
    body = {"figure": figure.pk, "red_line": bool(basis), "basis": basis}
    return asking.ask(
        act=OFFER, mandate=mandate, reference=reference, body=body, at=at,
        prepare=lambda asked: check_offer(figure, asked.organisation_id),
    )  # fmt: skip


def check_offer(figure: Figure, organisation: int) -> AccountingYear:
    publication = getattr(figure.computation, "publication", None)
    year: AccountingYear | None = publication.accounting_year if publication else None
    if year is None or year.state not in AccountingYear.IN_FORCE or figure.year != year.year:
        raise NotPublished(zone=figure.zone_name, year=figure.year)
    if year.organisation_id != organisation:
        raise NotPublished(zone=figure.zone_name, year=figure.year)
    if figure.type == "all":
        raise TypesMixed
    if figure.zone == stock.OUTSIDE:
        raise NoZone
    if figure.conservative_kg_co2 < quantity.KG_PER_TONNE:
        raise NoWholeTonne(zone=figure.zone_name, kg=figure.conservative_kg_co2)
    same = Product.objects.filter(division_code=year.division_code, year=figure.year, type=figure.type)
    if same.filter(level=figure.level, zone=figure.zone).exists():
        raise OfferedAlready(zone=figure.zone_name)
    if (other := same.exclude(level=figure.level).first()) is not None:
        raise OtherLevel(level=other.level)
    return year


def carry_out_offer(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Make the product under the second signature. Of several at the same moment one makes it; the database decides."""
    body = asked.body
    figure = figures().get(pk=body["figure"])
    year = check_offer(figure, asked.organisation_id)
    account = account_for(asked.organisation, at)
    try:
        with transaction.atomic():
            return make(asked, mandate, at, figure, year, account)
    except IntegrityError as error:
        if "another level" in str(error):  # a trigger's own message
            raise OtherLevel(level="—") from error
        raise OfferedAlready(zone=figure.zone_name) from error


def make(
    asked: Instruction, mandate: Mandate, at: datetime, figure: Figure, year: AccountingYear, account: StockAccount
) -> Mapping[str, Any]:
    body = asked.body
    tonnes, residual_kg = quantity.tonnes_from_kg(figure.conservative_kg_co2)
    asset = opening.asset(code=asset_code(year, figure), unit="t", serialised=True)
    rule = rules.in_force(stock.RULES, clock.day(at))
    demonstration = rule is None or rule.mode != Activation.Mode.PRODUCTION
    shown = {"type": figure.type, "red_line": body["red_line"], "basis": body["basis"]}
    values = {
        **asking.signed(asked, mandate, at), **shown, "accounting_year_id": year.pk, "figure_id": figure.pk,
        "division_code": year.division_code, "year": figure.year, "level": figure.level, "zone": figure.zone,
        "zone_name": figure.zone_name, "bound_kg": figure.conservative_kg_co2, "quantity_t": tonnes,
        "residual_kg": residual_kg, "asset_id": asset.pk, "account_id": account.pk, "demonstration": demonstration,
    }  # fmt: skip
    fact = {
        **shown, "transaction": MOVEMENT, "product": asset.code, "accounting_year": year.code, "zone": figure.zone,
        "name": figure.zone_name, "statistics_sha256": figure.computation.statistics_sha256,
        "conservative_kg": figure.conservative_kg_co2, "quantity_t": tonnes, "residual_kg": residual_kg,
        "serials": SERIALS, **({"demonstration": True} if demonstration else {}),
    }  # fmt: skip
    kept = movement.post_and_tell(
        reference=f"offer:{asked.pk.hex}",
        told=draft(
            kind="inventory.product_offered", fact=fact, at=at, by=values["confirmer_id"],
            private={"organisation": asked.organisation.uscc, "initiator": asked.initiator_id},
        ),
        lines=[
            movement.Line(
                opening.boundary(OFFERED).pk, account.ledger_account_id, asset.pk, tonnes,
                movement.take_serials(tonnes),
            )
        ],
        fact=Product,
        values=values,
    )  # fmt: skip
    return {"product": asset.code, "row": kept.row}


def asset_code(year: AccountingYear, figure: Figure) -> str:
    return f"{FAMILY}{year.division_code}-{figure.year}-{figure.type.upper()}-{figure.pk:06d}"


def figures() -> Any:
    return Figure.objects.select_related("computation__publication__accounting_year")


def account_for(organisation: Organisation, at: datetime) -> StockAccount:
    """The stock account of an organisation, opened when it is first needed."""
    if (found := stock.account_of(organisation)) is not None:
        return found
    try:
        with transaction.atomic():
            there = opening.account(code=f"stock:{organisation.uscc}", owner=organisation)
            made = StockAccount.objects.create(organisation=organisation, ledger_account=there, opened_at=at)
            record(
                kind="inventory.stock_account_opened", fact={}, private={"organisation": organisation.uscc}, at=at,
                by=None,
            )  # fmt: skip
            return made
    except IntegrityError:  # somebody opened it at the same moment
        return StockAccount.objects.select_related("organisation", "ledger_account").get(organisation=organisation)
