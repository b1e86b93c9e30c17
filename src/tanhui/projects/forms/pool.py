"""What people type about the pool and about agreements."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.projects.models import Absorption, Agreement, Candidate

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
M2_PER_HA = 10_000


def mark(label, help_text=""):
    return forms.IntegerField(label=label, min_value=0, max_value=100, help_text=help_text)


class Entry(forms.Form):
    """A candidate as it is entered by hand."""

    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=pgettext_lazy("projects", "Kind"), choices=Candidate.Kind.choices)
    mechanism = forms.CharField(label=pgettext_lazy("projects", "Mechanism"), max_length=12, initial="CCER")
    methodology = forms.CharField(label=_("Methodology"), max_length=32, required=False)
    place = forms.CharField(label=pgettext_lazy("projects", "Place"), max_length=80)
    division_code = forms.RegexField(r"^[0-9]{6,12}$", label=_("Administrative division code"), max_length=12)
    hectares = forms.DecimalField(label=_("Area (ha)"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    annual_t = forms.IntegerField(label=_("Tonnes expected a year"), min_value=0, max_value=10**9)
    state_farm = forms.BooleanField(label=_("With a state forest farm"), required=False)
    revitalisation = forms.BooleanField(label=_("In an area of rural revitalisation"), required=False)
    site = mark(_("Ground (0–100)"), _("100: the best ground"))
    ease = mark(_("Ease of development (0–100)"), _("100: rights clear, land in one piece, roads and data there"))
    air = mark(_("Less air pollution (0–100)"))
    resources = mark(_("Saving of resources (0–100)"))
    circular = mark(_("Circular economy (0–100)"))
    ecology = mark(_("Ecology (0–100)"))
    parcels = forms.CharField(
        label=_("Parcel numbers"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("As in your surveys, one a line or between commas."),
    )  # fmt: skip
    note = forms.CharField(
        label=pgettext_lazy("projects", "Remarks"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    MARKS = ("site", "ease", "air", "resources", "circular", "ecology")

    def values(self):
        given = dict(self.cleaned_data)
        for name in ("reference", "parcels"):
            given.pop(name, None)
        measures = {name: given.pop(name) for name in self.MARKS}
        area = int(given.pop("hectares") * M2_PER_HA)
        return given | {"measures": measures, "area_m2": area}


class Why(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class Become(forms.Form):
    development = forms.ChoiceField(label=_("Development"))

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["development"].choices = [(str(one.pk), str(one)) for one in offered]


class Terms(forms.Form):
    """An agreement as it was signed on paper."""

    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=pgettext_lazy("projects", "Kind"), choices=Agreement.Kind.choices)
    title = forms.CharField(label=pgettext_lazy("projects", "Title"), max_length=160)
    partner_name = forms.CharField(label=pgettext_lazy("projects", "Agreed with"), max_length=120)
    partner_code = forms.CharField(
        label=_("Its unified social credit code"), max_length=24, required=False,
        help_text=_("If it is registered here, its people see the agreement too."),
    )  # fmt: skip
    terms = forms.CharField(label=_("What was agreed"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    since = forms.DateField(label=pgettext_lazy("projects", "Term begins"), widget=DAY)
    until = forms.DateField(label=pgettext_lazy("projects", "Term ends"), widget=DAY)
    parcels = forms.CharField(
        label=_("Parcel numbers"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("As in your surveys, one a line or between commas. A county’s mandate may go without."),
    )  # fmt: skip


class Earlier(forms.Form):
    """An earlier contract and what became of it."""

    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Earlier contract"), max_length=160)
    party = forms.CharField(label=_("Other party"), max_length=120)
    division_code = forms.RegexField(r"^[0-9]{6,12}$", label=_("Administrative division code"), max_length=12)
    signed_on = forms.DateField(label=_("Signed on"), widget=DAY)
    begun = forms.BooleanField(label=_("Carried out already"), required=False)
    manner = forms.ChoiceField(label=_("How it was taken over"), choices=Absorption.Manner.choices)
    agreement = forms.ChoiceField(label=_("Into agreement"), required=False)
    note = forms.CharField(
        label=_("What became of rights and duties"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, agreements, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agreement"].choices = [("", _("None")), *((str(one.pk), str(one)) for one in agreements)]


class End(forms.Form):
    ends_on = forms.DateField(label=pgettext_lazy("projects", "Last day"), widget=DAY)
    reason = forms.CharField(label=_("Reason"), max_length=500)
