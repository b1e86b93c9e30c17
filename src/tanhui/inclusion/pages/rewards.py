"""What a resident can have for points: the offers, one of them, the vouchers, one of them."""

import secrets

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.inclusion import access_rewards as access
from tanhui.inclusion import holders, vouchers
from tanhui.inclusion.acts import redemption
from tanhui.inclusion.forms import rewards as forms
from tanhui.inclusion.models import Account, Offer
from tanhui.inclusion.pages.carbon import with_account
from tanhui.inclusion.queries import carbon as queries
from tanhui.inclusion.queries import rewards
from tanhui.journal import log
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import qr

EACH_PAGE = 24
TONES = {"HELD": "good", "USED": "", "RETURNED": "", "LAPSED": "wait", "ASKED": "wait", "OPEN": "good", "CLOSED": ""}


def points_of(request, today):
    """The points the visitor can use, or None for a visitor without an account."""
    account = holders.account_of(request.user) if request.user.is_authenticated else None
    if account is None or account.state != Account.State.ACTIVE:
        return None
    return sum(points for _day, points in queries.purse(account.pk, today))


@rights.needs(rights.PUBLIC)
@require_GET
def listing(request):
    """Everything on offer; what the visitor has points for is said beside it."""
    kind = request.GET.get("kind", "")
    page = Paginator(access.offers(kind=kind), EACH_PAGE).get_page(request.GET.get("page"))
    return render(request, "inclusion/rewards/list.html", {
        "page": page, "kind": kind if kind in Offer.Kind.values else "", "kinds": Offer.Kind.choices,
        "points": points_of(request, clock.day(timezone.now())), "sells": sells(request),
    })  # fmt: skip


def sells(request):
    """Whether the visitor works for a merchant."""
    return request.user.is_authenticated and access.shops(request.user, at=timezone.now()).exists()


@rights.needs(rights.PUBLIC, post=rights.PERSON)
@require_http_methods(["GET", "POST"])
def offer(request, key):
    """One offer, and the button that takes it."""
    one, now = access.offer(key), timezone.now()
    form = forms.Take(request.POST or None, initial={"reference": secrets.token_hex(16)})
    refusal, status = None, 200
    if request.method == "POST":
        account = holders.account_of(request.user)
        if account is None:
            return redirect("inclusion:carbon_open")
        status = 422
        if form.is_valid():
            try:
                made = redemption.take(account=account, offer=one, reference=form.cleaned_data["reference"], at=now)
                messages.success(request, pgettext("inclusion", "It is yours. Show this page at the counter."))
                return redirect("inclusion:voucher", made.pk)
            except Refusal as found:
                refusal, status = found, found.status
                one = access.offer(key)
    left = None if one.stock is None else one.stock - one.taken
    return render(request, "inclusion/rewards/offer.html", {
        "offer": one, "form": form, "refusal": refusal, "left": left, "points": points_of(request, clock.day(now)),
        "fresh": forms.Take(initial={"reference": secrets.token_hex(16)}), "open": one.state == Offer.State.OPEN,
    }, status=status)  # fmt: skip


@with_account
@require_GET
def mine(request, account):
    """The vouchers one has, the usable first."""
    page = Paginator(rewards.held(account), EACH_PAGE).get_page(request.GET.get("page"))
    return render(request, "inclusion/rewards/vouchers.html", {
        "page": page, "rows": [(one, TONES[one.state]) for one in page], "today": clock.day(timezone.now()),
    })  # fmt: skip


@with_account
@require_http_methods(["GET", "POST"])
def voucher(request, account, key):
    """One voucher with its QR; while it is not used it can be given back."""
    one, refusal, status = access.voucher(account, key), None, 200
    if request.method == "POST":
        try:
            redemption.give_back(voucher=one, at=timezone.now())
            messages.success(request, pgettext("inclusion", "Given back. Your points are with you again."))
            return redirect("inclusion:vouchers")
        except Refusal as found:
            refusal, status, one = found, found.status, access.voucher(account, key)
    line = vouchers.line(vouchers.Line(one.code, one.last_day, one.points), log.signer())
    url = request.build_absolute_uri(f"{reverse('inclusion:merchant_check')}?v={one.code}")
    return render(request, "inclusion/rewards/voucher.html", {
        "voucher": one, "code": vouchers.in_groups(one.code), "line": line, "refusal": refusal,
        "qr": qr.svg(url) if len(url) <= qr.LONGEST_URL else "", "held": one.state == "HELD", "tone": TONES[one.state],
        "over": clock.day(timezone.now()) > one.last_day,
    }, status=status)  # fmt: skip
