"""What a number is: any serial, any number inside a block, any certificate. Says what became of a unit, not who holds
it while it lives."""

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib import parse

from django.db.backends.postgresql.psycopg_any import NumericRange

from tanhui.kernel import serials, typed
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.models import Block, Posting
from tanhui.portal.queries import figures
from tanhui.registry import queries as register
from tanhui.registry.models import Batch, Cancellation, Project, Retirement, SubAccount

LINES = 200  # numbers looked up at once
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


class TooManyLines(Refusal):
    code = "portal.too_many_lines"
    sentence = gettext_noop("%(given)s numbers were given and %(most)s are looked up at once. Give them in parts.")
    clause = "ARCHITECTURE.md §6.8"
    status = 422


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


ADDRESS = re.compile(r"(?:https?://[^/\s]+)?/(?P<kind>certificates|projects|batches|look-up)(?:/(?P<key>[^/?#\s]+))?")
PROJECT = re.compile(r"0\d{5}")  # as printed: six digits; with another first digit it may be a unit


def resolve(text: str) -> Found | Retirement | Project | Batch:
    """What a person typed or pasted: whatever ``find`` finds, a project's number, a batch's code, or the address that a
    QR code or a link of ours holds. Refuses as ``find`` does."""
    asked = text.replace("\x00", "").strip()
    if address := ADDRESS.match(asked):
        query = parse.parse_qs(parse.urlsplit(asked).query)
        asked = parse.unquote(address["key"] or (query.get("number") or [""])[0])
        if address["kind"] == "projects" and (project := of_number(asked)):
            return project
    plain = typed.plain(asked).upper()
    if PROJECT.fullmatch(plain) and (project := of_number(plain)):
        return project
    if batch := figures.batches().filter(asset__code=plain).first():
        return batch
    return find(asked)


def of_number(digits: str) -> Project | None:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6):
        return None
    return figures.projects().filter(number=int(digits)).first()


@dataclass(frozen=True)
class Answer:
    """What one line of a pasted list is: the object, or why there is none."""

    text: str
    found: Found | Retirement | Project | Batch | None
    refusal: Refusal | None


def many(texts: Iterable[str]) -> list[Answer]:
    """Each line's answer, in the order given; empty lines are passed over, a line given twice is answered once."""
    asked = list(dict.fromkeys(one.strip() for one in texts if one.strip()))
    if len(asked) > LINES:
        raise TooManyLines(given=len(asked), most=LINES)
    answers = []
    for text in asked:
        try:
            answers.append(Answer(text[:200], resolve(text[:400]), None))
        except Refusal as refusal:
            answers.append(Answer(text[:200], None, refusal))
    return answers


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
    history = register.history(batch, asked.first) if asked.count == 1 else []
    return Found(batch, printed, asked, *fate(batch, asked), history)


def whole(batch: Batch) -> Found:
    """All the units of a batch, as ``find`` tells of a block."""
    asked = register.between(batch.serials)
    return Found(batch, figures.printed(batch), asked, *fate(batch, asked), [])


def fate(batch: Batch, asked: serials.Range) -> tuple[list[Stretch], bool]:
    """What became of some units of a batch, and whether there is more than is told."""
    blocks = list(
        Block.objects.filter(serials__overlap=NumericRange(asked.first, asked.end), asset=batch.asset_id)
        .select_related("account__sub_account")
        .order_by("serials")[: MOST + 1]
    )
    return stretches(blocks[:MOST], asked), len(blocks) > MOST


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


def namesake(text: str) -> Project | None:
    """The project whose number reads like the unit's that was asked for, if there is one."""
    plain = typed.plain(text)
    return of_number(plain) if len(plain) == 6 else None
