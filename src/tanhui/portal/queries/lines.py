"""Any public register, searched, filtered and sorted, by cursor: its last page costs what the first one does."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from tanhui.identity.models import Organisation
from tanhui.portal.models import Edition, Facet, Line, Register
from tanhui.portal.queries import words
from tanhui.registry import queries as register
from tanhui.registry.models import Cancellation, Retirement

SIZE = 50
FEW = 5_000  # fitting lines that are sorted by themselves
COUNTED_TO = 10_000  # a filtered list is counted exactly up to here
SALT = "tanhui.portal.lines"
COLUMNS = {"at": "at", "quantity": "quantity_t", "name": "key", "number": "ref", "vintage": "rank"}


@dataclass(frozen=True, slots=True)
class Listing:
    """A public register. ``facets`` are its properties that may be filtered by; ``sorts`` the first is how it comes."""

    slug: str
    register: Register
    sorts: tuple[str, ...]
    facets: tuple[str, ...]
    rows: Callable[[Iterable[int]], Mapping[int, Any]]


def projects(refs: Iterable[int]) -> Mapping[int, Any]:
    rows = register.projects().filter(number__in=list(refs)).annotate(issued_t=Coalesce(Sum("batches__quantity_t"), 0))
    return {one.number: one for one in rows}


def batches(refs: Iterable[int]) -> Mapping[int, Any]:
    return register.batches().in_bulk(list(refs))


def retirements(refs: Iterable[int]) -> Mapping[int, Any]:
    return Retirement.objects.in_bulk(list(refs))


def cancellations(refs: Iterable[int]) -> Mapping[int, Any]:
    return Cancellation.objects.in_bulk(list(refs))


def organisations(refs: Iterable[int]) -> Mapping[int, Any]:
    return Organisation.objects.in_bulk(list(refs))


def publications(refs: Iterable[int]) -> Mapping[int, Any]:
    """The newest edition of each publication."""
    newest = Edition.objects.filter(publication__in=list(refs)).order_by("publication", "-number")
    found = newest.distinct("publication").select_related("publication__withdrawal", "organisation").defer("body")
    return {one.publication_id: one for one in found}


def methodologies(refs: Iterable[int]) -> Mapping[int, Any]:
    return {}


PLACE = ("scheme", "type", "methodology", "province")
LISTINGS = {
    one.slug: one
    for one in (
        Listing(
            "projects", Register.PROJECT, ("number", "name", "at", "quantity"), (*PLACE, "state", "year"), projects
        ),
        Listing(
            "batches", Register.BATCH, ("at", "quantity", "vintage", "number"),
            (*PLACE, "vintage", "year", "project"), batches,
        ),
        Listing(
            "retirements", Register.RETIREMENT, ("at", "quantity", "name"),
            ("purpose", *PLACE, "vintage", "year", "project", "kind"), retirements,
        ),
        Listing(
            "cancellations", Register.CANCELLATION, ("at", "quantity"),
            ("kind", *PLACE, "year", "project"), cancellations,
        ),
        Listing("publications", Register.PUBLICATION, ("at", "name"), ("category", "year", "state"), publications),
        Listing("organisations", Register.ORGANISATION, ("name", "at"), ("role",), organisations),
        Listing("methodologies", Register.METHODOLOGY, ("name",), ("scheme", "code"), methodologies),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a listing: parts the words must have, values properties must have, and an order."""

    listing: Listing
    text: str = ""
    region: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    rising: bool = False

    @property
    def parts(self) -> list[str]:
        return [*words.asked(self.text), *words.asked(self.region)]

    @property
    def tags(self) -> list[str]:
        letter = self.listing.register.value
        found = [f"{letter}:{name}={value}" for name, value in sorted(self.values.items())]
        pieces = sorted({piece for part in self.parts for piece in words.needed(part)})
        return found + [f"{letter.lower()}{piece}" for piece in pieces]

    @property
    def filtered(self) -> bool:
        return bool(self.parts or self.values)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, each with its line; cursors to what follows and whether this is not the beginning."""

    rows: list[Any]
    lines: list[Line]
    older: str
    newer: bool


def read(listing: Listing, given: Mapping[str, str]) -> Question:
    """What an address asks. What nobody knows is not asked: an unknown property, order or cursor changes nothing."""
    values = {name: clean(given.get(name, ""))[:120] for name in listing.facets}
    order = given.get("sort", "")
    name = order.removeprefix("-")
    return Question(
        listing=listing,
        text=clean(given.get("q", ""))[:120],
        region=clean(given.get("region", ""))[:60],
        values={key: value for key, value in values.items() if value},
        sort=name if name in listing.sorts else listing.sorts[0],
        rising=name in listing.sorts and not order.startswith("-"),
    )


def written(asked: Question) -> dict[str, str]:
    """The question as parameters of an address; ``read`` reads it again."""
    sign = "" if asked.rising else "-"
    found = {"q": asked.text, "region": asked.region, "sort": f"{sign}{asked.sort}"} | dict(asked.values)
    return {name: value for name, value in found.items() if value}


def clean(text: str) -> str:
    return text.replace("\x00", "").strip()


def newest(asked: Question) -> Question:
    """The same question, the latest first."""
    return replace(asked, sort="at" if "at" in asked.listing.sorts else asked.listing.sorts[0], rising=False)


def matching(asked: Question) -> QuerySet[Line]:
    """The lines that fit, in no order: found by their tags, then compared with the words themselves."""
    found = Line.objects.filter(register=asked.listing.register)
    if asked.tags:
        found = found.filter(tags__contains=asked.tags)
    for part in asked.parts:
        if len(part) > 2:
            found = found.filter(words__contains=part)
    return found


def ordered(asked: Question) -> QuerySet[Line]:
    return in_order(matching(asked), asked)


def in_order(rows: QuerySet[Line], asked: Question) -> QuerySet[Line]:
    sign = "" if asked.rising else "-"
    column = COLUMNS[asked.sort]
    return rows.order_by(*(f"{sign}{name}" for name in dict.fromkeys([column, "ref"])))


def narrowed(asked: Question) -> QuerySet[Line]:
    """As ``ordered``, by the fitting lines themselves where they are few.

    How rare a piece is the planner can only guess, and where it guesses too much it walks a whole register in order to
    find nothing. So what fits is fetched first, up to ``FEW``; where more fits, walking in order meets some soon.
    """
    if (known := counted(asked)) is not None and known > FEW:
        return ordered(asked)
    found = list(matching(asked).values_list("pk", flat=True)[: FEW + 1])
    return ordered(asked) if len(found) > FEW else in_order(Line.objects.filter(pk__in=found), asked)


def page(asked: Question, cursor: str = "", size: int = SIZE) -> Page:
    """At most ``size`` rows after the cursor. One that was not given out for this order is ignored."""
    after = opened(asked, cursor)
    rows = (narrowed(asked) if asked.filtered else ordered(asked)).defer("tags", "words")
    if after is not None:
        rows = rows.filter(beyond(asked, after))
    found = list(rows[: size + 1])
    shown = found[:size]
    known = asked.listing.rows([one.ref for one in shown])
    older = sealed(asked, shown[-1]) if len(found) > size else ""
    return Page([known.get(one.ref, one) for one in shown], shown, older, after is not None)


def sealed(asked: Question, last: Line) -> str:
    value = getattr(last, COLUMNS[asked.sort])
    told = value.isoformat() if isinstance(value, dt.datetime) else value
    return signing.dumps([asked.listing.slug, asked.sort, asked.rising, told, last.ref], salt=SALT)


def opened(asked: Question, cursor: str) -> tuple[Any, int] | None:
    """The last row's column and number from a cursor of this list and order."""
    try:
        slug, sort, rising, value, ref = signing.loads(cursor[:600], salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if (slug, sort, rising) != (asked.listing.slug, asked.sort, asked.rising):
        return None
    return (dt.datetime.fromisoformat(value) if sort == "at" else value), ref


def beyond(asked: Question, after: tuple[Any, int]) -> Q:
    """Rows that follow: the first condition bounds the index, the second settles what is equal there."""
    column, way = COLUMNS[asked.sort], "gt" if asked.rising else "lt"
    value, ref = after
    if column == "ref":
        return Q(**{f"ref__{way}": ref})
    return Q(**{f"{column}__{way}e": value}) & (Q(**{f"{column}__{way}": value}) | Q(**{f"ref__{way}": ref}))


def count(asked: Question) -> tuple[int, bool]:
    """How many lines fit, and whether that is all of them: beyond ``COUNTED_TO`` a search is not counted on."""
    if (known := counted(asked)) is not None:
        return known, True
    found = matching(asked).values("pk")[: COUNTED_TO + 1].count()
    return min(found, COUNTED_TO), found <= COUNTED_TO


def counted(asked: Question) -> int | None:
    """How many lines fit, where that is kept: of a whole register, or of one property of it."""
    if asked.parts or len(asked.values) > 1 or "project" in asked.values:
        return None
    tag = asked.tags[0] if asked.values else f"{asked.listing.register.value}:"
    return Facet.objects.filter(tag=tag).values_list("count", flat=True).first() or 0


def choices(listing: Listing) -> dict[str, list[tuple[str, int]]]:
    """For each property the values there are, with how many lines have each."""
    start = f"{listing.register.value}:"
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in listing.facets}
    rows = Facet.objects.filter(tag__gt=start, tag__lt=f"{listing.register.value};", count__gt=0).order_by("tag")
    for tag, many in rows.values_list("tag", "count"):
        name, _, value = tag.removeprefix(start).partition("=")
        if name in found:
            found[name].append((value, many))
    for name in ("year", "vintage"):
        if name in found:
            found[name].reverse()
    return found


def every(asked: Question) -> Iterator[Any]:
    """All rows that fit, in their order, read in pieces of a few thousand."""
    cursor = ""
    while True:
        part = page(asked, cursor, 2000)
        yield from part.rows
        if not part.older:
            return
        cursor = part.older


def everywhere(text: str, size: int = 5) -> list[tuple[Listing, Page, int, bool]]:
    """The first finds of every register, with how many there are."""
    found = []
    for listing in LISTINGS.values():
        asked = replace(
            read(listing, {"q": text}), sort="name" if "name" in listing.sorts else "at", rising="name" in listing.sorts
        )
        if not asked.parts:
            continue
        first = page(asked, "", size)
        many, exact = count(asked) if len(first.rows) == size else (len(first.rows), True)
        found.append((listing, first, many, exact))
    return found


def tags_of(line: Line) -> list[str]:
    """A line's tags, which pages leave out until they are asked for."""
    return list(line.tags)
