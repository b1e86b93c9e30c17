"""Land in words: areas in hectares and mu, findings, ecosystems, and how a survey was read."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from tanhui.kernel.refusal import Refusal
from tanhui.projects import divisions
from tanhui.projects.columns import FIELDS
from tanhui.projects.findings import RULES
from tanhui.projects.models import ParcelVersion
from tanhui.projects.queries import land as lands

TONES = {
    "ASKED": "wait", "RUNNING": "wait", "FAULTY": "stop", "REFUSED": "stop", "TAKEN": "good", "SUPERSEDED": "quiet",
    "WITHDRAWN": "quiet",
}  # fmt: skip
PLACED = {
    "axes_exchanged": _("The coordinates have north first; they were read so."),
    "system_declared": _("The file does not say its coordinate system; it was declared when importing."),
    "taken_as_cgcs2000": _(
        "The file is in another geocentric system and was declared to be taken as CGCS2000; the two agree within "
        "decimetres to metres."
    ),
}
MU = Decimal(15) / Decimal(10_000)  # of a square metre


def hectares(area_m2):
    """``12,345.68``: square metres in hectares to two decimals."""
    return "—" if area_m2 is None else f"{Decimal(area_m2) / 10_000:,.2f}"


def mu(area_m2):
    """Square metres in mu (亩) to one decimal."""
    return "—" if area_m2 is None else f"{Decimal(area_m2) * MU:,.1f}"


def field(name):
    if name == "geometry":
        return str(_("outline"))
    return str(FIELDS[name].label) if name in FIELDS else name


def told(finding, language):
    return {
        "row": finding.row, "code": finding.code, "field": field(finding.field), "says": finding.say(language),
        "remedy": finding.remedy(language),
    }  # fmt: skip


def rules(counts, language):
    """How often each rule was met, faults first."""
    said = [
        {"rule": SHORT[name], "number": number, "fault": RULES[name].fault}
        for name, number in counts.get("findings", {}).items()
    ]
    return sorted(said, key=lambda one: (not one["fault"], -one["number"]))


SHORT = {
    "outline_missing": _("No outline"),
    "outline_kind": _("No polygon"),
    "outline_broken": _("Outline not valid"),
    "outline_outside": _("Outside the coordinate system"),
    "outline_small": _("Smaller than a square metre"),
    "outline_twice": _("Same outline twice"),
    "code_missing": _("No parcel number"),
    "code_long": _("Parcel number too long"),
    "code_twice": _("Parcel number twice"),
    "division_missing": _("No division code"),
    "division_unknown": _("Unknown division code"),
    "division_ended": _("Division ended earlier"),
    "not_a_number": _("No number"),
    "not_whole": _("No whole number"),
    "out_of_bounds": _("Out of bounds"),
    "not_a_flag": _("Neither yes nor no"),
    "text_long": _("Text too long"),
    "text_unreadable": _("Text unreadable"),
    "planted_later": _("Planted after the survey"),
    "area_differs": _("Surveyed area differs"),
    "sliver": _("Sliver"),
    "parts": _("In several parts"),
    "division_newer": _("Division newer than the table"),
    "class_unknown": _("Land class not in the table"),
    "outside_china": _("Outside China"),
    "overlaps": _("Overlaps another parcel"),
    "overlap_sliver": _("Narrow overlap, tolerated"),
}


def refusal(kept):
    """The refusal that a survey keeps as code and facts."""
    if not kept:
        return None
    return next(one(**kept["facts"]) for one in every(Refusal) if getattr(one, "code", "") == kept["code"])


def every(kind):
    for one in kind.__subclasses__():
        yield one
        yield from every(one)


def mapped(mapping):
    """Which columns were read as what."""
    chosen = mapping.get("columns", {})
    return [(field(name), " + ".join(chosen[name])) for name in FIELDS if name in chosen]


def ecosystems(survey):
    """Land of a survey by ecosystem, with its share."""
    names = dict(ParcelVersion.Ecosystem.choices)
    rows = lands.by_ecosystem(survey)
    return [row | {"name": names[row["ecosystem"]], "ha": hectares(row["area_m2"])} for row in rows]


def counties(survey):
    return [
        row | {"name": divisions.short(row["county"]), "ha": hectares(row["area_m2"])}
        for row in lands.by_county(survey)
    ]
