"""Forms about offers, vouchers, merchants and pools: they check shape, the acts check rules."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation
from tanhui.inclusion import access_rewards, roles
from tanhui.inclusion.acts import merchants
from tanhui.inclusion.models import Merchant, Offer, Scenario

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2199, 12, 30)


def day(label, **values):
    class Field(forms.DateField):
        def clean(self, value):
            found = super().clean(value)
            if found is not None and not FIRST <= found <= LAST:
                raise forms.ValidationError(_("Give a day of this or the next century."))
            return found

    return Field(label=label, widget=DAY, **values)


class Take(forms.Form):
    """The button of an offer; the reference lets a second press change nothing."""

    reference = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)


class Check(forms.Form):
    """A voucher's code as the merchant types it, or the line its QR carries."""

    code = forms.CharField(
        label=pgettext_lazy("inclusion", "Code of the voucher"), max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "inputmode": "text"}),
        help_text=pgettext_lazy("inclusion", "Twelve letters and digits under the QR; dashes do not matter."),
    )  # fmt: skip


class Ask(forms.Form):
    """An offer as the merchant asks for it; worth in yuan."""

    kind = forms.ChoiceField(label=_("kind"), choices=Offer.Kind.choices)
    title = forms.CharField(label=pgettext_lazy("inclusion", "what it is"), max_length=60)
    detail = forms.CharField(
        label=pgettext_lazy("inclusion", "details"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    points = forms.IntegerField(label=pgettext_lazy("inclusion", "points"), min_value=1, max_value=merchants.DEAREST)
    worth = forms.DecimalField(
        label=pgettext_lazy("inclusion", "what we are paid for each (yuan)"),
        min_value=0,
        max_digits=8,
        decimal_places=2,
    )
    stock = forms.IntegerField(
        label=pgettext_lazy("inclusion", "how many there are"), min_value=1, max_value=merchants.MOST, required=False,
        help_text=pgettext_lazy("inclusion", "Empty: as many as are asked for."),
    )  # fmt: skip
    each = forms.IntegerField(
        label=pgettext_lazy("inclusion", "for one person at most"), min_value=0, max_value=1_000, required=False
    )
    from_kg = forms.IntegerField(
        label=pgettext_lazy("inclusion", "for whoever has saved (kg)"), min_value=0, max_value=10**6, required=False
    )
    since = day(pgettext_lazy("inclusion", "from"))
    until = day(pgettext_lazy("inclusion", "until"))
    valid_days = forms.IntegerField(
        label=pgettext_lazy("inclusion", "days a voucher holds"), min_value=1, max_value=merchants.LONGEST, initial=30
    )

    def wares(self):
        given = self.cleaned_data
        return merchants.Wares(
            kind=given["kind"], title=given["title"], detail=given["detail"], points=given["points"],
            worth_fen=int(given["worth"] * 100), stock=given["stock"], each=given["each"] or 0,
            from_g=(given["from_kg"] or 0) * 1_000, since=given["since"], until=given["until"],
            valid_days=given["valid_days"],
        )  # fmt: skip


class Enter(forms.Form):
    """A merchant under its agreement."""

    organisation = forms.ModelChoiceField(label=_("organisation"), queryset=Organisation.objects.none())
    name = forms.CharField(label=pgettext_lazy("inclusion", "name people know it by"), max_length=40)
    agreement = forms.CharField(label=pgettext_lazy("inclusion", "number of the agreement"), max_length=60)
    since = day(pgettext_lazy("inclusion", "from"))
    until = day(pgettext_lazy("inclusion", "until"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        free = Organisation.objects.exclude(role__in=roles.OPERATORS).filter(merchant__isnull=True)
        self.fields["organisation"].queryset = free.order_by("name")


class Turn(forms.Form):
    """Suspend, let go on, or end; with the reason."""

    state = forms.ChoiceField(choices=Merchant.State.choices)
    reason = forms.CharField(max_length=1000)


class Gather(forms.Form):
    """A pool: which scenario, which days, into which project's period."""

    scenario = forms.ModelChoiceField(label=pgettext_lazy("inclusion", "Scenario"), queryset=Scenario.objects.none())
    project = forms.ModelChoiceField(
        label=pgettext_lazy("inclusion", "Project of the pool"), queryset=access_rewards.projects()
    )
    first = day(pgettext_lazy("inclusion", "from"))
    last = day(pgettext_lazy("inclusion", "to (including)"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scenario"].queryset = Scenario.objects.filter(pooled=True).order_by("code")


class Report(forms.Form):
    """The verification report of a pool; only its hash is kept here."""

    report = forms.FileField(label=pgettext_lazy("inclusion", "Verification report (PDF)"), max_length=200)


class Earned(forms.Form):
    """What a sale of a pool's units earned."""

    sale = forms.CharField(label=pgettext_lazy("inclusion", "reference of the sale"), max_length=64)
    tonnes = forms.IntegerField(label=pgettext_lazy("inclusion", "tonnes sold"), min_value=1, max_value=10**9)
    yuan = forms.DecimalField(
        label=pgettext_lazy("inclusion", "earned (yuan)"), min_value=0, max_digits=12, decimal_places=2
    )


class Reason(forms.Form):
    """Why something is not signed."""

    reason = forms.CharField(max_length=200, required=False)
