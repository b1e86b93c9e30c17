"""Issuing units from a verified quantity (签发): whole tonnes, each with its number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.types.range import Int8Range

from tanhui.journal.record import MOVEMENT, draft
from tanhui.kernel import clock, workdays
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import movement, opening
from tanhui.registry.acts.lines import ONE_DAY
from tanhui.registry.acts.project import ProjectNotLive
from tanhui.registry.acts.signing import Signatures, once
from tanhui.registry.models import Account, Batch, Issuance, Period, Project, SubAccount

ISSUED = "issued"  # the boundary every unit comes from


class QuantityDiffers(Refusal):
    code = "registry.quantity_differs"
    sentence = gettext_noop(
        "%(asked)s t were applied for and %(verified)s t were verified (%(residual_kg)s kg stay as residual). "
        "Apply for exactly the verified whole tonnes."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十一条"


class NothingToIssue(Refusal):
    code = "registry.nothing_to_issue"
    sentence = gettext_noop(
        "There is nothing to issue: %(verified_kg)s kg were verified, less than one tonne. They stay as "
        "residual; do not apply for this period."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十一条"


class AlreadyIssued(Refusal):
    code = "registry.already_issued"
    sentence = gettext_noop("Units for this period were already issued on %(at)s. A period is issued once.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十二条"


class TooOld(Refusal):
    code = "registry.reduction_too_old"
    sentence = gettext_noop(
        "The period begins on %(start)s; on %(applied)s only reductions from %(earliest)s on can be issued. "
        "This period can no longer be issued."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第十七条"


class NotOver(Refusal):
    code = "registry.period_not_over"
    sentence = gettext_noop(
        "The period ends on %(last)s, which is not yet past on %(applied)s. Apply after it has ended."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第十七条"


class OwnerDiffers(Refusal):
    code = "registry.owner_differs"
    sentence = gettext_noop("Units of project %(project)s are issued to its owner; %(account)s is another's account.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十二条"


@dataclass(frozen=True, slots=True)
class Lot:
    """One vintage of an issuance; ``buffer_t`` of its tonnes go to the non-permanence buffer."""

    vintage: int
    quantity_t: int
    buffer_t: int = 0

    def __post_init__(self) -> None:
        if self.quantity_t <= 0 or not 0 <= self.buffer_t <= self.quantity_t:
            raise ValueError("a lot is positive and its buffer is part of it")


@dataclass(frozen=True, slots=True)
class Window:
    """What the rule pack demands of a period's age (I-01, I-02); ``None`` where it demands nothing."""

    generated_after: date | None = None
    years: int | None = None


def issue(
    *,
    period: Period,
    account: Account,
    buffer: Account,
    lots: Sequence[Lot],
    window: Window,
    reference: str,
    signatures: Signatures,
    at: datetime,
) -> Issuance:
    """Issue a period's verified whole tonnes to the project's owner, a batch for each lot.

    A deduction for non-permanence never becomes units: it lowers the verified quantity. A buffer does: its units go to
    the operator's ``buffer`` account. Refuses with ``NothingToIssue``, ``QuantityDiffers``, ``AlreadyIssued``,
    ``TooOld``, ``NotOver``, ``OwnerDiffers``, ``project.ProjectNotLive``, or as signing does.
    """
    signatures.check_operator(at=at)
    project = period.project
    check(period, project, account, lots, window, clock.day(at))

    def perform(digest: str) -> Issuance:
        # The row lock makes a second issuance of the period wait for the first and then see it.
        Project.objects.select_for_update().get(pk=project.pk)
        if earlier := Issuance.objects.filter(period=period).exclude(reference=reference).first():
            raise AlreadyIssued(at=clock.for_people(earlier.at))
        return mint(period, account, buffer, lots, reference, digest, signatures, at)

    body = {
        "period": period.pk,
        "account": account.code,
        "buffer": buffer.code,
        "lots": [[lot.vintage, lot.quantity_t, lot.buffer_t] for lot in lots],
    }
    return once(Issuance, reference=reference, body=body, perform=perform)


def check(
    period: Period, project: Project, account: Account, lots: Sequence[Lot], window: Window, applied: date
) -> None:
    if project.state != Project.State.REGISTERED:
        raise ProjectNotLive(project=str(project), state=project.state)
    if account.organisation_id != project.owner_id:
        raise OwnerDiffers(project=str(project), account=account.code)
    if not period.tonnes:
        raise NothingToIssue(verified_kg=period.verified_kg)
    asked = sum(lot.quantity_t for lot in lots)
    if asked != period.tonnes:
        raise QuantityDiffers(asked=asked, verified=period.tonnes, residual_kg=period.residual_kg)
    if period.span.upper > applied:
        raise NotOver(last=str(last_day(period)), applied=str(applied))
    earliest = window.generated_after
    if window.years is not None:
        years_back = workdays.corresponding_day(applied, -12 * window.years)
        earliest = max(earliest, years_back) if earliest else years_back
    if earliest is not None and period.span.lower < earliest:
        raise TooOld(start=str(period.span.lower), applied=str(applied), earliest=str(earliest))


def mint(
    period: Period,
    account: Account,
    buffer: Account,
    lots: Sequence[Lot],
    reference: str,
    digest: str,
    signatures: Signatures,
    at: datetime,
) -> Issuance:
    project = period.project
    issued_from = opening.boundary(ISSUED)
    issued_to = account.sub_accounts.get(purpose=SubAccount.Purpose.ISSUED).ledger_account_id
    buffered_to = buffer.sub_accounts.get(purpose=SubAccount.Purpose.BUFFER).ledger_account_id
    batches: list[Batch] = []
    lines: list[movement.Line] = []
    number = Batch.objects.filter(project=project, span=period.span).count()
    for lot in lots:
        number += 1
        serials = movement.take_serials(lot.quantity_t)
        asset = opening.asset(code=batch_code(period, number), unit="t", serialised=True)
        batches.append(
            Batch(
                asset=asset,
                project=project,
                number=number,
                vintage=lot.vintage,
                span=period.span,
                serials=Int8Range(serials.first, serials.last + 1),
                quantity_t=lot.quantity_t,
                issued_at=at,
            )
        )
        free_t = lot.quantity_t - lot.buffer_t
        parts = [(issued_to, free_t, serials.first), (buffered_to, lot.buffer_t, serials.first + free_t)]
        lines += [
            movement.Line(issued_from.pk, target, asset.pk, tonnes, Range(first, first + tonnes - 1))
            for target, tonnes, first in parts
            if tonnes
        ]
    people = signatures.people
    values = {
        "reference": reference,
        "body_sha256": digest,
        "period_id": period.pk,
        "quantity_t": sum(lot.quantity_t for lot in lots),
        "buffer_t": sum(lot.buffer_t for lot in lots),
        "at": at,
        **people,
    }
    fact = {
        "transaction": MOVEMENT,
        "project": f"{project.number:06d}",
        "period": [str(period.span.lower), str(last_day(period))],
        "methodology": project.methodology,
        "inputs_sha256": period.inputs_sha256,
        "trace_sha256": period.trace_sha256,
        "verified_kg": period.verified_kg,
        "batches": [
            {
                "batch": batch.asset.code,
                "vintage": batch.vintage,
                "quantity_t": batch.quantity_t,
                "buffer_t": lot.buffer_t,
                "serials": [batch.serials.lower, batch.serials.upper - 1],
            }
            for batch, lot in zip(batches, lots, strict=True)
        ],
        **({"demonstration": True} if period.demonstration else {}),
    }
    kept = movement.post_and_tell(
        reference=f"issuance:{reference}",
        told=draft(
            kind="registry.issued",
            fact=fact,
            private={"account": account.code, **people},
            at=at,
            by=people["confirmer_id"],
        ),
        lines=lines,
        fact=Issuance,
        values=values,
    )
    issuance = Issuance(id=kept.row, movement_id=kept.movement, entry=kept.entry, **values)
    for batch in batches:
        batch.issuance = issuance
        batch.save(force_insert=True)
    return issuance


def last_day(period: Period) -> date:
    last: date = period.span.upper - ONE_DAY
    return last


def batch_code(period: Period, number: int) -> str:
    """The printed serial without its numbers: scheme, province, methodology, project, period, batch."""
    project = period.project
    days = f"{period.span.lower:%Y%m%d}-{last_day(period):%Y%m%d}"
    return f"{project.scheme}-{project.province}-{project.methodology}-{project.number:06d}-{days}-{number:03d}"
