"""The forms of the notices room."""

import datetime as dt

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tanhui.kernel import clock, typed
from tanhui.notices import catalogue
from tanhui.notices.models import Category, Delivery, Preference, Subscription


class Filter(forms.Form):
    """Which notices are shown; read from the address, so that a link keeps it."""

    category = forms.ChoiceField(label=_("About"), required=False)
    state = forms.ChoiceField(
        label=_("Read or not"), required=False, choices=[("", _("All")), ("unread", _("Unread only"))]
    )

    def __init__(self, data, *, unread):
        super().__init__(data)
        counted = [(code, f"{label} ({unread[code]})" if code in unread else label) for code, label in Category.choices]
        self.fields["category"].choices = [("", _("Every category")), *counted]


class Wishes(forms.Form):
    """What reaches a person outside the site, one row a category; the mobile number stands below."""

    mobile = forms.CharField(
        label=_("Mobile number for text messages"),
        required=False,
        max_length=20,
        help_text=_("11 digits. It is kept encrypted and used for nothing else; leave it empty to have it forgotten."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "tel-national"}),
    )

    def __init__(self, data=None, *, preferences, mobile=""):
        super().__init__(data, initial={"mobile": mobile})
        self.preferences = preferences
        for one in preferences:
            self.fields[f"email_{one.category}"] = forms.ChoiceField(
                label=one.get_category_display(), choices=Preference.Email.choices, initial=one.email
            )
            self.fields[f"sms_{one.category}"] = forms.BooleanField(
                label=_("by text message too"), required=False, initial=one.sms
            )

    def rows(self):
        """Each category with its two fields."""
        return [(one, self[f"email_{one.category}"], self[f"sms_{one.category}"]) for one in self.preferences]

    def clean_mobile(self):
        return typed.plain(self.cleaned_data["mobile"]).replace(" ", "").replace("-", "")

    def wishes(self):
        """What was chosen, as ``reaching.prefer`` takes it."""
        return {
            one.category: (self.cleaned_data[f"email_{one.category}"], self.cleaned_data[f"sms_{one.category}"])
            for one in self.preferences
        }


class Address(forms.Form):
    """A subscription: where, what, and of whose matters."""

    label = forms.CharField(
        label=_("Subscription name"), max_length=60, help_text=_("For your colleagues, for example the system.")
    )
    url = forms.CharField(
        label=_("Web address"),
        max_length=400,
        help_text=_("Begins with https:// and can be reached from the internet."),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    scope = forms.ChoiceField(
        label=_("Whose matters"),
        choices=Subscription.Scope.choices,
        initial=Subscription.Scope.OWN,
        widget=forms.RadioSelect,
    )
    kinds = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data=None, *, subscription=None):
        known = subscription and {name: getattr(subscription, name) for name in ("label", "url", "scope", "kinds")}
        super().__init__(data, initial=known or {})
        self.fields["kinds"].choices = [(kind, f"{gettext(name)} ({kind})") for kind, name in catalogue.KINDS.items()]


class Deliveries(forms.Form):
    """Which deliveries are shown."""

    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind of event"), required=False)

    def __init__(self, data, *, kinds):
        super().__init__(data)
        self.fields["state"].choices = [("", _("All")), *Delivery.State.choices]
        self.fields["kind"].choices = [("", _("All")), *((kind, gettext(catalogue.name(kind))) for kind in kinds)]


class Replay(forms.Form):
    """Which messages are sent again: those made from one day to another, both included."""

    first = forms.DateField(label=_("From the day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To the day"), widget=forms.DateInput(attrs={"type": "date"}))
    failed_only = forms.BooleanField(label=_("Only those that were given up"), required=False, initial=True)

    def clean(self):
        found = super().clean()
        first, last = found.get("first"), found.get("last")
        if first and last and not dt.date(2000, 1, 1) <= first <= last <= dt.date(2199, 12, 31):
            raise forms.ValidationError(_("The first day must not come after the last."))
        return found

    def span(self):
        """From the beginning of the first day to the end of the last, in Shanghai."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return clock.midnight_after(first - dt.timedelta(days=1)), clock.midnight_after(last)
