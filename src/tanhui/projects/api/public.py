"""Projects in development for programs: the list, one with its life-line, papers and land, one monitoring period.

Public; nobody signs in. What was public once stays so (rules §12); drafts are nobody's to read here.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema

from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.projects import access_cycle
from tanhui.projects.api import shown
from tanhui.projects.queries import cycle, dossier, listing
from tanhui.registry.api.lists import Window, page

router = Router(tags=["项目开发"], auth=None)
Number = Annotated[str, Path(max_length=20, description="As in the list: D000012.")]
PeriodNumber = Annotated[str, Path(max_length=24, description="As with its project: D000012-2.")]


class AskedDevelopments(Window):
    """The filters of the public list."""

    q: str = Field("", max_length=listing.LONGEST, description="Parts of name or number, one character or more.")
    scheme: str = Field("", max_length=120)
    kind: str = Field("", max_length=120)
    methodology: str = Field("", max_length=120, description="Whole code with version.")
    county: str = Field("", max_length=6, description="Six digits of the division.")
    status: str = Field("", max_length=20, description="notice, work, good, returned, bad or draft.")
    year: str = Field("", max_length=4, description="In which it was opened.")


class DevelopmentOut(shown.DevelopmentLine, shown.SubjectOut):
    """A project with everything that is public of it."""

    crediting_first: dt.date | None
    crediting_last: dt.date | None
    validator: str
    area_m2: int
    boundaries: int
    facilities: list[str]
    quantities: shown.QuantitiesOut
    benefit: shown.BenefitOut | None
    periods: list[shown.PeriodLine]
    evidence: list[shown.EvidenceOut] = Field(description="Months of monitoring data stamped into the log.")


class PeriodOut(shown.PeriodLine, shown.SubjectOut):
    """A monitoring period with everything that is public of it."""

    development: str
    development_name: str


class BoundaryOut(Schema):
    """GeoJSON (RFC 7946). Exact borders are not published: corners lie on a grid of some hundred metres."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Any]


@router.get("/developments", response=shown.DevelopmentList, operation_id="listDevelopments", summary="开发中的项目")
@rights.needs(rights.PUBLIC)
def developments(
    request: HttpRequest, response: HttpResponse, asked: Query[AskedDevelopments]
) -> shown.DevelopmentList:
    """Every project that is or was public, newest number first, under the filters of the page."""
    wanted = listing.read(asked.dict(exclude={"cursor", "limit"}))
    rows = listing.shown(listing.matching(wanted))
    found, following = page(request, response, rows, asked, ["number"])
    return shown.DevelopmentList(items=[shown.DevelopmentLine(**shown.line(one)) for one in found], next=following)


@router.get(
    "/developments/periods/{number}", response=PeriodOut, operation_id="getMonitoringPeriod", summary="一个监测期"
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def period(request: HttpRequest, number: PeriodNumber) -> PeriodOut:
    """One monitoring period from its public notice on, with its papers and the hashes of its run."""
    one = access_cycle.public_period(number)
    return PeriodOut(
        **shown.period(one) | shown.subject(request, one, today=clock.day(timezone.now()), private=False),
        development=one.development.code, development_name=one.development.name,
    )  # fmt: skip


@router.get("/developments/{number}", response=DevelopmentOut, operation_id="getDevelopment", summary="一个项目")
@rights.needs(rights.PUBLIC)
def development(request: HttpRequest, number: Number) -> DevelopmentOut:
    """One project with its life-line, papers and their hashes, comments, quantities and periods."""
    one = access_cycle.public_development(number)
    found, shared = dossier.quantities(one), dossier.benefit(one)
    return DevelopmentOut(
        **shown.line(one) | shown.subject(request, one, today=clock.day(timezone.now()), private=False)
        | shown.days(one),
        validator=str(one.validator or ""), area_m2=cycle.area_m2(one), boundaries=one.boundaries.count(),
        facilities=list(one.facilities.order_by("kind", "key").values_list("key", flat=True)),
        quantities=shown.QuantitiesOut(
            periods=found.periods, computed_kg=found.computed_kg, verified_kg=found.verified_kg,
            issued_t=found.issued_t,
        ),
        benefit=shown.BenefitOut(**shared) if shared else None,
        periods=shown.periods(cycle.disclosed_periods(), one), evidence=shown.evidence(one),
    )  # fmt: skip


@router.get(
    "/developments/{number}/boundary", response=BoundaryOut, operation_id="getDevelopmentBoundary",
    summary="项目边界（GeoJSON）",
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def boundary(request: HttpRequest, number: Number) -> BoundaryOut:
    """The land of a project as everybody may see it; no features where it has none."""
    found = dossier.places(access_cycle.public_development(number))
    return BoundaryOut(features=found["features"] if found else [])
