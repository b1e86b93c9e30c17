"""Green records: a resident's and an organisation's own, what a recipient was given, the desk, and checking a file."""

import io
import secrets
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inclusion import access_policy as access
from tanhui.inclusion import consent_texts, credit_papers, greenrecords, roles, signed_files
from tanhui.inclusion.access_scenarios import of_body
from tanhui.inclusion.acts import crediting as acts
from tanhui.inclusion.forms import policy as forms
from tanhui.inclusion.models import CreditUse
from tanhui.inclusion.pages.carbon import with_account
from tanhui.inclusion.queries import credit as queries
from tanhui.journal import log
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.tlog import seal
from tanhui.ui import refusals

INITIATE, CONFIRM = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM
TONES = {"ASKED": "wait", "OPEN": "good", "ENDED": "stop", "DROPPED": "stop"}
FIELDS = {
    "kernel.uscc_shape_wrong": "uscc", "kernel.uscc_area_wrong": "uscc", "kernel.uscc_check_wrong": "uscc",
    "kernel.uscc_body_wrong": "uscc",
}  # fmt: skip
YEAR = timedelta(days=365)


# -- a resident --------------------------------------------------------------------------------------------------------


@with_account
@require_http_methods(["GET", "POST"])
def mine(request, account):
    """What can be agreed to, what was agreed to, every record and hand-over; withdrawing is one press."""
    now, refusal = timezone.now(), None
    if request.method == "POST":
        try:
            if (there := carry_out(request, Person(account), now)) is not None:
                return there
        except Refusal as found:
            refusal = found
    return render(request, "inclusion/credit/mine.html", shown(queries.consents(account), "PERSON", now) | {
        "refusal": refusal, "account": account, "today": clock.day(now),
    }, status=refusal.status if refusal else 422 if request.method == "POST" else 200)  # fmt: skip


@with_account
@require_http_methods(["GET", "POST"])
def agree(request, account, key):
    """One evaluation: who asks, why, on what ground; what of it, which days, until when; the text; the press."""
    now, use = timezone.now(), access.use(key, "PERSON")
    form, status = agreeing(request, use, now), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                acts.give(account=account, use=use, chosen=form.chosen(), at=now)
                messages.success(request, _("Agreed. The record is ready for the recipient, and for you."))
                return redirect("inclusion:credit_mine")
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "inclusion/credit/agree.html", {
        "use": use, "form": form, "text": text("CREDIT"), "kinds": labels(use.kinds), "account": account,
        "today": clock.day(now), "back": reverse("inclusion:credit_mine"),
    }, status=status)  # fmt: skip


class Person:
    """A subject that acts by itself."""

    page, gone = "inclusion:credit_mine", None

    def __init__(self, account):
        self.account = account

    def consent(self, key):
        return access.own_consent(self.account, key)

    def record(self, number):
        return access.own_record(self.account, number)

    def by(self, capacity):
        return None


class Body:
    """A subject whose people act for it."""

    page = "inclusion:credit_own"

    def __init__(self, request, organisation, now):
        self.request, self.organisation, self.now = request, organisation, now

    def consent(self, key):
        return access.bodys_consent(self.organisation, key)

    def record(self, number):
        return access.bodys_record(self.organisation, number)

    def by(self, capacity):
        return of_body(self.request.user, self.organisation, capacity, at=self.now)

    def either(self):
        """A mandate to sign, of whichever kind the person has."""
        try:
            return self.by(INITIATE)
        except Refusal:
            return self.by(CONFIRM)


def carry_out(request, subject, now):
    """Withdraw, draw up anew, take out, sign or turn down: where to go then, or nothing when nothing known was sent."""
    do = request.POST.get("do", "")
    if do == "take":
        wanted = forms.Take(request.POST)
        if not wanted.is_valid():
            return None
        return taken(subject.record(wanted.cleaned_data["record"]), wanted.cleaned_data["format"], now)
    form = forms.Key(request.POST)
    if do not in ("withdraw", "draw", "confirm", "drop") or not form.is_valid():
        return None
    one, body = subject.consent(form.cleaned_data["key"]), isinstance(subject, Body)
    if do == "withdraw":
        acts.withdraw(consent=one, mandate=subject.either() if body else None, at=now)
        messages.success(request, _("Withdrawn. Nothing more is handed over; what the records said is erased here."))
    elif do == "draw":
        acts.draw_up(consent=one, at=now, by=subject.either().membership.person_id if body else None)
        messages.success(request, _("Drawn up anew."))
    elif do == "confirm" and body:
        acts.confirm_agree(consent=one, mandate=subject.by(CONFIRM), at=now)
        messages.success(request, _("Signed. The record can be drawn up."))
    elif do == "drop" and body:
        acts.drop_agree(
            consent=one, mandate=access.deciding(request.user, one, at=now), reason=form.cleaned_data["reason"], at=now
        )
        messages.success(request, pgettext("inclusion", "Not signed."))
    else:
        return None
    return redirect(subject.page)


def taken(record, format_, now, organisation=None, by=None):
    """The record as its signed file or as a paper; the hand-over is written down."""
    raw = acts.hand_over(record_=record, at=now, organisation=organisation, by=by)
    content, kind = (
        (credit_papers.drawn(record, raw), "application/pdf") if format_ == "pdf" else (raw, "application/json")
    )
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{record.code}.{format_}"'
    answer["Cache-Control"] = "no-store"
    return answer


def agreeing(request, use, now):
    today = clock.day(now)
    return forms.Agree(request.POST or None, use=use, initial={
        "kinds": use.kinds, "first": today - YEAR, "last": today - timedelta(days=1),
        "expires_on": today + timedelta(days=min(use.longest_days, 90)), "text_version": acts.TEXTS,
    })  # fmt: skip


def shown(consents, subject, now):
    agreed = {one.use_id for one in consents if one.state in ("OPEN", "ASKED")}
    return {
        "consents": [(one, TONES[one.state], labels(one.kinds), standing(one, now)) for one in consents],
        "uses": [(one, labels(one.kinds)) for one in queries.uses(subject) if one.pk not in agreed],
    }


def standing(one, now):
    return one.state == "OPEN" and one.use.state == "OPEN" and greenrecords.over(one, clock.day(now)) is None


def labels(kinds):
    return [CreditUse.Kind(one).label for one in kinds]


def text(kind):
    language = get_language() or "en"
    found = consent_texts.text(kind, acts.TEXTS)
    return {"title": found.title(language), "lines": found.lines(language), "version": found.version}


# -- an organisation ---------------------------------------------------------------------------------------------------


@rights.needs(access.OWN, post=access.OWN_SIGNS)
@require_http_methods(["GET", "POST"])
def own(request):
    """An organisation's consents, records and hand-overs; two of its people agree, either withdraws."""
    now, refusal = timezone.now(), None
    body = access.body(request.user, request.GET.get("of", "")[:18], at=now)
    if request.method == "POST":
        try:
            if (there := carry_out(request, Body(request, body, now), now)) is not None:
                return there
        except Refusal as found:
            refusal = found
    return render(request, "inclusion/credit/own.html", shown(queries.consents(body), "ORGANISATION", now) | {
        "refusal": refusal, "organisation": body, "others": access.bodies(request.user, at=now),
    }, status=refusal.status if refusal else 422 if request.method == "POST" else 200)  # fmt: skip


@rights.needs(access.OWN, post=access.OWN_SIGNS)
@require_http_methods(["GET", "POST"])
def ask(request, key):
    """One evaluation of organisations, agreed to by the first of two people."""
    now, use = timezone.now(), access.use(key, "ORGANISATION")
    body = access.body(request.user, request.GET.get("of", "")[:18], at=now)
    form, status = agreeing(request, use, now), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                acts.ask_agree(
                    use=use, chosen=form.chosen(), mandate=of_body(request.user, body, INITIATE, at=now),
                    reference=f"credit-{secrets.token_hex(8)}", at=now,
                )  # fmt: skip
                messages.success(request, pgettext("inclusion", "Asked for. A second person must sign."))
                return redirect("inclusion:credit_own")
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "inclusion/credit/agree.html", {
        "use": use, "form": form, "text": text("CREDIT_ORGANISATION"), "kinds": labels(use.kinds),
        "organisation": body, "back": reverse("inclusion:credit_own"),
    }, status=status)  # fmt: skip


# -- a recipient, and whoever holds a file -----------------------------------------------------------------------------


@rights.needs(access.RECEIVED, post=access.FETCHES)
@require_http_methods(["GET", "POST"])
def received(request):
    """What was handed to the person's organisations and still may be fetched; each time is written down."""
    now, refusal = timezone.now(), None
    form = forms.Take(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            record, mandate = access.received(request.user, form.cleaned_data["record"], at=now)
            return taken(
                record, form.cleaned_data["format"], now, organisation=mandate.membership.organisation, by=mandate
            )  # fmt: skip
        except Refusal as found:
            refusal = found
    rows = queries.received(access.bodies(request.user, at=now))[:200]
    return render(request, "inclusion/credit/received.html", {
        "records": [one for one in rows if standing(one.consent, now)],
        "refusal": refusal,
    }, status=refusal.status if refusal else 422 if form.is_bound else 200)  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "POST"])
def check(request):
    """Is this file, or this paper, ours and unchanged; and does the consent to it still stand?"""
    form = forms.SignedFile(request.POST, request.FILES) if request.method == "POST" else forms.SignedFile()
    context, status = {"form": form}, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                raw = inside(form.cleaned_data["file"].read())
                said, row = greenrecords.opened(raw), queries.by_digest(signed_files.digest(raw))
                over = greenrecords.over(row.consent, clock.day(timezone.now())) if row else None
                context |= {"said": said, "row": row, "over": over, "kinds": labels(said["kinds"])}
                status = 200
            except Refusal as refusal:
                status = refusals.show(form, refusal, {refusal.code: "file"})
    return render(request, "inclusion/credit/check.html", context, status=status)


def inside(raw):
    """The signed file, also out of a paper whose seal holds. Refuses as ``seal.check`` and ``signed_files.read``."""
    if not raw.startswith(b"%PDF"):
        return raw
    import pypdf

    seal.check(raw, log.signer().verifier)
    found = pypdf.PdfReader(io.BytesIO(raw)).attachments.get(credit_papers.FILE, [b""])
    return found[0]


# -- the desk ----------------------------------------------------------------------------------------------------------


@rights.needs(roles.READS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
def desk(request):
    """The evaluations that may ask for records: asked for by one, published by another, ended with a reason."""
    now, refusal, status = timezone.now(), None, 200
    asks = request.POST.get("do") == "ask"
    form = forms.Use(request.POST if asks else None, initial={"longest_days": 90})
    if request.method == "POST":
        status = 422
        try:
            if decide(request, form, now):
                return redirect("inclusion:desk_credit")
        except Refusal as found:
            status = refusals.show(form, found, FIELDS) if asks else found.status
            refusal = None if asks else found
    return render(request, "inclusion/credit/desk.html", {
        "uses": [(one, TONES[one.state], labels(one.kinds)) for one in queries.desk()[:200]], "form": form,
        "refusal": refusal,
    }, status=status)  # fmt: skip


def decide(request, form, now):
    """Do what was chosen; ``False`` when nothing known was, or its form needs more."""
    do = request.POST.get("do", "")
    if do == "ask":
        if form.is_valid():
            acts.ask_use(
                asked=acts.Asked(**form.cleaned_data), mandate=access.operator(request.user, INITIATE, at=now),
                reference=f"use-{secrets.token_hex(8)}", at=now,
            )  # fmt: skip
            messages.success(request, pgettext("inclusion", "Asked for. A second person must sign."))
            return True
        return False
    key = forms.Key(request.POST)
    if do not in ("confirm", "drop", "end") or not key.is_valid():
        return False
    use, reason = access.use(key.cleaned_data["key"]), key.cleaned_data["reason"]
    if do == "confirm":
        acts.confirm_use(use=use, mandate=access.operator(request.user, CONFIRM, at=now), at=now)
    elif do == "drop":
        acts.drop_use(use=use, reason=reason, mandate=access.deciding(request.user, use, at=now), at=now)
    else:
        acts.end_use(use=use, reason=reason, mandate=access.operator(request.user, INITIATE, at=now), at=now)
    messages.success(request, pgettext("inclusion", "Kept."))
    return True
