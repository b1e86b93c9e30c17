"""The transparency log as pages and files, and how to verify without us."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from tanhui.identity import rights
from tanhui.journal import queries as journal
from tanhui.kernel.refusal import Refusal
from tanhui.portal import forms
from tanhui.portal.queries import log as logbook
from tanhui.ui import refusals


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def log(request):
    last = journal.head()
    form = forms.EarlierCheckpoint(request.POST or None)
    address = request.build_absolute_uri(reverse("portal:log"))
    context, status = {"last": last, "form": form, "keys": logbook.keys(), "address": address}, 200
    if last and form.is_bound and form.is_valid():
        try:
            context["consistent"] = logbook.since(form.cleaned_data["checkpoint"])
        except Refusal as refusal:
            status = refusals.show(form, refusal, {refusal.code: "checkpoint"})
    if last:
        context["root"] = bytes(last.root).hex()
    return render(request, "portal/log.html", context, status=422 if form.errors and status == 200 else status)


@rights.needs(rights.PUBLIC)
@require_safe
def log_file(request, path):
    """The log's files for mirrors and verifiers. Full tiles never change; the checkpoint does."""
    try:
        data = logbook.file(path)
    except Refusal as refusal:
        return HttpResponse(f"{refusal.say('en')}\n", status=refusal.status, content_type="text/plain; charset=utf-8")
    kind = "application/octet-stream" if path.startswith("tile/") else "text/plain; charset=utf-8"
    age = "max-age=31536000, immutable" if path.startswith("tile/") and ".p/" not in path else "max-age=5"
    headers = {"Cache-Control": f"public, {age}", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(data, content_type=kind, headers=headers)


@rights.needs(rights.PUBLIC)
@require_GET
def verify(request):
    return render(request, "portal/verify.html", {"keys": logbook.keys()})
