"""Signing in and up, and the passwords. allauth does it; what people see and read is ours."""

from allauth.account import views
from allauth.account.internal import flows
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.db import transaction
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from tanhui.identity import adapters, fresh, rights
from tanhui.identity.acts import enrolment, passwords
from tanhui.identity.acts import sign_up as signing_up
from tanhui.ui import refusals


def demonstration_logins():
    """Who may sign in to a demonstration (``username``, ``password``, ``role`` each); nobody is listed elsewhere."""
    listed = getattr(settings, "DEMONSTRATION_LOGINS", None)
    return listed() if listed and settings.TANHUI_MODE == "demonstration" else []


class Refused:
    """A form that was refused is answered with a status that says so."""

    def form_invalid(self, form):
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        response = super().form_invalid(form)
        response.status_code = 429 if adapters.SignInLocked.code in codes else 422
        return response


class LogIn(Refused, views.LoginView):
    template_name = "identity/login.html"

    def get_context_data(self, **kwargs):
        portals = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        return super().get_context_data(**kwargs) | {
            "demonstration_logins": demonstration_logins,
            "portals": portals,
            "open_for_sign_up": settings.TANHUI_SIGNUP == "open",
        }


class SignUp(Refused, views.SignupView):
    template_name = "identity/signup.html"
    template_name_signup_closed = "identity/signup_closed.html"

    def form_valid(self, form):
        given = form.cleaned_data
        try:
            if form.account_already_exists:  # the answer is the same; the letter says it
                return flows.signup.prevent_enumeration(self.request, email=given["email"])
            person = signing_up.sign_up(
                username=given["username"], name=given["name"], email=given["email"], password=given["password1"],
                terms=signing_up.TERMS, at=timezone.now(),
            )  # fmt: skip
            return flows.signup.complete_signup(
                self.request, user=person, redirect_url=self.get_success_url(), by_passkey=False
            )
        except enrolment.NameTaken as refusal:
            refusals.show(form, refusal, {refusal.code: "username"})
            return self.form_invalid(form)
        except ImmediateHttpResponse as instead:
            return instead.response


class Changed(Refused):
    """A new password is told to the journal in the transaction that keeps it."""

    @transaction.atomic
    def form_valid(self, form):
        response = super().form_valid(form)
        passwords.changed(person=form.user, at=timezone.now())
        return response


class ChangePassword(Changed, views.PasswordChangeView):
    template_name = "identity/password.html"


class SetPassword(Changed, views.PasswordSetView):
    template_name = "identity/password.html"


class ForgottenPassword(Refused, views.PasswordResetView):
    pass


class NewPassword(Changed, views.PasswordResetFromKeyView):
    pass


class Resumed(Refused):
    """Back to what was asked for before; what was sent there is carried out then."""

    def form_valid(self, form):
        response = super().form_valid(form)
        fresh.shown(self.request, getattr(response, "url", ""))
        return response


class Again(Resumed, views.ReauthenticateView):
    pass


hidden = method_decorator(sensitive_post_parameters("password", "oldpassword", "password1", "password2"), "dispatch")
login = rights.needs(rights.PUBLIC)(hidden(LogIn).as_view())
signup = rights.needs(rights.PUBLIC)(hidden(SignUp).as_view())
logout = rights.needs(rights.PUBLIC)(views.LogoutView.as_view())
inactive = rights.needs(rights.PUBLIC)(views.account_inactive)
verify_email = rights.needs(rights.PUBLIC)(views.email_verification_sent)
password = rights.needs(rights.PERSON)(hidden(ChangePassword).as_view())
set_password = rights.needs(rights.PERSON)(hidden(SetPassword).as_view())
forgotten = rights.needs(rights.PUBLIC)(ForgottenPassword.as_view())
forgotten_sent = rights.needs(rights.PUBLIC)(views.password_reset_done)
new_password = rights.needs(rights.PUBLIC)(hidden(NewPassword).as_view())
new_password_set = rights.needs(rights.PUBLIC)(views.password_reset_from_key_done)
again = rights.needs(rights.PERSON)(hidden(Again).as_view())
email = rights.needs(rights.PERSON)(views.email)


@rights.needs(rights.PUBLIC)
@require_GET
def terms(request):
    return render(request, "identity/terms.html", {"version": signing_up.TERMS})
