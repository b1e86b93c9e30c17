"""Opening a carbon account, what its holder says of themselves, points, taking the data out, receipts, the end."""

import hashlib
import uuid

from allauth.account.internal.flows import login as flow
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.identity import rights
from tanhui.identity.acts import residents
from tanhui.inclusion import access_account, consent_texts, exporting, holders, regions
from tanhui.inclusion.acts import accounts, phones, points
from tanhui.inclusion.forms import carbon as forms
from tanhui.inclusion.models import Account, Entry, PhoneCode
from tanhui.inclusion.pages.carbon import texts, with_account
from tanhui.inclusion.queries import carbon as queries
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import refusals

VERIFIED = "carbon_phone"  # of the session: the code by which its visitor showed a mobile number is theirs
LIMITS = {"app": "allauth.account", "action": "carbon", "config": {"carbon": "30/h/ip"}}
FIELDS = {
    "notices.mobile_unusable": "phone", "inclusion.code_wrong": "code", "inclusion.name_unusable": "name",
    "inclusion.birth_wrong": "born", "inclusion.not_under_age": "born", "inclusion.team_unknown": "code",
    "inclusion.team_name_taken": "team", "inclusion.not_enough_points": "points",
}  # fmt: skip
SAID = {  # what a receipt tells, in words
    "text": pgettext_lazy("inclusion", "Version of the text"),
    "sha256": gettext_lazy("SHA-256"),
    "bytes": pgettext_lazy("inclusion", "Bytes"),
    "points": pgettext_lazy("inclusion", "Points given up"),
    "days": pgettext_lazy("inclusion", "Days deleted"),
    "pseudonyms": pgettext_lazy("inclusion", "Names at providers deleted"),
    "scenario": pgettext_lazy("inclusion", "Scenario"),
    "events": pgettext_lazy("inclusion", "Events erased"),
    "tracks": pgettext_lazy("inclusion", "Tracks erased"),
}


class SignInOtherwise(Refusal):
    code = "inclusion.sign_in_otherwise"
    sentence = gettext_noop(
        "Whoever holds this number signs for an organisation too, and so comes in by password. Log in with that first."
    )
    clause = "GB/T 22239-2019 8.1.4.1 d"
    status = 403


class TooManyAttempts(Refusal):
    code = "inclusion.too_many_attempts"
    sentence = gettext_noop("Too many codes were asked for from this address. Try again in an hour.")
    clause = "GB/T 22239-2019 8.1.4.1 b"
    status = 429


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "POST"])
def open_(request):
    """Who is it, what do they agree to, and for a child, does a guardian agree: each step on this one page."""
    person = request.user if request.user.is_authenticated else None
    account = holders.account_of(person) if person else None
    if account is not None and account.state != Account.State.CONSENTED:
        return redirect("inclusion:carbon")
    desk = Opening(request, person, account)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if (there := desk.act(request.POST.get("do", ""))) is not None:
                return there
            status = 200 if desk.sent else 422
        except Refusal as refusal:
            status = refusals.show(desk.form, refusal, FIELDS)
    return render(request, "inclusion/carbon/open.html", desk.laid_out(), status=status)


class Opening:
    """The steps of opening an account; ``form`` is the one that was sent."""

    def __init__(self, request, person, account):
        self.request, self.person, self.account = request, person, account
        self.form, self.sent, self.do = None, None, ""
        self.now = timezone.now()

    def act(self, do):
        """Do the step; where to go then, or nothing to show the page again."""
        steps = {"phone": self.phone, "code": self.code}
        if self.account is not None:
            steps |= {"guardian": self.phone, "agree": self.agree}
        elif self.known() is not None:
            steps["open"] = self.open
        if do not in steps:  # out of turn: the page shows the step that is due
            return None
        self.do = do
        return steps[do]()

    def phone(self):
        self.form = forms.Phone(self.request.POST)
        if not self.form.is_valid():
            return
        if not ratelimit.consume(self.request, **LIMITS):
            raise TooManyAttempts
        phone = self.form.cleaned_data["phone"]
        if self.do == "guardian":
            self.sent = accounts.ask_guardian(account=self.account, phone=phone, at=self.now)
        else:
            self.sent = phones.send(purpose=PhoneCode.Purpose.ENTER, phone=phone, at=self.now)

    def code(self):
        self.form = forms.Code(self.request.POST)
        if not self.form.is_valid():
            return None
        row = phones.use(purpose=PhoneCode.Purpose.ENTER, at=self.now, **self.form.cleaned_data)
        held = holders.of_phone(phones.number(row))
        if self.person is None:
            known = holders.person_of(held.number) if held else None
            if known is not None and not residents.is_resident(known):
                raise SignInOtherwise
            person = known or residents.enrol(name=pgettext("inclusion", "Resident"), at=self.now)
            flow.record_authentication(self.request, person, method="phone")
            answer = flow.perform_login(self.request, Login(user=person, redirect_url=reverse("inclusion:carbon_open")))
            self.request.session[VERIFIED] = str(row.pk)
            return answer
        self.request.session[VERIFIED] = str(row.pk)
        return redirect("inclusion:carbon_open")

    def agree(self):
        self.form = forms.Code(self.request.POST)
        if self.form.is_valid():
            accounts.guardian_agrees(account=self.account, at=self.now, **self.form.cleaned_data)
            messages.success(self.request, _("The guardian agreed. The account is open."))
            return redirect("inclusion:carbon")
        return None

    def open(self):
        self.form = forms.Open(self.request.POST, regions=regions.choices())
        if not self.form.is_valid():
            return None
        given = self.form.cleaned_data
        accounts.open_account(
            person=self.person, name=given["name"], region=given["region"], text_version=given["text_version"],
            born=given["born"] if given["age"] == "child" else None, at=self.now, **self.known(),
        )  # fmt: skip
        messages.success(self.request, _("Your carbon account is open. Choose the scenarios that are to count."))
        return redirect("inclusion:carbon_switches" if given["age"] == "adult" else "inclusion:carbon_open")

    def known(self):
        """By what the person is known: the portal they came by, else the number they showed is theirs."""
        if self.person is None:
            return None
        if tied := access_account.portal_identity(self.person):
            subject = f"portal:{tied.provider}:{tied.uid}"
            return {"way": Account.Way.PORTAL, "subject": subject, "phone": self.number() or None}
        if number := self.number():
            return {"way": Account.Way.PHONE, "subject": f"phone:{number}", "phone": number}
        return None

    def number(self):
        key = self.request.session.get(VERIFIED)
        row = access_account.code_used(key) if key else None
        return phones.number(row) if row else ""

    def laid_out(self):
        known = self.known()
        name = self.person.name if self.person and known and known["way"] == Account.Way.PORTAL else ""
        fresh = {"text_version": consent_texts.CURRENT, "name": name}
        sent_code = self.sent or (self.form if self.do in ("code", "agree") else None)
        return {
            "account": self.account, "known": known, "notice": texts("ACCOUNT"), "guardian": texts("GUARDIAN"),
            "portals": settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"],
            "phone": self.form if self.do in ("phone", "guardian") else forms.Phone(),
            "code": (
                self.form if self.do in ("code", "agree")
                else forms.Code(initial={"key": self.sent.row.pk}) if self.sent else None
            ),
            "form": self.form if self.do == "open" else forms.Open(initial=fresh, regions=regions.choices()),
            "shown": self.sent.shown if self.sent and settings.TANHUI_MODE == "demonstration" else "",
            "asked": sent_code is not None,
        }  # fmt: skip


@with_account
@require_http_methods(["GET", "POST"])
def me(request, account):
    """What the account knows of its holder, and their rights: set right, take out, close."""
    now, held = timezone.now(), holders.of_account(account.pk)
    do, choices = request.POST.get("do", ""), regions.choices()
    data = {name: request.POST if do == name else None for name in ("profile", "team", "leave", "close")}
    profile = forms.Profile(
        data["profile"], regions=choices,
        initial={"name": held.name, "region": account.region[:6], "shows": account.shows},
    )  # fmt: skip
    team, close = forms.Team(data["team"]), forms.Close(data["close"], initial={"reference": uuid.uuid4()})
    status, sent = 200, {"profile": profile, "team": team, "leave": team, "close": close}.get(do)
    if request.method == "POST":
        status = 422
        try:
            if do == "leave" or (sent is not None and sent.is_valid()):
                return carry_out(request, account, do, sent, now)
        except Refusal as refusal:
            status = refusals.show(sent, refusal, FIELDS)
    return render(
        request,
        "inclusion/carbon/me.html",
        {
            "account": account, "held": held, "today": clock.day(now), "profile": profile, "team": team, "close": close,
            "receipts": account.receipts.order_by("-at")[:20], "region": regions.name(account.region),
            "points": points.available(account.pk, clock.day(now)),
        },
        status=status,
    )  # fmt: skip


def carry_out(request, account, do, form, now):
    given = form.cleaned_data if do != "leave" else {}
    if do == "profile":
        accounts.correct(account=account, at=now, **given)
        messages.success(request, _("Kept."))
    elif do == "leave":
        accounts.join(account=account, code="", at=now)
        messages.success(request, _("You left the team."))
    elif do == "team" and given["team"]:
        team = accounts.found_team(account=account, name=given["team"], at=now)
        messages.success(request, _("Founded. Its code is %(code)s; pass it on.") % {"code": team.code})
    elif do == "team":
        accounts.join(account=account, code=given["code"], at=now)
        messages.success(request, _("Kept."))
    else:
        done = accounts.close(
            account=account, anonymise=given["how"] == "ANONYMISED", reference=given["reference"], at=now
        )  # fmt: skip
        if residents.is_resident(request.user):
            logout(request)
        return redirect("inclusion:carbon_receipt", done.pk)
    return redirect("inclusion:carbon_me")


@with_account
@require_POST
def export(request, account):
    """Everything the account holds, in one file, with a receipt of it."""
    content = exporting.packed(account)
    accounts.hand_out(
        account=account, sha256=hashlib.sha256(content).hexdigest(), bytes_=len(content), at=timezone.now()
    )
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="carbon-account-{clock.day(timezone.now())}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


@rights.needs(rights.PUBLIC)
@require_GET
def receipt(request, key):
    """What was done, when, and to how much; not whose it was."""
    one = access_account.receipt(key)
    facts = [(str(SAID[key]), value) for key, value in one.facts.items() if key in SAID]
    ended = one.kind in Account.Ended.values
    erased = access_account.erasure(one) if ended else None
    return render(request, "inclusion/carbon/receipt.html", {
        "receipt": one, "ended": ended, "facts": facts, "erased": erased,
    })  # fmt: skip


@with_account
@require_http_methods(["GET", "POST"])
def statement(request, account):
    """Points: what there is, until when, how it came and went; and giving some of it to the public good."""
    now = timezone.now()
    today = clock.day(now)
    form, status = forms.Donate(request.POST or None, initial={"reference": uuid.uuid4()}), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                reference = f"donation:{account.pk}:{form.cleaned_data['reference'].hex}"
                points.take(
                    account=account, kind=Entry.Kind.DONATED, points=form.cleaned_data["points"], reference=reference,
                    at=now,
                )  # fmt: skip
                messages.success(request, _("Thank you: the points were donated."))
                return redirect("inclusion:carbon_points")
        except Refusal as refusal:
            status = refusals.show(form, refusal, FIELDS)
    before = request.GET.get("before", "")
    rows = queries.entries(
        account.pk, int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    )
    purse = queries.purse(account.pk, today)
    since = today.replace(day=1)
    return render(
        request,
        "inclusion/carbon/points.html",
        {
            "purse": purse, "today": today, "points": sum(number for _day, number in purse), "entries": rows,
            "form": form,
            "granted": queries.granted(account.pk, since), "older": rows[-1].pk if len(rows) == 30 else None,
            "account": account, "deductions": account.deductions.order_by("-asked_at")[:10],
        },
        status=status,
    )  # fmt: skip
