"""What people type about shares: the shape is checked here, the rules by the acts."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.kernel import quantity
from tanhui.kernel.refusal import Refusal
from tanhui.projects import splitting
from tanhui.ui import refusals

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
PERCENT = {"max_digits": 5, "decimal_places": 2, "min_value": 0, "max_value": 100}


class Referenced(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)


class Roll(Referenced):
    source = forms.CharField(
        label=_("Source of the roll"), max_length=200,
        help_text=_("For example: register of titles of 2026, checked by the assembly of the village."),
    )  # fmt: skip
    table = forms.CharField(
        label=_("Right-holders"), strip=False, widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_(
            "Copy the lines out of the spreadsheet and paste them here: eight columns as in the template. Identity and "
            "account numbers are sealed and never shown again."
        ),
    )  # fmt: skip


class Rule(Referenced):
    county = forms.TypedChoiceField(label=_("County's side"), coerce=int)
    pack = forms.ChoiceField(label=_("Rule pack"), help_text=_("It says the shares to start from."))
    city_part = forms.IntegerField(label=_("Parts of the city"), min_value=0, max_value=splitting.LARGEST_PART)
    county_part = forms.IntegerField(label=_("Parts of the county"), min_value=0, max_value=splitting.LARGEST_PART)
    county_keeps = forms.DecimalField(
        label=_("The county keeps (%)"),
        help_text=_("Of its share; the rest goes to villages and households."),
        **PERCENT,
    )
    village_keeps = forms.DecimalField(
        label=_("The village keeps (%)"), help_text=_("Of its share; the rest goes to households by tenure."), **PERCENT
    )
    roll = forms.ChoiceField(label=_("Roll of right-holders"), required=False)
    effective_from = forms.DateField(label=pgettext_lazy("projects", "In force from"), widget=DAY)
    basis = forms.CharField(
        label=_("Reason or basis"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example the decision or the minutes both sides agreed on."),
    )  # fmt: skip

    def __init__(self, *args, counties, packs, rolls, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["county"].choices = counties
        self.fields["pack"].choices = packs
        self.fields["roll"].choices = [("", _("None: the county keeps all")), *rolls]

    def terms(self):
        given = self.cleaned_data
        return splitting.Terms(
            city=given["city_part"], county=given["county_part"], county_keeps=int(given["county_keeps"] * 100),
            village_keeps=int(given["village_keeps"] * 100),
        )  # fmt: skip


class Sale(Referenced):
    contract = forms.CharField(label=_("Contract or trade number"), max_length=60)
    buyer = forms.CharField(label=_("Buyer"), max_length=120, help_text=_("Kept private; the public sees sums."))
    sold_on = forms.DateField(label=_("Sold on"), widget=DAY)
    quantity_t = forms.IntegerField(label=_("Quantity (t)"), min_value=1)
    amount = forms.CharField(
        label=_("Amount (yuan)"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    transfer = forms.IntegerField(
        label=_("Transfer in the register"), required=False, min_value=1,
        help_text=_("Its transaction number, if the units have changed hands here."),
    )  # fmt: skip

    def clean_amount(self):
        try:
            return quantity.fen_from_yuan(self.cleaned_data["amount"])
        except Refusal as refusal:
            refusals.show(self, refusal, {refusal.code: "amount"})
            return None


class Why(Referenced):
    reason = forms.CharField(label=_("Reason"), max_length=500)


class Reason(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class Slip(forms.Form):
    slip = forms.CharField(label=_("Number of the bank's slip"), max_length=120)


class Contest(Referenced):
    text = forms.CharField(label=_("What is contested"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class Answer(forms.Form):
    dispute = forms.CharField(max_length=36, widget=forms.HiddenInput)
    text = forms.CharField(
        label=pgettext_lazy("projects", "Answer"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    upheld = forms.ChoiceField(
        label=pgettext_lazy("projects", "Finding"),
        choices=[("no", _("Not upheld")), ("yes", _("Upheld"))],
        widget=forms.RadioSelect,
    )


class Account(Referenced):
    bank = forms.CharField(label=_("Bank"), max_length=80)
    account = forms.CharField(
        label=_("Account number"), max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
