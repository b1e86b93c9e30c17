"""The operator's desk of rewards: merchants, offers to open, bills to sign, and what it all costs."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inclusion import access_rewards as access
from tanhui.inclusion import access_scenarios, roles
from tanhui.inclusion.acts import billing
from tanhui.inclusion.acts import merchants as acts
from tanhui.inclusion.forms import rewards as forms
from tanhui.inclusion.models import Offer
from tanhui.inclusion.pages.merchant import SHOP_TONES, table
from tanhui.inclusion.pages.rewards import TONES
from tanhui.inclusion.queries import rewards as queries
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import downloads, refusals

INITIATE, CONFIRM = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM


@rights.needs(roles.READS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
def desk(request):
    """Merchants, offers that wait to be opened, bills that wait for a second signature; a merchant is entered here."""
    now = timezone.now()
    today, enters = clock.day(now), request.POST.get("do") == "enter"
    form = forms.Enter(request.POST if enters else None, initial={"since": today})
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if do(request, form, now):
                return redirect("inclusion:desk_rewards")
        except Refusal as found:
            status = refusals.show(form, found) if enters else found.status
            refusal = None if enters else found
    merchants = access.merchants(request.user, at=now)
    own = access.bodies(request.user, at=now)
    return render(request, "inclusion/desk/rewards.html", {
        "merchants": [(one, SHOP_TONES[one.state]) for one in merchants], "form": form, "refusal": refusal,
        "offers": queries.waiting_offers(merchants), "fund": queries.fund(today.replace(day=1)), "today": today,
        "bills": [bill_asked(one) for one in queries.open_instructions([billing.ACT], own, now)],
    }, status=status)  # fmt: skip


def bill_asked(asked):
    merchant = access.merchant_of(asked)
    return {"asked": asked, "merchant": merchant, "month": asked.body["month"][:7], **asked.body}


def do(request, form, now):
    """Carry out what was chosen; ``False`` when nothing known was."""
    match request.POST.get("do"):
        case "enter" if form.is_valid():
            given = dict(form.cleaned_data)
            acts.enter(
                organisation=given.pop("organisation"), terms=acts.Terms(**given), at=now,
                mandate=access_scenarios.mandate(request.user, roles.OPERATORS, INITIATE, at=now),
            )  # fmt: skip
            messages.success(request, pgettext("inclusion", "Entered. The merchant can ask for offers now."))
        case "open":
            mandate = access_scenarios.mandate(request.user, roles.OPERATORS, CONFIRM, at=now)
            acts.open_(offer=waiting_offer(request, now), mandate=mandate, at=now)
            messages.success(request, pgettext("inclusion", "On offer. Everyone sees it."))
        case "confirm_bill":
            mandate = access_scenarios.mandate(request.user, roles.OPERATORS, CONFIRM, at=now)
            billing.confirm(asked=asked_bill(request, now), mandate=mandate, at=now)
            messages.success(request, pgettext("inclusion", "Signed. The bill stands."))
        case _:
            return False
    return True


def waiting_offer(request, now):
    found = Offer.objects.filter(merchant__in=access.merchants(request.user, at=now))
    return access.only(found.filter(pk=access.key(request.POST.get("key", ""))))


def asked_bill(request, now):
    return access.asked(billing.ACT, access.key(request.POST.get("key", "")), access.bodies(request.user, at=now))


@rights.needs(roles.READS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
def merchant(request, key):
    """One merchant: its offers, what its months come to, the bill of a month, and whether it goes on."""
    now = timezone.now()
    one = access.desk_merchant(request.user, key, at=now)
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        return table(one, request.GET.get("month", ""), request.GET["format"])
    form = forms.Turn(request.POST if request.POST.get("do") == "turn" else None)
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if do_there(request, one, form, now):
                return redirect("inclusion:desk_merchant", one.pk)
        except Refusal as found:
            refusal, status = found, found.status
            one.refresh_from_db()
    turns = {
        "OPEN": [("SUSPENDED", pgettext("inclusion", "Suspend")), ("ENDED", pgettext("inclusion", "End the agreement"))]
    }
    turns["SUSPENDED"] = [("OPEN", pgettext("inclusion", "Let go on")), turns["OPEN"][1]]
    return render(request, "inclusion/desk/merchant.html", {
        "merchant": one, "tone": SHOP_TONES[one.state], "refusal": refusal, "turns": turns.get(one.state, []),
        "offers": [(each, TONES[each.state]) for each in queries.offered(one)], "desk": True,
        "months": queries.months(one, clock.day(now)),
    }, status=status)  # fmt: skip


def do_there(request, one, form, now):
    mandate = access_scenarios.mandate(request.user, roles.OPERATORS, INITIATE, at=now)
    match request.POST.get("do"):
        case "turn" if form.is_valid():
            acts.turn(merchant=one, mandate=mandate, at=now, **form.cleaned_data)
            messages.success(request, pgettext("inclusion", "Kept."))
        case "bill":
            try:
                month = date.fromisoformat(request.POST.get("month", "")[:10]).replace(day=1)
            except ValueError:
                raise Http404 from None
            billing.propose(
                merchant=one, month=month, mandate=mandate, at=now,
                reference=f"bill-{one.pk.hex}-{month:%Y%m}-{clock.day(now):%m%d}",
            )  # fmt: skip
            messages.success(
                request, pgettext("inclusion", "Asked for. A second person signs it on the desk of rewards.")
            )
        case _:
            return False
    return True
