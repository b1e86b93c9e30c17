"""Sales of a project's units, each shared out in the same transaction as it is confirmed, and their reversal.

A sale is entered by two people of the project's owner, with the number of its contract. The rule is that of the day of
the sale. A reversal is the same lines negated, not another division.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tanhui.identity.models import Instruction, Mandate
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import splitting
from tanhui.projects.acts import shares
from tanhui.projects.models import Holder, Sale, ShareLine, SplitRule
from tanhui.projects.queries import shares as known
from tanhui.registry.models import Project, Transfer

CLAUSE = f"{shares.CHIFENG}二（保障持有者权益的分配机制）"
LARGEST_FEN = 10**13
LARGEST_T = 10**9


class SaleUnclear(Refusal):
    code = "projects.sale_unclear"
    sentence = gettext_noop("The sale lacks or misstates: %(what)s. Correct it and enter it again.")
    clause = CLAUSE
    status = 422


class NoSplitRule(Refusal):
    code = "projects.no_split_rule"
    sentence = gettext_noop(
        "No split rule of project %(project)s is in force on %(day)s. Have both sides agree on one that begins by then."
    )
    clause = CLAUSE


class SaleEntered(Refusal):
    code = "projects.sale_entered"
    sentence = gettext_noop(
        "Contract %(contract)s is already shared out: %(quantity)s t sold on %(day)s. If it was wrong, reverse that "
        "sale first."
    )
    clause = "ARCHITECTURE.md §6.4"


class TransferUnfit(Refusal):
    code = "projects.transfer_unfit"
    sentence = gettext_noop(
        "Transfer %(transfer)s cannot be this sale: %(why)s. Name a transfer out of the project owner's account with "
        "at least the tonnes sold of this project's units, or none."
    )
    clause = CLAUSE
    status = 422


class SaleReversed(Refusal):
    code = "projects.sale_reversed"
    sentence = gettext_noop(
        "This sale was taken back on %(day)s, or is itself a reversal. Nothing is left to take back."
    )
    clause = "ARCHITECTURE.md §6.5"


class ReversalUnfounded(Refusal):
    code = "projects.reversal_unfounded"
    sentence = gettext_noop("Say in at most 500 characters why the sale is taken back.")
    clause = "ARCHITECTURE.md §6.5"
    status = 422


# -- entering ----------------------------------------------------------------------------------------------------------


def enter(
    *, project: Project, contract: str, buyer: str, sold_on: date, quantity_t: int, amount_fen: int,
    transfer: Transfer | None, mandate: Mandate, reference: str, at: datetime,
) -> Instruction:  # fmt: skip
    """Ask to enter a sale and share it out. Nothing is shared before the second signature.

    Refuses with ``shares.NotASide``, ``SaleUnclear``, ``SaleEntered``, ``NoSplitRule`` or ``TransferUnfit``.
    """
    shares.check_city(mandate, project, at=at)
    body = {
        "project": project.pk, "contract": contract.strip(), "buyer": buyer.strip(), "sold_on": sold_on.isoformat(),
        "quantity_t": quantity_t, "amount_fen": amount_fen, "transfer": transfer.pk if transfer else None,
    }  # fmt: skip
    check(project, body, at)
    return shares.ask(act=known.SELL, project=project, mandate=mandate, reference=reference, body=body, at=at)


def check(project: Project, body: Mapping[str, Any], at: datetime) -> SplitRule:
    """The rules of a sale; returns the split rule of its day."""
    sold_on = date.fromisoformat(body["sold_on"])
    wrong = [name for name, most in (("contract", 60), ("buyer", 120)) if not 0 < len(body[name]) <= most]
    wrong += [] if 0 < body["quantity_t"] <= LARGEST_T else ["quantity"]
    wrong += [] if 0 < body["amount_fen"] <= LARGEST_FEN else ["amount"]
    wrong += [] if sold_on <= clock.day(at) else ["day"]
    if wrong:
        raise SaleUnclear(what=", ".join(wrong))
    if standing := known.standing_sales(project).filter(contract=body["contract"]).first():
        raise SaleEntered(contract=standing.contract, quantity=standing.quantity_t, day=standing.sold_on.isoformat())
    if body["transfer"] is not None:
        check_transfer(project, body)
    if (rule := known.rule_on(project, sold_on)) is None:
        raise NoSplitRule(project=f"{project.number:06d}", day=sold_on.isoformat())
    return rule


def check_transfer(project: Project, body: Mapping[str, Any]) -> None:
    found = Transfer.objects.select_related("source__account").get(pk=body["transfer"])
    why = ""
    if found.source.account.organisation_id != project.owner_id:
        why = f"≠ {project.owner}"
    elif (moved := known.moved_t(project, found)) < body["quantity_t"]:
        why = f"{project.number:06d}: {moved} t < {body['quantity_t']} t"
    elif taken := Sale.objects.filter(transfer=found, reverses__isnull=True, reversed_by__isnull=True).first():
        why = taken.contract
    if why:
        raise TransferUnfit(transfer=found.movement_id, why=why)


def carry_out(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Enter the sale and share it out under the second signature; all lines or none."""
    body = asked.body
    project = Project.objects.select_related("owner").get(pk=body["project"])
    shares.lock(project)
    rule = check(project, body, at)
    lines = share_out(body["amount_fen"], rule)
    earlier = known.attempts(project, body["contract"], body["transfer"])
    values = {
        "project": project, "rule": rule, "contract": body["contract"], "buyer": body["buyer"],
        "sold_on": date.fromisoformat(body["sold_on"]), "quantity_t": body["quantity_t"],
        "amount_fen": body["amount_fen"], "transfer_id": body["transfer"], "attempt": earlier + 1,
    }  # fmt: skip
    return kept(asked, mandate, at, values, lines, kind="projects.sale_shared_out", fact={})


def share_out(fen: int, rule: SplitRule) -> list[ShareLine]:
    """The lines of an amount under a rule, not yet kept. Refuses as ``splitting.share_out`` does."""
    holders = {} if rule.roll is None else {
        (one.village_code, one.key): one for one in Holder.objects.filter(roll=rule.roll).defer("name", "account")
    }  # fmt: skip
    villages = {one.village_code: one.village for one in holders.values()}
    holdings = [splitting.Holding(one.village_code, one.key, one.weight) for one in holders.values()]
    return [
        ShareLine(
            tier=one.tier, village_code=one.village, village=villages.get(one.village, ""), fen=one.fen,
            holder=holders.get((one.village, one.key or Holder.COLLECTIVE)),
        )
        for one in splitting.share_out(fen, splitting.Terms.read(rule.terms), holdings)
    ]  # fmt: skip


def kept(
    asked: Instruction, mandate: Mandate, at: datetime, values: dict[str, Any], lines: list[ShareLine], *, kind: str,
    fact: dict[str, Any],
) -> Mapping[str, Any]:  # fmt: skip
    digest = canonical.sha256([[one.tier, one.village_code, str(one.holder_id or ""), one.fen] for one in lines])
    totals = splitting.totals(splitting.Share(one.tier, "", "", one.fen) for one in lines)  # type: ignore[arg-type]
    project, rule = values["project"], values["rule"]
    signed = shares.signed(asked, mandate, at)
    entry = record(
        kind=kind,
        fact=fact | {
            "project": project.number, "version": rule.version, "day": values["sold_on"].isoformat(),
            "quantity_t": values["quantity_t"], "amount_fen": values["amount_fen"], "city_fen": totals["CITY"],
            "county_fen": totals["COUNTY"], "villages_fen": totals["VILLAGE"], "households_fen": totals["HOUSEHOLD"],
            "lines": len(lines), "lines_sha256": digest,
        },
        private={
            "contract": values["contract"], "buyer": values["buyer"], "initiator": asked.initiator_id,
            "reason": values.get("reason", ""),
        },
        at=at,
        by=signed["confirmer_id"],
    )  # fmt: skip
    made = Sale.objects.create(**signed, **values, lines_sha256=digest, entry=entry)
    for one in lines:
        one.sale = made
    ShareLine.objects.bulk_create(lines, batch_size=5000)
    return {"sale": made.pk}


# -- taking back -------------------------------------------------------------------------------------------------------


def reverse(*, sale: Sale, reason: str, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Ask to take a sale back. Refuses with ``shares.NotASide``, ``SaleReversed`` or ``ReversalUnfounded``."""
    shares.check_city(mandate, sale.project, at=at)
    check_standing(sale)
    if not 0 < len(reason.strip()) <= 500:
        raise ReversalUnfounded
    body = {"sale": sale.pk, "reason": reason.strip()}
    return shares.ask(act=known.TAKE_BACK, project=sale.project, mandate=mandate, reference=reference, body=body, at=at)


def check_standing(sale: Sale) -> None:
    back = Sale.objects.filter(reverses=sale).first()
    if back is not None or sale.reverses_id is not None:
        raise SaleReversed(day=clock.day((back or sale).at).isoformat())


def carry_out_reversal(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Keep the same lines negated. What was paid already has to be recovered: nothing is netted here."""
    sale = Sale.objects.select_related("project__owner", "rule").get(pk=asked.body["sale"])
    shares.lock(sale.project)
    check_standing(sale)
    lines = [
        ShareLine(
            tier=one.tier, village_code=one.village_code, village=one.village, holder_id=one.holder_id, fen=-one.fen,
            takes_back=one,
        )
        for one in ShareLine.objects.filter(sale=sale).order_by("pk")
    ]  # fmt: skip
    values = {
        "project": sale.project, "rule": sale.rule, "contract": sale.contract, "buyer": sale.buyer,
        "sold_on": sale.sold_on, "quantity_t": -sale.quantity_t, "amount_fen": -sale.amount_fen,
        "transfer_id": sale.transfer_id, "attempt": sale.attempt, "reverses": sale, "reason": asked.body["reason"],
    }  # fmt: skip
    return kept(asked, mandate, at, values, lines, kind="projects.sale_reversed", fact={"reverses": sale.entry})
