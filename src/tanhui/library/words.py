"""What the pages call the kinds, states, fields and grades of methodologies."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.library.models.catalogue import Scheme, Sector, Standing
from tanhui.library.queries import NOT_YET
from tanhui.library.shelf import UNLISTED

KINDS: dict[str, Any] = {
    "credit": _("Credited reductions and removals"),
    "inclusion": _("Inclusive reductions"),
    "footprint": _("Footprint"),
    "statistical": _("Statistics, never for issuance"),
    "co_benefit": _("Co-benefits"),
    "tool": _("Tools, never for issuance"),
}
STATES: dict[str, Any] = {
    **dict(Standing.State.choices),
    NOT_YET: _("Published, not yet valid"),
    UNLISTED: _("On the shelf, not published here"),
}
TONES = {"PUBLISHED": "good", "REVISING": "wait", "RETIRED": "stop", NOT_YET: "wait", UNLISTED: "quiet"}
GRADES: dict[str, Any] = {
    "A": _("official text"),
    "P": _("peer-reviewed"),
    "B": _("secondary copy"),
    "C": _("press"),
    "D": _("recalled, original not read"),
}
GRADE_TONES = {"A": "good", "P": "good", "B": "wait", "C": "wait", "D": "stop"}
TIERS: dict[str, Any] = {
    "ipcc": _("IPCC default"),
    "national": pgettext_lazy("tier of a value", "national"),
    "local": pgettext_lazy("tier of a value", "local"),
    "project": pgettext_lazy("tier of a value", "of the project"),
}
ROLES: dict[str, Any] = {
    "monitored": _("monitored"),
    "fixed": _("fixed at the start"),
    "default": _("default value"),
    "derived": _("computed"),
}
# What packages call fields and mechanisms, in the words of the catalogue.
SECTORS = {
    "agriculture": Sector.AGRICULTURE, "grassland": Sector.GRASSLAND, "personal": Sector.LIFE, "events": Sector.EVENT,
    "coastal": Sector.WETLAND, "blue_carbon": Sector.WETLAND, "soil": Sector.AGRICULTURE,
    **{one.value.lower(): one for one in Sector},
}  # fmt: skip
SCHEMES = {"碳普惠": Scheme.LOCAL, "上海碳普惠": Scheme.SHANGHAI, **{one.value: one for one in Scheme}}
OTHERS: dict[str, Any] = {
    "house": _("Method of this platform"),
    "CDM": _("Clean Development Mechanism (CDM)"),
    "VCS": _("Verra (VCS)"),
}


def sector(name: str) -> str:
    """A field under one key, however a package writes it."""
    known = SECTORS.get(name.lower())
    return known.value if known else name


def scheme(name: str) -> str:
    known = SCHEMES.get(name)
    return known.value if known else name


def sector_label(name: str) -> Any:
    known = SECTORS.get(name.lower())
    return known.label if known else name


def scheme_label(name: str) -> Any:
    known = SCHEMES.get(name)
    return known.label if known else OTHERS.get(name, name)
