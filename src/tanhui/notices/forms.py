"""The forms of the notices room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tanhui.kernel import typed
from tanhui.notices.models import Category, Preference


class Filter(forms.Form):
    """Which notices are shown; read from the address, so that a link keeps it."""

    category = forms.ChoiceField(label=_("About"), required=False)
    state = forms.ChoiceField(
        label=_("Read or not"), required=False, choices=[("", _("All")), ("unread", _("Unread only"))]
    )

    def __init__(self, data, *, unread):
        super().__init__(data)
        counted = [(code, f"{label} ({unread[code]})" if code in unread else label) for code, label in Category.choices]
        self.fields["category"].choices = [("", _("Everything")), *counted]


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
