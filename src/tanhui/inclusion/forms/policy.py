"""Forms about green records, regions and apps: they check shape, the acts check rules."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.acts import apps
from tanhui.identity.models import Organisation
from tanhui.inclusion.acts import crediting, recognising
from tanhui.inclusion.forms.rewards import day
from tanhui.inclusion.models import CreditUse, RegionMapping, Scenario
from tanhui.inclusion.signed_files import LARGEST

Kind = CreditUse.Kind
LINES = forms.Textarea(attrs={"rows": 3})


class Key(forms.Form):
    """Which row a button is of, and the reason where one is asked for."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=200, required=False)


class Take(forms.Form):
    """Which record is taken out, and in which form."""

    record = forms.IntegerField(min_value=1, max_value=2**62)
    format = forms.ChoiceField(choices=[("pdf", "PDF"), ("json", "JSON")])


class Use(forms.Form):
    """An evaluation that asks for green records."""

    title = forms.CharField(label=pgettext_lazy("inclusion", "name of the evaluation"), max_length=crediting.TITLE)
    recipient = forms.CharField(label=pgettext_lazy("inclusion", "recipient"), max_length=crediting.RECIPIENT)
    uscc = forms.CharField(label=_("unified social credit code"), max_length=24)
    purpose = forms.CharField(label=pgettext_lazy("inclusion", "purpose"), max_length=200, widget=LINES)
    basis = forms.CharField(
        label=pgettext_lazy("inclusion", "legal basis"), max_length=200, widget=LINES,
        help_text=_("Article and document, as people will read it before they agree."),
    )  # fmt: skip
    subject = forms.ChoiceField(
        label=pgettext_lazy("inclusion", "whose records"), choices=CreditUse.Subject.choices, widget=forms.RadioSelect
    )
    kinds = forms.MultipleChoiceField(
        label=pgettext_lazy("inclusion", "what it may learn"), choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    longest_days = forms.IntegerField(
        label=pgettext_lazy("inclusion", "days a consent holds at most"), min_value=1, max_value=crediting.LONGEST
    )


class Agree(forms.Form):
    """What a subject agrees to: what of it, which days, until when."""

    kinds = forms.MultipleChoiceField(
        label=pgettext_lazy("inclusion", "What is in it"), choices=[], widget=forms.CheckboxSelectMultiple
    )
    first = day(pgettext_lazy("inclusion", "of the days from"))
    last = day(pgettext_lazy("inclusion", "to (including)"))
    expires_on = day(pgettext_lazy("inclusion", "holds until (including)"))
    agree = forms.BooleanField(label=_("I have read the consent below and agree to it, for this recipient alone."))
    text_version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args, use, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(one, Kind(one).label) for one in use.kinds]

    def chosen(self):
        given = {name: value for name, value in self.cleaned_data.items() if name != "agree"}
        return crediting.Chosen(**given)


class SignedFile(forms.Form):
    """A signed file to look at or to take in."""

    file = forms.FileField(label=pgettext_lazy("inclusion", "signed file"), max_length=200)

    def clean_file(self):
        found = self.cleaned_data["file"]
        if found.size > 4 * LARGEST:
            raise forms.ValidationError(_("The file is too large to be one of these."))
        return found


class RegionTerms(forms.Form):
    """Another region under an agreement."""

    code = forms.RegexField(
        r"^[a-z0-9-]{1,20}$", label=pgettext_lazy("inclusion", "code"),
        help_text=_("Small letters and digits, as addresses show it."),
    )  # fmt: skip
    name = forms.CharField(label=_("region"), max_length=60)
    division_code = forms.RegexField(r"^[0-9]{6,12}$", label=_("administrative division code"))
    body = forms.CharField(label=pgettext_lazy("inclusion", "body that operates it"), max_length=80)
    agreement = forms.CharField(label=pgettext_lazy("inclusion", "number of the agreement"), max_length=60)
    key = forms.CharField(
        label=pgettext_lazy("inclusion", "public key"), max_length=200,
        help_text=_("The line name+id+base64 the region published; compare its fingerprint by telephone."),
    )  # fmt: skip
    since = day(pgettext_lazy("inclusion", "from"))
    until = day(pgettext_lazy("inclusion", "until"))

    def terms(self):
        return recognising.Terms(**self.cleaned_data)


class RegionRatio(forms.Form):
    """One scenario there that counts as one here."""

    theirs = forms.CharField(label=pgettext_lazy("inclusion", "scenario there"), max_length=40)
    their_methodology = forms.CharField(label=pgettext_lazy("inclusion", "methodology there"), max_length=60)
    scenario = forms.ModelChoiceField(
        label=pgettext_lazy("inclusion", "scenario here"), queryset=Scenario.objects.none()
    )  # fmt: skip
    numerator = forms.IntegerField(
        label=pgettext_lazy("inclusion", "numerator"), min_value=1, max_value=recognising.LARGEST, initial=1
    )
    denominator = forms.IntegerField(
        label=pgettext_lazy("inclusion", "denominator"), min_value=1, max_value=recognising.LARGEST, initial=1
    )
    since = day(pgettext_lazy("inclusion", "from"))
    until = day(pgettext_lazy("inclusion", "until"))
    grade = forms.ChoiceField(
        label=pgettext_lazy("inclusion", "grade of evidence"), choices=RegionMapping.Grade.choices
    )
    basis = forms.CharField(label=pgettext_lazy("inclusion", "why this ratio"), max_length=300, widget=LINES)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scenario"].queryset = Scenario.objects.filter(state__in=Scenario.SHOWN).order_by("code")

    def ratio(self):
        return recognising.Ratio(**self.cleaned_data)


class GiveOut(forms.Form):
    """A statement of one's own days for another region."""

    region = forms.ModelChoiceField(label=_("region"), queryset=None)
    first = day(pgettext_lazy("inclusion", "of the days from"))
    last = day(pgettext_lazy("inclusion", "to (including)"))
    agree = forms.BooleanField(label=_("I have read the consent below and agree to it, for this region alone."))
    text_version = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args, regions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions


class App(forms.Form):
    """An outside app that people can let in."""

    organisation = forms.ModelChoiceField(
        label=pgettext_lazy("inclusion", "organisation it belongs to"), queryset=Organisation.objects.none()
    )
    name = forms.CharField(
        label=pgettext_lazy("inclusion", "name people know it by"), max_length=apps.NAME
    )  # fmt: skip
    back = forms.CharField(
        label=pgettext_lazy("inclusion", "return addresses"), max_length=1_200, widget=LINES,
        help_text=_("One a line, at most five; each begins with https://."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("inclusion", "what it may ask people for"),
        choices=[("inclusion.account", _("My carbon account: grams, points and which scenarios count"))],
        widget=forms.CheckboxSelectMultiple, initial=["inclusion.account"],
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.order_by("name")

    def clean_back(self):
        return self.cleaned_data["back"].split("\n")
