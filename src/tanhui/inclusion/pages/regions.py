"""Mutual recognition: what is recognised, for everyone; a resident's statements; the desk's agreements and mappings."""

import secrets
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inclusion import access_policy as access
from tanhui.inclusion import regionfiles, roles
from tanhui.inclusion.acts import recognising as acts
from tanhui.inclusion.forms import policy as forms
from tanhui.inclusion.pages.carbon import with_account
from tanhui.inclusion.pages.credit import TONES, text
from tanhui.inclusion.queries import regions as queries
from tanhui.journal import log
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

INITIATE, CONFIRM = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM
FIELDS = {"tlog.key_malformed": "key", "inclusion.our_own_key": "key"}
MONTHS = timedelta(days=90)


@rights.needs(rights.PUBLIC)
@require_GET
def listing(request):
    """Which regions are recognised, under which agreement and key, and what counts as what."""
    return render(request, "inclusion/regions/list.html", {
        "regions": queries.public(), "key": str(log.signer().verifier), "home": log.signer().name,
    })  # fmt: skip


@with_account
@require_http_methods(["GET", "POST"])
def mine(request, account):
    """A resident's own: what their home elsewhere says, or statements given to other regions."""
    now, do = timezone.now(), request.POST.get("do", "")
    today, regions = clock.day(now), queries.open_regions()
    first = {"first": today - MONTHS, "last": today - timedelta(days=1), "text_version": acts.TEXTS}
    give = forms.GiveOut(request.POST if do == "give" else None, regions=regions, initial=first)
    file = forms.SignedFile(*((request.POST, request.FILES) if do == "file" else ()))
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if (there := carry_out(request, account, do, give, file, now)) is not None:
                return there
        except Refusal as found:
            form = {"give": give, "file": file}.get(do)
            status = refusals.show(form, found) if form else found.status
            refusal = None if form else found
    mirror = queries.mirror(account)
    return render(request, "inclusion/regions/mine.html", {
        "account": account, "today": today, "mirror": mirror, "balance": queries.balance(mirror) if mirror else [],
        "given": queries.given_out(account)[:20], "give": give, "file": file, "text": text("REGION"),
        "regions": regions, "refusal": refusal,
    }, status=status)  # fmt: skip


def carry_out(request, account, do, give, file, now):
    """Give out, take in, take back or download: the answer, or nothing when nothing known was sent."""
    key = forms.Key(request.POST)
    if do == "give" and give.is_valid():
        given = {name: value for name, value in give.cleaned_data.items() if name != "agree"}
        acts.give_out(account=account, at=now, **given)
        messages.success(request, _("Signed. Download it, or let the other region fetch it under its address."))
    elif do == "file" and file.is_valid():
        made = acts.take_in(raw=file.cleaned_data["file"].read(), account=account, at=now)
        messages.success(request, _("Taken in: %(accepted)s of %(received)s days.") % made.receipt)
    elif do == "back" and key.is_valid():
        acts.take_back(statement=access.own_statement(account, key.cleaned_data["key"]), at=now)
        messages.success(request, _("Taken back. Nobody is given it any more."))
    elif do == "download" and key.is_valid():
        return sent(access.own_statement(account, key.cleaned_data["key"]))
    else:
        return None
    return redirect("inclusion:carbon_regions")


def sent(statement):
    answer = HttpResponse(acts.handed(statement), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="statement-{statement.pk}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


# -- the desk ----------------------------------------------------------------------------------------------------------


@rights.needs(roles.READS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
def desk(request):
    """Every agreement with another region, and the form that asks for the next."""
    now, do, today = timezone.now(), request.POST.get("do", ""), clock.day(timezone.now())
    form = forms.RegionTerms(request.POST if do == "ask" else None, initial={"since": today})
    status = 200
    if request.method == "POST":
        status = 422
        if do == "ask" and form.is_valid():
            try:
                made = acts.ask_region(
                    terms=form.terms(), mandate=access.operator(request.user, INITIATE, at=now),
                    reference=f"region-{secrets.token_hex(8)}", at=now,
                )  # fmt: skip
                messages.success(request, pgettext("inclusion", "Asked for. A second person must sign."))
                return redirect("inclusion:desk_region", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal, FIELDS)
    return render(request, "inclusion/regions/desk.html", {
        "regions": [(one, TONES[one.state]) for one in queries.desk()[:200]], "form": form,
        "key": str(log.signer().verifier),
    }, status=status)  # fmt: skip


@rights.needs(roles.READS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
def region(request, key):
    """One region: its agreement, the mappings, and the statements that came and went."""
    now, do, one = timezone.now(), request.POST.get("do", ""), access.region(key)
    form = forms.RegionRatio(request.POST if do == "ask" else None, initial={"since": one.since, "until": one.until})
    file = forms.SignedFile(*((request.POST, request.FILES) if do == "file" else ()))
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if decide(request, one, do, form, file, now):
                return redirect("inclusion:desk_region", one.pk)
        except Refusal as found:
            shown = {"ask": form, "file": file}.get(do)
            status = refusals.show(shown, found) if shown else found.status
            refusal, one = None if shown else found, access.region(key)
    rows = [(each, [(number, theirs, day, regionfiles.say(code)) for number, theirs, day, code in
                    each.receipt.get("rows", [])[:20]]) for each in queries.statements(one)[:30]]  # fmt: skip
    return render(request, "inclusion/regions/region.html", {
        "region": one, "tone": TONES[one.state], "form": form, "file": file, "refusal": refusal, "statements": rows,
        "mappings": [(each, TONES[each.state]) for each in queries.desk_mappings(one)[:200]],
    }, status=status)  # fmt: skip


def decide(request, one, do, form, file, now):
    """Do what was chosen; ``False`` when nothing known was, or its form needs more."""
    key = forms.Key(request.POST)
    if do == "ask" and form.is_valid():
        acts.ask_mapping(
            region=one, ratio=form.ratio(), mandate=access.operator(request.user, INITIATE, at=now),
            reference=f"mapping-{secrets.token_hex(8)}", at=now,
        )  # fmt: skip
        messages.success(request, pgettext("inclusion", "Asked for. A second person must sign."))
    elif do == "file" and file.is_valid():
        access.operator(request.user, INITIATE, at=now)
        made = acts.take_in(raw=file.cleaned_data["file"].read(), at=now)
        messages.success(request, _("Taken in: %(accepted)s of %(received)s days.") % made.receipt)
    elif do in ("confirm", "drop", "end") and key.is_valid():
        wanted, reason = key.cleaned_data["key"], key.cleaned_data["reason"]
        row = one if wanted == one.pk else access.mapping(one, wanted)
        if do == "confirm":
            acts.confirm(row=row, mandate=access.operator(request.user, CONFIRM, at=now), at=now)
        elif do == "drop":
            acts.drop(row=row, reason=reason, mandate=access.deciding(request.user, row, at=now), at=now)
        else:
            acts.end(row=row, reason=reason, mandate=access.operator(request.user, INITIATE, at=now), at=now)
        messages.success(request, pgettext("inclusion", "Kept."))
    else:
        return False
    return True
