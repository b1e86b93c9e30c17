"""The figures of a published year as a file: the table its page shows, in full."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanhui.files import exports
from tanhui.inventory import access, shown
from tanhui.inventory.models import AccountingYear, Type
from tanhui.nep.rows import FLAGS

SIGMAS = ("npp_model", "rh_model", "weather", "land_cover", "pixel")


def rows(parameters: exports.Parameters) -> tuple[int, Iterator[list[Any]]]:
    """The figures of a level, narrowed and ordered as on the page; exact, in kilograms. Refuses an unknown year."""
    try:
        year = access.public_year(parameters.get("year", ""))
    except Http404:
        raise exports.ExportUnknown(name=parameters.get("year", "")[:40]) from None
    asked = shown.Asked(
        level=parameters.get("level", ""), type=parameters.get("type", Type.ALL.value), q=parameters.get("q", ""),
        sort=parameters.get("sort", "-value"),
    )  # fmt: skip
    found = shown.rows(shown.figures(year), asked)
    return len(found), map(cells, found)


def of_areas(parameters: exports.Parameters) -> tuple[int, Iterator[list[Any]]]:
    """The whole area of every published year in force, each with interval and conservative bound."""
    found = [row for _newest, years in shown.areas() for row in by_year(years)]
    return len(found), iter(found)


def by_year(years: list[AccountingYear]) -> Iterator[list[Any]]:
    whole = shown.series(years)
    for year in sorted(years, key=lambda one: one.year):
        if row := whole.get(year.year):
            one = row.figure
            yield [
                year.division_code, year.area_name, year.organisation.name, year.year, year.edition, one.area_m2,
                one.coverage, one.nep_kg_co2, one.lower_kg_co2, one.upper_kg_co2, one.conservative_kg_co2,
            ]  # fmt: skip


def header_of_areas() -> list[str]:
    return [
        _("Code"), _("Accounting area"), _("Authority"), _("Year"), _("Edition"), _("Area (m²)"), _("Covered by data"),
        _("NEP (kg CO2)"), _("Lower end of the 90 % interval (kg CO2)"), _("Upper end of the 90 % interval (kg CO2)"),
        _("Conservative bound (kg CO2)"),
    ]  # fmt: skip


def cells(row: shown.Row) -> list[Any]:
    one = row.figure
    return [
        one.year, one.level, one.zone, row.name, one.type, one.rule, one.area_m2, one.coverage, one.nep_kg_co2,
        one.lower_kg_co2, one.upper_kg_co2, one.conservative_kg_co2, one.npp_kg_c, one.rh_kg_c, one.nep_kg_c,
        *(one.sigma_kg_co2.get(name, 0) for name in SIGMAS), *(one.flags.get(name, 0) for name in FLAGS),
    ]  # fmt: skip


def header() -> list[str]:
    return [
        _("Year"), _("Level"), _("Code"), _("Place"), _("Type"), _("Rule"), _("Area (m²)"), _("Covered by data"),
        _("NEP (kg CO2)"), _("Lower end of the 90 % interval (kg CO2)"), _("Upper end of the 90 % interval (kg CO2)"),
        _("Conservative bound (kg CO2)"), _("NPP (kg C)"), _("Rh (kg C)"), _("NEP (kg C)"),
        *(_("Sigma (kg CO2): %(part)s") % {"part": name} for name in SIGMAS),
        *(_("Cells: %(flag)s") % {"flag": name} for name in FLAGS),
    ]  # fmt: skip


def told(parameters: exports.Parameters) -> list[str]:
    return [parameters.get("year", ""), parameters.get("level", "")]


exports.register("inventory.figures", title=gettext_lazy("Stock sinks by place"), rows=rows, header=header, told=told)
exports.register("inventory.areas", title=gettext_lazy("Stock sinks by area"), rows=of_areas, header=header_of_areas)
