from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.ui import live as live_parts
from tanhui.ui import samples, tiles

YEAR = 365 * 24 * 3600
CHOICES = {"theme": {"light", "dark"}, "text": {"large"}}


@require_POST
def preferences(request):
    """Keep reading preferences without JavaScript: an unknown or empty value returns to the default."""
    there = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure()):
        there = "/"
    response = HttpResponseRedirect(there)
    for name, allowed in CHOICES.items():
        if name in request.POST:
            value = request.POST[name]
            if value in allowed:
                response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
            else:
                response.delete_cookie(name, samesite="Lax")
    return response


@require_GET
def tile(request, layer, level, column, row):
    """A tile of the operator's own base map, kept by browsers for a week."""
    found = tiles.fetch(layer, level, column, row)
    if found is None:
        return HttpResponse(status=404)
    return HttpResponse(found[0], content_type=found[1], headers={"Cache-Control": "public, max-age=604800"})


@require_http_methods(["GET", "HEAD", "POST"])
def style(request):
    """The living style page: every component once, in the visitor's language. Its live form keeps nothing."""
    live = samples.Sample(request.POST if request.method == "POST" else None, auto_id="live_%s")
    if request.method == "POST" and live.is_valid():
        messages.success(request, _("Recorded."))
        return live_parts.leave(request, request.path)
    shown = samples.everything(request.GET) | {"live": live}
    return render(request, "ui/style.html", shown, status=422 if request.method == "POST" else 200)


@require_GET
def progress(request, done):
    """Work that goes on by a third whenever someone looks, for the style page."""
    return render(request, "ui/style_progress.html", {"done": done, "next": min(done + 33, 100)})
