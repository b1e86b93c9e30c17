"""What a development claims, and what stands in its way (唯一性). Only reads; ``acts.uniqueness`` holds the lock.

docs/algorithms/uniqueness.md says what is compared with what.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from django.db.models import Q, QuerySet
from shapely.geometry.base import BaseGeometry

from tanhui.kernel import clock
from tanhui.kernel.period import Period
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import queries as library
from tanhui.methods.engine import shelf
from tanhui.projects import numbers, overlap, shapes
from tanhui.projects.models import Development, Footprint, ParcelVersion
from tanhui.projects.queries import footprints
from tanhui.rulepacks import queries as rulepacks

ORDER_31 = "《温室气体自愿减排交易管理办法（试行）》"
POINTS, PARTS = 300, 20  # corners and pieces of an overlap that a refusal carries
DIGITS = 6  # decimals of a degree in it: a tenth of a metre
STANDING = [Footprint.State.LIVE, Footprint.State.BARRED]


class Overlaps(Refusal):
    code = "projects.overlaps"
    sentence = gettext_noop(
        "“%(part)s” overlaps %(theirs)s of %(project)s (%(mechanism)s) by %(area_m2)s m²; altogether %(count)s such "
        "places. Take the overlap out of the boundary, or choose days on which the land is free."
    )
    clause = ORDER_31 + "第四十八条（唯一性）"


class MeteredTwice(Refusal):
    code = "projects.metered_twice"
    sentence = gettext_noop(
        "“%(part)s” is claimed already by %(project)s (%(mechanism)s) from %(first)s to %(last)s. Take it out, or "
        "choose days on which it is free; if it is another one, name it as the grid company or the licence does."
    )
    clause = ORDER_31 + "第四十八条（唯一性）"


class Barred(Refusal):
    code = "projects.barred"
    sentence = gettext_noop(
        "“%(part)s” belongs to %(project)s, which was cancelled: what was cancelled is never registered again. Take "
        "it out of the boundary."
    )
    clause = ORDER_31 + "第十六条"


class BoundaryTwice(Refusal):
    code = "projects.boundary_twice"
    sentence = gettext_noop(
        "“%(part)s” and “%(theirs)s” of the boundary overlap by %(area_m2)s m²: that ground would be counted twice. "
        "Draw the border between them once."
    )
    clause = ORDER_31 + "第四十八条（唯一性）"
    status = 422


class ParcelUnknown(Refusal):
    code = "projects.parcel_not_yours"
    sentence = gettext_noop(
        "None of your organisations has a parcel %(codes)s. Import the survey first, or leave it out."
    )
    clause = ORDER_31 + "第四十八条（唯一性）"
    status = 422


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that is to be claimed: land with its outline, or a key."""

    kind: str
    part: str
    key: str = ""
    outline: BaseGeometry | None = None
    area_m2: int | None = None
    geometry_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim before it is made: by whom, under which mechanism, when, for what. ``activities``: none is any."""

    mechanism: str
    days: Period
    activities: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    development: Development | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One of the wanted things and another's footprint share ground, or a key (then without outline and area)."""

    mine: Wanted
    theirs: Footprint
    outline: BaseGeometry | None
    area_m2: int
    width_m: float
    sliver: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the rule pack."""

    tolerance: overlap.Tolerance
    across: bool
    by_activity: bool


def rules(development: Development) -> Rules:
    """The numbers as they held when the development was opened. Refuses with ``numbers.NumberMissing``."""

    return _rules(lambda key: numbers.needed(development, key).value)


def defaults(day: date) -> Rules:
    """The numbers of the platform on a day, for what belongs to no development. Refuses as ``rulepacks.queries``."""
    return _rules(lambda key: rulepacks.value(key, day, numbers.DEFAULTS))


def _rules(number: Callable[[str], Any]) -> Rules:
    return Rules(
        overlap.Tolerance(*(number(f"uniqueness_sliver_{one}") for one in ("width", "area", "share"))),
        across=number("uniqueness_across_mechanisms") is True,
        by_activity=number("uniqueness_by_activity") is True,
    )


def asked(development: Development, *, at: datetime) -> Asked:
    """What a development claims as it is now; without a crediting period: from today on, without end."""
    land = [
        Wanted("LAND", one.name, "", shapes.geometry(one.geometry), one.area_m2, one.geometry_sha256)
        for one in development.boundaries.order_by("pk")
    ]
    keyed = [
        Wanted(one.kind, one.key, key(one.kind, one.key, development.owner.uscc, development.division_code))
        for one in development.facilities.order_by("pk")
    ]
    span = development.crediting
    days = Period(span.lower, span.upper) if span and span.lower else Period(clock.day(at), None)
    return Asked(development.scheme, days, activities(development.methodology), (*land, *keyed), development)


def of_parcel(one: ParcelVersion) -> Wanted:
    """A parcel as it was surveyed."""
    return Wanted("LAND", one.parcel.code, "", shapes.geometry(one.geometry), one.area_m2, one.geometry_sha256)


def activities(methodology: str) -> tuple[str, ...]:
    """What a methodology of the library counts, as its package names it; nothing where it names none."""
    version = library.of_full_code(methodology)
    if version is None or not version.package:
        return ()
    try:
        named = shelf.load(version.package).metadata.get("double_count_key", {})
    except Refusal:  # published here, and its package is not installed
        return ()
    return tuple(str(one) for one in named.get("activities", ()))


def key(kind: str, name: str, uscc: str, division_code: str) -> str:
    """The same for whoever means the same thing: a meter within its province, a facility with its holder's code."""
    plain = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    where = uscc if kind == Footprint.Kind.FACILITY else division_code[:2]
    return f"{kind}/{where}/{plain}"[:200]


def meetings(one: Asked, held: Rules) -> list[Meeting]:
    """Everything that stands and meets what is asked, slivers included, in the order of what is asked."""
    return [*_on_land(one, held), *_by_key(one)]


def check(one: Asked, held: Rules) -> list[Meeting]:
    """The slivers. Refuses with ``BoundaryTwice``, ``Barred``, ``Overlaps`` or ``MeteredTwice``."""
    within(one, held)
    found = meetings(one, held)
    serious = [meeting for meeting in found if not meeting.sliver]
    if serious:
        raise refusal(serious)
    return found


def within(one: Asked, held: Rules) -> None:
    """No ground twice in one boundary. Refuses with ``BoundaryTwice``."""
    land = [wanted for wanted in one.wanted if wanted.outline is not None]
    outlines = [wanted.outline for wanted in land]
    found = overlap.find(outlines, outlines, held.tolerance)
    for first, second, outline, sliver in zip(found.mine, found.theirs, found.shapes, found.sliver, strict=True):
        if first < second and not sliver:
            raise BoundaryTwice(
                part=land[first].part, theirs=land[second].part, area_m2=shapes.area_m2(_polygons(outline)),
                polygon=bounded(outline),
            )  # fmt: skip


def _on_land(one: Asked, held: Rules) -> list[Meeting]:
    land = [wanted for wanted in one.wanted if wanted.outline is not None]
    others = [
        other
        for other in candidates(one, [wanted.outline for wanted in land if wanted.outline is not None])
        if _compete(one, other, held)
    ]
    found = overlap.find(
        [wanted.outline for wanted in land],
        shapes.geometries([other.geometry for other in others if other.geometry is not None]),
        held.tolerance,
    )
    return [
        Meeting(
            land[mine], others[theirs], _polygons(outline), shapes.area_m2(_polygons(outline)), float(width),
            sliver=bool(sliver),
        )
        for mine, theirs, outline, width, sliver in zip(
            found.mine, found.theirs, found.shapes, found.width_m, found.sliver, strict=True
        )
    ]  # fmt: skip


def candidates(one: Asked, outlines: Sequence[BaseGeometry]) -> list[Footprint]:
    """Footprints of others whose box meets one of the outlines', on the same days or barred."""
    keys = footprints.near([shapes.box(outline) for outline in outlines])
    return list(standing(one).filter(pk__in=keys).select_related("development", "list").order_by("pk"))


def _by_key(one: Asked) -> list[Meeting]:
    keyed = {wanted.key: wanted for wanted in one.wanted if wanted.key}
    if not keyed:
        return []
    rows = standing(one).filter(key__in=list(keyed)).select_related("development", "list").order_by("pk")
    return [Meeting(keyed[other.key], other, None, 0, 0.0, sliver=False) for other in rows]


def standing(one: Asked) -> QuerySet[Footprint]:
    """What stands in the days of a claim: others' live claims, and whatever is barred, its own too."""
    live = Q(state=Footprint.State.LIVE, days__overlap=(one.days.start, one.days.end))
    if one.development is not None:
        live &= ~Q(development=one.development.pk)
    return Footprint.objects.filter(live | Q(state=Footprint.State.BARRED))


def _compete(one: Asked, other: Footprint, held: Rules) -> bool:
    """Whether two claims of the same land and days exclude each other at all."""
    if other.state == Footprint.State.BARRED:
        return True
    if not held.across and other.mechanism != one.mechanism:
        return False
    apart = one.activities and other.activities and not set(one.activities) & set(other.activities)
    return not (held.by_activity and apart)


def refusal(found: Sequence[Meeting]) -> Refusal:
    """What the gravest of some meetings is refused with: barred before claimed, large before small."""
    first = max(found, key=lambda one: (one.theirs.state == Footprint.State.BARRED, one.area_m2))
    facts: dict[str, Any] = {"part": first.mine.part, "project": named(first.theirs), "count": len(found)}
    facts["mechanism"] = first.theirs.mechanism
    if first.outline is not None:
        facts |= {"area_m2": first.area_m2, "polygon": bounded(first.outline), "theirs": first.theirs.part}
    if first.theirs.state == Footprint.State.BARRED:
        return Barred(**facts)
    if first.outline is not None:
        return Overlaps(**facts)
    days = Period(first.theirs.days.lower, first.theirs.days.upper)
    last = days.last.isoformat() if days.last is not None else "—"
    return MeteredTwice(first=days.start.isoformat(), last=last, **facts)


def named(footprint: Footprint) -> str:
    """Whose claim a footprint is of, as people know it."""
    return f"{footprint.number} {footprint.title}".strip()


def bounded(outline: BaseGeometry) -> dict[str, Any]:
    """The outline as GeoJSON, of a size that fits into an answer: the largest pieces, few corners."""
    pieces = sorted(shapely.get_parts(_polygons(outline)), key=lambda one: -one.area)[:PARTS]
    shown: BaseGeometry = shapely.multipolygons(pieces) if len(pieces) > 1 else pieces[0]
    step = 10.0**-DIGITS
    while shapely.get_num_coordinates(shown) > POINTS and step < 1:
        shown, step = shapely.simplify(shown, step), step * 2
    mapped: dict[str, Any] = dict(shapely.geometry.mapping(shown))
    mapped["coordinates"] = _rounded(mapped["coordinates"])
    return mapped


def _rounded(coordinates: Iterable[Any]) -> list[Any]:
    return [round(float(one), DIGITS) if isinstance(one, float | int) else _rounded(one) for one in coordinates]


def _polygons(outline: BaseGeometry) -> BaseGeometry:
    """The polygons of an intersection without the lines and points in which borders met besides."""
    flat = [one for one in shapely.get_parts(outline) if shapely.get_type_id(one) == overlap.POLYGON]
    found: BaseGeometry = flat[0] if len(flat) == 1 else shapely.multipolygons(flat)
    return found
