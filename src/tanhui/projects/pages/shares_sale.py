"""A sale for its two sides: lines, lists for the bank, receipts, disputes, and taking it back."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from tanhui.identity import fresh, rights
from tanhui.kernel import quantity
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_shares
from tanhui.projects.acts import dispute, payout
from tanhui.projects.acts import sale as sales
from tanhui.projects.forms import shares as typed_in
from tanhui.projects.models import ShareLine
from tanhui.projects.pages.shares_desk import INITIATE, SHOWN, SIDES, SIGNS, begun
from tanhui.projects.pages.shares_own import state
from tanhui.projects.pages.shares_words import ratio, yuan
from tanhui.projects.queries import shares
from tanhui.ui import downloads, refusals


@rights.needs(SIDES, post=SIGNS)
@require_http_methods(["GET", "POST"])
def sale(request, key):
    """A sale with its lines, lists for the bank, receipts and disputes; and what the visitor's side may do about it."""
    now = timezone.now()
    one = access_shares.sale(request.user, key, at=now)
    mine = shares.organisations(request.user, at=now)
    city, county = one.rule.city_id in mine, one.rule.county_id in mine
    do = request.POST.get("do", "")
    made = {
        "reverse": typed_in.Why, "slip": typed_in.Slip, "contest": typed_in.Contest,
        "answer": typed_in.Answer,
    }  # fmt: skip
    held = {name: form(request.POST if do == name else None, initial=begun()) for name, form in made.items()}
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if (there := act(request, one, do, held, now)) is not None:
                return there
        except Refusal as said:
            status = refusals.show(held[do], said) if do in held else said.status
            refusal = None if do in held else said
    lines = list(shares.lines(one).prefetch_related("disputes__answer")[:SHOWN])
    tiers = shares.by_tier(shares.lines(one))
    return render(request, "projects/benefit/sale.html", {
        "one": one, "amount": yuan(one.amount_fen), "city": city, "county": county, "refusal": refusal, "forms": held,
        "tiers": [(label, yuan(tiers[tier])) for tier, label in ShareLine.Tier.choices], "ratio": ratio(one.rule.terms),
        "lines": [
            (each, yuan(each.fen), state(each))
            for each in lines
            if each.fen and (county or each.tier in ("CITY", "COUNTY"))
        ],
        "more": len(lines) == SHOWN, "disputes": shares.disputes(sale=one), "back": getattr(one, "reversed_by", None),
        "payouts": [(each, yuan(each.fen)) for each in shares.payouts(one)], "reference": uuid.uuid4(),
        "pay_county": city and bool(payout.found(one, "COUNTY")), "pay": county and bool(payout.found(one, "HOLDERS")),
        "unpayable": len(payout_waiting(one)) if county else 0, "mine": mine,
    }, status=status)  # fmt: skip


def payout_waiting(one):
    """The holders that cannot be paid because they gave no account."""
    rows = [each for each in shares.payable(one) if each.holder is not None]
    held = shares.accounts([each.holder for each in rows])
    return [each for each in rows if each.holder_id not in held]


def act(request, one, do, held, now):
    """What the visitor sends from the page of a sale; where to go, or nothing when a form needs more."""
    here = redirect("projects:share_sale", one.pk)
    if do in held and not held[do].is_valid():
        return None
    given = held[do].cleaned_data if do in held else {}
    mine = shares.organisations(request.user, at=now)
    own = one.rule.county_id if one.rule.county_id in mine else one.rule.city_id
    match do:
        case "reverse":
            mandate = access_shares.of(request.user, one.rule.city_id, INITIATE, at=now)
            asked_ = sales.reverse(sale=one, mandate=mandate, at=now, **given)
            return redirect("projects:shares_asked", asked_.pk)
        case "COUNTY" | "HOLDERS":
            payer = one.rule.city_id if do == "COUNTY" else one.rule.county_id
            mandate = access_shares.of(request.user, payer, INITIATE, at=now)
            reference = request.POST.get("reference", "")
            asked_ = payout.draw(sale=one, kind=do, mandate=mandate, reference=reference, at=now)
            return redirect("projects:shares_asked", asked_.pk)
        case "slip" | "arrived":
            drawn = access_shares.payout(request.user, as_uuid(request.POST.get("payout", "")), at=now)
            mandate = access_shares.signatory(request.user, own, at=now)
            if do == "slip":
                payout.note_slip(payout=drawn, mandate=mandate, at=now, **given)
            else:
                payout.receive_county(payout=drawn, mandate=mandate, at=now)
            messages.success(request, _("Noted."))
            return here
        case "contest":
            mandate = access_shares.signatory(request.user, own, at=now)
            dispute.raise_side(sale=one, mandate=mandate, at=now, **given)
            messages.success(request, _("Noted. The other side answers here."))
            return here
        case "answer":
            mandate = access_shares.signatory(request.user, own, at=now)
            found = access_shares.dispute(one, given["dispute"])
            dispute.answer(
                dispute=found, upheld=given["upheld"] == "yes", text=given["text"], mandate=mandate, at=now
            )  # fmt: skip
            messages.success(request, _("Answered."))
            return here
    return None


def as_uuid(text):
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


@rights.needs(SIGNS)
@require_POST
def bank(request, key):
    """The list for the bank, with names and account numbers, for the payer's people; each time is in the log."""
    now = timezone.now()
    drawn = access_shares.payout(request.user, key, at=now)
    if elsewhere := fresh.required(request, now):
        return elsewhere
    try:
        mandate = access_shares.signatory(request.user, drawn.payer_id, at=now)
        rows = payout.take(payout=drawn, mandate=mandate, at=now)
    except Refusal as refusal:
        return render(request, "files/refused.html", {"refusal": refusal}, status=refusal.status)
    head = [
        pgettext("projects", "No."), _("Name"), _("Bank"), _("Account number"), _("Amount (yuan)"), _("Household"),
        _("Contract or trade number"),
    ]  # fmt: skip
    lines = [[*row[:4], quantity.yuan_from_fen(row[4]), *row[5:]] for row in rows]
    return downloads.as_xlsx(f"payout-{drawn.sale_id}-{drawn.kind.lower()}-{drawn.number}", head, lines)
