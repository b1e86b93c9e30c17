from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tanhui.files import access, forms, kinds, queries, serving
from tanhui.files.acts import encoding as encodings
from tanhui.files.pages import wording
from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals


@require_safe
@rights.needs(rights.PUBLIC)
def document(request, key):
    """A paper with every version and how each differs from the one before."""
    found = access.document(visitor(request), key, at=timezone.now())
    versions = queries.versions(found)
    older = [*versions[1:], None]
    return render(
        request,
        "files/document.html",
        {
            "document": found,
            "versions": [
                {
                    "one": one,
                    "format": kinds.FORMATS[one.format].label,
                    "inline": kinds.FORMATS[one.format].inline,
                    "encoding": wording.ENCODINGS.get(one.encoding, one.encoding),
                    "facts": wording.facts(one.facts),
                    "sample": one.facts.get("sample"),
                    "differences": wording.differences(queries.differences(before, one)) if before else [],
                    "same": before is not None and before.sha256 == one.sha256,
                }
                for one, before in zip(versions, older, strict=True)
            ],
        },
    )


@require_safe
@rights.needs(rights.PUBLIC)
def download(request, key, number, name):
    """The bytes of a version; ``?view`` shows a PDF or a picture instead of saving it."""
    found = access.version(visitor(request), key, number, at=timezone.now())
    return serving.version(request, found, inline="view" in request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
@rights.needs(rights.person("files.upload"))
def encoding(request, key):
    """The attributes of a shapefile in each encoding they could be in, and the choice between them."""
    found = access.upload(request.user, key, at=timezone.now())
    previews = found.facts.get("previews", {})
    back = request.POST.get("next") or request.GET.get("next") or ""
    back = back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else ""
    first = found.encoding or found.facts.get("likely")
    offered = [(name, wording.ENCODINGS.get(name, name)) for name in sorted(previews, key=lambda one: one != first)]
    form = forms.Encoding(request.POST or None, offered=offered, initial={"encoding": first})
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                found = encodings.choose(upload=found, encoding=form.cleaned_data["encoding"])
            except Refusal as refusal:
                status = refusals.show(form, refusal)
            else:
                if back:
                    return HttpResponseRedirect(back)
                status = 200
    shown = [{"name": name, "label": label, "preview": previews[name]} for name, label in offered]
    context = {"upload": found, "form": form, "previews": shown, "next": back, "first": first, "title": _("Encoding")}
    return render(request, "files/encoding.html", context, status=status)


def visitor(request):
    return request.user if request.user.is_authenticated else None
