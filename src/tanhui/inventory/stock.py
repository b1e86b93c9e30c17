"""Questions about stock-sink products: what is on offer, who holds what, in which order it goes."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Least

from tanhui.identity.models import Instruction, Organisation
from tanhui.inventory.compensating import Formula, FormulaIncomplete
from tanhui.inventory.models import (
    AccountingYear,
    Assessment,
    CompensationRound,
    Figure,
    Incentive,
    Product,
    Restoration,
    StockAccount,
    StockPledge,
    StockUse,
    Supply,
)
from tanhui.kernel import quantity
from tanhui.ledger.models import Holding, ReservationLine
from tanhui.rulepacks import packs
from tanhui.rulepacks import queries as rules
from tanhui.rulepacks.models import Activation

RULES = "cn-shangyu-sinks-2024"
OUTSIDE = ""  # the code of what lies in no zone of its level
INSIDE = 0.999  # of a zone's area: the rest is a sliver between borders that were drawn twice (nep.md §4)
ACTS = (
    "inventory.offer", "inventory.supply", "inventory.use", "inventory.pledge", "inventory.release",
    "inventory.compensate", "inventory.incentive",
)  # fmt: skip
PRODUCTS = ("account__organisation", "asset", "accounting_year", "movement")


@dataclass(frozen=True, slots=True)
class Stock:
    """A product in an account: what it holds, and what of it is free to go."""

    product: Product
    held_t: int
    left_t: int

    @property
    def key(self) -> str:
        return self.product.code

    @property
    def name(self) -> str:
        return str(self.product)

    @property
    def district(self) -> str:
        return self.product.division_code

    @property
    def red_line(self) -> bool:
        return self.product.red_line

    @property
    def year(self) -> int:
        return self.product.year


def order(on: date) -> tuple[tuple[str, ...], str]:
    """The order of choice in force on a day, and the pack and version it stands in.

    Refuses with ``rulepacks.none_in_force``.
    """
    pack = rules.pack(RULES, on)
    value = pack.params["choice_order"].value
    named = value if isinstance(value, tuple) else ()
    return tuple(str(one) for one in named), f"{pack.id} {pack.version}"


def products() -> QuerySet[Product]:
    return Product.objects.select_related(*PRODUCTS).order_by("-year", "-red_line", "zone", "type")


def account_of(organisation: Organisation | int) -> StockAccount | None:
    found = StockAccount.objects.select_related("organisation", "ledger_account")
    return found.filter(organisation=organisation).first()


def holdings(account: StockAccount) -> list[Stock]:
    """What an account holds of every product, as much of it as the years in force still bear out."""
    found = Holding.objects.filter(account=account.ledger_account_id, quantity__gt=0)
    held = {one.asset_id: one for one in found}
    rows = list(products().filter(asset__in=held))
    borne = overstated(row for row in rows if row.account_id == account.pk)
    return [
        Stock(row, held[row.asset_id].quantity, max(held[row.asset_id].available - borne.get(row.pk, 0), 0))
        for row in rows
    ]


def on_offer() -> list[Stock]:
    """Everything that still lies with those who offer it."""
    rows = list(products())
    found = Holding.objects.filter(
        account__in={row.account.ledger_account_id for row in rows}, asset__in=[row.asset_id for row in rows]
    )
    held = {(one.account_id, one.asset_id): one for one in found}
    less = overstated(rows)
    stocks = []
    for row in rows:
        one = held.get((row.account.ledger_account_id, row.asset_id))
        available = max(one.available - less.get(row.pk, 0), 0) if one else 0
        stocks.append(Stock(row, one.quantity if one else 0, available))
    return stocks


def overstated(rows: Iterable[Product]) -> dict[int, int]:
    """By product, the tonnes that a revised edition of its year no longer bears out; they may not be handed on."""
    old = [row for row in rows if row.accounting_year.state == AccountingYear.State.SUPERSEDED]
    if not old:
        return {}
    later = Figure.objects.filter(
        computation__publication__accounting_year__state__in=AccountingYear.IN_FORCE,
        computation__publication__accounting_year__division_code__in={row.division_code for row in old},
        year__in={row.year for row in old},
    ).select_related("computation__accounting_year")
    now = {
        (one.computation.accounting_year.division_code, one.year, one.level, one.zone, one.type): one for one in later
    }
    found = {}
    for row in old:
        figure = now.get((row.division_code, row.year, row.level, row.zone, row.type))
        borne = quantity.tonnes_from_kg(max(figure.conservative_kg_co2, 0)).tonnes if figure else 0
        found[row.pk] = max(row.quantity_t - borne, 0)
    return found


def may_be_offered(year: AccountingYear) -> list[Figure]:
    """The figures of a published year that no product was made of, with at least a tonne in their lower bound."""
    taken = Product.objects.filter(division_code=year.division_code, year=year.year)
    known = set(taken.values_list("level", "zone", "type"))
    levels = dict(taken.values_list("type", "level"))
    rows = Figure.objects.filter(
        computation__publication__accounting_year=year, year=year.year, conservative_kg_co2__gte=quantity.KG_PER_TONNE
    ).exclude(Q(type="all") | Q(zone=OUTSIDE))
    return [
        row
        for row in rows.select_related("computation").order_by("level", "zone", "type")
        if (row.level, row.zone, row.type) not in known and levels.get(row.type, row.level) == row.level
    ]


def within_red_line(figure: Figure) -> str:
    """What puts a figure's zone inside the ecological red line: the boundaries its year was computed with. Empty where
    they do not, or where there are none; a zone lies inside when no more than a sliver of it does not."""
    line = figure.computation.facts.get("red_line") or {"basis": "", "shares": {}}
    share = line["shares"].get(figure.level, {}).get(figure.zone, 0)
    return str(line["basis"])[:200] if share >= INSIDE else ""


def set_aside(asked: Instruction) -> list[ReservationLine]:
    """Exactly which units wait with an instruction."""
    rows = ReservationLine.objects.filter(reservation__reference=f"instruction:{asked.pk.hex}")
    return list(rows.select_related("asset").order_by("pk"))


def uses() -> QuerySet[StockUse]:
    return StockUse.objects.select_related("source__organisation").order_by("-at", "-pk")


def pledges() -> QuerySet[StockPledge]:
    return StockPledge.objects.select_related("account__organisation", "creditor", "release").order_by("-at")


def supplies(account: StockAccount) -> QuerySet[Supply]:
    both = Supply.objects.filter(source=account) | Supply.objects.filter(target=account)
    return both.select_related("source__organisation", "target__organisation").order_by("-at", "-pk")


def waiting(organisations: Iterable[int], *, at: datetime) -> QuerySet[Instruction]:
    """What was asked about stock sinks and waits for its second signature, newest first."""
    rows = Instruction.objects.filter(organisation__in=list(organisations), act__in=ACTS, decision__isnull=True)
    return rows.filter(expires_at__gt=at).select_related("organisation", "initiator").order_by("-at")


def compensations() -> QuerySet[CompensationRound]:
    return CompensationRound.objects.select_related("accounting_year__organisation", "revised_by").order_by("-at")


def works() -> QuerySet[Restoration]:
    newest = Assessment.objects.select_related("before", "after").order_by("-at")
    rows = Restoration.objects.select_related("organisation").order_by("-began_on", "name")
    return rows.prefetch_related(Prefetch("assessments", newest))


def incentives() -> QuerySet[Incentive]:
    return Incentive.objects.select_related("organisation", "payment").order_by("-granted_on", "-pk")


def granted(rows: QuerySet[Incentive]) -> list[dict[str, Any]]:
    """How many grants and how much of each kind, and how much of it was paid."""
    found = (
        rows.order_by()
        .values("kind")
        .annotate(count=Count("pk"), fen=Sum("amount_fen"), paid=Sum("amount_fen", filter=Q(payment__isnull=False)))
    )
    return sorted((dict(one) for one in found), key=lambda one: str(one["kind"]))


def towns(year: AccountingYear) -> dict[str, tuple[str, int, int]]:
    """The towns of a published year: by code, name, forest area in m² and the conservative sink in kg CO₂ a year."""
    rows = Figure.objects.filter(
        computation__publication__accounting_year=year, year=year.year, level__in=["township", "town"]
    ).exclude(zone=OUTSIDE).order_by("zone")  # fmt: skip
    found: dict[str, tuple[str, int, int]] = {}
    for row in rows.filter(type__in=["all", "forest"]):
        name, forest, sink = found.get(row.zone, (row.zone_name, 0, 0))
        if row.type == "forest":
            forest = round(row.area_m2)
        else:
            sink = row.conservative_kg_co2
        found[row.zone] = (name, forest, sink)
    return found


def formulas(on: date) -> list[Formula]:
    """The compensation formulas in force on a day: rule packs that weigh a sink."""
    held = Activation.objects.select_related("pack").annotate(until=Least("effective_to", "ending__on"))
    held = held.filter(Q(until__isnull=True) | Q(until__gt=on), effective_from__lte=on).order_by("code")
    found = []
    for one in held:
        if "weight_sink" in one.pack.content.get("params", {}):
            with suppress(FormulaIncomplete):  # whoever names that pack is told; the others can be chosen
                found.append(Formula.read(packs.load(one.pack.content, one.code)))
    return found


def figure(key: int) -> Figure:
    return Figure.objects.get(pk=key)


def year(key: int) -> AccountingYear:
    return AccountingYear.objects.get(pk=key)


def organisation(key: int) -> Organisation:
    return Organisation.objects.get(pk=key)


def pledge(key: int) -> StockPledge:
    return pledges().get(pk=key)


def division(authority: Organisation) -> str:
    """The area an authority accounts for; before its first account, the one in its own code."""
    newest = AccountingYear.objects.filter(organisation=authority.pk).order_by("-year").first()
    return newest.division_code if newest else authority.uscc[2:8]
