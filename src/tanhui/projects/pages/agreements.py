"""Mandates, agreements on developing land, and earlier contracts that were taken over."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files import forms as files
from tanhui.identity import deciding, rights
from tanhui.identity.models import Mandate
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_pool
from tanhui.projects.acts import agreement as acts
from tanhui.projects.forms import pool as typed_in
from tanhui.projects.models import Absorption, Agreement
from tanhui.projects.queries import pool
from tanhui.ui import downloads, refusals

INITIATE, CONFIRM = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM
READS = rights.member("projects.agreements")
KEEPS = rights.member("projects.agreements_keep", roles=pool.KEEPERS, capacities=[INITIATE])
SIGNS = rights.member("projects.agreements_sign", roles=pool.KEEPERS, capacities=[INITIATE, CONFIRM])


def state(one, today):
    """How an agreement stands: word and tone."""
    if hasattr(one, "ending"):
        return pgettext("projects", "Ended early"), "stop"
    if today > one.until:
        return pgettext("projects", "Run out"), "quiet"
    return (_("Stands"), "good") if today >= one.since else (pgettext("projects", "Not yet begun"), "wait")


@rights.needs(READS)
@require_GET
def listing(request):
    """The agreements of the visitor's organisations, and what waits for a second signature."""
    now = timezone.now()
    today = clock.day(now)
    rows = [(one, state(one, today)) for one in pool.agreements(request.user, at=now)]
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        head = [
            _("Number"),
            pgettext("projects", "Kind"),
            pgettext("projects", "Title"),
            pgettext("projects", "Agreed with"),
            pgettext("projects", "Term begins"),
            pgettext("projects", "Term ends"),
            _("Parcels"),
            _("State"),
        ]
        lines = [
            [one.code, one.get_kind_display(), one.title, one.partner_name, one.since, one.until, one.parcels, word]
            for one, (word, _tone) in rows
        ]
        return downloads.table("agreements", request.GET["format"], head, lines)
    return render(request, "projects/pool/agreements.html", {
        "rows": rows, "absorptions": pool.absorptions(request.user, at=now),
        "waiting": [(one, title(one)) for one in pool.asked(request.user, at=now)],
        "keeps": access_pool.keeps(request.user, at=now),
    })  # fmt: skip


def title(asked):
    return _("Record of an earlier contract") if asked.act == pool.ABSORB else _("Agreement on development")


@rights.needs(KEEPS)
@require_http_methods(["GET", "POST"])
def new(request):
    """Propose an agreement with its signed scan: the first of two signatures."""
    now = timezone.now()
    mandate = access_pool.keeper(request.user, INITIATE, at=now)
    form = typed_in.Terms(request.POST or None, initial={"reference": uuid.uuid4(), "since": clock.day(now)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = dict(form.cleaned_data)
                reference, partner = given.pop("reference"), access_pool.partner(given.pop("partner_code"))
                land = access_pool.parcels(request.user, given.pop("parcels"), at=now)
                terms = acts.Terms(**given, partner=partner, parcels=tuple(str(one.pk) for one in land))
                scan = files.upload(request, "scan", kind=acts.SUBJECT, at=now, label=_("Signed scan"))
                made = acts.propose(terms=terms, scan=scan, mandate=mandate, reference=reference, at=now)
                messages.success(
                    request, pgettext("projects", "Signed. A colleague must sign too; then the agreement stands.")
                )
                return redirect("projects:agreement_asked", made.pk)
            except Refusal as refusal:
                fields = {"projects.parcel_unknown": "parcels", "projects.partner_unknown": "partner_code"}
                status = refusals.show(form, refusal, fields)
    return render(request, "projects/pool/agreement_new.html", {
        "form": form, "kind": acts.SUBJECT, "title": _("Enter an agreement"),
        "lead": _("As signed on paper, with the scan. A colleague confirms it. One agreement for a parcel at a time."),
    }, status=status)  # fmt: skip


@rights.needs(KEEPS)
@require_http_methods(["GET", "POST"])
def absorb(request):
    """Record how an earlier contract was taken over: the first of two signatures."""
    now = timezone.now()
    mandate = access_pool.keeper(request.user, INITIATE, at=now)
    own = pool.agreements(request.user, at=now).filter(organisation=mandate.membership.organisation_id)
    form = typed_in.Earlier(request.POST or None, agreements=own, initial={"reference": uuid.uuid4()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = dict(form.cleaned_data)
                reference = given.pop("reference")
                scan = files.upload(request, "scan", kind=acts.SUBJECT, at=now, label=_("Signed scan"))
                made = acts.take_over(
                    earlier=acts.Earlier(**given), scan=scan, mandate=mandate, reference=reference, at=now
                )  # fmt: skip
                messages.success(request, pgettext("projects", "Asked for. A colleague must confirm it."))
                return redirect("projects:agreement_asked", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "projects/pool/agreement_new.html", {
        "form": form, "kind": acts.SUBJECT, "title": _("Take an earlier contract over"),
        "lead": _("Contracts that counties signed before are absorbed, merged or ended, and it stays on record."),
    }, status=status)  # fmt: skip


@rights.needs(READS, post=SIGNS)
@require_http_methods(["GET", "POST"])
def agreement(request, key):
    """One agreement with its land; its keeper may end it."""
    now = timezone.now()
    one = access_pool.agreement(request.user, key, at=now)
    form = typed_in.End(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                mandate = access_pool.keeper(request.user, INITIATE, at=now)
                acts.end(agreement=one, mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, _("Ended. Its land is free from the day after."))
                return redirect("projects:agreement", one.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    own = one.organisation_id in pool.organisations(request.user, pool.KEEPERS, at=now)
    found = state(one, clock.day(now))
    return render(request, "projects/pool/agreement.html", {
        "one": one, "state": found, "scan": access_pool.scan(one), "form": form, "own": own,
        "ends": own and not hasattr(one, "ending") and found[1] != "quiet",
        "land": one.land.select_related("parcel").order_by("parcel__code")[:300],
    }, status=status)  # fmt: skip


@rights.needs(READS, post=SIGNS)
@require_http_methods(["GET", "POST"])
def asked(request, key):
    """An agreement or a record that waits for its second signature."""
    now = timezone.now()

    def shown(one, decision):
        result = decision.result if decision else {}
        return {
            "title": title(one), "facts": facts(one.body), "scan": access_pool.scan_asked(request.user, one, at=now),
            "up": _("Agreements on development"), "up_url": reverse("projects:agreements"),
            "leads": reverse("projects:agreement", args=[result["agreement"]]) if "agreement" in result else "",
        }  # fmt: skip

    return deciding.page(
        request, lambda: access_pool.asked(request.user, key, at=now), acts, "projects/benefit/asked.html", shown,
        at=now,
    )  # fmt: skip


def facts(body):
    if "absorption" in body:
        return [
            (_("Earlier contract"), body["title"]), (_("Other party"), body["party"]),
            (_("Signed on"), body["signed_on"]), (_("How it was taken over"), Absorption.Manner(body["manner"]).label),
            (_("What became of rights and duties"), body["note"]),
        ]  # fmt: skip
    return [
        (pgettext("projects", "Kind"), Agreement.Kind(body["kind"]).label),
        (pgettext("projects", "Title"), body["title"]),
        (pgettext("projects", "Agreed with"), body["partner_name"]),
        (pgettext("projects", "Term"), f"{body['since']} – {body['until']}"),
        (_("What was agreed"), body["terms"]),
        (_("Parcels"), "、".join(str(one) for one in pool.parcels(body["parcels"][:300])) or "—"),
    ]  # fmt: skip
