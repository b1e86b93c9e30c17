"""A merchant's own pages, made for the phone at the counter: offers, checking a voucher, what the months come to."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inclusion import access_rewards as access
from tanhui.inclusion import roles, vouchers
from tanhui.inclusion.acts import merchants as acts
from tanhui.inclusion.acts import redemption
from tanhui.inclusion.forms import rewards as forms
from tanhui.inclusion.models import Offer
from tanhui.inclusion.pages.rewards import TONES
from tanhui.inclusion.queries import rewards as queries
from tanhui.journal import log
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import downloads, refusals

INITIATE = Mandate.Capacity.INITIATE
SHOP_TONES = {"OPEN": "good", "SUSPENDED": "wait", "ENDED": "stop"}


@rights.needs(roles.SELLS)
@require_http_methods(["GET", "POST"])
def home(request):
    """Offers, what was used, what the months come to; an offer is asked for or taken off here."""
    now = timezone.now()
    one = access.merchant(request.user, at=now)
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        return table(one, request.GET.get("month", ""), request.GET["format"])
    today = clock.day(now)
    asks = request.method == "POST" and request.POST.get("do") == "ask"
    form = forms.Ask(request.POST if asks else None, initial={"since": today, "until": one.until})
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if carry_out(request, one, form, now):
                return redirect("inclusion:merchant")
        except Refusal as found:
            status = refusals.show(form, found) if asks else found.status
            refusal = None if asks else found
    return render(request, "inclusion/merchant/home.html", {
        "merchant": one, "tone": SHOP_TONES[one.state], "form": form, "refusal": refusal,
        "offers": [(each, TONES[each.state]) for each in queries.offered(one)], "used": queries.used_lately(one),
        "months": queries.months(one, today), "desk": False,
    }, status=status)  # fmt: skip


def carry_out(request, one, form, now):
    mandate = access.of_merchant(request.user, one, INITIATE, at=now)
    match request.POST.get("do"):
        case "ask" if form.is_valid():
            acts.ask(wares=form.wares(), merchant=one, mandate=mandate, at=now)
            messages.success(request, pgettext("inclusion", "Asked for. The operator looks at it and opens it."))
        case "close":
            acts.close(offer=own_offer(one, request.POST.get("key", "")), mandate=mandate, at=now)
            messages.success(request, pgettext("inclusion", "Taken off. Vouchers people hold stay good."))
        case _:
            return False
    return True


def own_offer(merchant, key):
    return access.only(Offer.objects.filter(merchant=merchant, pk=access.key(key)))


def table(merchant, month, form):
    """The vouchers used in a month, for the merchant's books."""
    first = queries.month_of(month)
    head = [
        pgettext("inclusion", "Code of the voucher"), pgettext("inclusion", "what it is"),
        pgettext("inclusion", "Used at"), pgettext("inclusion", "points"), pgettext("inclusion", "yuan"),
    ]  # fmt: skip
    rows = (
        [one.code, one.title, clock.for_people(one.used_at), one.points, one.worth_fen / 100]
        for one in queries.used(merchant, first)
    )
    return downloads.table(f"vouchers-{first:%Y-%m}", form, head, rows)


@rights.needs(roles.SELLS)
@require_http_methods(["GET", "POST"])
def check(request):
    """Look a voucher up by its code or the line in its QR, and mark it as used."""
    now = timezone.now()
    one = access.merchant(request.user, at=now)
    typed = (request.POST.get("code") or request.GET.get("code") or request.GET.get("v") or "").replace("\x00", "")
    context = {"merchant": one, "up_url": reverse("inclusion:merchant"), "form": forms.Check(initial={"code": ""})}
    status = 200
    try:
        if request.method == "POST":
            mandate = access.of_merchant(request.user, one, INITIATE, at=now)
            redemption.use(code=vouchers.read_code(typed), merchant=one, mandate=mandate, at=now)
            messages.success(request, pgettext("inclusion", "Used. It cannot be used again."))
            return redirect(f"{reverse('inclusion:merchant_check')}?v={vouchers.read_code(typed)}")
        if typed.strip():
            context |= found(one, typed.strip()[:200])
    except Refusal as refusal:
        context["refusal"], status = refusal, refusal.status
    return render(request, "inclusion/merchant/check.html", context, status=status)


def found(merchant, typed):
    """The voucher, or what its signed line says. Refuses what is neither."""
    said = vouchers.check(typed, log.signer().verifier) if typed.count(".") == 4 else None
    code = said.code if said else vouchers.read_code(typed)
    held = access.shown(merchant, code)
    if held is None:
        raise redemption.VoucherNotHere(voucher=vouchers.in_groups(code))
    return {"voucher": held, "code": vouchers.in_groups(code), "tone": TONES[held.state], "said": said}
