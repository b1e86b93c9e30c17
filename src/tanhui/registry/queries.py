"""What may be asked of the register: holdings now and as of any moment, statements, instructions, a unit's history."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from psycopg.types.range import Int8Range

from tanhui.identity import access as people
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.identity.queries import Given, Prepared
from tanhui.kernel.serials import Range, normalise, subtract
from tanhui.ledger.acts.refusals import NotEnoughHeld
from tanhui.ledger.models import Block, Holding, LockLine, Posting, ReservationLine
from tanhui.registry.models import Account, Batch, Clawback, Period, Project, Restriction, Retirement, SubAccount

ACTS = ("registry.transfer", "registry.retire")  # what an instruction to this register may ask for
GIVING = [SubAccount.Purpose.ISSUED, SubAccount.Purpose.HOLDING]
Key = tuple[int, int]  # ledger account, batch
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Stock:
    """What one sub-account holds of one batch, in tonnes: ``quantity`` = ``available`` + ``reserved`` + ``locked``.

    A unit that is both reserved and locked counts as locked, since the lock stands above (rules U-08).
    """

    sub_account: SubAccount
    batch: Batch
    quantity: int
    available: int
    reserved: int
    locked: int


def holdings(account: Account, as_of: datetime | None = None) -> list[Stock]:
    """The account's holdings by project, vintage and batch; a constant number of queries however many there are.

    ``as_of`` counts what had happened up to and including that instant, from the postings, reservations and locks
    themselves; without it the present state is read.
    """
    places = places_of(account)
    found = present(places) if as_of is None else past(places, as_of)
    return sorted(
        found, key=lambda one: (one.batch.project.number, one.batch.vintage, one.batch.pk, one.sub_account.pk)
    )


def places_of(account: Account) -> dict[int, SubAccount]:
    """The account's sub-accounts by ledger account."""
    return {one.ledger_account_id: one for one in PLACES_OF.rows(account=account.pk)}


def present(places: Mapping[int, SubAccount]) -> list[Stock]:
    """What lies in the places now."""
    held = Holding.objects.filter(account__in=places, quantity__gt=0)
    rows = list(held.select_related("asset__batch__project"))
    known = {row.asset_id: row.asset.batch for row in rows}
    locked: dict[Key, int] = defaultdict(int)
    bound = Block.objects.none()
    if any(row.encumbered for row in rows):
        bound = Block.objects.filter(account__in=places, asset__in=known, free=False).exclude(locks=[])
    for place, asset, first, numbers in bound.values_list("account", "asset", "first", "serials"):
        locked[place, asset] += numbers.upper - first
    found = []
    for row in rows:
        stuck = locked[row.account_id, row.asset_id]
        found.append(
            Stock(
                places[row.account_id], known[row.asset_id], row.quantity, row.available, row.encumbered - stuck, stuck
            )
        )
    return found


def past(places: Mapping[int, SubAccount], as_of: datetime) -> list[Stock]:
    held = units(places, as_of)
    locked = encumbering(
        LockLine.objects.filter(account__in=places, lock__at__lte=as_of)
        .exclude(lock__lift__at__lte=as_of)
        .values_list("account", "asset", "serials")
    )
    reserved = encumbering(
        ReservationLine.objects.filter(
            reservation__account__in=places, reservation__at__lte=as_of, serials__isnull=False
        )
        .exclude(reservation__resolution__at__lte=as_of)
        .values_list("reservation__account", "asset", "serials")
    )
    known = batches().in_bulk({asset for _, asset in held})
    found = []
    for key, ranges in held.items():
        free_of_locks = subtract(ranges, locked[key])
        free = subtract(free_of_locks, reserved[key])
        quantity, unlocked, available = (sum(one.count for one in some) for some in (ranges, free_of_locks, free))
        found.append(
            Stock(places[key[0]], known[key[1]], quantity, available, unlocked - available, quantity - unlocked)
        )
    return found


def encumbering(rows: Iterable[tuple[int, int, Any]]) -> dict[Key, list[Range]]:
    found: dict[Key, list[Range]] = defaultdict(list)
    for place, asset, numbers in rows:
        found[place, asset].append(between(numbers))
    return found


def units(places: Iterable[int], as_of: datetime | None = None) -> dict[Key, list[Range]]:
    """Exactly which units lay in ledger accounts, by account and batch; now when no instant is given."""
    if as_of is None:
        blocks = Block.objects.filter(account__in=list(places)).values_list("account", "asset", "serials")
        return {key: normalise(ranges) for key, ranges in encumbering(blocks).items()}
    moved: dict[Key, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = Posting.objects.filter(account__in=list(places), at__lte=as_of, serials__isnull=False)
    for place, asset, quantity, numbers in rows.values_list("account", "asset", "quantity", "serials"):
        sign = 1 if quantity > 0 else -1
        here = between(numbers)
        moved[place, asset][here.first] += sign
        moved[place, asset][here.end] -= sign
    found = {key: standing(edges) for key, edges in moved.items()}
    return {key: ranges for key, ranges in found.items() if ranges}


def standing(edges: Mapping[int, int]) -> list[Range]:
    """The numbers that came in once more often than they went out, from where that count changes."""
    found, depth, start = [], 0, 0
    for edge in sorted(edges):
        before, depth = depth, depth + edges[edge]
        if before <= 0 < depth:
            start = edge
        elif depth <= 0 < before:
            found.append(Range.half_open(start, edge))
    return found


@dataclass(slots=True)
class Lying:
    """All units of one batch in an account, and how many of them are bound: by the kind of the highest restriction on
    each, or else by a reservation."""

    batch: Batch
    units: list[Range]
    locked: dict[str, int]
    reserved: int


def lying(account: Account) -> list[Lying]:
    """Exactly which units an account holds now, batch by batch; one look at the blocks, so that it adds up."""
    blocks = list(Block.objects.filter(account__in=list(places_of(account))).order_by("first"))
    known = batches().in_bulk({block.asset_id for block in blocks})
    wanted = {lock for block in blocks for lock in block.locks}
    above = {one.lock_id: one for one in Restriction.objects.filter(lock__in=wanted).select_related("lock")}
    found: dict[int, Lying] = {}
    for block in blocks:
        here = found.setdefault(block.asset_id, Lying(known[block.asset_id], [], {}, 0))
        units_here = between(block.serials)
        here.units.append(units_here)
        if block.locks:
            kind = min((above[lock] for lock in block.locks), key=lambda one: one.lock.rank).kind
            here.locked[kind] = here.locked.get(kind, 0) + units_here.count
        elif not block.free:
            here.reserved += units_here.count
    for here in found.values():
        here.units = normalise(here.units)
    return sorted(found.values(), key=lambda one: (one.batch.project.number, one.batch.vintage, one.batch.pk))


def givable(account: Account) -> list[Stock]:
    """The part of the holdings that may be transferred or retired now."""
    return [one for one in holdings(account) if one.available and one.sub_account.purpose in GIVING]


def free(sub_account: SubAccount, batch: Batch, tonnes: int, chosen: Range | None = None) -> list[Range]:
    """Exactly the units an act would take: the chosen ones, or the oldest free. Refuses with ``NotEnoughHeld``."""
    if chosen is not None:
        return [chosen]
    taken: list[Range] = []
    missing = tonnes
    blocks = Block.objects.filter(account=sub_account.ledger_account_id, asset=batch.pk, free=True).order_by("first")
    for numbers in blocks.values_list("serials", flat=True).iterator():
        part, _ = between(numbers).take(min(missing, numbers.upper - numbers.lower))
        taken.append(part)
        missing -= part.count
        if not missing:
            return taken
    held = Holding.objects.filter(account=sub_account.ledger_account_id, asset=batch.pk).first()
    raise NotEnoughHeld(
        account=str(sub_account), asset=str(batch), asked=tonnes, available=tonnes - missing,
        held=held.quantity if held else 0,
    )  # fmt: skip


# -- statements --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """Tonnes of one batch that came in (positive) or went out (negative) in one movement.

    ``other`` is the code of the account at the other end: a sub-account, or a boundary such as ``retired:EVENT``.
    """

    at: datetime
    kind: str
    transaction: int
    sub_account: SubAccount
    batch: Batch
    other: str
    quantity: int
    serials: list[Range]


@dataclass(frozen=True, slots=True)
class Line:
    """One batch over the period of a statement: ``closing`` = ``opening`` + ``coming`` - ``going``, in tonnes."""

    batch: Batch
    opening: int
    coming: int
    going: int
    closing: int


@dataclass(frozen=True, slots=True)
class Statement:
    lines: list[Line]
    movements: list[Moved]


def statement(account: Account, since: datetime, until: datetime) -> Statement:
    """Opening, movements and closing of an account by batch, from ``since`` up to but not including ``until``.

    A batch that lies in two sub-accounts is one line; what moves between the account's own sub-accounts comes and goes.
    """
    places = places_of(account)
    postings = Posting.objects.filter(account__in=places)
    before = postings.filter(at__lt=since).order_by().values_list("asset").annotate(tonnes=Sum("quantity"))
    within = postings.filter(at__gte=since, at__lt=until).order_by("movement", "line")
    return told(places, {asset: int(tonnes) for asset, tonnes in before}, list(within))


def told(places: Mapping[int, SubAccount], opening: Mapping[int, int], within: Sequence[Posting]) -> Statement:
    wanted = {row.movement_id for row in within}
    ends = {
        (row.movement_id, row.line): row
        for row in Posting.objects.filter(movement__in=wanted).select_related("account", "movement")
    }
    assets = {asset for asset, quantity in opening.items() if quantity} | {row.asset_id for row in within}
    known = batches().in_bulk(assets)
    coming: dict[int, int] = defaultdict(int)
    going: dict[int, int] = defaultdict(int)
    joined: dict[tuple[int, int, int, str, bool], Moved] = {}
    for row in within:
        incoming = row.quantity > 0
        side = coming if incoming else going
        side[row.asset_id] += abs(row.quantity)
        other = ends[row.movement_id, row.line ^ 1].account.code  # the two sides of a line follow each other
        key = (row.movement_id, row.account_id, row.asset_id, other, incoming)
        before = joined.get(key)
        joined[key] = Moved(
            at=row.at, kind=ends[row.movement_id, row.line].movement.kind, transaction=row.movement_id,
            sub_account=places[row.account_id], batch=known[row.asset_id], other=other,
            quantity=row.quantity + (before.quantity if before else 0),
            serials=normalise([*(before.serials if before else []), *([between(row.serials)] if row.serials else [])]),
        )  # fmt: skip
    lines = []
    for asset in sorted(assets, key=lambda one: known[one].asset.code):
        start, came, went = opening.get(asset, 0), coming[asset], going[asset]
        lines.append(Line(known[asset], start, came, went, start + came - went))
    return Statement(lines, sorted(joined.values(), key=lambda one: (one.at, one.transaction)))


# -- instructions ------------------------------------------------------------------------------------------------------


def instructions(person: Person, *, at: datetime) -> QuerySet[Instruction]:
    """The transfers and retirements asked for in the person's organisations."""
    return Instruction.objects.filter(
        organisation__in=people.organisations(person, at=at), act__in=ACTS
    ).select_related("organisation", "initiator", "decision__by")


@dataclass(frozen=True, slots=True)
class Standing:
    """An organisation a person acts for: in which capacities, and the number of its account."""

    organisation: Organisation
    capacities: list[str]
    account: str | None


def standing_for(person: Person, *, at: datetime) -> list[Standing]:
    """The organisations a person may see the inside of, and what they may do for each now."""
    held: dict[int, set[str]] = defaultdict(set)
    granted = Mandate.objects.filter(membership__person=person).select_related("membership")
    for one in granted:
        if people.valid(one, at=at):
            held[one.membership.organisation_id].add(one.capacity)
    rows = people.organisations(person, at=at).order_by("uscc")
    codes = dict(Account.objects.filter(organisation__in=rows).values_list("organisation", "code"))
    return [Standing(row, sorted(held[row.pk]), codes.get(row.pk)) for row in rows]


def waiting(person: Person, *, at: datetime) -> QuerySet[Instruction]:
    """The instructions others gave that wait for a second person in the person's organisations."""
    theirs = instructions(person, at=at).exclude(initiator=person)
    return theirs.filter(decision__isnull=True, expires_at__gt=at)


def places(asked: Instruction) -> tuple[SubAccount, SubAccount | None]:
    """The source of an instruction and, for a transfer, its target."""
    source, target = asked.body["source"], asked.body.get("target")
    found = kept_with(asked, "places", lambda: PLACES.rows(one=source, other=target or source))
    by_key = {one.pk: one for one in found}
    return by_key[source], by_key.get(target)


def set_aside(asked: Instruction) -> list[tuple[Batch, Range]]:
    """The units an instruction was given with; they stay on record after it has ended."""
    return [(line.asset.batch, between(line.serials)) for line in reserved(asked)]


def reserved(asked: Instruction) -> list[ReservationLine]:
    """What the instruction's reservation took, line by line, each with its batch and where that came from."""
    return kept_with(asked, "reserved", lambda: RESERVED.rows(reference=f"instruction:{asked.pk.hex}"))


def kept_with(asked: Instruction, name: str, ask: Callable[[], list[Row]]) -> list[Row]:
    """Rows that belong to an instruction and that several who handle it look at, read once."""
    kept: dict[str, list[Row]] = vars(asked).setdefault("kept", {})
    if name not in kept:
        kept[name] = ask()
    return kept[name]


ACCOUNTS = Prepared(
    lambda: (
        Account.objects.filter(organisation__in=people.seen_inside(Given("person"), Given("at")))
        .select_related("organisation")
        .order_by("code")
    )
)
PLACES_OF = Prepared(
    lambda: SubAccount.objects.filter(account=Given("account")).select_related("account").order_by("pk")
)
PLACES = Prepared(
    lambda: SubAccount.objects.filter(Q(pk=Given("one")) | Q(pk=Given("other"))).select_related("account__organisation")
)
RESERVED = Prepared(
    lambda: (
        ReservationLine.objects.filter(reservation__reference=Given("reference"))
        .select_related("asset__batch__project")
        .order_by("pk")
    )
)


# -- what is public ----------------------------------------------------------------------------------------------------


def batches() -> QuerySet[Batch]:
    """Batches with all that is told of them; a run bundle, which may be large, is read when it is asked for."""
    found = Batch.objects.select_related("asset", "project__owner", "issuance__period", "foreign__series")
    return found.defer("issuance__period__bundle")


def recomputable(batches: Iterable[Batch]) -> set[int]:
    """Those of the batches' periods whose run bundle is public."""
    periods = {one.issuance.period_id for one in batches if one.issuance}
    return set(Period.objects.filter(pk__in=periods, bundle__isnull=False).values_list("pk", flat=True))


def projects() -> QuerySet[Project]:
    return Project.objects.select_related("owner", "validator")


def retirements(purpose: str = "", beneficiary: str = "") -> QuerySet[Retirement]:
    """Retirements for one purpose, or on behalf of names that contain a text or of a code; empty means any."""
    found = Retirement.objects.all()
    if purpose:
        found = found.filter(purpose=purpose)
    if beneficiary:
        found = found.filter(Q(beneficiary_name__icontains=beneficiary) | Q(beneficiary_code=beneficiary))
    return found


def retired(one: Retirement) -> list[tuple[Batch, int, list[Range]]]:
    """What was retired, batch by batch: the batch, tonnes, and the serial ranges."""
    rows = Posting.objects.filter(movement=one.movement_id, account__is_boundary=True).order_by("asset", "line")
    parts: dict[int, list[Range]] = defaultdict(list)
    for row in rows:
        parts[row.asset_id].append(between(row.serials))
    known = batches().in_bulk(parts)
    return [(known[key], sum(part.count for part in ranges), ranges) for key, ranges in parts.items()]


def ended(projects: Iterable[int]) -> list[Project]:
    """Those of the projects that are no longer registered."""
    found = Project.objects.filter(pk__in=projects).exclude(state=Project.State.REGISTERED)
    return list(found.order_by("number"))


def open_clawbacks(projects: Iterable[int]) -> QuerySet[Clawback]:
    """Orders to cancel units of these projects that are not fulfilled yet, with the tonnes still owed (``due_t``)."""
    ordered = Clawback.objects.filter(project__in=projects).select_related("project", "authority")
    due = F("quantity_t") - Coalesce(Sum("steps__quantity_t"), 0)
    return ordered.annotate(due_t=due).filter(due_t__gt=0).order_by("pk")


@dataclass(frozen=True, slots=True)
class Step:
    """One movement a unit went through; says what happened and when, never between whom."""

    at: datetime
    kind: str
    transaction: int


def history(batch: Batch, unit: int) -> list[Step]:
    """Every movement of one unit, oldest first.

    Postings are read by the batch in the accounts that ever held it, for which there is an index; a batch that lies in
    very many accounts costs accordingly.
    """
    rows = (
        Posting.objects.filter(
            account__in=Holding.objects.filter(asset=batch.pk).values("account"), asset=batch.pk, quantity__gt=0,
            serials__contains=unit,
        )
        .order_by("movement", "line")
        .values_list("movement__at", "movement__kind", "movement")
    )  # fmt: skip
    ended = (
        Posting.objects.filter(account__is_boundary=True, asset=batch.pk, quantity__gt=0, serials__contains=unit)
        .order_by("movement")
        .values_list("movement__at", "movement__kind", "movement")
    )
    return sorted({Step(*row) for row in [*rows, *ended]}, key=lambda step: (step.at, step.transaction))


def between(numbers: Int8Range | None) -> Range:
    """A range as PostgreSQL gives it."""
    assert numbers is not None
    assert numbers.lower is not None
    assert numbers.upper is not None
    return Range.half_open(numbers.lower, numbers.upper)
