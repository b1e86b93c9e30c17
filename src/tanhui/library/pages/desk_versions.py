"""The authority's versions: what is in force, what is asked about them, entering one, and changing how one stands."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.library import access, forms, proposals, queries
from tanhui.library.acts import entering, standing
from tanhui.library.models import Standing, Version
from tanhui.library.pages.desk import DECIDES, READS
from tanhui.library.pages.proposals import packages
from tanhui.ui import refusals

TONES = {"PUBLISHED": "good", "REVISING": "wait", "RETIRED": "stop", queries.NOT_YET: "quiet"}


@rights.needs(READS)
@require_GET
def versions(request):
    """Every version with how it stands today, and what waits for a second signature."""
    return page(request, timezone.now())


def page(request, now, *, refusal=None, status=200):
    today = clock.day(now)
    held = {one.membership.organisation_id for one in proposals.bodies(request.user, at=now)}
    rows = [queries.stands(one, on=today) for one in queries.versions()]
    known = {one.version.pk: one.version for one in rows}
    waiting = [
        (one, known.get(one.body.get("version")) if one.act == proposals.STAND else None, said(one))
        for one in proposals.desk_instructions(request.user, at=now)
    ]
    return render(
        request, "library/desk/versions.html",
        {
            "rows": [(one, TONES[one.state], one.version.authority_id in held) for one in rows], "waiting": waiting,
            "decides": bool(held), "refusal": refusal,
        },
        status=status,
    )  # fmt: skip


def said(asked):
    """What was asked, in words."""
    if asked.act == proposals.ENTER:
        return _("Enter %(code)s-%(version)s %(name)s") % asked.body
    state = Standing.State(asked.body["state"]).label
    return _("“%(state)s” from %(since)s: %(reason)s") % (dict(asked.body) | {"state": state})


@rights.needs(DECIDES)
@require_http_methods(["GET", "POST"])
def enter(request):
    """Enter a version that was published elsewhere: the first of two signatures."""
    now = timezone.now()
    form = forms.Enter(request.POST or None, initial={"reference": uuid.uuid4(), "version": "V01"}, packages=packages())
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                mandate = access.authority(request.user, Mandate.Capacity.INITIATE, at=now)
                given = dict(form.cleaned_data)
                reference = given.pop("reference")
                given["package_sha256"] = bytes_of(given["package"])
                published = entering.Published(**given)
                entering.propose(published=published, mandate=mandate, reference=reference, at=now)
                messages.success(request, _("Signed. A colleague must sign too; then it stands in the library."))
                return redirect("library:desk_versions")
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "library/desk/enter.html", {"form": form}, status=status)


def bytes_of(package):
    """The hash of the package's present bytes, to which the version is bound."""
    if not package:
        return ""
    from tanhui.methods.engine import shelf

    return shelf.load(package).sha256


@rights.needs(DECIDES)
@require_http_methods(["GET", "POST"])
def stand(request, code):
    """Announce a version for revision, put it in force again or retire it: the first of two signatures."""
    now = timezone.now()
    version: Version = access.version(code)
    initial = {"reference": uuid.uuid4(), "since": clock.day(now), "state": Standing.State.RETIRED}
    form, status = forms.Stand(request.POST or None, initial=initial), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                mandate = access.authority(request.user, Mandate.Capacity.INITIATE, at=now)
                standing.propose(version=version, mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, _("Signed. A colleague must sign too; then it counts."))
                return redirect("library:desk_versions")
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    now_stands = queries.stands(version, on=clock.day(now))
    return render(
        request, "library/desk/stand.html",
        {"form": form, "version": version, "stands": now_stands, "tone": TONES[now_stands.state]}, status=status,
    )  # fmt: skip


@rights.needs(DECIDES)
@require_POST
def sign(request, key):
    """The second signature, or none; or the first taken back."""
    now = timezone.now()
    asked = access.desk_instruction(request.user, key, at=now)
    back = request.POST.get("do") == "take_back"
    capacity = Mandate.Capacity.INITIATE if back else Mandate.Capacity.CONFIRM
    try:
        mandate = access.authority(request.user, capacity, at=now, organisation=asked.organisation_id)
        if request.POST.get("do") == "confirm":
            entering.confirm(asked=asked, mandate=mandate, at=now)
            messages.success(request, _("Signed. It counts."))
        else:
            outcome = "WITHDRAWN" if back else "REJECTED"
            reason = request.POST.get("reason", "").replace("\x00", "")
            entering.drop(asked=asked, outcome=outcome, mandate=mandate, reason=reason, at=now)
            messages.success(request, _("Taken back.") if back else _("Not signed."))
    except Refusal as refusal:
        return page(request, now, refusal=refusal, status=refusal.status)
    return redirect("library:desk_versions")
