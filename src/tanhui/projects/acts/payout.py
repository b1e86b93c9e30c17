"""From the line to the bank account: lists for the bank, who took one home, and that the money arrived.

The city pays the county its whole share in one line; the county pays collectives and households. A line is on one list
at most; a line that is contested, taken back or without an account waits.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum

from tanhui.identity import vault
from tanhui.identity.models import Instruction, Mandate, Person
from tanhui.journal.record import record
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.acts import shares
from tanhui.projects.models import AccountChange, Holder, Payout, PayoutLine, Receipt, Sale, ShareLine
from tanhui.projects.queries import shares as known

CLAUSE = f"{shares.CHIFENG}二（保障持有者权益的分配机制）"
Kind = Payout.Kind


class NothingToPay(Refusal):
    code = "projects.nothing_to_pay"
    sentence = gettext_noop(
        "Nothing of this sale can be paid now: every line is on a list, contested, taken back, or lacks a bank account."
    )
    clause = CLAUSE


class NotPaidYet(Refusal):
    code = "projects.not_paid_yet"
    sentence = gettext_noop(
        "This share is on no list for the bank yet, so there is nothing to confirm. Wait until it is."
    )
    clause = CLAUSE


class NotYours(Refusal):
    code = "projects.share_not_yours"
    sentence = gettext_noop("Only whom this share is for, or %(payer)s by the bank's slip, can say that it arrived.")
    clause = CLAUSE
    status = 403


class SlipMissing(Refusal):
    code = "projects.slip_missing"
    sentence = gettext_noop("Name the bank's slip, within 120 characters.")
    clause = CLAUSE
    status = 422


# -- lists for the bank ------------------------------------------------------------------------------------------------


def draw(*, sale: Sale, kind: str, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Ask for a list for the bank. Refuses with ``shares.NotASide`` or ``NothingToPay``."""
    check_payer(sale, kind, mandate, at=at)
    if not found(sale, kind):
        raise NothingToPay
    body = {"sale": sale.pk, "kind": Kind(kind).value}
    return shares.ask(act=known.PAY, project=sale.project, mandate=mandate, reference=reference, body=body, at=at)


def check_payer(sale: Sale, kind: str, mandate: Mandate, *, at: datetime) -> None:
    if kind == Kind.COUNTY:
        shares.check_city(mandate, sale.project, at=at)
    elif mandate.membership.organisation_id != sale.rule.county_id:
        raise shares.NotASide(
            organisation=mandate.membership.organisation.name, side=sale.rule.county.name,
            project=f"{sale.project.number:06d}",
        )  # fmt: skip
    else:
        shares.check_signing(mandate, at=at)


def found(sale: Sale, kind: str) -> list[ShareLine]:
    """The lines a list would hold now: for the county everything that is not the city's, once."""
    if kind == Kind.COUNTY:
        taken = sale.reverses_id is not None or Sale.objects.filter(reverses=sale).exists()
        contested = sale.disputes.filter(line=None, answer__isnull=True).exists()
        if taken or contested or Payout.objects.filter(sale=sale, kind=Kind.COUNTY).exists():
            return []
        return list(ShareLine.objects.filter(sale=sale, fen__gt=0).exclude(tier="CITY").order_by("pk"))
    rows = list(known.payable(sale))
    held = known.accounts([one.holder for one in rows if one.holder is not None])
    return [one for one in rows if one.holder_id in held]


def carry_out(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Draw the list under the second signature. What it holds is settled now, not when it was asked for."""
    sale = Sale.objects.select_related("project__owner", "rule__county", "rule__city").get(pk=asked.body["sale"])
    shares.lock(sale.project)
    kind = Kind(asked.body["kind"])
    lines = found(sale, kind)
    if not lines:
        raise NothingToPay
    last = Payout.objects.filter(sale=sale, kind=kind).aggregate(last=Max("number"))["last"]
    made = Payout(
        sale=sale, kind=kind, number=(last or 0) + 1, payer=asked.organisation,
        lines_count=1 if kind == Kind.COUNTY else len(lines), fen=sum(one.fen for one in lines),
        sha256=canonical.sha256([[one.pk, one.fen] for one in lines]), reference=f"i{asked.pk.hex}",
        by=mandate.membership.person, at=at,
    )  # fmt: skip
    made.entry = record(
        kind="projects.payout_drawn",
        fact={
            "project": sale.project.number, "sale": sale.entry, "list": kind.value, "lines": made.lines_count,
            "amount_fen": made.fen, "sha256": made.sha256,
        },
        private={"payout": str(made.pk), "payer": made.payer.uscc, "initiator": asked.initiator_id},
        at=at,
        by=made.by_id,
    )  # fmt: skip
    made.save(force_insert=True)
    if kind == Kind.HOLDERS:
        PayoutLine.objects.bulk_create([PayoutLine(payout=made, line=one) for one in lines], batch_size=5000)
    return {"payout": str(made.pk)}


def take(*, payout: Payout, mandate: Mandate, at: datetime) -> list[list[Any]]:
    """The rows of a list with names and account numbers opened, for the payer's people; that it was taken is told.

    Refuses with ``shares.NotASide``.
    """
    check_payer(payout.sale, payout.kind, mandate, at=at)
    record(
        kind="projects.payout_taken",
        fact={"project": payout.sale.project.number, "sha256": payout.sha256, "lines": payout.lines_count},
        private={"payout": str(payout.pk)},
        at=at,
        by=mandate.membership.person_id,
    )
    if payout.kind == Kind.COUNTY:
        return [[1, payout.sale.rule.county.name, "", "", payout.fen, "", payout.sale.contract]]
    items = payout.items.select_related("line__holder").order_by("pk")
    lines = [one.line for one in items]
    held = known.accounts([one.holder for one in lines if one.holder is not None])
    return [row(number, one, held[one.holder_id]) for number, one in enumerate(lines, 1)]


def row(number: int, line: ShareLine, to: Holder | AccountChange) -> list[Any]:
    holder = line.holder
    assert holder is not None  # only lines with an account are drawn
    return [
        number, vault.opened(holder, "name"), to.bank, vault.opened(to, "account"), line.fen,
        f"{holder.village} {holder.key}", line.sale.contract,
    ]  # fmt: skip


# -- the money arrived -------------------------------------------------------------------------------------------------


def receive(*, line: ShareLine, by: Person, at: datetime) -> Receipt:
    """Whom the line is for says that the money arrived; again is the same. The caller found the line by their door.

    Refuses with ``NotPaidYet`` or ``NotYours``.
    """
    if not known.mine(by, at=at).filter(pk=line.pk).exists():
        raise NotYours(payer=line.sale.rule.county.name)
    if not PayoutLine.objects.filter(line=line).exists():
        raise NotPaidYet
    return kept(Receipt(line=line, how=Receipt.How.SELF, by=by, at=at), line.sale, line.fen)


def receive_county(*, payout: Payout, mandate: Mandate, at: datetime) -> Receipt:
    """The county says that its whole share arrived. Refuses with ``shares.NotASide``."""
    if payout.kind != Kind.COUNTY:
        raise NotYours(payer=payout.payer.name)
    check_payer(payout.sale, Kind.HOLDERS, mandate, at=at)
    made = Receipt(payout=payout, how=Receipt.How.SELF, by=mandate.membership.person, at=at)
    return kept(made, payout.sale, payout.fen)


@transaction.atomic
def note_slip(*, payout: Payout, slip: str, mandate: Mandate, at: datetime) -> int:
    """The payer notes by the bank's slip that every line of a list arrived; those confirmed before stay as they are.

    Returns how many were noted. Refuses with ``SlipMissing`` or ``shares.NotASide``.
    """
    check_payer(payout.sale, payout.kind, mandate, at=at)
    if not 0 < len(slip.strip()) <= 120:
        raise SlipMissing
    shares.lock(payout.sale.project)
    open_lines = ShareLine.objects.filter(paid_in__payout=payout, receipt__isnull=True).order_by("pk")
    fen = open_lines.aggregate(fen=Sum("fen"))["fen"] or 0
    lines = list(open_lines)
    if not lines:
        return 0
    entry = record(
        kind="projects.payout_slip_noted",
        fact={"project": payout.sale.project.number, "sha256": payout.sha256, "lines": len(lines), "amount_fen": fen},
        private={"payout": str(payout.pk), "slip": slip.strip()},
        at=at,
        by=mandate.membership.person_id,
    )
    person = mandate.membership.person
    Receipt.objects.bulk_create(
        [Receipt(line=one, how=Receipt.How.BANK, note=slip.strip(), by=person, at=at, entry=entry) for one in lines],
        batch_size=5000, ignore_conflicts=True,
    )  # fmt: skip
    return len(lines)


def kept(made: Receipt, sale: Sale, fen: int) -> Receipt:
    """The receipt, told; the one there is, if there is one."""
    same = {"line": made.line} if made.line is not None else {"payout": made.payout}
    if earlier := Receipt.objects.filter(**same).first():
        return earlier
    try:
        with transaction.atomic():
            made.entry = record(
                kind="projects.share_received",
                fact={"project": sale.project.number, "sale": sale.entry, "how": made.how},
                private={"line": made.line_id, "amount_fen": fen},
                at=made.at,
                by=made.by_id,
            )
            made.save(force_insert=True)
            return made
    except IntegrityError:
        return Receipt.objects.get(**same)
