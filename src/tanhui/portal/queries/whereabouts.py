"""What a number is: any serial, any number inside a block, any certificate. Says what became of a unit, not who holds
it while it lives."""

import dataclasses
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import NumericRange

from tanhui.kernel import serials
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.models import Block, Posting
from tanhui.portal.queries import figures
from tanhui.registry import queries as register
from tanhui.registry.models import Batch, Cancellation, Retirement, SubAccount

MOST = 200  # stretches shown at once; a batch may lie in a hundred thousand


class NeverIssued(Refusal):
    code = "portal.never_issued"
    sentence = gettext_noop(
        "No unit with the number %(number)s was ever issued here. Compare it with the certificate digit by digit; "
        "if it is the same, the certificate is not from this register."
    )
    clause = "ARCHITECTURE.md §6.2"
    status = 404


class NoSuchCertificate(Refusal):
    code = "portal.no_such_certificate"
    sentence = gettext_noop(
        "No certificate with the number %(number)s was ever issued here. Compare it with the paper; "
        "if it is the same, the certificate is not from this register."
    )
    clause = "ARCHITECTURE.md §7"
    status = 404


class OtherBlock(Refusal):
    code = "portal.other_block"
    sentence = gettext_noop(
        "The units %(first)s–%(last)s exist, but not under the serial you typed. Their own serial is %(serial)s; "
        "if your paper shows another, it is not from this register."
    )
    clause = "ARCHITECTURE.md §6.2"
    status = 404


@dataclass(frozen=True)
class Stretch:
    """Consecutive units that share a fate. ``state`` is HELD, RESTRICTED, BUFFER, RETIRED, CANCELLED or ELSEWHERE."""

    numbers: serials.Range
    state: str
    retirement: Retirement | None = None
    cancellation: Cancellation | None = None


@dataclass(frozen=True)
class Found:
    """The batch the numbers belong to, and what became of them; ``cut`` when there is more than is shown.

    ``history`` has every movement of a single unit, and is empty for a block.
    """

    batch: Batch
    serial: str
    asked: serials.Range
    stretches: list[Stretch]
    cut: bool
    history: list[register.Step]


def find(text: str) -> Found | Retirement:
    """What a person typed. Refuses as ``kernel.serials.read`` does, or with ``NeverIssued``, ``NoSuchCertificate`` or
    ``OtherBlock``."""
    read = serials.read(text)
    if isinstance(read, serials.Certificate):
        found = Retirement.objects.filter(certificate=str(read)).first()
        if found is None:
            raise NoSuchCertificate(number=str(read))
        return found
    asked = serials.Range(read.number, read.number) if isinstance(read, serials.Unit) else read.numbers
    span = NumericRange(asked.first, asked.end)
    batch = figures.batches().filter(serials__contains=span).first()
    if batch is None:
        raise NeverIssued(number=str(asked) if asked.count > 1 else asked.first)
    printed = figures.printed(batch)
    if isinstance(read, serials.Serial) and not same_batch(read, serials.parse(printed)):
        raise OtherBlock(first=asked.first, last=asked.last, serial=printed)
    blocks = list(
        Block.objects.filter(serials__overlap=span, asset=batch.asset_id)
        .select_related("account__sub_account")
        .order_by("serials")[: MOST + 1]
    )
    history = register.history(batch, asked.first) if asked.count == 1 else []
    return Found(batch, printed, asked, stretches(blocks[:MOST], asked), len(blocks) > MOST, history)


def same_batch(typed: serials.Serial, printed: serials.Serial | serials.Certificate) -> bool:
    """Whether two serials differ at most in the part of the batch they name."""
    return isinstance(printed, serials.Serial) and all(
        getattr(typed, name) == getattr(printed, name)
        for name in ("scheme", "province", "methodology", "project", "start", "end", "batch")
    )


def stretches(blocks: list[Block], asked: serials.Range) -> list[Stretch]:
    """The blocks' fates, cut to what was asked; neighbours that share one are joined."""
    fates = fates_of([block for block in blocks if sub_account(block) is None])
    found: list[Stretch] = []
    for block in blocks:
        numbers = serials.Range.half_open(block.serials.lower, block.serials.upper).intersect(asked)
        assert numbers is not None, "the query gave blocks that overlap"
        fate = fates.get(block.pk)
        here = Stretch(
            numbers, state(block, fate), fate if isinstance(fate, Retirement) else None,
            fate if isinstance(fate, Cancellation) else None,
        )  # fmt: skip
        last = found[-1] if found else None
        if last and last.numbers.end == numbers.first and (last.state, last.retirement, last.cancellation) == (
            here.state, here.retirement, here.cancellation
        ):  # fmt: skip
            found[-1] = dataclasses.replace(here, numbers=serials.Range(last.numbers.first, numbers.last))
        else:
            found.append(here)
    return found


def sub_account(block: Block) -> SubAccount | None:
    return getattr(block.account, "sub_account", None)


def state(block: Block, fate: Retirement | Cancellation | None) -> str:
    if isinstance(fate, Retirement):
        return "RETIRED"
    if isinstance(fate, Cancellation):
        return "CANCELLED"
    place = sub_account(block)
    if place is None:
        return "ELSEWHERE"
    if block.locks:
        return "RESTRICTED"
    return "BUFFER" if place.purpose == SubAccount.Purpose.BUFFER else "HELD"


def fates_of(blocks: list[Block]) -> dict[int, Retirement | Cancellation]:
    """For blocks in terminal accounts, the act that brought each there."""
    if not blocks:
        return {}
    whole = NumericRange(min(block.serials.lower for block in blocks), max(block.serials.upper for block in blocks))
    postings = Posting.objects.filter(
        account__in={block.account_id for block in blocks}, asset__in={block.asset_id for block in blocks},
        serials__overlap=whole,
    ).values_list("account_id", "serials", "movement_id")  # fmt: skip
    moved = {
        block.pk: movement
        for block in blocks
        for account, numbers, movement in postings
        if account == block.account_id and register.between(numbers).covers(register.between(block.serials))
    }
    acts: dict[int, Retirement | Cancellation] = {}
    movements = set(moved.values())
    for one in Cancellation.objects.filter(movement__in=movements):
        acts[one.movement_id] = one
    for other in Retirement.objects.filter(movement__in=movements):
        acts[other.movement_id] = other
    return {block: acts[movement] for block, movement in moved.items() if movement in acts}
