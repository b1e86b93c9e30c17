"""The pages of the application for an account. They check shape; a draft may be as incomplete as it likes, and what is
still missing or wrong is said when it is checked."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation
from tanhui.registry.models import Account, Application, Paper

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
ROLES = [(one.value, one.label) for one in (
    Organisation.Role.OWNER, Organisation.Role.PARTICIPANT, Organisation.Role.PLEDGEE
)]  # fmt: skip
NOT_YET = ("", _("Please choose"))


def text(label, most, help_text="", **attrs):
    return forms.CharField(
        label=label, max_length=most, help_text=help_text, required=False, widget=forms.TextInput(attrs=attrs)
    )


class Part(forms.Form):
    """One page of the application; nothing is required to save it."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    @property
    def answers(self):
        """What was filled in, as the application keeps it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if name != "version"}


class Subject(Part):
    exchange = forms.ChoiceField(
        label=_("Exchange"),
        required=False,
        help_text=_("It makes the preliminary review and opens the trading account."),
    )
    applicant_class = forms.ChoiceField(
        label=_("Class of applicant"), choices=Application.Class.choices, widget=forms.RadioSelect, required=False
    )
    role = forms.ChoiceField(
        label=_("Role in the register"), choices=ROLES, widget=forms.RadioSelect, required=False,
        help_text=_("Authorities, registries, exchanges and verification bodies may not hold units."),
    )  # fmt: skip
    uscc = text(_("Unified social credit code"), 30, _("18 characters; its check character is verified."), **PLAIN)
    name = text(_("Name of the organisation"), 120, _("As it stands on the certificate."), autocomplete="organization")
    address = text(_("Registered address"), 200)
    contact_name = text(_("Contact person"), 64)
    contact_phone = text(_("Telephone"), 30, inputmode="tel", **PLAIN)
    contact_email = forms.EmailField(label=_("E-mail address"), max_length=254, required=False)
    legal_name = text(_("Legal representative"), 64, _("Or the person responsible."))
    legal_id_kind = forms.ChoiceField(
        label=_("Their identity document"), required=False,
        choices=[
            NOT_YET, ("CARD", _("Resident identity card")), ("PASSPORT", _("Passport")),
            ("OTHER", _("Another one")),
        ],
    )  # fmt: skip
    legal_id = text(
        _("Number of that document"),
        30,
        _("Kept encrypted and shown masked; reviewers open it only for checking."),
        **PLAIN,
    )
    owner_name = text(_("Beneficial owner"), 120, _("Who in the end owns or controls the organisation."))
    owner_basis = forms.ChoiceField(
        label=_("Why they are the beneficial owner"), required=False,
        choices=[
            NOT_YET,
            ("SHARE", _("Holds 25% or more of the shares, votes or profits")),
            ("CONTROL", _("Controls the organisation by other means")),
            ("MANAGES", _("Nobody does: the senior manager stands in")),
            ("STATE", _("State-owned or a public body: its legal representative stands in")),
        ],
    )  # fmt: skip

    def __init__(self, *args, exchanges=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["exchange"].choices = [NOT_YET, *exchanges]


class Bank(Part):
    bank_name = text(_("Bank and branch"), 120)
    bank_account_name = text(_("Account holder"), 120, _("Must be the organisation itself."))
    bank_account = text(
        _("Account number"), 60, _("Kept encrypted; only the last four digits are shown."), inputmode="numeric", **PLAIN
    )


SIGN_IN = _(
    "Their sign-in name here, or an e-mail address when they have none yet: you then get an invitation to pass on."
)


class People(Part):
    initiate_name = text(_("Initiating representative"), 64, _("Gives the instructions. Real name."))
    initiate_contact = text(_("Sign-in name of the initiating representative"), 254, SIGN_IN, **PLAIN)
    confirm_name = text(_("Confirming representative"), 64, _("Confirms them; must be somebody else. Real name."))
    confirm_contact = text(_("Sign-in name of the confirming representative"), 254, SIGN_IN, **PLAIN)
    manage_name = text(_("Administrator"), 64, _("Brings in further people. May be one of the two representatives."))
    manage_contact = text(_("Sign-in name of the administrator"), 254, SIGN_IN, **PLAIN)


class Undertaking(Part):
    accepted = forms.BooleanField(label=_("The organisation has read the undertaking and accepts it."), required=False)


class PaperForm(forms.Form):
    """One paper: the file, and until when it is valid."""

    file = forms.FileField(
        label=_("File"), required=False, widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"})
    )
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    endless = forms.BooleanField(label=_("Long-term"), required=False)

    def __init__(self, *args, kind, **kwargs):
        super().__init__(*args, prefix=kind, **kwargs)
        self.kind = kind
        if kind not in Paper.EXPIRING:
            del self.fields["valid_until"], self.fields["endless"]

    def clean(self):
        given = super().clean()
        if given.get("valid_until") and given.get("endless"):
            self.add_error("valid_until", _("Give a day or choose “long-term”, not both."))
        day = given.get("valid_until")
        if day and not dt.date(2000, 1, 1) <= day <= dt.date(2199, 12, 31):
            self.add_error("valid_until", _("Give a day from 2000 to 2199."))
        return given


class Submit(forms.Form):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)


class Review(forms.Form):
    """A reviewer's decision: what was checked, what is to be corrected at which field, and why."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    checklist = forms.MultipleChoiceField(
        choices=Paper.Kind.choices, required=False, widget=forms.CheckboxSelectMultiple, label=_("Papers checked")
    )
    reason = forms.CharField(
        label=_("Opinion"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads it. Needed to return or to turn down."),
    )  # fmt: skip

    def __init__(self, *args, fields=(), **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in fields:
            self.fields[f"remark-{name}"] = forms.CharField(label=label, max_length=500, required=False)

    @property
    def remarks(self):
        return {
            name.removeprefix("remark-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("remark-") and value
        }


class ChangeState(forms.Form):
    """Restrict an account, open it again, or close it: what, why, and on which clause."""

    state = forms.ChoiceField(label=_("New state"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    clause = forms.CharField(label=_("Clause it rests on"), max_length=300)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, states=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [(one.value, one.label) for one in Account.State if one in states]


class Search(forms.Form):
    q = forms.CharField(
        label=_("Name, code or number"), max_length=60, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
