from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from tanhui.identity.forms import sign_in as forms


def demonstration_logins():
    """Who may sign in to a demonstration (``username``, ``password``, ``role`` each); nobody is listed elsewhere."""
    listed = getattr(settings, "DEMONSTRATION_LOGINS", None)
    return listed() if listed and settings.TANHUI_MODE == "demonstration" else []


class LogIn(views.LoginView):
    template_name = "identity/login.html"
    authentication_form = forms.LogIn
    redirect_authenticated_user = True
    extra_context = {"demonstration_logins": demonstration_logins}


class ChangePassword(views.PasswordChangeView):
    template_name = "identity/password.html"
    success_url = reverse_lazy("identity:password")

    def form_valid(self, form):
        messages.success(self.request, gettext("The password was changed. Your other sessions were ended."))
        return super().form_valid(form)


login = sensitive_post_parameters("password")(LogIn.as_view())
logout = views.LogoutView.as_view(next_page="/")
password = ChangePassword.as_view(title=_("Change the password"))
