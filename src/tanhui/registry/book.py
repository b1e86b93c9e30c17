"""An account as its people read it: what lies in it by project and vintage on any day, and every movement, by pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from tanhui.identity.models import Instruction, Person
from tanhui.ledger.models import Holding, Posting
from tanhui.registry import held, queries
from tanhui.registry.held import SIZE, Line, Totals
from tanhui.registry.models import Account, SubAccount
from tanhui.registry.queries import Moved, Stock

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What somebody wants to see of an account; an empty part means everything."""

    text: str = ""  # part of a project's name or of a batch's code, or a project's number
    vintage: int | None = None
    purpose: str = ""  # of the sub-account

    def of(self, rows: QuerySet[Row], batch: str, place: str) -> QuerySet[Row]:
        """Rows narrowed, where ``batch`` and ``place`` are their ways to the batch and to the sub-account."""
        if self.text:
            found = Q(**{f"{batch}__project__name__icontains": self.text}) | Q(
                **{f"{batch}__asset__code__icontains": self.text}
            )
            if self.text.isascii() and self.text.isdigit() and len(self.text) <= 6:
                found |= Q(**{f"{batch}__project__number": int(self.text)})
            rows = rows.filter(found)
        if self.vintage is not None:
            rows = rows.filter(**{f"{batch}__vintage": self.vintage})
        return rows.filter(**{f"{place}__purpose": self.purpose}) if self.purpose else rows

    def has(self, one: Stock) -> bool:
        """The same for a row that was reckoned and not read."""
        project, text = one.batch.project, self.text.casefold()
        return (
            (text in project.name.casefold() or text in one.batch.asset.code.casefold() or text == str(project.number))
            and self.vintage in (None, one.batch.vintage)
            and self.purpose in ("", one.sub_account.purpose)
        )


@dataclass(frozen=True, slots=True)
class Holdings:
    """One page of an account's holdings, and over all its pages the totals and the number of rows."""

    rows: list[Line]
    totals: Totals
    count: int
    number: int

    @property
    def older(self) -> str:
        """The next page's number, if there is one; the name is the pager's."""
        return str(self.number + 1) if self.number * SIZE < self.count else ""

    @property
    def newer(self) -> bool:
        return self.number > 1


def holdings(account: Account, *, narrowed: Narrowing, number: int = 1, as_of: datetime | None = None) -> Holdings:
    """Page ``number`` of what an account holds now, or held when ``as_of`` had passed, by project, vintage and batch.

    Now: as many statements however much is held, and no more rows are read than are shown, beside the sums. The past is
    reckoned from the account's postings, so it costs what the account has moved.
    """
    first = (number - 1) * SIZE
    if as_of is not None:
        rows = every_holding(account, narrowed=narrowed, as_of=as_of)
        return Holdings(rows[first : first + SIZE], totals(rows), len(rows), number)
    if narrowed == Narrowing():
        plain = held.rows(account.pk)
        found = held.FIRST.rows(account=account.pk) if number == 1 else list(held.columns(plain)[first : first + SIZE])
        tonnes, bound, count = held.SUMS.rows(account=account.pk)[0]
    else:
        some = narrowed.of(held.rows(account.pk), "asset__batch", "account__sub_account")
        found = list(held.columns(some)[first : first + SIZE])
        tonnes, bound, count = held.sums(some)[0]
    locked = locked_of(account, narrowed) if bound else 0
    return Holdings(held.lines(found), Totals(tonnes, tonnes - bound, bound - locked, locked), count, number)


def totals(rows: list[Line]) -> Totals:
    quantity, available, reserved, locked = (
        sum(getattr(one, name) for one in rows) for name in ("quantity", "available", "reserved", "locked")
    )
    return Totals(quantity, available, reserved, locked)


def locked_of(account: Account, narrowed: Narrowing) -> int:
    """Tonnes under a lock."""
    blocks = held.locked_blocks().filter(account__sub_account__account=account)
    bound = narrowed.of(blocks, "asset__batch", "account__sub_account").values_list("first", "serials")
    return sum(numbers.upper - first for first, numbers in bound)


def vintages(account: Account) -> list[int]:
    """The vintages an account holds or held, newest first."""
    rows = Holding.objects.filter(account__sub_account__account=account).order_by("-asset__batch__vintage")
    return list(rows.values_list("asset__batch__vintage", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of the instructions that ended, newest first; the fields are the pager's."""

    rows: list[Instruction]
    older: str
    newer: bool


def ended(
    person: Person, *, at: datetime, act: str = "", outcome: str = "", span: tuple[datetime, datetime] | None = None,
    number: int = 1,
) -> Asked:  # fmt: skip
    """The instructions in a person's organisations that were decided or lapsed. ``outcome`` is a decision's, EXPIRED
    also for what lapsed with nobody looking."""
    found = queries.instructions(person, at=at).filter(Q(decision__isnull=False) | Q(expires_at__lte=at))
    if act:
        found = found.filter(act=act)
    if outcome == "EXPIRED":
        found = found.filter(Q(decision__isnull=True) | Q(decision__outcome="EXPIRED"))
    elif outcome:
        found = found.filter(decision__outcome=outcome)
    if span:
        found = found.filter(at__gte=span[0], at__lt=span[1])
    first = (number - 1) * SIZE
    rows = list(found.order_by("-at", "-pk")[first : first + SIZE + 1])
    return Asked(rows[:SIZE], str(number + 1) if len(rows) > SIZE else "", number > 1)


@dataclass(frozen=True, slots=True)
class Movements:
    """One page of an account's movements, newest first; ``older`` is the cursor of the next one."""

    rows: list[Moved]
    older: str
    newer: bool


def movements(
    account: Account, *, narrowed: Narrowing, kind: str = "", span: tuple[datetime, datetime] | None = None,
    before: str = "",
) -> Movements:  # fmt: skip
    """What came in and went out, at most ``SIZE`` movements with a number below ``before``."""
    places = queries.places_of(account)
    postings = wanted(places, narrowed, kind, span)
    newer = before.isascii() and before.isdigit() and len(before) < 19
    if newer:
        postings = postings.filter(movement__lt=int(before))
    found = list(postings.order_by("-movement").values_list("movement", flat=True).distinct()[: SIZE + 1])
    lines = postings.filter(movement__in=found[:SIZE]).order_by("movement", "line")
    rows = queries.told(places, {}, list(lines)).movements
    return Movements(rows[::-1], str(found[SIZE - 1]) if len(found) > SIZE else "", newer)


def every_movement(
    account: Account, *, narrowed: Narrowing, kind: str = "", span: tuple[datetime, datetime] | None = None
) -> Iterator[Moved]:
    """The same to the end, for a file, a page at a time."""
    before = ""
    while True:
        page = movements(account, narrowed=narrowed, kind=kind, span=span, before=before)
        yield from page.rows
        if not (before := page.older):
            return


def every_holding(account: Account, *, narrowed: Narrowing, as_of: datetime | None = None) -> list[Line]:
    """All rows of ``holdings``, for a file; in as many statements as one page."""
    return [held.line(one) for one in queries.holdings(account, as_of) if narrowed.has(one)]


def wanted(places: Mapping[int, SubAccount], narrowed: Narrowing, kind: str, span: Any) -> QuerySet[Posting]:
    found = narrowed.of(Posting.objects.filter(account__in=places), "asset__batch", "account__sub_account")
    if kind:
        found = found.filter(movement__kind=kind)
    return found.filter(at__gte=span[0], at__lt=span[1]) if span else found
