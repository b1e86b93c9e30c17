from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.utils.translation import gettext_lazy as _


class LogIn(AuthenticationForm):
    """One answer for an unknown name and for a wrong password, so that names cannot be tried out."""

    username = UsernameField(label=_("Sign-in name"), widget=forms.TextInput(attrs={"autofocus": True}))

    error_messages = {
        "invalid_login": _("The sign-in name or the password is wrong. Mind capital letters; both are case-sensitive."),
        "inactive": _("This sign-in is closed. Ask your organisation's administrator."),
    }
