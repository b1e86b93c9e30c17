"""Published years of stock sinks for programs: which there are, one with its figures, what is on file of it.

Public; nobody signs in. Figures are statistics in whole kilograms, each with its interval; no figure is a unit.
"""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Path, Query, Router, Schema

from tanhui.identity import rights
from tanhui.inventory import access, queries
from tanhui.inventory.models import AccountingYear, Figure, Item

router = Router(tags=["存量碳汇"], auth=None)
Code = Annotated[str, Path(max_length=20, description="As in the list: 330604-2023; a later edition 330604-2023-2.")]


class AskedYears(Schema):
    division: str = Field("", max_length=12, description="Administrative division code.")
    year: int | None = Field(None, ge=1950, le=2199)
    every: bool = Field(False, description="Superseded editions too.")


class YearLine(Schema):
    code: str
    area: str
    division: str
    year: int
    edition: int
    state: str = Field(description="PUBLISHED, ARCHIVED or SUPERSEDED.")
    authority: str
    published_at: dt.datetime
    statistics_sha256: str = Field(description="Of statistics.json; the same stands in the transparency log.")
    licence: str


class YearList(Schema):
    count: int
    items: list[YearLine]


class CheckOut(Schema):
    principle: str
    name: str
    state: str
    reason: str
    clause: str


class ItemOut(Schema):
    category: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    retain_until: dt.date | None = Field(description="Last day it is kept; none: for good.")
    url: str


class YearOut(YearLine):
    """``checks``: those of article 5 as they stood when it was published."""

    verifier: str
    method: dict[str, object]
    record_sha256: str
    plan_sha256: str
    superseded_by: str
    reason: str = Field(description="Why this edition revises the one before.")
    checks: list[CheckOut]
    items: list[ItemOut] = Field(description="Public ones.")


class AskedFigures(Schema):
    level: str = Field("area", max_length=40, description="area: the whole; township, …: a level of zones.")
    type: str = Field("", max_length=8, description="forest, shrub, …, all; empty: every one.")
    of: int | None = Field(None, ge=1950, le=2199, description="An earlier year, as recomputed in a back series.")


class FigureOut(Schema):
    year: int
    level: str
    zone: str
    zone_name: str
    type: str
    rule: str = Field(description="nep, rate, not_applicable; sum for all types.")
    area_m2: int
    coverage: float
    npp_kg_c: int
    rh_kg_c: int
    nep_kg_c: int
    nep_kg_co2: int
    lower_kg_co2: int
    upper_kg_co2: int
    conservative_kg_co2: int
    respiration: dict[str, int] = Field(description="By each model, kg C.")
    sigma_kg_co2: dict[str, int]
    flags: dict[str, float]


class FigureList(Schema):
    code: str
    count: int
    notice: str
    items: list[FigureOut]


NOTICE = "存量碳汇为区域统计量，不是减排量，不能用于履约或抵销。Statistics, not units: nothing can be offset with them."


@router.get("/stock-sinks", response=YearList, summary="已发布的存量碳汇核算年度")
@rights.needs(rights.PUBLIC)
def years(request: HttpRequest, asked: Query[AskedYears]) -> YearList:
    """Years as they count today; with ``every`` also those a later edition took the place of."""
    found = queries.disclosed() if asked.every else queries.in_force()
    if asked.division:
        found = found.filter(division_code=asked.division)
    if asked.year is not None:
        found = found.filter(year=asked.year)
    rows = [YearLine(**line(one)) for one in found.select_related("publication")[:500]]
    return YearList(count=len(rows), items=rows)


@router.get("/stock-sinks/{code}", response=YearOut, summary="一个已发布的核算年度")
@rights.needs(rights.PUBLIC)
def year(request: HttpRequest, code: Code) -> YearOut:
    """One published year with its method, checks and public files."""
    one = access.public_year(code)
    computation = one.publication.computation
    later = queries.later(one) if one.state == "SUPERSEDED" else None
    return YearOut(
        **line(one), verifier=str(one.verifier or ""), method=one.method, record_sha256=computation.record_sha256,
        plan_sha256=computation.plan_sha256, superseded_by=later.code if later else "", reason=one.reason,
        checks=one.publication.checks, items=[item(request, row) for row in queries.items(one)],
    )  # fmt: skip


@router.get("/stock-sinks/{code}/figures", response=FigureList, summary="核算结果")
@rights.needs(rights.PUBLIC)
def figures(request: HttpRequest, code: Code, asked: Query[AskedFigures]) -> FigureList:
    """The figures of a published year by zone and type, in whole kilograms."""
    one = access.public_year(code)
    found = queries.published_figures(one, asked.of).filter(level=asked.level)
    if asked.type:
        found = found.filter(type=asked.type)
    rows: list[Figure] = list(found.order_by("zone", "type")[:20_000])
    return FigureList(code=one.code, count=len(rows), notice=NOTICE, items=[FigureOut.from_orm(row) for row in rows])


def line(one: AccountingYear) -> dict[str, Any]:
    said = one.publication
    return {
        "code": one.code, "area": one.area_name, "division": one.division_code, "year": one.year,
        "edition": one.edition, "state": one.state, "authority": str(one.organisation), "published_at": said.at,
        "statistics_sha256": said.statistics_sha256, "licence": said.licence,
    }  # fmt: skip


def item(request: HttpRequest, one: Item) -> ItemOut:
    address = reverse("files:download", args=[one.document, one.version, one.name])
    return ItemOut(
        category=one.category, name=one.name, media_type=one.media_type, size_bytes=one.size_bytes, sha256=one.sha256,
        retain_until=one.retain_until, url=request.build_absolute_uri(address),
    )  # fmt: skip
