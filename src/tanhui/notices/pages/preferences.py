from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.notices import forms, queries
from tanhui.notices.acts import reaching
from tanhui.ui import refusals


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def preferences(request):
    """What reaches the visitor outside the site, and how."""
    form = forms.Wishes(
        request.POST if request.method == "POST" else None,
        preferences=queries.preferences(request.user),
        mobile=queries.mobile(request.user),
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                reaching.prefer(
                    person=request.user,
                    wishes=form.wishes(),
                    mobile=form.cleaned_data["mobile"],
                    at=timezone.now(),
                )
            except Refusal as refusal:
                status = refusals.show(form, refusal, {"notices.mobile_unusable": "mobile"})
            else:
                messages.success(request, _("Saved. It holds for every notice from now on."))
                return redirect("notices:preferences")
    return render(request, "notices/preferences.html", {"form": form}, status=status)
