"""What the pages of uniqueness show: a check before drafting, lists of other mechanisms and their conflicts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from tanhui.identity import access as people
from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.projects import shapes, uniqueness
from tanhui.projects.models import Development, Footprint, ForeignList, Overlap, ParcelVersion
from tanhui.projects.uniqueness import Meeting, Wanted

TAKE = "projects.take_foreign_list"
DRAWN = 400  # outlines on a map


def developments(person: Person, *, at: datetime) -> QuerySet[Development]:
    """Those of the person's organisations, newest first."""
    mine = people.organisations(person, at=at)
    return Development.objects.filter(owner__in=mine).select_related("owner").order_by("-changed_at", "-pk")


def parcels(person: Person, codes: Sequence[str], *, at: datetime) -> list[ParcelVersion]:
    """The newest version of each of the person's parcels with one of these numbers."""
    mine = people.organisations(person, at=at)
    rows = ParcelVersion.objects.filter(parcel__organisation__in=mine, parcel__code__in=codes)
    newest = rows.order_by("parcel", "-year", "-pk").distinct("parcel").select_related("parcel")
    return sorted(newest, key=lambda one: one.parcel.code)


def lists() -> QuerySet[ForeignList]:
    """Every list taken over, newest first, with how many footprints of it stand."""
    live = Count("footprints", filter=Q(footprints__state=Footprint.State.LIVE))
    rows = ForeignList.objects.select_related("organisation", "initiator", "confirmer", "replaced_by")
    return rows.annotate(live=live).order_by("-at", "-pk")


def waiting(organisations: Iterable[Organisation], *, at: datetime) -> QuerySet[Instruction]:
    """Lists read in that wait for their second signature."""
    rows = Instruction.objects.filter(act=TAKE, organisation__in=organisations, decision=None, expires_at__gt=at)
    return rows.select_related("initiator", "organisation").order_by("-at")


def conflicts(one: ForeignList | None = None) -> QuerySet[Overlap]:
    """Claims here that something in a list meets, the largest first; without a list, those that still stand."""
    rows = Overlap.objects.filter(kind=Overlap.Kind.CONFLICT).select_related("mine__development", "theirs__list")
    if one is not None:
        return rows.filter(theirs__list=one).order_by("-area_m2", "pk")
    live = Footprint.State.LIVE
    return rows.filter(mine__state=live, theirs__state=live).order_by("-area_m2", "pk")


def feature(outline: Any, title: str, text: str, tone: str) -> dict[str, Any]:
    """An outline for a map, coordinates rounded to a tenth of a metre."""
    properties = {"title": title, "text": text, "tone": tone}
    return {"type": "Feature", "geometry": uniqueness.bounded(outline), "properties": properties}


def collection(features: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return {"type": "FeatureCollection", "features": list(features)[:DRAWN]} if features else None


def drawn(wanted: Sequence[Wanted], found: Sequence[Meeting]) -> dict[str, Any] | None:
    """The map of a check: what is asked for in outline, the overlaps on it."""
    asked = [feature(one.outline, one.part, "", "outline") for one in wanted if one.outline is not None]
    met = [
        feature(one.outline, uniqueness.named(one.theirs), f"{one.mine.part} · {one.area_m2:,} m²", _tone(one))
        for one in found
        if one.outline is not None
    ]
    return collection([*met, *asked])


def _tone(one: Meeting) -> str:
    return "wait" if one.sliver else "stop"


def drawn_conflicts(rows: Sequence[Overlap]) -> dict[str, Any] | None:
    return collection(
        [
            feature(shapes.geometry(one.geometry), str(one.mine), f"{one.theirs} · {one.area_m2:,} m²", "stop")
            for one in rows
            if one.geometry is not None
        ]
    )
