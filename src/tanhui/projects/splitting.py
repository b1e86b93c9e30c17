"""The proceeds of a sale shared out to the last fen: city, county, villages, households.

Plain integers and no clock: the same sale, rule and roll give the same lines everywhere. Every tier is divided by
largest remainder, so that what a tier gives adds up exactly to what it got (``docs/algorithms/sharing.md``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tanhui.kernel.refusal import Refusal, gettext_noop

Tier = Literal["CITY", "COUNTY", "VILLAGE", "HOUSEHOLD"]
TIERS: tuple[Tier, ...] = ("CITY", "COUNTY", "VILLAGE", "HOUSEHOLD")
WHOLE = 10_000  # what a tier keeps is told in hundredths of a percent
LARGEST_PART = 1_000_000
LARGEST_WEIGHT = 10**15


class RuleUnusable(Refusal):
    code = "projects.split_rule_unusable"
    sentence = gettext_noop(
        "This split cannot be used: %(what)s. Parts are whole numbers from 0, not both zero; what a tier keeps lies "
        "between 0 and 100 %%."
    )
    clause = "《赤峰市生态碳汇实施方案》二"
    status = 422


class NobodyToShareWith(Refusal):
    code = "projects.nobody_to_share_with"
    sentence = gettext_noop(
        "The villages and households are to get a share, but the roll of right-holders is empty or its tenure adds up "
        "to nothing. Enter the roll with the tenure of each holder first."
    )
    clause = "《赤峰市生态碳汇实施方案》四（二）"
    status = 422


class HolderTwice(Refusal):
    code = "projects.holder_twice"
    sentence = gettext_noop("%(holder)s stands in the roll twice. Put the tenure of a holder into one line.")
    clause = "《赤峰市生态碳汇实施方案》四（二）"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What both sides agreed on.

    ``city`` and ``county`` are parts (3 and 7). Of its share the county keeps ``county_keeps`` and passes the rest on
    to the villages; of its own share a village keeps ``village_keeps`` and passes the rest on to its households. Both
    are hundredths of a percent of what comes in.
    """

    city: int
    county: int
    county_keeps: int = 0
    village_keeps: int = 0

    def body(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def read(cls, body: Mapping[str, int]) -> "Terms":
        return cls(**{name: int(body[name]) for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Holding:
    """One holder's tenure: in which village, under which number, and how much (hundredths of a mu)."""

    village: str
    key: str
    weight: int


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a distribution. ``key`` names the village or the holder in it; city and county have none."""

    tier: Tier
    village: str
    key: str
    fen: int


def largest_remainder(whole: int, weights: Mapping[str, int]) -> dict[str, int]:
    """``whole`` in integers by weight: everybody the floor of their quota, then one more to the largest remainders.

    Equal remainders go by key, so that the order of the lines changes nothing. A negative whole is divided as the
    positive one and negated: a reversal takes back exactly what was given. All weights zero: ``ValueError``.
    """
    if whole < 0:
        return {key: -given for key, given in largest_remainder(-whole, weights).items()}
    total = sum(weights.values())
    if total <= 0 or min(weights.values()) < 0:
        raise ValueError("weights must be natural numbers, and one of them more than zero")
    given = {key: whole * weight // total for key, weight in weights.items()}
    remainder = {key: whole * weight % total for key, weight in weights.items()}
    left = whole - sum(given.values())
    for key in sorted(weights, key=lambda key: (-remainder[key], key))[:left]:
        given[key] += 1
    return given


def check(terms: Terms, holdings: Sequence[Holding]) -> None:
    """Refuses with ``RuleUnusable``, ``NobodyToShareWith`` or ``HolderTwice``."""
    parts = {"city": terms.city, "county": terms.county}
    wrong = [f"{name} = {part}" for name, part in parts.items() if not 0 <= part <= LARGEST_PART]
    if not wrong and terms.city + terms.county == 0:
        wrong = ["0 : 0"]
    kept = {"county_keeps": terms.county_keeps, "village_keeps": terms.village_keeps}
    wrong += [f"{name} = {part / 100:g} %" for name, part in kept.items() if not 0 <= part <= WHOLE]
    wrong += [f"{one.key} = {one.weight}" for one in holdings if not 0 <= one.weight <= LARGEST_WEIGHT][:3]
    if wrong:
        raise RuleUnusable(what=", ".join(wrong))
    seen: set[tuple[str, str]] = set()
    for one in holdings:
        if (one.village, one.key) in seen:
            raise HolderTwice(holder=f"{one.village} {one.key}")
        seen.add((one.village, one.key))
    if terms.county > 0 and terms.county_keeps < WHOLE and not any(one.weight for one in holdings):
        raise NobodyToShareWith


def share_out(fen: int, terms: Terms, holdings: Sequence[Holding]) -> list[Share]:
    """The lines of a sale of ``fen``, ordered by tier, village and key; their sum is ``fen`` exactly.

    Refuses as ``check`` does.
    """
    check(terms, holdings)
    top = largest_remainder(fen, {"CITY": terms.city, "COUNTY": terms.county})
    kept, passed = halves(top["COUNTY"], terms.county_keeps)
    lines = [Share("CITY", "", "", top["CITY"]), Share("COUNTY", "", "", kept)]
    if terms.county == 0 or terms.county_keeps == WHOLE:
        return lines
    villages = by_village(holdings)
    pots = largest_remainder(passed, {code: sum(rows.values()) for code, rows in villages.items()})
    households: list[Share] = []
    for code in sorted(villages):
        own, rest = halves(pots[code], terms.village_keeps)
        lines.append(Share("VILLAGE", code, "", own))
        if terms.village_keeps < WHOLE and any(villages[code].values()):
            given = largest_remainder(rest, villages[code])
            households += [Share("HOUSEHOLD", code, key, given[key]) for key in sorted(given)]
    return lines + households


def halves(whole: int, kept: int) -> tuple[int, int]:
    """What is kept of a whole, and what is passed on; an odd half fen is passed on."""
    given = largest_remainder(whole, {"2 kept": kept, "1 passed": WHOLE - kept})
    return given["2 kept"], given["1 passed"]


def by_village(holdings: Iterable[Holding]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for one in holdings:
        found.setdefault(one.village, {})[one.key] = one.weight
    return found


def totals(lines: Iterable[Share]) -> dict[Tier, int]:
    """The sum of every tier."""
    found: dict[Tier, int] = dict.fromkeys(TIERS, 0)
    for one in lines:
        found[one.tier] += one.fen
    return found


def change(before: Iterable[Share], after: Iterable[Share]) -> dict[tuple[str, str], int]:
    """What each household would get more (or less) under other terms; those who stand in one only count with zero."""
    changed: dict[tuple[str, str], int] = {}
    for sign, lines in ((-1, before), (1, after)):
        for one in lines:
            if one.tier == "HOUSEHOLD":
                changed[one.village, one.key] = changed.get((one.village, one.key), 0) + sign * one.fen
    return changed
