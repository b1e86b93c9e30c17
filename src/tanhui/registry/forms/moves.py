import re
import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.kernel import quantity, serials
from tanhui.kernel.refusal import Refusal
from tanhui.registry.models import Retirement
from tanhui.ui import refusals

KINDS = Retirement.Beneficiary


class Move(forms.Form):
    """Which units: a batch, whole tonnes, and which of its serials when it should not be the oldest."""

    batch = forms.ChoiceField(label=_("Batch"))
    tonnes = forms.CharField(
        label=_("Tonnes"),
        help_text=_("Whole tonnes only; one unit is one tonne."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    serials = forms.CharField(
        label=_("Chosen serials (optional)"),
        help_text=_("First and last number, as 1201-1500. Left empty, the oldest free units are taken."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    units = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, batches=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["batch"].choices = batches

    def clean_tonnes(self):
        return self.read("tonnes", quantity.positive)

    def clean_serials(self):
        return self.read("serials", chosen) if self.cleaned_data["serials"] else None

    def clean_units(self):
        """The units the preview showed: hidden, so what cannot be read is only shown again."""
        try:
            return [chosen(part) for part in self.cleaned_data["units"].split(",") if part]
        except Refusal:
            return []

    def read(self, name, reader):
        """What the kernel makes of a field's text, or its refusal beside the field."""
        try:
            return reader(self.cleaned_data[name])
        except Refusal as refusal:
            refusals.show(self, refusal, {refusal.code: name})
            return None


def chosen(text):
    """A range from ``1201-1500`` or from a printed serial."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if found := re.fullmatch("([0-9]{1,10})(?:[-‐‑‒–—―−~～至]([0-9]{1,10}))?", plain):
        return serials.Range(int(found[1]), int(found[2] or found[1]))
    read = serials.read(text)
    if isinstance(read, serials.Serial):
        return read.numbers
    raise serials.SerialUnreadable(text=text[:120])


class Transfer(Move):
    target = forms.CharField(
        label=_("To account"),
        help_text=_("The receiver's account number in this register."),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(label=_("Reason (optional)"), max_length=120, required=False)
    field_order = ["target", "batch", "tonnes", "serials", "reason"]


class Retire(Move):
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Retirement.Purpose.choices)
    beneficiary_kind = forms.ChoiceField(
        label=_("On behalf of"), choices=KINDS.choices, widget=forms.RadioSelect, initial=KINDS.ORGANISATION
    )
    organisation_name = forms.CharField(label=_("Name of the organisation"), max_length=120, required=False)
    uscc = forms.CharField(
        label=_("Unified social credit code"), help_text=_("18 characters; its check character is verified."),
        max_length=30, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    person_name = forms.CharField(label=_("Name of the person"), max_length=64, required=False)
    identity_number = forms.CharField(
        label=_("Identity number"), help_text=_("Only a masked form is kept and published."),
        max_length=30, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    event_name = forms.CharField(
        label=_("Name of the event"), help_text=_("With its year, as it should stand on the certificate."),
        max_length=120, required=False,
    )  # fmt: skip
    statement = forms.CharField(label=_("Statement on the certificate (optional)"), max_length=200, required=False)

    NEEDED = {
        KINDS.ORGANISATION: ["organisation_name", "uscc"],
        KINDS.PERSON: ["person_name", "identity_number"],
        KINDS.EVENT: ["event_name"],
    }  # fmt: skip

    def clean(self):
        """Ask for what the chosen kind of beneficiary needs, and drop what belongs to another kind."""
        given = super().clean()
        for kind, names in self.NEEDED.items():
            for name in names:
                if kind != given.get("beneficiary_kind"):
                    given.pop(name, None)
                elif not given.get(name) and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        return given

    @property
    def beneficiary(self):
        """Kind, name and code as they were given."""
        kind = self.cleaned_data["beneficiary_kind"]
        name, code = (*(self.cleaned_data[name] for name in self.NEEDED[kind]), "")[:2]
        return {"kind": kind, "name": name, "code": code}


class Reject(forms.Form):
    reason = forms.CharField(label=_("Reason"), help_text=_("The initiator reads it."), max_length=200)


class Span(forms.Form):
    since = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self):
        given = super().clean()
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("The last day lies before the first."))
        return given
