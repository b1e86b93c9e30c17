"""What people enter about themselves, their organisation's members and the duties of staff."""

import datetime as dt

from django import forms
from django.contrib.auth import password_validation
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Duty, IdentityDocument, Mandate

NO_CONTROL = RegexValidator("^[^\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]*$", _("Leave out control characters."))
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Text(forms.CharField):
    """One line without control characters."""

    default_validators = [NO_CONTROL]


class Bind(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of document"), choices=IdentityDocument.Kind)
    number = Text(
        label=_("Number of the document"), max_length=40,
        help_text=_("Sealed as soon as it arrives; nobody is shown it in full."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    country = Text(
        label=_("Country or region that issued it"), max_length=3, initial="CHN",
        help_text=_("Three letters; CHN for China. Only a passport's counts."),
    )  # fmt: skip

    def clean_country(self):
        return self.cleaned_data["country"].upper()


class Invite(forms.Form):
    name = Text(label=_("Full name"), max_length=64, help_text=_("As on the identity card: only they can accept."))


class Grant(forms.Form):
    """``choices`` are what may be given to this member."""

    capacity = forms.ChoiceField(label=_("May do"), choices=Mandate.Capacity)
    until = forms.DateField(label=_("Last day of the mandate"), widget=DAY)
    letter = Text(
        label=_("Authorisation letter"), max_length=120, required=False,
        help_text=_("Its number or title, as filed with the registry operator."),
    )  # fmt: skip
    reference = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["until"].initial = today + dt.timedelta(days=364)
        self.fields["until"].widget.attrs["min"] = today.isoformat()

    def clean_until(self):
        last = self.cleaned_data["until"]
        if not self.today <= last <= self.today + dt.timedelta(days=365 * 5):
            raise forms.ValidationError(_("A day from today on, within five years."), code="range")
        return last

    @property
    def until_at(self):
        """The end of the last day."""
        after = self.cleaned_data["until"] + dt.timedelta(days=1)
        return timezone.make_aware(dt.datetime.combine(after, dt.time.min))


class Why(forms.Form):
    reason = Text(label=_("Stated reason"), max_length=200)


class Join(forms.Form):
    code = Text(
        label=_("Invitation code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "size": 30})
    )  # fmt: skip


SIGN_IN_NAME = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]{2,}$", _("Three letters, digits, dots or hyphens at least."))


class JoinNew(Join):
    """For whoever has no sign-in yet. Their name is the one they were invited by."""

    username = Text(
        label=_("Sign-in name"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "username"}),
        validators=[SIGN_IN_NAME],
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), max_length=256,
        help_text=password_validation.password_validators_help_text_html,
    )  # fmt: skip

    def clean_password(self):
        password_validation.validate_password(self.cleaned_data["password"])
        return self.cleaned_data["password"]


class Begin(forms.Form):
    reason = Text(label=_("What for"), max_length=200)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=60, initial=30)


class Appoint(forms.Form):
    """``members`` are (id, name) of those who may be appointed."""

    person = forms.TypedChoiceField(label=_("Member"), coerce=int)
    kind = forms.ChoiceField(label=_("Duty"), choices=Duty.Kind)
    reference = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = members


class Find(forms.Form):
    q = forms.CharField(label=_("Name or sign-in name"), max_length=64, required=False)


class Card(forms.Form):
    number = Text(
        label=_("Number on the card"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Enter what you see on the card; it is compared with what was bound and not kept."),
    )  # fmt: skip
