"""The forms of a resident's own pages. They check shape; the acts check rules."""

from django import forms
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

UNDER = [("adult", _("I am 14 or older")), ("child", _("Under 14: my guardian agrees by a code"))]
NUMERIC = {"inputmode": "numeric", "autocomplete": "one-time-code"}


def mobile(label, help_text=""):
    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel-national"})
    return forms.CharField(label=label, max_length=11, min_length=11, widget=widget, help_text=help_text)


class Phone(forms.Form):
    """A mobile number to send a code to."""

    phone = mobile(
        pgettext_lazy("inclusion", "Mobile number"), _("11 digits; we send a code that holds for some minutes.")
    )


class Code(forms.Form):
    """The code that was sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=pgettext_lazy("inclusion", "Code from the message"), max_length=6, widget=forms.TextInput(attrs=NUMERIC),
        validators=[RegexValidator(r"^[0-9]{6}$", _("Six digits."))],
    )  # fmt: skip


class Open(forms.Form):
    """What is asked of whoever opens an account."""

    name = forms.CharField(label=_("Full name"), max_length=64, help_text=_("Sealed, and kept apart from what you do."))
    region = forms.ChoiceField(
        label=pgettext_lazy("inclusion", "District you live in"), required=False,
        help_text=_("Only if you like to be counted with it."),
    )  # fmt: skip
    age = forms.ChoiceField(
        label=pgettext_lazy("inclusion", "Age"), choices=UNDER, widget=forms.RadioSelect, initial="adult"
    )
    born = forms.DateField(
        label=_("Day of birth of the child"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Only under 14."),
    )  # fmt: skip
    agree = forms.BooleanField(label=_("I have read the notice and agree to it."))
    text_version = forms.CharField(max_length=12, widget=forms.HiddenInput)

    def __init__(self, *args, regions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("Rather not say")), *regions]

    def clean(self):
        given = super().clean()
        if given.get("age") == "child" and not given.get("born"):
            self.add_error("born", _("Give the day of birth of the child."))
        return given


class Profile(forms.Form):
    """What people say of themselves and can set right."""

    name = forms.CharField(label=_("Full name"), max_length=64)
    region = forms.ChoiceField(label=pgettext_lazy("inclusion", "District you live in"), required=False)
    shows = forms.CharField(
        label=pgettext_lazy("inclusion", "Name in rankings"), max_length=16, required=False,
        help_text=_("Leave it empty and you are in no ranking. Others see this name and your grams of the month."),
    )  # fmt: skip

    def __init__(self, *args, regions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("Rather not say")), *regions]


class Team(forms.Form):
    """Join a team by its code, or found one."""

    code = forms.CharField(label=pgettext_lazy("inclusion", "Code of a team"), max_length=8, required=False)
    team = forms.CharField(label=pgettext_lazy("inclusion", "or name of a new team"), max_length=30, required=False)


class Close(forms.Form):
    """The end of an account."""

    WORD = pgettext_lazy("inclusion", "close")
    how = forms.ChoiceField(
        label=pgettext_lazy("inclusion", "What becomes of your days"), widget=forms.RadioSelect, initial="DELETED",
        choices=[
            ("DELETED", _("Delete them with everything else")),
            ("ANONYMISED", _("Keep them in the statistics, where nobody can tell they were mine")),
        ],
    )  # fmt: skip
    word = forms.CharField(label=_("Type “close” to confirm"), max_length=10)
    reference = forms.UUIDField(widget=forms.HiddenInput)

    def clean_word(self):
        given = self.cleaned_data["word"].strip()
        if given not in {str(self.WORD), "close", "注销"}:
            raise forms.ValidationError(_("Type the word exactly, so that nobody closes an account by mistake."))
        return given


class Donate(forms.Form):
    points = forms.IntegerField(label=_("Points to donate"), min_value=1, max_value=10**9)
    reference = forms.UUIDField(widget=forms.HiddenInput)


class Said(forms.Form):
    """A sentence, to be read by the other side."""

    said = forms.CharField(
        label=pgettext_lazy("inclusion", "What is wrong?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    scenario = forms.CharField(max_length=40, widget=forms.HiddenInput, validators=[ProhibitNullCharactersValidator()])


class Appeal(forms.Form):
    """Why a decision should be looked at again."""

    said = forms.CharField(
        label=pgettext_lazy("inclusion", "Why should it count?"), max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput)


class Deduct(forms.Form):
    """Points somebody wants to take, and why."""

    account = forms.UUIDField(label=pgettext_lazy("inclusion", "Number of the account"))
    points = forms.IntegerField(label=pgettext_lazy("inclusion", "Points"), min_value=1, max_value=10**9)
    reason = forms.CharField(
        label=pgettext_lazy("inclusion", "Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The holder of the account reads it."),
    )  # fmt: skip


class Answer(forms.Form):
    said = forms.CharField(
        label=pgettext_lazy("inclusion", "Answer"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
