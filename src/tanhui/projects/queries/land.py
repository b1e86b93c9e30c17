"""Sources, surveys and parcels: whose they are, which is in force for a year, and what a list of them says."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Left

from tanhui.identity import roster
from tanhui.identity.models import Person
from tanhui.projects import roles
from tanhui.projects.models import Parcel, ParcelVersion, Source, Survey


def sources(person: Person, *, at: datetime) -> QuerySet[Source]:
    """The sources of every organisation the person works for."""
    held = roster.standing(at).filter(membership__person=person, membership__organisation__role__in=roles.LAND)
    return Source.objects.filter(organisation__in=held.values("membership__organisation"))


def listed(person: Person, *, at: datetime) -> QuerySet[Source]:
    """Sources with their newest survey taken over (``taken_year``, ``taken_key``) and how many surveys there are."""
    taken = Survey.objects.filter(source=OuterRef("pk"), state=Survey.State.TAKEN).order_by("-year", "-at")
    return (
        sources(person, at=at)
        .select_related("organisation")
        .annotate(
            taken_year=Subquery(taken.values("year")[:1]),
            taken_key=Subquery(taken.values("pk")[:1]),
            parcels_count=Subquery(taken.values("counts__good")[:1]),
            area=Subquery(taken.values("counts__area_m2")[:1]),
            surveys_count=Count("surveys"),
        )
        .order_by("organisation", "name")
    )


def surveys(person: Person, *, at: datetime) -> QuerySet[Survey]:
    return Survey.objects.filter(source__in=sources(person, at=at)).select_related("source__organisation", "by")


def parcels(person: Person, *, at: datetime) -> QuerySet[Parcel]:
    return Parcel.objects.filter(source__in=sources(person, at=at)).select_related("source__organisation")


def in_force(source: Source) -> QuerySet[Survey]:
    """The surveys of a source that count, the newest year first."""
    return source.surveys.filter(state=Survey.State.TAKEN).order_by("-year")


def newest(person: Person, *, at: datetime) -> list[Survey]:
    """The newest survey in force of every source of the person's organisations."""
    rows = Survey.objects.filter(source__in=sources(person, at=at), state=Survey.State.TAKEN)
    return list(rows.select_related("source").order_by("source", "-year").distinct("source"))


def version(parcel: Parcel, year: int | None = None) -> ParcelVersion | None:
    """The parcel as it was in a year: by the survey taken for it, or else the latest before; None where there is none.

    Without a year, the newest there is.
    """
    rows = ParcelVersion.objects.filter(parcel=parcel, survey__state=Survey.State.TAKEN)
    if year is not None:
        rows = rows.filter(year__lte=year)
    return rows.select_related("survey", "parcel").order_by("-year").first()


def history(parcel: Parcel) -> QuerySet[ParcelVersion]:
    """Every version of a parcel, the newest first; superseded and withdrawn ones too, so that nothing is hidden."""
    return parcel.versions.select_related("survey__by").order_by("-year", "-survey__at")


def versions(
    survey: Survey, *, text: str = "", division: str = "", ecosystem: str = "", species: str = "", red_line: str = "",
    untitled: bool = False,
) -> QuerySet[ParcelVersion]:  # fmt: skip
    """The parcels of a survey, filtered; ``text`` is found anywhere in number, holder, collective, certificate."""
    rows = survey.versions.select_related("parcel").order_by("row")
    if text:
        rows = rows.filter(
            Q(parcel__code__icontains=text) | Q(holder__icontains=text) | Q(collective__icontains=text)
            | Q(certificate_no__icontains=text) | Q(species__icontains=text)
        )  # fmt: skip
    if division:
        rows = rows.filter(division_code__startswith=division)
    if ecosystem:
        rows = rows.filter(ecosystem=ecosystem)
    if species:
        rows = rows.filter(species=species)
    if red_line in ("1", "0"):
        rows = rows.filter(red_line=red_line == "1")
    if untitled:
        rows = rows.filter(certificate_no="", contract="")
    return rows


def totals(rows: QuerySet[ParcelVersion]) -> dict[str, Any]:
    """How many parcels and how much land."""
    found: dict[str, Any] = rows.order_by().aggregate(number=Count("pk"), land_m2=Sum("area_m2"))
    return found


def by_ecosystem(survey: Survey) -> list[dict[str, Any]]:
    rows = survey.versions.order_by().values("ecosystem").annotate(number=Count("pk"), area_m2=Sum("area_m2"))
    return [dict(row) for row in rows.order_by("-area_m2")]


def by_county(survey: Survey) -> list[dict[str, Any]]:
    """Parcels and land by the first six digits of the division code."""
    rows = survey.versions.order_by().annotate(county=Left("division_code", 6)).values("county")
    rows = rows.annotate(number=Count("pk"), area_m2=Sum("area_m2")).order_by("-area_m2")
    return [dict(row) for row in rows]
