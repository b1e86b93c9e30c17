from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LogIn(AuthenticationForm):
    """One answer for an unknown name and for a wrong password, so that names cannot be tried out."""

    error_messages = {
        "invalid_login": _("The sign-in name or the password is wrong. Mind capital letters; both are case-sensitive."),
        "inactive": _("This sign-in is closed. Ask your organisation's administrator."),
    }
