"""Serial numbers of units: ranges of them, the printed serial of a block, and the number of a certificate.

A unit is one tonne and has one number, unique in the whole register. Numbers are handled as ranges, never one by one: a
block of ten million tonnes is two integers.

The printed serial is

    {scheme}-{province}-{methodology}-{project}-{start}-{end}-{batch}-{first}-{last}-{check}
    CCER-33-CCER-14-001-V01-000123-20240101-20241231-001-0000000001-0000012000-R

A methodology code may itself contain hyphens. It is read back unambiguously all the same: the scheme and the two-digit
province stand before it without hyphens, and the seven fields behind it have no hyphens and fixed widths, so whatever
lies between is the methodology. Hence ``parse(print(serial)) == serial``.

The check character is ISO 7064 MOD 37,36 over every letter and digit; hyphens are separators and not covered by it. It
catches every substitution of one character, and every swap of two neighbours except where the two stand next to each
other in the alphabet 0-9A-Z and one of the 36 intermediate states happens to meet them.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tanhui.kernel import typed
from tanhui.kernel.refusal import Refusal, gettext_noop

HIGHEST = 9_999_999_999  # ten printed digits
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ABROAD = "00"  # printed in the place of the province for a project outside GB/T 2260


class RangeImpossible(Refusal):
    code = "kernel.range_impossible"
    sentence = gettext_noop(
        "%(first)s to %(last)s is not a range of unit numbers. Give a first and a last number from 1 to 9999999999, "
        "the first not above the last."
    )
    clause = "ARCHITECTURE.md §6.2"
    status = 422


class TooFewNumbers(Refusal):
    code = "kernel.too_few_numbers"
    sentence = gettext_noop("%(asked)s tonnes were asked for and %(there)s are there. Ask for at most %(there)s.")
    clause = "ARCHITECTURE.md §6.1"


class SerialUnreadable(Refusal):
    code = "kernel.serial_unreadable"
    sentence = gettext_noop(
        "“%(text)s” is not a serial number. Give a whole printed serial, a certificate number (two letters, the year, "
        "eight digits and a check character), or the number of one unit."
    )
    clause = "ARCHITECTURE.md §6.2"
    status = 422


class CheckCharacterWrong(Refusal):
    code = "kernel.check_character_wrong"
    sentence = gettext_noop("The check character of “%(text)s” does not match. Compare it with the original again.")
    clause = "ISO 7064 MOD 37,36"
    status = 422


class SerialFieldImpossible(Refusal):
    code = "kernel.serial_field_impossible"
    sentence = gettext_noop("“%(value)s” cannot be the %(field)s of a serial. Correct it and try again.")
    clause = "ARCHITECTURE.md §6.2"
    status = 422


@dataclass(frozen=True, order=True, slots=True)
class Range:
    """Unit numbers from ``first`` to ``last``, both included. Refuses with ``RangeImpossible``.

    ``number in range`` works; going through the numbers one by one does not, since a range may be huge.
    """

    first: int
    last: int

    __iter__: ClassVar[None] = None

    def __post_init__(self) -> None:
        whole = all(type(number) is int for number in (self.first, self.last))
        if not whole or not 1 <= self.first <= self.last <= HIGHEST:
            raise RangeImpossible(first=self.first, last=self.last)

    @classmethod
    def half_open(cls, lower: int, upper: int) -> "Range":
        """From the ``[lower, upper)`` form in which PostgreSQL keeps an ``int8range``."""
        return cls(lower, upper - 1)

    @property
    def end(self) -> int:
        """The number after the last, for the ``[first, end)`` form."""
        return self.last + 1

    @property
    def count(self) -> int:
        """How many units, in tonnes."""
        return self.last - self.first + 1

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.first <= number <= self.last

    def covers(self, other: "Range") -> bool:
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: "Range") -> bool:
        return self.first <= other.last and other.first <= self.last

    def adjacent(self, other: "Range") -> bool:
        """Whether the two touch without overlapping."""
        return self.end == other.first or other.end == self.first

    def intersect(self, other: "Range") -> "Range | None":
        return Range(max(self.first, other.first), min(self.last, other.last)) if self.overlaps(other) else None

    def split_at(self, number: int) -> tuple["Range", "Range"]:
        """The part before ``number`` and the part that begins with it. ``RangeImpossible`` when either is empty."""
        return Range(self.first, number - 1), Range(number, self.last)

    def take(self, tonnes: int) -> tuple["Range", "Range | None"]:
        """The lowest ``tonnes`` numbers and the rest. ``TooFewNumbers`` beyond the count."""
        if tonnes > self.count:
            raise TooFewNumbers(asked=tonnes, there=self.count)
        taken = Range(self.first, self.first + tonnes - 1)
        return taken, Range(taken.end, self.last) if tonnes < self.count else None

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def total(ranges: Iterable[Range]) -> int:
    """Tonnes in all, numbers that occur twice counted twice."""
    return sum(span.count for span in ranges)


def disjoint(ranges: Iterable[Range]) -> bool:
    """Whether no number occurs twice."""
    spans = sorted(ranges)
    return all(before.last < after.first for before, after in itertools.pairwise(spans))


def normalise(ranges: Iterable[Range]) -> list[Range]:
    """The same numbers in ascending ranges that neither overlap nor touch."""
    merged: list[Range] = []
    for span in sorted(ranges):
        if merged and span.first <= merged[-1].end:
            merged[-1] = Range(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged


def subtract(ranges: Iterable[Range], taken: Iterable[Range]) -> list[Range]:
    """The numbers of ``ranges`` that are not in ``taken``, normalised."""
    rest = normalise(ranges)
    for hole in normalise(taken):
        kept: list[Range] = []
        for span in rest:
            if not span.overlaps(hole):
                kept.append(span)
                continue
            if span.first < hole.first:
                kept.append(Range(span.first, hole.first - 1))
            if hole.last < span.last:
                kept.append(Range(hole.end, span.last))
        rest = kept
    return rest


def take(ranges: Sequence[Range], tonnes: int) -> tuple[list[Range], list[Range]]:
    """``tonnes`` numbers from the ranges in the order given, and what is left of them. ``TooFewNumbers`` beyond all."""
    if tonnes > total(ranges):
        raise TooFewNumbers(asked=tonnes, there=total(ranges))
    taken: list[Range] = []
    left: list[Range] = []
    for span in ranges:
        if tonnes == 0:
            left.append(span)
            continue
        part, rest = span.take(min(tonnes, span.count))
        taken.append(part)
        left.extend([rest] if rest else [])
        tonnes -= part.count
    return taken, left


@dataclass(frozen=True, slots=True)
class Serial:
    """A block of units as printed. Dates are both included. Refuses with ``SerialFieldImpossible``."""

    scheme: str
    province: str
    methodology: str
    project: int
    start: date
    end: date
    batch: int
    numbers: Range

    def __post_init__(self) -> None:
        for field, value, possible in (
            ("scheme", self.scheme, re.fullmatch("[A-Z][A-Z0-9]{0,15}", self.scheme)),
            ("province", self.province, re.fullmatch("[1-8][0-9]|00", self.province)),
            ("methodology", self.methodology, re.fullmatch("[A-Z0-9]+(-[A-Z0-9]+)*", self.methodology)),
            ("project", self.project, 1 <= self.project <= 999_999),
            ("period", f"{self.start}/{self.end}", self.start <= self.end),
            ("batch", self.batch, 1 <= self.batch <= 999),
        ):
            if not possible:
                raise SerialFieldImpossible(field=field, value=value)

    def __str__(self) -> str:
        return print(self)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The number of a certificate: what for (two letters), the year, and a running number of that year."""

    purpose: str
    year: int
    number: int

    def __post_init__(self) -> None:
        for field, value, possible in (
            ("purpose", self.purpose, re.fullmatch("[A-Z]{2}", self.purpose)),
            ("year", self.year, 1000 <= self.year <= 9999),
            ("number", self.number, 1 <= self.number <= 99_999_999),
        ):
            if not possible:
                raise SerialFieldImpossible(field=field, value=value)

    def __str__(self) -> str:
        return print(self)


@dataclass(frozen=True, slots=True)
class Unit:
    """The number of one unit, wherever it lies."""

    number: int


def check_character(text: str) -> str:
    """The ISO 7064 MOD 37,36 check character of capital letters and digits; hyphens are passed over."""
    product = 36
    for character in text.replace("-", ""):
        product = ((product + ALPHABET.index(character)) % 36 or 36) * 2 % 37
    return ALPHABET[(1 - product) % 36]


def print(serial: Serial | Certificate) -> str:
    """The serial or certificate number as people read it, check character last."""
    if isinstance(serial, Certificate):
        body = f"{serial.purpose}{serial.year:04}{serial.number:08}"
        return body + check_character(body)
    body = (
        f"{serial.scheme}-{serial.province}-{serial.methodology}-{serial.project:06}"
        f"-{serial.start:%Y%m%d}-{serial.end:%Y%m%d}-{serial.batch:03}"
        f"-{serial.numbers.first:010}-{serial.numbers.last:010}"
    )
    return f"{body}-{check_character(body)}"


def parse(text: str) -> Serial | Certificate:
    """What ``print`` printed. Refuses with ``SerialUnreadable``, ``CheckCharacterWrong`` or ``SerialFieldImpossible``.

    The expected check character is never told: it would turn a mistyped serial into a right one of somebody else.
    """
    if (found := PRINTED.fullmatch(text)) is None and (found := CERTIFICATE.fullmatch(text)) is None:
        raise SerialUnreadable(text=text[:120])
    if check_character(text[:-1]) != text[-1]:
        raise CheckCharacterWrong(text=text[:120])
    fields = found.groupdict()
    if found.re is CERTIFICATE:
        return Certificate(fields["purpose"], int(fields["year"]), int(fields["number"]))
    return Serial(
        scheme=fields["scheme"],
        province=fields["province"],
        methodology=fields["methodology"],
        project=int(fields["project"]),
        start=day(fields["start"]),
        end=day(fields["end"]),
        batch=int(fields["batch"]),
        numbers=Range(int(fields["first"]), int(fields["last"])),
    )


def read(text: str) -> Serial | Certificate | Unit:
    """What a person typed or pasted: a printed serial, a certificate number, or the number of one unit.

    Small letters, full-width characters, spaces and typographic dashes are forgiven; nothing else is.
    Refuses as ``parse`` does.
    """
    plain = re.sub(r"\s+", "", typed.plain(text)).upper()
    plain = re.sub("[‐‑‒–—―−]", "-", plain)
    if re.fullmatch("[0-9]{1,10}", plain) and int(plain) > 0:
        return Unit(int(plain))
    solid = plain.replace("-", "")
    return parse(solid if CERTIFICATE.fullmatch(solid) else plain)


def day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise SerialFieldImpossible(field="period", value=text) from None


PRINTED = re.compile(
    "(?P<scheme>[A-Z][A-Z0-9]{0,15})-(?P<province>[0-9]{2})-(?P<methodology>[A-Z0-9]+(?:-[A-Z0-9]+)*)"
    "-(?P<project>[0-9]{6})-(?P<start>[0-9]{8})-(?P<end>[0-9]{8})-(?P<batch>[0-9]{3})"
    "-(?P<first>[0-9]{10})-(?P<last>[0-9]{10})-[0-9A-Z]"
)
CERTIFICATE = re.compile("(?P<purpose>[A-Z]{2})(?P<year>[0-9]{4})(?P<number>[0-9]{8})[0-9A-Z]")
