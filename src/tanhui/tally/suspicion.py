"""What makes an event wait: each rule is a mask over events that would count, in the order of people and time.

The rules and their parameters are published (docs/algorithms/settlement.md §3); a person decides in the end.
"""

from collections.abc import Iterator

import numpy as np

from tanhui.science import activity
from tanhui.tally.reading import Events, Mask, Places, Whole, among
from tanhui.tally.rules import OPEN, Rules

CODES = ("clock", "speed", "device", "payment", "replay", "burst", "overlap")
HOUR_MS = 3_600_000


def found(events: Events, rules: Rules, shared: Whole, counting: Mask, allowed: Mask) -> Iterator[tuple[int, Mask]]:
    """For each rule its place in ``CODES`` and the events it holds back. ``counting`` is kept by the caller: what one
    rule holds back occupies nobody's time in the next. ``shared`` are the tokens of too many people, sorted; what was
    decided and ``allowed`` is not held back again."""
    for code, held in enumerate(_masks(events, rules, shared, counting)):
        if held is not None:
            yield code, held & counting & ~allowed


def _masks(events: Events, rules: Rules, shared: Whole, counting: Mask) -> Iterator[Mask | None]:
    """In the order of ``CODES``, each looked for when it is asked for."""
    yield clock(events, rules.clock_seconds)
    yield speed(events, rules)
    yield tokens(events.device, shared)
    yield tokens(events.payment, shared)
    yield replay(events, counting) if rules.replay else None
    yield burst(events, counting, rules.burst_events, rules.burst_seconds * 1000)
    yield overlap(events, counting, rules)


def clock(events: Events, seconds: int) -> Mask | None:
    """Ended after it was received, by more than clocks differ."""
    if seconds == OPEN:
        return None
    ahead: Mask = events.ahead > seconds
    return ahead


def speed(events: Events, rules: Rules) -> Mask | None:
    """Quantity an hour outside the bounds of its scenario; an event that takes no time is faster than any bound."""
    fastest = np.array([rule.fastest for rule in rules.scenarios], dtype=np.int64)
    slowest = np.array([rule.slowest for rule in rules.scenarios], dtype=np.int64)
    if not (fastest.any() or slowest.any()):
        return None
    lasted, covered = events.ended - events.began, events.quantity * HOUR_MS
    fastest[fastest == OPEN] = np.iinfo(np.int64).max // (7 * 24 * HOUR_MS)
    outside: Mask = (covered > fastest[events.rule] * lasted) | (covered < slowest[events.rule] * lasted)
    timed = np.array([rule.fastest != OPEN or rule.slowest != OPEN for rule in rules.scenarios], dtype=np.bool_)
    return outside & timed[events.rule]


def tokens(column: Whole, shared: Whole) -> Mask | None:
    """Has one of the tokens that too many people used."""
    if not len(shared):
        return None
    places = among(column, shared)
    return _mask(len(column), places[np.isin(column[places], shared)])


def replay(events: Events, counting: Mask) -> Mask | None:
    """The same person, scenario, times and quantity as another event: the first by id counts."""
    tied = np.zeros(len(events), dtype=np.bool_)
    tied[1:] = (events.began[1:] == events.began[:-1]) & (events.account[1:] == events.account[:-1])
    tied[:-1] |= tied[1:].copy()
    places = np.flatnonzero(tied & counting)
    if not len(places):
        return None
    columns = (events.id, events.quantity, events.ended, events.rule, events.began, events.account)
    order = places[np.lexsort([column[places] for column in columns])]
    again = np.ones(len(order), dtype=np.bool_)
    again[0] = False
    for column in columns[1:]:
        again[1:] &= column[order][1:] == column[order][:-1]
    return _mask(len(events), order[again])


def burst(events: Events, counting: Mask, most: int, window_ms: int) -> Mask | None:
    """More than ``most`` events of one person begin within the window that ends with this one."""
    if most == OPEN:
        return None
    places = np.flatnonzero(counting)
    if len(places) <= most:
        return None
    account, began = events.account[places], events.began[places]
    close = (began[most:] - began[:-most] <= window_ms) & (account[most:] == account[:-most])
    return _mask(len(events), places[most:][close])


def overlap(events: Events, counting: Mask, rules: Rules) -> Mask | None:
    """Begins before an earlier event of the same group and person has ended: nobody rides and walks at once."""
    held = np.zeros(len(events), dtype=np.bool_)
    for group in sorted({rule.exclusive for rule in rules.scenarios} - {""}):
        belongs = np.array([rule.exclusive == group for rule in rules.scenarios], dtype=np.bool_)
        places = np.flatnonzero(counting & belongs[events.rule])
        begin = events.began[places] + rules.overlap_seconds * 1000
        held[places[activity.overlapping(events.account[places], begin, events.ended[places])]] = True
    return held


def _mask(length: int, places: Places) -> Mask:
    mask = np.zeros(length, dtype=np.bool_)
    mask[places] = True
    return mask
