"""How people narrow the lists of their account; every form reads the address and never fails the page."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.registry.book import Narrowing
from tanhui.registry.models import SubAccount

KINDS = {
    "registry.issued": _("Issued"),
    "registry.imported": _("Imported"),
    "registry.transferred": _("Transferred"),
    "registry.retired": _("Retired"),
    "registry.cancelled": _("Cancelled"),
    "registry.settled": _("Settled for the exchange"),
}


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class Holdings(forms.Form):
    q = forms.CharField(label=_("Project or batch"), max_length=60, required=False)
    vintage = forms.TypedChoiceField(label=_("Vintage"), coerce=int, empty_value=None, required=False)
    where = forms.ChoiceField(
        label=_("Where"), choices=[("", _("Everywhere")), *SubAccount.Purpose.choices], required=False
    )
    as_of = forms.DateField(label=_("At the end of"), widget=Day, required=False)

    def __init__(self, data, *, vintages, today):
        super().__init__(data)
        self.today, self.vintages = today, vintages
        self.fields["vintage"].choices = [("", _("All")), *((one, one) for one in vintages)]

    def clean_as_of(self):
        day = self.cleaned_data["as_of"]
        if day and not dt.date(2000, 1, 1) <= day <= self.today:
            raise forms.ValidationError(_("Choose a day from 2000 until today."))
        return day

    def narrowing(self):
        """What is valid of it; what is not stands beside its field and narrows nothing."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return Narrowing(given.get("q", "").replace("\x00", ""), given.get("vintage"), given.get("where", ""))

    @property
    def day(self):
        return getattr(self, "cleaned_data", {}).get("as_of")


class Movements(forms.Form):
    q = forms.CharField(label=_("Project or batch"), max_length=60, required=False)
    kind = forms.ChoiceField(label=_("What happened"), choices=[("", _("Everything")), *KINDS.items()], required=False)
    where = forms.ChoiceField(
        label=_("Where"), choices=[("", _("Everywhere")), *SubAccount.Purpose.choices], required=False
    )
    since = forms.DateField(label=_("First day"), widget=Day, required=False)
    until = forms.DateField(label=_("Last day"), widget=Day, required=False)

    def clean(self):
        given = super().clean()
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("The last day lies before the first."))
        return given

    def narrowing(self):
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return Narrowing(given.get("q", "").replace("\x00", ""), None, given.get("where", ""))


class Instructions(forms.Form):
    act = forms.ChoiceField(
        label=_("What"),
        choices=[("", _("Everything")), ("registry.transfer", _("Transfer")), ("registry.retire", _("Retirement"))],
        required=False,
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[
            ("", _("All")),
            ("CONFIRMED", _("Confirmed")),
            ("REJECTED", _("Rejected")),
            ("WITHDRAWN", _("Withdrawn")),
            ("EXPIRED", _("Expired")),
        ],
        required=False,
    )
    since = forms.DateField(label=_("First day"), widget=Day, required=False)
    until = forms.DateField(label=_("Last day"), widget=Day, required=False)
