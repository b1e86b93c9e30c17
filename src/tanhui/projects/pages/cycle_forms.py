"""The forms of the project desk. They check shape; the acts check rules."""

import datetime as dt
import re

from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation
from tanhui.projects import machine, sheets
from tanhui.projects.forms.land import SYSTEMS
from tanhui.ui import refusals

show = refusals.show


class Opening(forms.Form):
    """What is asked before a development is opened."""

    organisation = forms.ChoiceField(label=_("Owner"))
    name = forms.CharField(label=_("Name of the project"), max_length=120)
    profile = forms.ChoiceField(label=_("Procedure"))
    scheme = forms.ChoiceField(label=_("Scheme"))
    methodology = forms.CharField(
        label=_("Methodology with its version"), max_length=32, help_text=_("As in the library, like CCER-14-001-V01.")
    )
    division_code = forms.CharField(
        label=_("Administrative division code"), max_length=12, help_text=_("Six digits of the district or county.")
    )

    def __init__(self, *args, mandates, **kwargs):
        super().__init__(*args, **kwargs)
        bodies = {one.membership.organisation.uscc: one.membership.organisation.name for one in mandates}
        known = machine.profiles()
        self.fields["organisation"].choices = list(bodies.items())
        self.fields["profile"].choices = [(one.code, str(one.label)) for one in known.values()]
        schemes = dict.fromkeys(scheme for one in known.values() for scheme in one.schemes)
        self.fields["scheme"].choices = [(scheme, scheme) for scheme in schemes]


class Outlines(forms.Form):
    """How the coordinates of handed-in outlines are read."""

    crs = forms.ChoiceField(label=_("Coordinate system"), choices=SYSTEMS, required=False)


def of_sheet(sheet, development):
    """The form of one step of the wizard, with what was filled in before."""
    fields = {name: field(name, one) for name, one in sheet.fields.items()}
    kind = type("Sheet", (forms.Form,), fields)
    return kind, {name: sheets.filled(development, name) for name in fields}


def field(name, one):
    common = {"label": one.label, "help_text": one.help, "required": False}
    match one.kind:
        case "text":
            return forms.CharField(
                **common, max_length=sheets.LONGEST["text"], widget=forms.Textarea(attrs={"rows": 4})
            )
        case "date":
            return forms.CharField(**common, max_length=10, widget=forms.DateInput(attrs={"type": "date"}))
        case "yes_no":
            return forms.ChoiceField(**common, choices=[("no", _("No")), ("yes", _("Yes"))], widget=forms.RadioSelect)
        case "body":
            bodies = Organisation.objects.filter(role__in=one.roles).order_by("name")
            return forms.ChoiceField(
                **common, choices=[("", _("Please choose")), *((body.uscc, body.name) for body in bodies)]
            )
        case "number":
            return forms.CharField(**common, max_length=12, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    return forms.CharField(**common, max_length=sheets.LONGEST["line"])


def month(said):
    """``2026-05`` as its first day; nothing for what is none."""
    if found := re.fullmatch(r"(\d{4})-(\d{2})", said, re.ASCII):
        year, count = int(found.group(1)), int(found.group(2))
        if 2000 <= year <= 2199 and 1 <= count <= 12:
            return dt.date(year, count, 1)
    return None


def day(said):
    """A date as a form sends it; nothing for what is none."""
    try:
        return dt.date.fromisoformat(said)
    except ValueError:
        return None
