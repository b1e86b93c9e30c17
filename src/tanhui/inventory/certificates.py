"""The certificate of a use of stock sinks: drawn from the published fact and the first checkpoint that covers it,
sealed with the log's key, and so the same bytes whenever it is asked for. ``tanhui verify`` checks it offline."""

from pathlib import Path
from typing import Any

from tanhui.inventory import stock
from tanhui.inventory.models import Product, StockUse, Type
from tanhui.journal import queries as journal
from tanhui.registry import certificates
from tanhui.registry.papers.parts import Block, quantity
from tanhui.ui import numerals, paper, qr

TEMPLATE = Path(__file__).resolve().with_name("papers") / "use.typ"


def certificate(use: StockUse) -> bytes:
    """The sealed certificate (PDF/A-3b with ``proof.json``). Refuses with ``registry.certificate_not_ready``."""
    proof, place = certificates.proved(use.number, use.entry)
    fact = journal.fact(use.entry)["fact"]
    head = certificates.masthead(use.number, f"/stock-sinks/uses/{use.number}", fact)
    holder = use.source.organisation
    used = on_paper(fact)
    data = {
        "title": "存量碳汇使用证书", "subtitle": "CERTIFICATE OF USE OF STOCK SINKS", "number": head.number,
        "operator": head.operator, "demonstration": head.demonstration, "url": head.url,
        "qr": qr.svg(head.url) if head.url else None, "purpose_code": use.purpose,
        "purpose": certificates.label(StockUse.Purpose(use.purpose)).plain(), "undertaking": use.undertaking,
        "beneficiary": use.beneficiary, "statement": use.statement, "rule": use.rule,
        "holder": {"name": holder.name, "identifier": holder.uscc}, "used_at": numerals.moment(use.at),
        "used_on": numerals.day(use.at.astimezone(numerals.BEIJING)), "transaction_id": str(use.movement_id),
        "quantity": quantity(use.quantity_t), "products": used, "blocks": sum(len(one["blocks"]) for one in used),
        "log": place.plain(),
    }  # fmt: skip
    made = paper.render(template=TEMPLATE, data=data, at=use.at, attachments=[certificates.enclosed(proof)])
    return certificates.sealed(made)


def on_paper(fact: dict[str, Any]) -> list[dict[str, Any]]:
    """The products a published use names, with the unit numbers it names of each."""
    known = {one.code: one for one in products(fact)}
    return [
        {
            "code": one.code, "zone": one.zone_name, "type": certificates.label(Type(one.type)).plain(),
            "year": str(one.year), "basis": one.basis if one.red_line else "", "bound": numerals.grouped(one.bound_kg),
            "statistics": one.figure.computation.statistics_sha256, "tonnes": numerals.grouped(told["quantity_t"]),
            "blocks": [block(one, first, last).plain() for first, last in sorted(told["serials"])],
        }
        for told in fact["products"]
        for one in [known[told["product"]]]
    ]  # fmt: skip


def products(fact: dict[str, Any]) -> list[Product]:
    codes = [one["product"] for one in fact["products"]]
    return list(stock.products().filter(asset__code__in=codes).select_related("asset", "figure__computation"))


def block(one: Product, first: int, last: int) -> Block:
    """Unit numbers of a product, printed behind its code."""
    return Block(f"{one.code}-{first:010}-{last:010}", first, last)
