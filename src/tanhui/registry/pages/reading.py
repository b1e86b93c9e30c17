"""What the register's pages read, each through a door: the person sees only what is their organisations'."""

from dataclasses import dataclass

from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity.models import Instruction, Mandate
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range
from tanhui.ledger.acts.refusals import NotEnoughHeld
from tanhui.ledger.models import Block, Holding, Posting, ReservationLine
from tanhui.registry.acts import retirement, setting_aside, transfer
from tanhui.registry.models import Account, Batch, Retirement, SubAccount

GIVING = [SubAccount.Purpose.ISSUED, SubAccount.Purpose.HOLDING]


class AccountUnknown(Refusal):
    code = "registry.account_unknown"
    sentence = gettext_noop(
        "There is no open account with the number %(account)s. Ask the receiver for the number of their account."
    )
    clause = "ARCHITECTURE.md §6.1"
    status = 422


@dataclass(frozen=True)
class Stock:
    """What one sub-account holds of one batch, in tonnes: ``quantity`` = ``available`` + ``reserved`` + ``locked``."""

    sub_account: SubAccount
    batch: Batch
    quantity: int
    available: int
    reserved: int
    locked: int


def accounts(person, *, at):
    """The registry accounts of the person's organisations."""
    return (
        Account.objects.filter(organisation__in=people.organisations(person, at=at))
        .select_related("organisation")
        .order_by("code")
    )


def account(person, code, *, at):
    """One of the person's accounts; for anybody else it is not found."""
    return only(accounts(person, at=at).filter(code=code))


def only(rows):
    for row in rows:
        return row
    raise Http404


def recipient(code):
    """Where a transfer to an account goes: its general holding."""
    wanted = SubAccount.objects.filter(
        account__code=code.strip().upper(), account__state=Account.State.OPEN, purpose=SubAccount.Purpose.HOLDING
    ).select_related("account__organisation", "ledger_account")
    for one in wanted:
        return one
    raise AccountUnknown(account=code)


def holds(person, organisation, capacity, *, at):
    """Whether a mandate stands, where not having it is no fault."""
    try:
        people.mandate(person, organisation, capacity, at=at)
    except (Refusal, Http404):
        return False
    return True


def initiator(person, account, *, at):
    return people.mandate(person, account.organisation, Mandate.Capacity.INITIATE, at=at)


def stock(account):
    """The account's holdings by project, vintage and batch; three queries however many there are."""
    places = {one.ledger_account_id: one for one in account.sub_accounts.select_related("account")}
    holdings = Holding.objects.filter(account__in=places, quantity__gt=0)
    batches = Batch.objects.select_related("asset", "project").in_bulk({one.asset_id for one in holdings})
    locked = {}
    bound = Block.objects.filter(account__in=places, free=False).exclude(locks=[])
    for place, asset, first, numbers in bound.values_list("account", "asset", "first", "serials"):
        locked[place, asset] = locked.get((place, asset), 0) + numbers.upper - first
    found = []
    for one in holdings:
        stuck = locked.get((one.account_id, one.asset_id), 0)
        place, batch = places[one.account_id], batches[one.asset_id]
        found.append(Stock(place, batch, one.quantity, one.available, one.encumbered - stuck, stuck))
    return sorted(found, key=lambda one: (one.batch.project.number, one.batch.vintage, one.batch.pk, one.quantity))


def givable(account):
    """The part of the stock that may be transferred or retired."""
    return [one for one in stock(account) if one.available and one.sub_account.purpose in GIVING]


def free(sub_account, batch, tonnes, chosen=None):
    """Exactly the units an act would take: the chosen ones, or the oldest free. Refuses with ``NotEnoughHeld``."""
    if chosen is not None:
        return [chosen]
    units, missing = [], tonnes
    blocks = Block.objects.filter(account=sub_account.ledger_account_id, asset=batch.pk, free=True).order_by("first")
    for first, numbers in blocks.values_list("first", "serials").iterator():
        taken, _rest = Range.half_open(first, numbers.upper).take(min(missing, numbers.upper - first))
        units.append(taken)
        missing -= taken.count
        if not missing:
            return units
    raise NotEnoughHeld(
        account=str(sub_account), asset=str(batch), asked=tonnes, available=tonnes - missing, held=tonnes - missing
    )


def instructions(person, *, at):
    """The transfers and retirements asked for in the person's organisations."""
    return Instruction.objects.filter(
        organisation__in=people.organisations(person, at=at), act__in=[transfer.ACT, retirement.ACT]
    ).select_related("organisation", "initiator", "decision__by")


def instruction(person, key, *, at):
    found = people.instruction(person, key, at=at)
    if found.act not in {transfer.ACT, retirement.ACT}:
        raise Http404
    return found


def waiting(person, *, at):
    """How many instructions the person could confirm now."""
    open_ones = instructions(person, at=at).filter(decision__isnull=True, expires_at__gt=at)
    return open_ones.exclude(initiator=person).count()


def set_aside(asked):
    """The units an instruction was given with, as ``(batch, range)``; they stay on record after it has ended."""
    rows = ReservationLine.objects.filter(reservation__reference=setting_aside.name(asked)).order_by("pk")
    wanted = {one.batch.pk: one.batch for one in setting_aside.read(asked.body["wanted"])}
    return [(wanted[row.asset_id], Range.half_open(row.serials.lower, row.serials.upper)) for row in rows]


def places(asked):
    """The source of an instruction and, for a transfer, its target."""
    keys = [asked.body["source"], asked.body.get("target")]
    found = SubAccount.objects.select_related("account__organisation").in_bulk([key for key in keys if key])
    return found[keys[0]], found.get(keys[1])


def certificate(number):
    """A retirement by its certificate number; public."""
    return only(Retirement.objects.filter(certificate=number).select_related("source__account__organisation"))


def retired(one):
    """What was retired, batch by batch: ``(batch, tonnes, ranges)``."""
    lines = Posting.objects.filter(movement=one.movement_id, account__is_boundary=True).order_by("asset", "line")
    batches = Batch.objects.select_related("asset", "project__owner").in_bulk({line.asset_id for line in lines})
    parts = {}
    for line in lines:
        parts.setdefault(line.asset_id, []).append(Range.half_open(line.serials.lower, line.serials.upper))
    return [(batches[key], sum(part.count for part in ranges), ranges) for key, ranges in parts.items()]

