"""Handing stock sinks on in the order of article 11, and using them up for neutral works and events (article 12).

None of the purposes is an offset of compliance.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from tanhui.identity.models import Instruction, Mandate, Organisation
from tanhui.inventory import choosing, stock
from tanhui.inventory.acts import asking, product
from tanhui.inventory.acts.product import MEASURE
from tanhui.inventory.choosing import Pick
from tanhui.inventory.models import Product, StockAccount, StockUse, Supply
from tanhui.journal.record import MOVEMENT, SERIALS, draft
from tanhui.kernel import clock, quantity, serials
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import movement, opening, reservation
from tanhui.ui import glyphs

SUPPLY, USE = "inventory.supply", "inventory.use"
USED = "stock:used"  # the boundaries used-up stock sinks go to, one a purpose
COMPLIANCE = ("ETS", "OFFSET", "COMPLIANCE")


class NeverAnOffset(Refusal):
    code = "inventory.never_an_offset"
    sentence = gettext_noop(
        "Stock sinks are a family of their own and pay no offset of compliance. Use units that were issued for "
        "reductions, or use these for neutral works or a neutral event."
    )
    clause = "ARCHITECTURE.md §6.7；《碳排放权交易管理暂行条例》第十四条"


class PurposeUnknown(Refusal):
    code = "inventory.purpose_unknown"
    sentence = gettext_noop("“%(purpose)s” is no purpose stock sinks are used for. Choose one of: %(known)s.")
    clause = f"{MEASURE}第十二条"
    status = 422


class UndertakingUnnamed(Refusal):
    code = "inventory.undertaking_unnamed"
    sentence = gettext_noop("Name the works or the event and on whose behalf it is, each within 120 characters.")
    clause = f"{MEASURE}第十二条"
    status = 422


class NothingHeld(Refusal):
    code = "inventory.nothing_held"
    sentence = gettext_noop("%(organisation)s holds no stock sinks. Obtain some from the authority that offers them.")
    clause = f"{MEASURE}第十一条"


class ToItself(Refusal):
    code = "inventory.supply_to_itself"
    sentence = gettext_noop("%(organisation)s holds these stock sinks already. Name another organisation.")
    clause = f"{MEASURE}第十一条"
    status = 422


def supply(
    *,
    target: Organisation,
    tonnes: int,
    district: str,
    mandate: Mandate,
    reference: str,
    at: datetime,
    chosen: Sequence[Pick] | None = None,
    reason: str = "",
) -> Instruction:
    """Ask to hand stock sinks to another organisation: those the rule puts first, or ``chosen`` where it fits the rule.

    ``district`` is the division code of whoever takes them, for what is local. The units are set aside until the second
    person signs. Refuses with ``NothingHeld``, ``ToItself``, ``choosing.OutOfOrder``, ``choosing.TooFewOffered`` or
    ``rulepacks.none_in_force``.
    """
    source = held_by(mandate)
    if target.pk == source.organisation_id:
        raise ToItself(organisation=target.name)
    picks, rule = decided(source, tonnes, district, chosen, at)
    body = {
        "target": target.pk, "district": district[:12], "rule": rule, "reason": reason.strip()[:120],
        "picks": [[one.key, one.tonnes] for one in picks],
    }  # fmt: skip
    return asking.ask(
        act=SUPPLY, mandate=mandate, reference=reference, body=body, at=at,
        prepare=lambda asked: set_aside(asked, source, picks),
    )  # fmt: skip


def carry_out_supply(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Hand over the very units that were set aside."""
    body, source = asked.body, held_by(mandate)
    target = product.account_for(Organisation.objects.get(pk=body["target"]), at)
    values = {
        **asking.signed(asked, mandate, at), "source_id": source.pk, "target_id": target.pk,
        "district": body["district"], "rule": body["rule"], "reason": body["reason"], **picked(body),
    }  # fmt: skip
    kept = moved(
        asked, source, target.ledger_account_id, f"supply:{asked.pk.hex}", "inventory.product_supplied",
        {"rule": body["rule"], "quantity_t": values["quantity_t"]},
        {"from": source.organisation.uscc, "to": target.organisation.uscc, "reason": body["reason"]},
        Supply, values, at,
    )  # fmt: skip
    return {"supply": kept}


def use(
    *,
    purpose: str,
    undertaking: str,
    beneficiary: str,
    tonnes: int,
    district: str,
    mandate: Mandate,
    reference: str,
    at: datetime,
    chosen: Sequence[Pick] | None = None,
    statement: str = "",
) -> Instruction:
    """Ask to use up stock sinks for neutral works, an event, an organisation or the public good.

    ``beneficiary`` is an organisation's or an event's name as it is published. Refuses with ``NeverAnOffset``,
    ``PurposeUnknown``, ``UndertakingUnnamed``, ``ui.glyph_missing``, ``NothingHeld`` or as ``supply``.
    """
    if purpose in COMPLIANCE:
        raise NeverAnOffset
    if purpose not in StockUse.Purpose.values:
        raise PurposeUnknown(purpose=purpose[:20], known=", ".join(StockUse.Purpose.values))
    named = {"undertaking": undertaking.strip(), "beneficiary": beneficiary.strip()}
    if not all(one and len(one) <= 120 for one in named.values()):
        raise UndertakingUnnamed
    glyphs.require([*named.values(), statement])
    source = held_by(mandate)
    picks, rule = decided(source, tonnes, district, chosen, at)
    body = {
        "purpose": purpose, **named, "statement": statement.strip()[:200], "rule": rule,
        "picks": [[one.key, one.tonnes] for one in picks],
    }  # fmt: skip
    return asking.ask(
        act=USE, mandate=mandate, reference=reference, body=body, at=at,
        prepare=lambda asked: set_aside(asked, source, picks),
    )  # fmt: skip


def carry_out_use(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Use up the units that were set aside: they go out for good, under a number anybody can look up."""
    body, source = asked.body, held_by(mandate)
    number = next_number(clock.day(at).year)
    shown = {name: body[name] for name in ("purpose", "undertaking", "beneficiary", "statement", "rule")}
    demonstration = stock.products().filter(
        asset__code__in=[code for code, _ in body["picks"]], demonstration=True
    ).exists()  # fmt: skip
    values = {
        **asking.signed(asked, mandate, at), "number": number, "source_id": source.pk, **shown, **picked(body),
        "demonstration": demonstration,
    }  # fmt: skip
    fact = {
        "certificate": number, **shown, "quantity_t": values["quantity_t"],
        **({"demonstration": True} if demonstration else {}),
    }  # fmt: skip
    boundary = opening.boundary(f"{USED}:{body['purpose']}").pk
    kept = moved(
        asked, source, boundary, f"use:{asked.pk.hex}", "inventory.product_used", fact,
        {"from": source.organisation.uscc}, StockUse, values, at,
    )  # fmt: skip
    return {"use": kept, "certificate": number}


def next_number(year: int) -> str:
    """The next number of a use: ``SK``, year, eight digits, check character."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('inventory_use_number')")
        return serials.print(serials.Certificate("SK", year, cursor.fetchone()[0]))


def decided(
    source: StockAccount, tonnes: int, district: str, chosen: Sequence[Pick] | None, at: datetime
) -> tuple[list[Pick], str]:
    """Which products go, and the rule that says so. Refuses as ``choosing``, or ``rulepacks.none_in_force``."""
    quantity.positive(tonnes)
    named, rule = stock.order(clock.day(at))
    offers = stock.holdings(source)
    if chosen:
        choosing.refuse_other(offers, named, district, chosen)
        return list(chosen), rule
    return choosing.picks(offers, named, district, tonnes), rule


def held_by(mandate: Mandate) -> StockAccount:
    """The stock account of the organisation the person signs for. Refuses with ``NothingHeld``."""
    found = stock.account_of(mandate.membership.organisation_id)
    if found is None:
        raise NothingHeld(organisation=mandate.membership.organisation.name)
    return found


def set_aside(asked: Instruction, source: StockAccount, picks: Sequence[Pick]) -> None:
    assets = dict(
        Product.objects.filter(asset__code__in=[one.key for one in picks]).values_list("asset__code", "asset")
    )
    wishes = [reservation.Wish(assets[one.key], one.tonnes) for one in picks]
    asking.hold(asked, source.ledger_account_id, wishes)


def picked(body: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that say what and how much of it."""
    return {"picks": json.dumps(body["picks"]), "quantity_t": sum(tonnes for _, tonnes in body["picks"])}


def moved(
    asked: Instruction,
    source: StockAccount,
    target: int,
    reference: str,
    kind: str,
    fact: Mapping[str, Any],
    private: Mapping[str, Any],
    model: Any,
    values: Mapping[str, Any],
    at: datetime,
) -> int:
    """Post the set-aside units to where they go, tell it, keep the row; returns the row's id."""
    held = asking.set_aside(asked)
    lines = stock.set_aside(asked)
    told = {
        "transaction": MOVEMENT,
        **fact,
        "products": [{"product": line.asset.code, "quantity_t": line.quantity, "serials": SERIALS} for line in lines],
    }
    kept = movement.post_and_tell(
        reference=reference,
        told=draft(
            kind=kind, fact=told, at=at, by=values["confirmer_id"],
            private={**private, "initiator": asked.initiator_id, "confirmer": values["confirmer_id"]},
        ),
        lines=[
            movement.Line(source.ledger_account_id, target, line.asset_id, line.quantity, span(line.serials))
            for line in lines
        ],
        fact=model,
        values=values,
        reservation=held.pk if held else None,
    )  # fmt: skip
    return kept.row


def span(found: Any) -> Range | None:
    return None if found is None else Range.half_open(found.lower, found.upper)
