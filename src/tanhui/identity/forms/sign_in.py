"""Signing in and up and the passwords: allauth's forms, in the words of this house."""

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth import password_validation
from django.core.validators import RegexValidator
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Person


def said(form: forms.Form, **labels):
    """Our labels; the browser's placeholders would only say them again."""
    for name, label in labels.items():
        if name in form.fields:
            form.fields[name].label = label
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if isinstance(field.widget, forms.PasswordInput):
            field.help_text = (
                RULES if field.help_text and field.widget.attrs.get("autocomplete") == "new-password" else ""
            )


def rules():
    """What a password must be, as one list."""
    texts = password_validation.password_validators_help_texts()
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ([text] for text in texts)))


RULES = lazy(rules, str)()


class LogIn(allauth.LoginForm):
    """One answer for an unknown name and for a wrong password, so that names cannot be tried out."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(self, login=_("Sign-in name"), password=_("Password"))
        self.fields["login"].widget.attrs["autofocus"] = True


class SignUp(allauth.SignupForm):
    """A visitor becomes a person; what they may do for an organisation is settled later."""

    name = forms.CharField(label=_("Full name"), max_length=Person._meta.get_field("name").max_length)
    terms = forms.BooleanField(label=_("I have read the terms of use and agree to them."))
    field_order = ["username", "name", "email", "password1", "password2", "terms"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(
            self,
            username=_("Sign-in name"),
            email=_("E-mail address"),
            password1=_("Password"),
            password2=_("Password again"),
        )
        self.fields["username"].validators.append(
            RegexValidator(
                r"^[A-Za-z][A-Za-z0-9._-]{2,63}$",
                _("Begin with a letter; then letters, digits, dots, hyphens and underscores, three signs at least."),
            )
        )
        self.fields["username"].help_text = _("Letters and digits; you cannot change it later.")
        self.fields["name"].help_text = _("As on your identity card.")
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].help_text = _("We send a code there now, and later whatever waits for you.")


class ChangePassword(allauth.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(
            self,
            oldpassword=_("Present password"),
            password1=_("New password"),
            password2=_("New password again"),
        )


class SetPassword(allauth.SetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(self, password1=_("New password"), password2=_("New password again"))


class NewPassword(allauth.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(self, password1=_("New password"), password2=_("New password again"))


class ForgottenPassword(allauth.ResetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(self, email=_("E-mail address"))


class Again(allauth.ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(self, password=_("Password"))
        self.fields["password"].widget.attrs["autofocus"] = True


class NewAddress(allauth.AddEmailForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(self, email=_("New e-mail address"))


class Code(allauth.ConfirmEmailVerificationCodeForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        said(self, code=_("Code from the letter"))
        self.fields["code"].widget.attrs |= {"autofocus": True, "autocomplete": "one-time-code"}
