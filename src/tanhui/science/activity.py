"""Reductions of everyday activities: amount times factor, and how much of it a day may count.

Pure functions over arrays. Quantities per event are whole micrograms, so that sums are exact, do not depend on who else
is in the array, and one rounding remains: the floor of a person's day to whole grams (``grams``). A product of floats
such as 0.29·100 is 28.999…; by the microgram it is 29 again, and nobody loses a gram to binary fractions.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tanhui.science.biomass import Values

Whole: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[Any]  # numbers, days or text: whatever sorts
Limit: TypeAlias = NDArray[np.int64] | int
Places: TypeAlias = NDArray[np.intp]
MICROGRAMS_PER_KG = 1_000_000_000
MICROGRAMS_PER_GRAM = 1_000_000
MINUTES_PER_HOUR = 60
UNSORTED = "the events are not sorted by person, then item and day (or begin)"


def reduction_factor(baseline: Values | float, own: Values | float) -> Values | float:
    """max(0, EF_base − EF_mode), in kg per unit of activity: an activity worse than its baseline earns nothing.
    DB11/T 3043-2024 (1), (2) for one event."""
    return np.maximum(baseline - own, 0.0)


def per_head(vehicle_factor: Values | float, persons: Values | float) -> Values | float:
    """Factor of a vehicle (kg/vehicle-km) over the people in it: kg/person-km."""
    return vehicle_factor / persons


def between(values: Values, low: Values | float, high: Values | float) -> Mask:
    """Whether each value lies within its bounds, both included."""
    inside: Mask = (values >= low) & (values <= high)
    return inside


def moved(distance: Values, minutes: Values, slowest: Values | float, fastest: Values | float) -> Mask:
    """Whether ``distance`` km in ``minutes`` is a speed within the bounds (km/h, both included). A trip that took no
    time, or whose time is not known (NaN), is not."""
    there = distance * MINUTES_PER_HOUR
    plausible: Mask = (minutes > 0) & (there >= slowest * minutes) & (there <= fastest * minutes)
    return plausible


def micrograms(amount: Values, factor: Values | float) -> Whole:
    """Amount times factor (kg per unit of amount), to the nearest microgram."""
    return np.rint(amount * factor * MICROGRAMS_PER_KG).astype(np.int64)


def starts(*keys: Keys) -> Mask:
    """Where a new group begins in arrays sorted by ``keys``, the first key outermost. ``ValueError`` when they are not
    sorted: a group in two pieces would get its allowance twice."""
    same = np.ones(max(len(keys[0]) - 1, 0), dtype=np.bool_)  # equal to the row above in every key so far
    for key in keys:
        if _constant(key):
            continue
        before, after = key[:-1], key[1:]
        if (same & (after < before)).any():
            raise ValueError(UNSORTED)
        same &= after == before
    new = np.ones(len(keys[0]), dtype=np.bool_)
    new[1:] = ~same
    return new


def order(*keys: Keys) -> Places | None:
    """The places that sort by ``keys``, the first outermost and equal ones left as they stand; ``None`` when the arrays
    are sorted already, which costs one look at each key and no sorting."""
    try:
        starts(*keys)
    except ValueError:
        varying = [key for key in keys if not _constant(key)]
        places: Places = np.lexsort(varying[::-1])
        return places
    return None


def running(values: Whole | Mask, starts: Mask) -> Whole:
    """Running totals within each group, this event included. Exact: whole numbers, modulo 2⁶⁴ only across groups."""
    total = np.cumsum(values, dtype=np.int64)
    first = np.flatnonzero(starts)
    before = total[first] - values[first]
    total -= np.repeat(before, np.diff(np.append(first, len(values))))
    return total


def first_of(admitted: Mask, starts: Mask, count: Values | float) -> Mask:
    """The admitted events of each group up to ``count``; later ones are over the number that may count."""
    if np.ndim(count) == 0 and len(starts) and _longest(starts) <= count:
        return admitted  # nobody comes near the limit: nothing to number
    nth = running(admitted, starts)
    return admitted & (nth <= count)


def under(totals: Whole, starts: Mask, room: Limit) -> Whole:
    """What each event adds to its group's running total while that stays within ``room``."""
    reached = np.minimum(totals, room)
    added = reached.copy()
    added[1:] -= np.where(starts[1:], 0, reached[:-1])
    return added


def grams(
    micrograms: Whole,
    person: Keys,
    item: Keys,
    day: Keys,
    *,
    daily_grams: Limit,
    yearly_grams: Limit,
    year: Keys,
    earned_today: Limit = 0,
    earned_this_year: Limit = 0,
) -> Whole:
    """Whole grams that each event earns under the day's and the year's cap of its person and item, shape ``(n,)``.

    The arrays are sorted by person, item, day, and within the day in the order in which events count. Limits may be
    scalars or one value per event. Rounding, once: a person's day is floored to whole grams; an event earns what it
    adds to that floor, so cutting one walk in two never changes the day. ``earned_*`` was booked before these events.
    """
    new_day = starts(person, item, day)
    today = running(micrograms, new_day) // MICROGRAMS_PER_GRAM
    room_today = np.maximum(daily_grams - earned_today, 0)
    room = np.maximum(yearly_grams - earned_this_year, 0)
    if _constant(day):  # of one day alone, the day is all that these events add to the year
        return under(today, new_day, np.minimum(room_today, room))
    new_year = starts(person, item, year)
    return under(running(under(today, new_day, room_today), new_year), new_year, room)


def first_in_day(person: Keys, day: Keys, admitted: Mask, count: Values | float, *, item: Keys | None = None) -> Mask:
    """The admitted events of each person, item and day up to ``count``, in any order of the rows: the rows that stand
    first count first. Days may be dates, ISO text or days since 1970."""
    return _first(person, item, _days(day), admitted, count)


def first_in_month(person: Keys, day: Keys, admitted: Mask, count: Values | float, *, item: Keys | None = None) -> Mask:
    """As ``first_in_day``, for calendar months."""
    return _first(person, item, _in(_days(day), "M"), admitted, count)


def grams_by_day(
    person: Keys,
    day: Keys,
    micrograms: Whole,
    daily_cap: Values | float,
    yearly_cap: Values | float,
    *,
    item: Keys | None = None,
    earned_today: Limit = 0,
    earned_this_year: Limit = 0,
) -> Whole:
    """``grams`` for rows in any order, with caps in kg and days as dates, ISO text or days since 1970. Rows that are
    sorted already (by person, item, day) are not sorted again."""
    days, items = _days(day), _items(item, person)
    limits = [_limit(daily_cap), _limit(yearly_cap), earned_today, earned_this_year]
    places = order(person, items, days)
    if places is not None:
        person, items, days, micrograms = _at(person, places), _at(items, places), _at(days, places), micrograms[places]
        limits = [one if np.ndim(one) == 0 else np.asarray(one)[places] for one in limits]
    daily, yearly, today, this_year = limits
    counted = grams(
        micrograms,
        person,
        items,
        days,
        daily_grams=daily,
        yearly_grams=yearly,
        year=_in(days, "Y"),
        earned_today=today,
        earned_this_year=this_year,
    )
    return counted if places is None else _back(counted, places)


def _first(person: Keys, item: Keys | None, when: Keys, admitted: Mask, count: Values | float) -> Mask:
    items = _items(item, person)
    places = order(person, items, when)
    if places is None:
        return first_of(admitted, starts(person, items, when), count)
    allowed = count if isinstance(count, float | int) else count[places]
    groups = starts(_at(person, places), _at(items, places), _at(when, places))
    found = first_of(admitted[places], groups, allowed)
    kept: Mask = _back(found, places)
    return kept


def _at(key: Keys, places: Places) -> Keys:
    return key if _constant(key) else key[places]


def _back(sorted_values: Any, places: Places) -> Any:
    """Values of sorted rows, back in the order in which the rows came."""
    values = np.empty_like(sorted_values)
    values[places] = sorted_values
    return values


def _days(day: Keys) -> Keys:
    """Days as dates. A table of one day is held as one date, which then costs no comparison."""
    if len(day) and (day == day[0]).all():
        return np.broadcast_to(day[:1].astype("datetime64[D]"), day.shape)
    return day if day.dtype == "datetime64[D]" else day.astype("datetime64[D]")


def _in(day: Keys, unit: str) -> Keys:
    """Dates as months (``M``) or years (``Y``)."""
    return (
        np.broadcast_to(day[:1].astype(f"datetime64[{unit}]"), day.shape)
        if _constant(day)
        else day.astype(f"datetime64[{unit}]")
    )


def _items(item: Keys | None, person: Keys) -> Keys:
    return np.broadcast_to(np.int8(0), person.shape) if item is None else item


def _longest(starts: Mask) -> int:
    """Events of the largest group."""
    return int(np.diff(np.append(np.flatnonzero(starts), len(starts))).max())


def _constant(key: Keys) -> bool:
    """Whether the array is one value broadcast to its length."""
    return key.strides == (0,) and len(key) > 0


def _limit(kilograms: Values | float) -> Any:
    """kg as whole grams: a cap of 0.296 kg is 296 g, though 0.296·1000 may be 295.99…"""
    return np.rint(np.multiply(kilograms, 1000)).astype(np.int64)


def overlapping(person: Whole, begin: Whole, end: Whole) -> Mask:
    """Events that begin before an earlier event of the same person has ended, whatever the mode: nobody walks and rides
    at once. Arrays sorted by person, then ``begin``; times in whole seconds."""
    new = starts(person)
    if not len(person):
        return new
    if (begin[1:] < begin[:-1])[~new[1:]].any():
        raise ValueError(UNSORTED)
    # Lifting each person above the one before lets a single running maximum serve them all.
    span = int(end.max()) - int(begin.min()) + 1
    lift = (np.cumsum(new) - 1) * span
    latest = np.maximum.accumulate(end + lift)
    clash = np.zeros(len(person), dtype=np.bool_)
    clash[1:] = ~new[1:] & ((begin + lift)[1:] < latest[:-1])
    return clash


def saving(history: Values, used: Values, weather: Values | float = 1.0) -> Values:
    """max(0, own history × weather − used): kWh saved against one's own use of the same month in earlier years, scaled
    by the degree days of the two years."""
    return np.maximum(history * weather - used, 0.0)
