"""Which plots, parcels or meters a verifier looks at: drawn by a seed that nobody could choose.

Whole numbers and SHA-256 alone, so that every machine draws the same (docs/algorithms/sampling-seed.md).
"""

import hashlib
import heapq
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop

FORMAT = "tanhui.sample/1"


class PopulationUnusable(Refusal):
    code = "projects.population_unusable"
    sentence = gettext_noop(
        "There are %(count)s units to draw from, and “%(twice)s” is among them twice or has no name. Give every unit "
        "its own name."
    )
    clause = "ISO 14064-3:2019 6.1.3"
    status = 422


class SampleTooLarge(Refusal):
    code = "projects.sample_too_large"
    sentence = gettext_noop("%(size)s units cannot be drawn from %(count)s. Ask for 1 to %(count)s.")
    clause = "ISO 14064-3:2019 6.1.3"
    status = 422


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """What can be drawn: its name, unique in the population, and the stratum it is drawn within."""

    key: str
    stratum: str = ""


def population(units: Iterable[Unit]) -> list[Unit]:
    """The units in the order of the bytes of their names. Refuses with ``PopulationUnusable``."""
    ordered = sorted(units, key=lambda one: one.key.encode())
    twice = [one.key for one, following in itertools.pairwise(ordered) if one.key == following.key]
    if not ordered or twice or not all(one.key for one in ordered):
        raise PopulationUnusable(count=len(ordered), twice=(twice or ["—"])[0][:40])
    return ordered


def population_sha256(units: Iterable[Unit]) -> str:
    """The hash of what is drawn from, as the declaration publishes it."""
    return canonical.sha256([[one.key, one.stratum] for one in population(units)])


def commitment(words: str) -> str:
    """What a verifier publishes of the words they keep to themselves until the drawing."""
    return hashlib.sha256(words.encode()).hexdigest()


def seed(*, declaration_sha256: str, root: str, words: str = "") -> str:
    """The seed: the leaf of the declaration, the root of the first checkpoint that covers it, and the words committed
    to beforehand. All as lower-case hexadecimal, joined by line feeds; 64 hexadecimal digits."""
    told = "\n".join((FORMAT, declaration_sha256, root, hashlib.sha256(words.encode()).hexdigest() if words else "-"))
    return hashlib.sha256(told.encode()).hexdigest()


def allocate(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """How many units each stratum gives: in proportion by Sainte-Laguë's divisors, one at least where there are enough
    to go round, never more than it has; equal claims go to the larger stratum, then by name."""
    given = {name: min(1, count) if size >= len(counts) else 0 for name, count in counts.items()}
    waiting = [
        (-Fraction(count, 2 * given[name] + 1), -count, name) for name, count in counts.items() if count > given[name]
    ]
    heapq.heapify(waiting)
    for _ in range(size - sum(given.values())):
        _claim, count, name = heapq.heappop(waiting)
        given[name] += 1
        if given[name] < -count:
            heapq.heappush(waiting, (Fraction(count, 2 * given[name] + 1), count, name))
    return given


def draw(units: Iterable[Unit], *, size: int, seed: str) -> list[str]:
    """The names that are drawn, in the order of the population: in each stratum those whose SHA-256 of seed and name is
    smallest. A unit's place does not depend on the others, so that a larger sample of the same seed holds the smaller.

    Refuses with ``PopulationUnusable`` or ``SampleTooLarge``.
    """
    ordered = population(units)
    if not 1 <= size <= len(ordered):
        raise SampleTooLarge(size=size, count=len(ordered))
    strata: dict[str, list[str]] = {}
    for one in ordered:
        strata.setdefault(one.stratum, []).append(one.key)
    shares = allocate({name: len(keys) for name, keys in strata.items()}, size)
    chosen = {key for name, keys in strata.items() for key in ranked(keys, seed)[: shares[name]]}
    return [one.key for one in ordered if one.key in chosen]


def ranked(keys: Sequence[str], seed: str) -> list[str]:
    start = hashlib.sha256(bytes.fromhex(seed))

    def place(key: str) -> bytes:
        one = start.copy()
        one.update(key.encode())
        return one.digest()

    return sorted(keys, key=lambda key: (place(key), key.encode()))


def least(count: int, *, percent: int, at_least: int) -> int:
    """The smallest sample allowed of so many units: a share of them rounded up, not fewer than ``at_least``, nor more
    than there are."""
    return min(count, max(at_least, -(-count * percent // 100)))


def again(paper: Mapping[str, object]) -> list[str]:
    """Draw again from a published paper of a sample (``FORMAT``). ``ValueError`` when it is none, or says another
    seed, population or commitment than follows from it."""
    if paper.get("format") != FORMAT:
        raise ValueError(f"not a {FORMAT}")
    rows, words = paper["population"], str(paper.get("words", ""))
    if not isinstance(rows, list):
        raise ValueError("the population is no list")
    units = [Unit(str(key), str(stratum)) for key, stratum in rows]
    if population_sha256(units) != paper["population_sha256"]:
        raise ValueError("population_sha256")
    if paper.get("commitment") and commitment(words) != paper["commitment"]:
        raise ValueError("commitment")
    found = seed(declaration_sha256=str(paper["declaration_sha256"]), root=str(paper["root"]), words=words)
    if found != paper["seed"]:
        raise ValueError("seed")
    return draw(units, size=int(str(paper["size"])), seed=found)
