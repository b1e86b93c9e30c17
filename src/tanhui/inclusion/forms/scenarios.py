"""Forms about scenarios, providers, settlements and suspicions: they check shape, the acts check rules."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.inclusion import compiling
from tanhui.inclusion.models import Provider, Scenario
from tanhui.kernel import quantity
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2199, 12, 30)
MOST = 10**9
EASE = [
    (1, pgettext_lazy("inclusion", "1: data at hand, can begin at once")),
    (2, pgettext_lazy("inclusion", "2: easy")),
    (3, pgettext_lazy("inclusion", "3: takes some work")),
    (4, pgettext_lazy("inclusion", "4: hard")),
    (5, pgettext_lazy("inclusion", "5: to be explored")),
]


class Apply(forms.Form):
    """An application for a scenario; the factors come from the methodology and are not asked for."""

    code = forms.CharField(
        label=pgettext_lazy("inclusion", "code"),
        max_length=40,
        help_text=pgettext_lazy("inclusion", "Small letters, digits and dashes: metro-bj."),
    )
    name = forms.CharField(label=_("name"), max_length=60)
    field = forms.ChoiceField(label=_("field of life"), choices=Scenario.Field.choices)
    methodology = forms.ChoiceField(label=_("methodology"))
    item = forms.CharField(
        label=pgettext_lazy("inclusion", "item"), max_length=40, required=False,
        help_text=pgettext_lazy(
            "inclusion", "Where the methodology tells several things apart: express_box, e_invoice."
        ),
    )  # fmt: skip
    steps = forms.BooleanField(label=pgettext_lazy("inclusion", "Handed in as counted steps"), required=False)
    division_code = forms.CharField(label=_("administrative division code"), max_length=12)
    region_name = forms.CharField(label=_("region"), max_length=60)
    summary = forms.CharField(label=pgettext_lazy("inclusion", "in a sentence"), max_length=300, required=False)
    cap_day_g = forms.IntegerField(
        label=pgettext_lazy("inclusion", "Cap of a day (grams)"), min_value=0, max_value=MOST, required=False,
        help_text=pgettext_lazy("inclusion", "Empty takes the methodology's; it can be lower, never higher."),
    )  # fmt: skip
    cap_year_g = forms.IntegerField(
        label=pgettext_lazy("inclusion", "Cap of a year (grams)"), min_value=0, max_value=MOST, required=False
    )
    tracks = forms.BooleanField(
        label=pgettext_lazy("inclusion", "Needs a location track"), required=False,
        help_text=pgettext_lazy(
            "inclusion", "Sensitive: people consent to it separately, and it is kept for days only."
        ),
    )  # fmt: skip
    pooled = forms.BooleanField(
        label=pgettext_lazy("inclusion", "Pooled into units"), required=False,
        help_text=pgettext_lazy(
            "inclusion",
            "Its grams become whole tonnes of a project and give no points; what they earn pays for rewards.",
        ),
    )  # fmt: skip
    exclusions = forms.CharField(
        label=pgettext_lazy("inclusion", "What does not count"), max_length=1000, required=False, widget=forms.Textarea
    )
    asks = forms.CharField(
        label=pgettext_lazy("inclusion", "Evidence demanded"), max_length=1000, required=False, widget=forms.Textarea
    )
    ease = forms.TypedChoiceField(
        label=pgettext_lazy("inclusion", "How hard it is to introduce"), choices=EASE, coerce=int, initial=3
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["methodology"].choices = compiling.known()

    def clean(self):
        given = super().clean()
        return given | {name: given.get(name) or 0 for name in ("cap_day_g", "cap_year_g")}


class Step(forms.Form):
    do = forms.CharField(max_length=10, widget=forms.HiddenInput)
    revision = forms.IntegerField(min_value=1, max_value=MOST, widget=forms.HiddenInput)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=pgettext_lazy("inclusion", "What is found, and why"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Enter(forms.Form):
    """The agreement with a provider."""

    organisation = forms.ModelChoiceField(queryset=None, label=pgettext_lazy("inclusion", "Organisation"))
    code = forms.CharField(label=pgettext_lazy("inclusion", "code"), max_length=40)
    name = forms.CharField(label=_("name"), max_length=60)
    scenarios = forms.ModelMultipleChoiceField(
        queryset=None,
        label=pgettext_lazy("inclusion", "Scenarios"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    agreement = forms.CharField(label=pgettext_lazy("inclusion", "number of the agreement"), max_length=60)
    purpose = forms.CharField(
        label=pgettext_lazy("inclusion", "purpose"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    kinds = forms.CharField(
        label=pgettext_lazy("inclusion", "kinds of data"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=pgettext_lazy(
            "inclusion", "Only what the scenario needs; a location track only where it asks for one."
        ),
    )  # fmt: skip
    retention_days = forms.IntegerField(
        label=pgettext_lazy("inclusion", "kept for days"), min_value=1, max_value=3650, initial=365
    )
    since = forms.DateField(label=pgettext_lazy("inclusion", "from"), widget=DAY)
    until = forms.DateField(label=pgettext_lazy("inclusion", "until"), widget=DAY)

    def __init__(self, *args, organisations, scenarios, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["scenarios"].queryset = scenarios


class Turn(forms.Form):
    state = forms.ChoiceField(choices=Provider.State.choices, widget=forms.HiddenInput)
    reason = forms.CharField(label=pgettext_lazy("inclusion", "Why"), max_length=1000, required=False)


class Issue(forms.Form):
    label = forms.CharField(
        label=_("label"), max_length=60, required=False,
        help_text=pgettext_lazy("inclusion", "Which program it is for, so that you know it again."),
    )  # fmt: skip


class HandIn(forms.Form):
    file = forms.FileField(
        label=pgettext_lazy("inclusion", "File of events"),
        help_text=pgettext_lazy(
            "inclusion",
            "JSON lines, Parquet or the data centre’s table (CSV), at most 100,000 events. The same file twice is one.",
        ),
    )


class Settle(forms.Form):
    day = forms.DateField(label=pgettext_lazy("inclusion", "Day to settle"), widget=DAY)

    def clean_day(self):
        return within(self.cleaned_data["day"])


class Rule(forms.Form):
    outcome = forms.ChoiceField(
        label=pgettext_lazy("inclusion", "Decision"), widget=forms.RadioSelect,
        choices=[
            ("ALLOWED", pgettext_lazy("inclusion", "Counts")),
            ("REFUSED", pgettext_lazy("inclusion", "Does not count")),
        ],
    )  # fmt: skip
    reason = forms.CharField(
        label=pgettext_lazy("inclusion", "Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class Appeal(forms.Form):
    said = forms.CharField(
        label=pgettext_lazy("inclusion", "Why this should count after all"), max_length=1000, widget=forms.Textarea
    )


class SetBudget(forms.Form):
    month = forms.DateField(
        label=pgettext_lazy("inclusion", "Month"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=pgettext_lazy("inclusion", "Any day of it."),
    )  # fmt: skip
    amount = forms.CharField(
        label=pgettext_lazy("inclusion", "Budget (yuan)"), max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    note = forms.CharField(label=_("note"), max_length=200, required=False)

    def clean_month(self):
        return within(self.cleaned_data["month"]).replace(day=1)

    def clean_amount(self):
        try:
            return quantity.fen_from_yuan(self.cleaned_data["amount"])
        except Refusal as refusal:
            refusals.show(self, refusal, {refusal.code: "amount"})
            return None


class Span(forms.Form):
    since = forms.DateField(label=pgettext_lazy("inclusion", "from"), widget=DAY, required=False)
    until = forms.DateField(label=pgettext_lazy("inclusion", "until"), widget=DAY, required=False)


def within(day):
    """A day of our time; the end of the calendar is none."""
    if not FIRST <= day <= LAST:
        raise forms.ValidationError(pgettext_lazy("inclusion", "Give a day from 2000 to 2199."), code="day")
    return day
