"""What is asked about the use of stock sinks, in words and as facts to compare before one signs."""

from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.inventory import stock
from tanhui.inventory.acts import compensation, pledge, product, supply
from tanhui.inventory.compensating import Formula, Town
from tanhui.inventory.compensating import worksheet as share_out
from tanhui.inventory.models import Incentive, StockUse
from tanhui.kernel import clock, quantity
from tanhui.kernel.refusal import Refusal
from tanhui.rulepacks import queries as rules
from tanhui.ui.templatetags.ui import thousands


def tonnes(asked):
    return thousands(sum(one for _code, one in asked.body["picks"]))


def title(asked):
    """What is asked, in one line."""
    body = asked.body
    match asked.act:
        case product.OFFER:
            return _("Offer %(what)s as a product") % {"what": figure(body)}
        case supply.SUPPLY:
            return _("Hand on %(tonnes)s t of stock sinks") % {"tonnes": tonnes(asked)}
        case supply.USE:
            return _("Use %(tonnes)s t of stock sinks") % {"tonnes": tonnes(asked)}
        case pledge.PLEDGE:
            return _("Pledge %(tonnes)s t of stock sinks") % {"tonnes": tonnes(asked)}
        case pledge.RELEASE:
            return _("Let a pledge go")
        case compensation.ACT:
            return _("Share out: %(title)s") % {"title": body["title"]}
        case _other:
            return _("Grant an incentive: %(purpose)s") % {"purpose": body["purpose"]}


def figure(body):
    one = stock.figure(body["figure"])
    return f"{one.zone_name} · {one.get_type_display()} · {one.year}"


def facts(asked):
    """Labelled facts of what is asked."""
    body = asked.body
    match asked.act:
        case product.OFFER:
            one = stock.figure(body["figure"])
            whole = quantity.tonnes_from_kg(max(one.conservative_kg_co2, 0))
            return [
                (_("Zone and type"), figure(body)),
                (_("Conservative bound"), f"{thousands(one.conservative_kg_co2)} kg"),
                (_("Becomes"), _("%(tonnes)s t, %(kg)s kg stay behind") % {
                    "tonnes": thousands(whole.tonnes), "kg": whole.residual_kg}),
                (_("Inside the ecological red line"), body["basis"] if body["red_line"] else _("no")),
            ]  # fmt: skip
        case supply.SUPPLY:
            return [
                (_("Held by"), asked.organisation), (_("Handed to"), stock.organisation(body["target"])),
                (_("Division code of the recipient"), body["district"] or "—"), *picked(body),
                (_("Reason"), body["reason"] or "—"), (_("Rule of choice"), body["rule"]),
            ]  # fmt: skip
        case supply.USE:
            return [
                (_("Held by"), asked.organisation), (_("Purpose"), StockUse.Purpose(body["purpose"]).label),
                (_("Works or event"), body["undertaking"]), (_("On behalf of"), body["beneficiary"]), *picked(body),
                (_("Statement"), body["statement"] or "—"), (_("Rule of choice"), body["rule"]),
            ]  # fmt: skip
        case pledge.PLEDGE:
            return [
                (_("Held by"), asked.organisation), (_("Pledgee"), stock.organisation(body["creditor"])),
                (_("Pledge contract"), body["document"]), (_("Loan"), yuan(body["loan_fen"])), *picked(body),
            ]  # fmt: skip
        case pledge.RELEASE:
            held = stock.pledge(body["pledge"])
            return [
                (_("Held by"), held.account), (_("Pledge contract"), held.document),
                (_("Tonnes"), thousands(held.quantity_t)), (_("Reason"), body["reason"] or "—"),
            ]  # fmt: skip
        case compensation.ACT:
            return [
                (_("Year"), stock.year(body["year"])), (_("Budget"), yuan(body["budget_fen"])),
                (_("Formula"), body["pack"]), (_("Towns"), len(body["towns"])),
                (_("Why it is revised"), body["reason"] or "—"),
            ]  # fmt: skip
        case _other:
            return grant(body)


def grant(body):
    return [
        (_("Kind of incentive"), Incentive.Kind(body["kind"]).label), (_("Granted to"), body["recipient"]["name"]),
        (_("Granted for"), body["purpose"]), (_("Amount"), yuan(body["amount_fen"])), (_("Basis"), body["clause"]),
        (_("Granted on"), body["granted_on"]),
    ]  # fmt: skip


def picked(body):
    """Product by product, in the order of the rule."""
    named = {one.code: one for one in stock.products().filter(asset__code__in=[code for code, _t in body["picks"]])}
    return [
        (_("inside the red line") if named[code].red_line else _("outside the red line"),
         f"{named[code]}：{thousands(count)} t")
        for code, count in body["picks"]
    ]  # fmt: skip


def yuan(fen):
    if fen is None:
        return "—"
    whole, _point, rest = quantity.yuan_from_fen(fen).partition(".")
    return _("%(yuan)s yuan") % {"yuan": f"{int(whole):,}.{rest}"}


def worksheet(asked):
    """The worksheet of a round that waits, as it would be today."""
    if asked.act != compensation.ACT:
        return []
    body = asked.body
    try:
        formula = Formula.read(rules.pack(body["pack"], clock.day(asked.at)))
        found = share_out([Town(**one) for one in body["towns"]], formula, body["budget_fen"])
    except Refusal:
        return []
    return [compensation.plain(row) for row in found]


def leads(decision):
    """Where what was done can be seen: address and words."""
    result = decision.result if decision else {}
    if "product" in result:
        return reverse("inventory:product", args=[result["product"]]), _("See the product")
    if "certificate" in result:
        return reverse("inventory:stock_use", args=[result["certificate"]]), _("See the certificate of use")
    if "round" in result:
        return reverse("inventory:compensation", args=[result["round"]]), _("See the worksheet")
    if "incentive" in result:
        return reverse("inventory:incentives"), _("See the register of incentives")
    if decision and decision.outcome == decision.Outcome.CONFIRMED:
        return reverse("inventory:stock_mine"), _("See the holdings")
    return None
