"""What is asked about shares, in words: titles, facts, amounts."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tanhui.kernel import quantity
from tanhui.kernel.refusal import gettext_noop
from tanhui.projects.models import Payout
from tanhui.projects.queries import shares

TITLES = {
    shares.AGREE: gettext_noop("Agree to a split rule"),
    shares.SELL: gettext_noop("Enter a sale and share it out"),
    shares.TAKE_BACK: gettext_noop("Take a sale back"),
    shares.PAY: gettext_noop("Draw a list for the bank"),
    shares.CHANGE_ACCOUNT: gettext_noop("Change the bank account of a holder"),
}


def yuan(fen: int) -> str:
    whole, _point, rest = quantity.yuan_from_fen(abs(fen)).partition(".")
    return _("%(yuan)s yuan") % {"yuan": f"{'-' if fen < 0 else ''}{int(whole):,}.{rest}"}


def percent(hundredths):
    return f"{hundredths / 100:g} %"


def title(asked):
    return _(TITLES[asked.act])


def facts(asked):
    """Labelled facts of what is asked, and where to read more."""
    body = asked.body
    match asked.act:
        case shares.AGREE:
            held = shares.named(body)
            return [
                (_("Project"), str(held.project)), (_("City : county"), ratio(held.terms)),
                (pgettext("projects", "In force from"), held.effective_from.isoformat()),
                (_("Reason or basis"), held.basis),
            ], reverse("projects:share_proposal", args=[held.pk])  # fmt: skip
        case shares.SELL:
            return [
                (_("Contract or trade number"), body["contract"]), (_("Buyer"), body["buyer"]),
                (_("Sold on"), body["sold_on"]), (_("Quantity"), f"{body['quantity_t']:,} t"),
                (_("Amount"), yuan(body["amount_fen"])),
            ], ""  # fmt: skip
        case shares.TAKE_BACK:
            one = shares.named(body)
            return [
                (_("Contract or trade number"), one.contract), (_("Amount"), yuan(one.amount_fen)),
                (_("Reason"), body["reason"]),
            ], reverse("projects:share_sale", args=[one.pk])  # fmt: skip
        case shares.PAY:
            one = shares.named(body)
            return [
                (_("Contract or trade number"), one.contract),
                (pgettext("projects", "List"), Payout.Kind(body["kind"]).label),
            ], reverse("projects:share_sale", args=[one.pk])  # fmt: skip
        case _other:
            one = shares.named(body)
            return [
                (_("Holder"), f"{one.village} {one.key} {one.masked}"), (_("Bank"), body["bank"]),
                (_("Account number"), f"…{body['tail']}"),
            ], ""  # fmt: skip


def leads(decision):
    """Where what was carried out can be seen."""
    result = decision.result if decision else {}
    if "sale" in result:
        return reverse("projects:share_sale", args=[result["sale"]])
    if "proposal" in result:
        return reverse("projects:share_proposal", args=[result["proposal"]])
    if "payout" in result:
        return reverse("projects:share_sale", args=[shares.sale_of(result["payout"])])
    return ""


def ratio(terms):
    return f"{terms['city']} : {terms['county']}"
