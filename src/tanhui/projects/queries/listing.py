"""The public list of developments: searched, filtered, counted, drawn, summed by county. Constant in statements.

Search is as in docs/algorithms/search.md: the table's own ``pieces`` (every character and pair of a name and number)
are asked under a GIN index, then the words themselves are compared.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left

from tanhui.kernel import clock
from tanhui.projects import divisions, machine
from tanhui.projects.models import Boundary, Development, Monitoring, Step
from tanhui.projects.queries import clawbacks, cycle
from tanhui.registry import models as registry

SIZE = 50
COUNTED = 10_000  # a list is counted so far and then says "more than"
LONGEST = 60  # characters of a question
FILTERS = ("scheme", "kind", "methodology", "county", "status", "year")
CENTRE = 2  # decimals of a degree at which places are shown: about a kilometre (rules §12)

STATUSES = ("notice", "work", "good", "returned", "bad", "draft")  # the tones of states

FACETS = """
SELECT scheme, kind, methodology, left(division_code, 6) AS county, state,
    extract(year FROM opened_at AT TIME ZONE 'Asia/Shanghai')::int AS year,
    grouping(scheme, kind, methodology, left(division_code, 6), state,
        extract(year FROM opened_at AT TIME ZONE 'Asia/Shanghai')::int) AS of, count(*)
FROM projects_development WHERE state = ANY(%s)
GROUP BY GROUPING SETS ((scheme), (kind), (methodology), (left(division_code, 6)), (state),
    (extract(year FROM opened_at AT TIME ZONE 'Asia/Shanghai')::int))
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the list: parts of names, values by filter, the number below which the page begins."""

    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    before: int | None = None

    @property
    def parts(self) -> list[str]:
        seen = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in self.text)
        return unicodedata.normalize("NFKC", seen).lower()[:LONGEST].split()

    @property
    def filtered(self) -> bool:
        return bool(self.parts or self.values)

    def written(self) -> dict[str, str]:
        """As an address has it, without the place of the page."""
        return ({"q": self.text} if self.text else {}) | dict(self.values)


def read(given: Mapping[str, str]) -> Asked:
    """From an address; what no list could have is left out."""
    values = {name: given[name].replace("\x00", "")[:120] for name in FILTERS if given.get(name, "").strip(" \x00")}
    before = given.get("before", "")
    usable = before.isascii() and before.isdigit() and len(before) < 9
    return Asked(given.get("q", "").replace("\x00", "")[:LONGEST].strip(), values, int(before) if usable else None)


def states(status: str) -> list[str]:
    """The states, of any procedure, that people know under one word."""
    if status not in STATUSES:
        return []
    every = (state for one in machine.profiles().values() for state in one.development.states.values())
    return sorted({state.code for state in every if state.tone == status})


def matching(asked: Asked) -> QuerySet[Development]:
    """The public developments that fit, in no order. What was public once stays so."""
    once = Step.objects.filter(development=OuterRef("pk"), monitoring=None, after__in=cycle.public_states())
    rows = Development.objects.filter(Q(state__in=cycle.public_states()) | Exists(once))
    for name, value in asked.values.items():
        rows = narrowed(rows, name, value)
    for part in asked.parts:
        wanted = [part] if len(part) == 1 else sorted({part[at : at + 2] for at in range(len(part) - 1)})
        like = "%" + re.sub(r"([\\%_])", r"\\\1", part) + "%"
        rows = rows.filter(
            RawSQL("projects_development.pieces @> %s::text[]", [wanted], output_field=BooleanField()),
            RawSQL("projects_development.words LIKE %s", [like], output_field=BooleanField()),
        )
    return rows


def narrowed(rows: QuerySet[Development], name: str, value: str) -> QuerySet[Development]:
    if name == "county":
        return rows.alias(of_county=Left("division_code", 6)).filter(of_county=value)
    if name == "kind":
        return rows.filter(RawSQL("projects_development.kind = %s", [value], output_field=BooleanField()))
    if name == "status":
        return rows.filter(state__in=states(value))
    if name == "year":
        return rows.filter(opened_at__year=int(value)) if re.fullmatch(r"[12][0-9]{3}", value) else rows.none()
    return rows.filter(**{name: value})


def count(asked: Asked) -> tuple[int, bool]:
    """How many fit, and whether that is exact: it is up to ten thousand."""
    found = matching(asked).order_by().values("pk")[: COUNTED + 1].count()
    return min(found, COUNTED), found <= COUNTED


@dataclass(frozen=True, slots=True)
class Page:
    """Fifty developments, newest number first; ``older`` is the number the next page begins below."""

    rows: list[Development]
    older: str
    newer: bool


def page(asked: Asked, size: int = SIZE) -> Page:
    rows = matching(asked)
    if asked.before is not None:
        rows = rows.filter(number__lt=asked.before)
    # Which they are is asked first, by number alone: what is shown is joined to fifty rows, not to all that fit.
    first = list(rows.order_by("-number").values_list("pk", flat=True)[: size + 1])
    found = list(shown(Development.objects.filter(pk__in=first)).order_by("-number"))
    older = str(found[size - 1].number) if len(found) > size else ""
    return Page(found[:size], older, asked.before is not None)


def shown(rows: QuerySet[Development]) -> QuerySet[Development]:
    """With ``kind``, and ``clawed``: whether units of a period of theirs are under clawback."""
    kind = RawSQL("projects_development.kind", [])
    owed = Monitoring.objects.filter(development=OuterRef("pk"), state__in=clawbacks.OPEN)
    rows = rows.select_related("owner", "registered").defer("draft", "limit")
    return rows.annotate(kind=kind, clawed=Exists(owed))


def every(asked: Asked) -> Iterator[Development]:
    return shown(matching(asked)).order_by("-number").iterator(2000)


def facets() -> dict[str, list[tuple[str, int]]]:
    """Every value of every filter with how many public developments have it, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(FACETS, [sorted(cycle.public_states())])
        rows = cursor.fetchall()
    places = ("scheme", "kind", "methodology", "county", "state", "year")
    found: dict[str, dict[str, int]] = {name: {} for name in FILTERS}
    tones = {state.code: state.tone for one in machine.profiles().values() for state in one.development.states.values()}
    for *values, of, many in rows:
        at = next(at for at in range(len(places)) if not of >> (len(places) - 1 - at) & 1)
        name, value = ("status", tones.get(values[at], "")) if places[at] == "state" else (places[at], str(values[at]))
        if value:
            found[name][value] = found[name].get(value, 0) + many
    return {name: sorted(one.items(), key=lambda each: (-each[1], each[0])) for name, one in found.items()}


def centres(rows: Sequence[Development]) -> dict[Any, tuple[float, float]]:
    """By development the middle of its land, coarse on purpose: exact borders are not published here."""
    bounds: dict[Any, list[float]] = {}
    for key, box in Boundary.objects.filter(development__in=[one.pk for one in rows]).values_list("development", "box"):
        held = bounds.setdefault(key, [*box])
        held[:] = [min(held[0], box[0]), min(held[1], box[1]), max(held[2], box[2]), max(held[3], box[3])]
    return {
        key: (round((west + east) / 2, CENTRE), round((south + north) / 2, CENTRE))
        for key, (west, south, east, north) in bounds.items()
    }


@dataclass(frozen=True, slots=True)
class County:
    """What is developed in a county: how many, how many registered, land in m², whole tonnes issued."""

    code: str
    name: str
    developments: int
    registered: int
    area_m2: int
    issued_t: int


def counties() -> list[County]:
    """Every county with public developments, the most first. Three statements."""
    public = matching(Asked())
    rows = (
        public.order_by()
        .annotate(of_county=Left("division_code", 6))
        .values("of_county")
        .annotate(
            many=Count("pk"),
            registered=Count(Case(When(registered__isnull=False, then=Value(1)))),
        )
    )
    land = dict(
        Boundary.objects.filter(development__in=public.values("pk"))
        .annotate(of_county=Left("development__division_code", 6))
        .values_list("of_county")
        .annotate(Sum("area_m2"))
    )
    issued = dict(
        registry.Issuance.objects.filter(period__project__development__isnull=False)
        .annotate(of_county=Left("period__project__development__division_code", 6))
        .values_list("of_county")
        .annotate(Sum("quantity_t"))
    )
    found = [
        County(
            row["of_county"], divisions.name(row["of_county"]) or row["of_county"], row["many"], row["registered"],
            land.get(row["of_county"], 0), issued.get(row["of_county"], 0),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.developments, one.code))


def issued(rows: Iterable[Development]) -> dict[Any, int]:
    """By development the whole tonnes issued from it."""
    wanted = [one.registered_id for one in rows if one.registered_id]
    issues = registry.Issuance.objects.filter(period__project__in=wanted)
    return dict(issues.values_list("period__project").annotate(Sum("quantity_t")))


def first(asked: Asked) -> Asked:
    """The same list from its beginning."""
    return replace(asked, before=None)


def year_of(one: Development) -> int:
    return clock.day(one.opened_at).year


def areas(rows: Iterable[Development]) -> dict[Any, int]:
    """By development its land in m²."""
    found = Boundary.objects.filter(development__in=[one.pk for one in rows]).values_list("development")
    return dict(found.annotate(Sum("area_m2")))
