"""The drafting wizard: its steps, what each asks, and what is still open. Answers are kept as text, by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.projects.models import Development

Kind = Literal["line", "text", "date", "number", "yes_no", "body"]
LONGEST = {"line": 200, "text": 4000, "date": 10, "number": 12, "yes_no": 3, "body": 18}


@dataclass(frozen=True, slots=True)
class Field:
    """One question: what it is called, how it is answered, what helps to answer it, and whether it must be."""

    label: str | Promise
    kind: Kind = "line"
    help: str | Promise = ""
    needed: bool = True
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One step of the wizard."""

    code: str
    label: str | Promise
    fields: Mapping[str, Field]


SHEETS = (
    Sheet("project", _("The project"), {
        "summary": Field(_("What is done, where and by whom"), "text"),
        "kind": Field(_("Type of project"), help=_("For example afforestation, mangrove, rice methane, biogas.")),
        "region": Field(pgettext_lazy("projects", "Place"), help=_("City, county and town as they are printed.")),
        "technology": Field(_("Technology and measures"), "text"),
    }),
    Sheet("time", _("Times"), {
        "construction_start": Field(_("Start of construction or planting"), "date"),
        "crediting_first": Field(_("First day of the crediting period"), "date"),
        "crediting_last": Field(_("Last day of the crediting period"), "date"),
    }),
    Sheet("eligibility", _("Eligibility"), {
        "applicability": Field(_("Why the methodology applies, condition by condition"), "text"),
        "legal_duty": Field(_("Is there a duty by law or policy to reduce these emissions?"), "yes_no"),
        "in_ets": Field(_("Is it covered by a national or local emissions trading scheme?"), "yes_no"),
        "other_mechanism": Field(
            _("Registrations under other mechanisms, now or before"), "text",
            _("Name mechanism and number, or write that there are none."),
        ),
        "baseline": Field(_("Baseline"), "text"),
        "additionality": Field(_("Additionality"), "text"),
    }),
    Sheet("quantity", _("Expected quantity"), {
        "yearly_t": Field(_("Expected reductions or removals a year (tCO₂e)"), "number"),
        "estimate": Field(_("How it is estimated"), "text"),
        "leakage": Field(_("Leakage"), "text"),
        "permanence": Field(_("Permanence and its risks"), "text", needed=False),
        "harm": Field(_("Sustainable development: harm that could be done, and how it is avoided"), "text"),
    }),
    Sheet("monitoring", _("Monitoring plan"), {
        "parameters": Field(_("What is measured, where and how often"), "text"),
        "instruments": Field(_("Instruments and their calibration"), "text"),
        "quality": Field(_("Quality assurance and keeping of records"), "text"),
        "people": Field(_("Who is responsible"), "text"),
    }),
    Sheet("parties", _("Parties"), {
        "validator": Field(_("Validation body"), "body", roles=("VVB",)),
        "county": Field(_("County authority"), "body", roles=("AUTHL", "NATR"), needed=False),
        "city": Field(_("City authority"), "body", roles=("AUTH", "AUTHL", "NATR"), needed=False),
        "rights": Field(_("Holders of the land or the facility, and the agreement with them"), "text"),
        "sharing": Field(_("How the proceeds are shared"), "text"),
        "consulting": Field(_("Consulting contract"), "text", needed=False),
    }),
)  # fmt: skip
BY_CODE = {one.code: one for one in SHEETS}
FIELDS = {name: field for one in SHEETS for name, field in one.fields.items()}


@dataclass(frozen=True, slots=True)
class Open:
    """A question without an answer that can be used: which step, which field."""

    sheet: str
    field: str
    label: str | Promise


def filled(held: Development, name: str) -> str:
    """What was filled in for a field; empty where nothing was."""
    return str(held.draft.get(name, "")).strip()


def day(held: Development, name: str) -> date | None:
    """A date that was filled in."""
    try:
        return date.fromisoformat(filled(held, name))
    except ValueError:
        return None


def usable(field: Field, said: str) -> bool:
    """Whether an answer is of the kind asked for; an empty one is, where it need not be given."""
    if not said:
        return not field.needed
    match field.kind:
        case "date":
            try:
                date.fromisoformat(said)
            except ValueError:
                return False
        case "number":
            return said.replace(".", "", 1).isdecimal() and float(said) > 0
        case "yes_no":
            return said in {"yes", "no"}
    return len(said) <= LONGEST[field.kind]


def open_points(held: Development, sheet: Sheet | None = None) -> list[Open]:
    """What keeps the draft from being complete, of one step or of all."""
    return [
        Open(one.code, name, field.label)
        for one in ([sheet] if sheet else SHEETS)
        for name, field in one.fields.items()
        if not usable(field, filled(held, name))
    ]
