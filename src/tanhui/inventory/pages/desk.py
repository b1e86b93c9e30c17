"""The desk: the accounting years somebody works on, and opening one."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, forms, queries, roles
from tanhui.inventory.acts import opening
from tanhui.inventory.pages import words
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

DEFAULT = {
    "norm": "GB/T 46869-2025", "coefficients": "2025", "npp": "mod17", "like": "landcover",
    "respiration": ["pei", "raich_potter_bond_lamberty"],
}  # fmt: skip


@rights.needs(roles.READS)
@require_GET
def years(request):
    """Every year of the person's authorities, and those their verification body is to verify."""
    now = timezone.now()
    own = {one.membership.organisation_id for one in access.authorities(request.user, at=now)}
    rows = [
        (one, words.TONES[one.state], words.next_step(one), one.organisation_id in own)
        for one in queries.at_desk(request.user, at=now)
    ]
    return render(request, "inventory/desk/years.html", {"rows": rows, "own": bool(own), "today": clock.day(now)})


@rights.needs(roles.PREPARES)
@require_http_methods(["GET", "POST"])
def start(request):
    """Open a year, or a revised edition of one that was published (``?revises=CODE``)."""
    now = timezone.now()
    initial = DEFAULT | {"year": clock.day(now).year - 1}
    revised = access.own_year(request.user, request.GET["revises"], at=now) if request.GET.get("revises") else None
    if revised is not None:
        initial |= revised.method | {
            "area_name": revised.area_name, "division_code": revised.division_code, "year": revised.year
        }  # fmt: skip
    elif last := queries.at_desk(request.user, at=now).first():
        initial |= last.method | {"area_name": last.area_name, "division_code": last.division_code}
    form, status = forms.Open(request.POST or None, initial=initial), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                mandate = access.authority(request.user, Mandate.Capacity.INITIATE, at=now)
                given = {name: form.cleaned_data[name] for name in forms.Open.field_order}
                made = opening.open_year(**given, method=form.method, mandate=mandate, at=now)
                messages.success(request, _("Opened. Enter the data, then say what it is used for."))
                return redirect("inventory:year", made.code)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "inventory/desk/start.html", {"form": form, "revised": revised}, status=status)
