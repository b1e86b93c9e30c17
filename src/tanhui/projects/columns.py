"""Which column of a file holds what: our fields, the names surveys give them, and a first guess to be confirmed.

The headings surveys use are data (``land_columns.toml``). A mapping is plain data too and kept with its source:
``{"columns": {field: [column, …]}, "unit": "m2" | "ha" | "mu", "layer": "", "division": "", "numbered": false}``.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tanhui.kernel.refusal import Refusal, gettext_noop

Kind = Literal["text", "whole", "number", "flag"]
UNITS = {"m2": 1.0, "ha": 10_000.0, "mu": 10_000 / 15}  # square metres


class CodeUnmapped(Refusal):
    code = "projects.code_unmapped"
    sentence = gettext_noop(
        "No column holds the number of a parcel. Choose the column or columns that name a parcel alike every year, or "
        "say that rows are numbered by their place in the file."
    )
    clause = "rules §15.6"
    status = 422


class ColumnMissing(Refusal):
    code = "projects.column_missing"
    sentence = gettext_noop("The file has no column “%(column)s”, which was to hold %(field)s. Choose another column.")
    clause = "rules §15.6"
    status = 422


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a parcel: what it is called, what it takes, for text how long, for numbers from where to where."""

    name: str
    label: str | Promise
    kind: Kind = "text"
    longest: int = 0
    span: tuple[float, float] = (0, 0)


FIELDS = {
    one.name: one
    for one in (
        Field("code", _("parcel number"), longest=80),
        Field("division_code", _("administrative division code"), longest=19),
        Field("surveyed_area", _("surveyed area"), "number", span=(0, 1e12)),
        Field("land_class", _("land class"), longest=12),
        Field("species", _("dominant species"), longest=60),
        Field("planted_year", _("planted in"), "whole", span=(1900, 2199)),
        Field("age", _("age"), "whole", span=(0, 2000)),
        Field("canopy", _("canopy closure"), "number", span=(0, 1)),
        Field("protection", _("protection level"), longest=40),
        Field("red_line", _("inside the ecological red line"), "flag"),
        Field("certificate_no", _("number of the title certificate"), longest=80),
        Field("holder", _("holder of the right"), longest=120),
        Field("collective", _("collective"), longest=120),
        Field("contract", _("contract"), longest=120),
        Field("tenure_share", _("tenure share"), "number", span=(0, 1)),
    )
}


@cache
def table() -> dict[str, Any]:
    """Headings by field, what names a parcel together, headings by unit; from ``land_columns.toml``."""
    return tomllib.loads(Path(__file__).with_name("land_columns.toml").read_text("utf-8"))


def guess(columns: Iterable[str], known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A mapping for these columns: what the source said last time (``known``), where they are there; else by name."""
    named = {plain(one): one for one in columns}
    before = (known or {}).get("columns", {})
    found: dict[str, list[str]] = {}
    for field in FIELDS.values():
        if (kept := before.get(field.name)) and all(one in named.values() for one in kept):
            found[field.name] = list(kept)
        elif match := next((named[one] for one in table()["columns"][field.name] if one in named), ""):
            found[field.name] = [match]
    if not before.get("code"):
        for together in table()["together"].values():
            if together[-1] in named and len(there := [named[one] for one in together if one in named]) > 1:
                found["code"] = [one for one in there if not within(plain(one), there)]
    area = found.get("surveyed_area", [""])[0]
    kept_unit = (known or {}).get("unit") if before.get("surveyed_area") == [area] else None
    return {
        "columns": found,
        "unit": kept_unit or unit(area),
        "layer": (known or {}).get("layer", ""),
        "division": (known or {}).get("division", ""),
        "numbered": bool((known or {}).get("numbered")) or "code" not in found,
    }


def within(column: str, there: Iterable[str]) -> bool:
    """A county's or township's code stands in the village's already."""
    larger = table()["within"].get(column, ())
    return any(plain(one) in larger for one in there)


def unit(column: str) -> str:
    """The unit a column of areas is usually in: the land survey has square metres, forest surveys have hectares."""
    name = plain(column)
    if "亩" in name:
        return "mu"
    return "ha" if name in table()["units"]["ha"] or "公顷" in name or "(ha)" in name else "m2"


def check(mapping: Mapping[str, Any], columns: Collection[str]) -> None:
    """Refuse a mapping that names no parcel (``CodeUnmapped``) or a column that is not there (``ColumnMissing``)."""
    for field, wanted in mapping.get("columns", {}).items():
        for column in wanted:
            if column not in columns:
                raise ColumnMissing(
                    column=column[:60], field=str(FIELDS[field].label) if field in FIELDS else field[:40]
                )
    if not mapping.get("columns", {}).get("code") and not mapping.get("numbered"):
        raise CodeUnmapped


def plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("（", "(").replace("）", ")")
