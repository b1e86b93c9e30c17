"""What the comment column of the issuance table states in words, read by its phrases.

The comments are written by hand and follow a dozen phrases; a phrase that is not known is not guessed at, and whatever
the columns state then stays without its date or event.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

NUMBER = r"([\d,]*\d)"
PROJECT = r"(CA[A-Z]{2}\d{4})"
WHEN = re.compile(
    r"\b[Oo]n (?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}),?\s"
    rf"|\b[Ii]n (?P<name>{'|'.join(calendar.month_name[1:])}) (?P<of>\d{{4}}),?\s"
)
FROM_POOL = re.compile(
    rf"retired (?:all |the remaining )?{NUMBER}(?: of [\d,]+)? credits from the buffer pool for the {PROJECT}"
)
FROM_POOL_LIST = re.compile(rf"{NUMBER} credits for the {PROJECT}")
RETURNED = re.compile(rf"returned (?:all )?{NUMBER}(?: of [\d,]+)? offset credits in its Forest Buffer Account")
INVALIDATED = re.compile(rf"invalidated (?:all )?{NUMBER}(?: of [\d,]+)? offset credits issued as ([\w-]+\w)")
SURRENDERED = re.compile(
    rf"{NUMBER} credits surrendered by (a covered entity|the offset project operator) to meet the obligation for the "
    r"([\w-]+\w) (?:invalidation|reversal)"
)
REVERSED = re.compile(rf"approved the verification of an? (intentional |unintentional |)reversal of {NUMBER} mtCO2e")
SHARE = re.compile(rf"{NUMBER} mtCO2e (un)?intentional")
PAID = re.compile(rf"retired {NUMBER} ARB Offset Credits from the Forest Buffer Account")


@dataclass(frozen=True, slots=True)
class BufferUse:
    """Buffer credits of the commented issuance that compensated a reversal of ``project``."""

    on: date
    quantity_t: int
    project: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Buffer credits given back to the early action programme's own buffer."""

    on: date
    quantity_t: int


@dataclass(frozen=True, slots=True)
class Invalidated:
    """Credits of ``issuance`` declared invalid after they were issued."""

    on: date
    quantity_t: int
    issuance: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """Credits of the commented issuance that an entity surrendered for invalid ones of ``issuance``."""

    on: date
    quantity_t: int
    issuance: str


@dataclass(frozen=True, slots=True)
class Compensation:
    """Credits of the commented issuance that an operator surrendered for an intentional reversal."""

    on: date
    quantity_t: int


@dataclass(frozen=True, slots=True)
class Reversed:
    """A reversal as verified, in tonnes: how much of it was intended, and how much the buffer pool paid."""

    on: date
    intentional_t: int
    unintentional_t: int
    paid_t: int


Remark = BufferUse | Returned | Invalidated | Replacement | Compensation | Reversed


def read(comment: str) -> tuple[Remark, ...]:
    """What the comment of one row states, in its order."""
    return tuple(remark for on, clause in clauses(comment) for remark in told(on, clause))


def clauses(comment: str) -> Iterator[tuple[date, str]]:
    """The parts of a comment that begin with a day or a month (taken as its last day)."""
    marks = list(WHEN.finditer(comment))
    ends = [*(mark.start() for mark in marks[1:]), len(comment)]
    for mark, end in zip(marks, ends, strict=False):  # without a mark there is still an end
        part = mark.groupdict()
        if part["name"]:
            year, month = int(part["of"]), list(calendar.month_name).index(part["name"])
            on = date(year, month, calendar.monthrange(year, month)[1])
        else:
            on = date(int(part["year"]), int(part["month"]), int(part["day"]))
        yield on, comment[mark.end() : end]


def told(on: date, clause: str) -> Iterator[Remark]:
    if "retired from the buffer pool" in clause:
        for quantity, project in FROM_POOL_LIST.findall(clause):
            yield BufferUse(on, whole(quantity), project)
    for quantity, project in FROM_POOL.findall(clause):
        yield BufferUse(on, whole(quantity), project)
    for quantity in RETURNED.findall(clause):
        yield Returned(on, whole(quantity))
    for quantity, issuance in INVALIDATED.findall(clause):
        yield Invalidated(on, whole(quantity), issuance)
    for quantity, who, what in SURRENDERED.findall(clause):
        if who == "a covered entity":
            yield Replacement(on, whole(quantity), what)
        else:
            yield Compensation(on, whole(quantity))
    for intent, quantity in REVERSED.findall(clause):
        total = whole(quantity)
        # the first of each is the verified share; later ones say who compensates what
        shares = {bool(un): whole(share) for share, un in reversed(SHARE.findall(clause))}
        unintended = shares.get(True, 0) if not intent else total * (intent.strip() == "unintentional")
        intended = shares.get(False, 0) if not intent else total - unintended
        yield Reversed(on, intended, unintended, sum(whole(paid) for paid in PAID.findall(clause)))


def whole(text: str) -> int:
    return int(text.replace(",", ""))
