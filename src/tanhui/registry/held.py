"""What an account holds now, line by line and summed; unfiltered it is asked so often that it is compiled once."""

from collections import defaultdict
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from tanhui.identity.queries import Given, PreparedValues
from tanhui.ledger.models import Block, Holding
from tanhui.registry.models import SubAccount
from tanhui.registry.queries import Stock

SIZE = 25  # lines a page


class Line(NamedTuple):
    """What one sub-account holds of one batch, in tonnes: ``quantity`` = ``available`` + ``reserved`` + ``locked``."""

    number: int  # of the project
    project: str
    vintage: int
    batch: str  # its code
    purpose: str  # of the sub-account
    quantity: int
    available: int
    reserved: int
    locked: int

    @property
    def where(self) -> str:
        return str(SubAccount.Purpose(self.purpose).label)


class Totals(NamedTuple):
    """Tonnes: ``quantity`` = ``available`` + ``reserved`` + ``locked``."""

    quantity: int
    available: int
    reserved: int
    locked: int


def line(one: Stock) -> Line:
    """The same of what was reckoned for a day in the past."""
    batch, amounts = one.batch, (one.quantity, one.available, one.reserved, one.locked)
    return Line(batch.project.number, batch.project.name, batch.vintage, str(batch), one.sub_account.purpose, *amounts)


def rows(account: Any) -> QuerySet[Holding]:
    return Holding.objects.filter(account__sub_account__account=account, quantity__gt=0)


def columns(held: QuerySet[Holding]) -> QuerySet[Holding, tuple[Any, ...]]:
    """By project, vintage, batch and place."""
    batch = "asset__batch__"
    ordered = held.order_by(f"{batch}project__number", f"{batch}vintage", "asset", "account")
    return ordered.values_list(
        "account", "asset", f"{batch}project__number", f"{batch}project__name", f"{batch}vintage", "asset__code",
        "account__sub_account__purpose", "quantity", "encumbered",
    )  # fmt: skip


def sums(held: QuerySet[Holding]) -> QuerySet[Any, tuple[Any, ...]]:
    """One row: tonnes, encumbered tonnes, how many lines."""
    summed = held.order_by().annotate(all=Value(1)).values("all")
    return summed.annotate(
        tonnes=Coalesce(Sum("quantity"), 0), bound=Coalesce(Sum("encumbered"), 0), lines=Count("pk")
    ).values_list("tonnes", "bound", "lines")


FIRST = PreparedValues(lambda: columns(rows(Given("account")))[:SIZE])
SUMS = PreparedValues(lambda: sums(rows(Given("account"))))


def lines(found: list[tuple[Any, ...]]) -> list[Line]:
    """``columns`` as lines. What is locked is asked of the blocks, where anything is bound at all."""
    stuck = locked_by_place([(one[0], one[1]) for one in found if one[-1]])
    told = []
    for place, asset, number, project, vintage, batch, purpose, tonnes, bound in found:
        locked = stuck.get((place, asset), 0)
        told.append(Line(number, project, vintage, batch, purpose, tonnes, tonnes - bound, bound - locked, locked))
    return told


def locked_by_place(pairs: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Tonnes under a lock by ledger account and asset. A unit reserved and locked counts as locked (rules U-08)."""
    locked: dict[tuple[int, int], int] = defaultdict(int)
    if pairs:
        places, assets = {place for place, _ in pairs}, {asset for _, asset in pairs}
        blocks = locked_blocks().filter(account__in=places, asset__in=assets)
        for place, asset, first, numbers in blocks.values_list("account", "asset", "first", "serials"):
            locked[place, asset] += numbers.upper - first
    return locked


def locked_blocks() -> QuerySet[Block]:
    return Block.objects.filter(free=False).exclude(locks=[])
