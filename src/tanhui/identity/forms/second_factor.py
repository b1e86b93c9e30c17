"""Codes and keys: allauth's forms, in the words of this house."""

from allauth.mfa.base import forms as allauth
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _


def code(form, label):
    field = form.fields["code"]
    field.label = label
    field.widget.attrs |= {"autofocus": True, "inputmode": "numeric", "autocomplete": "one-time-code"}
    field.widget.attrs.pop("placeholder", None)


class Authenticate(allauth.AuthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        code(self, _("Code from your authenticator app, or a recovery code"))


class Again(allauth.ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        code(self, _("Code from your authenticator app, or a recovery code"))


class ActivateApp(totp.ActivateTOTPForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        code(self, _("The six digits your app shows now"))


class AddKey(webauthn.AddWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        named(self)
        if "passwordless" in self.fields:
            self.fields["passwordless"].label = _("Also sign in with it alone, without a password")


class RenameKey(webauthn.EditWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        named(self)


def named(form):
    form.fields["name"].label = _("Name of the key, for example of the computer it is on")
    form.fields["name"].required = False
    form.fields["name"].widget.attrs.pop("placeholder", None)
