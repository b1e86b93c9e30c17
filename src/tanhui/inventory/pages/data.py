"""The catalogue of data: what there is, one set of it, and entering another."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files import forms as files
from tanhui.files.models import Upload
from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, forms, queries, roles
from tanhui.inventory.acts import cataloguing, registering
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals


@rights.needs(roles.READS)
@require_GET
def catalogue(request):
    now = timezone.now()
    rows = list(
        queries.datasets_for(request.user, at=now).order_by("kind", "-at").prefetch_related("uses__accounting_year")
    )
    own = access.authorities(request.user, at=now)
    context = {"rows": rows, "own": bool(own), "intakes": [asked(one) for one in queries.intakes(request.user, at=now)]}
    return render(request, "inventory/desk/data.html", context)


def asked(one):
    """An intake with why it was not entered, where it was not."""
    return one, one.stop["said"].get(get_language() or "en", one.stop["said"]["en"]) if one.stop else ""


@rights.needs(roles.READS)
@require_GET
def dataset(request, key):
    one = access.dataset(request.user, key, at=timezone.now())
    address = reverse("files:download", args=[one.document, one.version, one.name]) if one.document else ""
    uses = one.uses.select_related("accounting_year").order_by("-accounting_year__year")
    return render(request, "inventory/desk/dataset.html", {"one": one, "address": address, "uses": list(uses)})


@rights.needs(roles.PREPARES)
@require_http_methods(["GET", "POST"])
def add(request):
    """Enter a set of data: a file that is handed in, or one that lies on the server."""
    now = timezone.now()
    form, status = forms.Describe(request.POST or None, initial={"reference": uuid.uuid4()}), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                mandate = access.authority(request.user, Mandate.Capacity.INITIATE, at=now)
                common = {"described": cataloguing.Description(**form.described), "mandate": mandate, "at": now}
                path, reference = form.cleaned_data["path"], form.cleaned_data["reference"]
                if path:
                    registering.ask(**common, path=path, reference=reference)
                    messages.success(request, _("It is being read. It stands in the catalogue in some minutes."))
                    return redirect("inventory:data")
                upload = files.upload(request, "file", kind=cataloguing.SUBJECT, at=now, label=_("File"))
                assert isinstance(upload, Upload)
                made = cataloguing.add_file(**common, upload=upload)
                messages.success(request, _("In the catalogue."))
                return redirect("inventory:dataset", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "inventory/desk/add.html", {"form": form, "kind": cataloguing.SUBJECT}, status=status)
