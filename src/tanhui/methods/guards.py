"""What every methodology of the farm refuses: to be paid for harvesting less, and to be paid twice for one field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.science.biomass import Values


class YieldFell(Refusal):
    code = "methods.yield_fell"
    sentence = gettext_noop(
        "The yield of %(strata)s fell by %(fall)s %%, and the methodology tolerates %(tolerance)s %%: producing less "
        "is not a reduction. Leave the stratum out of this period, or show by better records that the yield was kept."
    )
    clause = "沪农委〔2023〕406号 二（二）：不以降低生产规模来简单实现减排目标"
    status = 422


class Claim(NamedTuple):
    """What may be claimed once, under every mechanism together: an activity, on a parcel or meter, in a period."""

    activity: str
    thing: str
    start: str
    end: str


def keep_yield(change: Values, tolerance: float, names: Sequence[str] | NDArray[np.str_] = ()) -> Values:
    """The changes of yield (%), one per stratum. ``YieldFell`` names every stratum (by its place from 1 where ``names``
    are not given) that fell by more than ``tolerance`` %."""
    fallen = np.flatnonzero(change < -tolerance)
    if fallen.size:
        raise YieldFell(
            strata=", ".join(str(names[place]) if len(names) else str(place + 1) for place in fallen),
            fall=", ".join(f"{-change[place]:.1f}" for place in fallen),
            tolerance=f"{tolerance:g}",
        )
    return change


def claims(
    metadata: Mapping[str, Any], axes: Mapping[str, Sequence[str]], period: Mapping[str, Any]
) -> Iterator[Claim]:
    """What a run claims, from its package's ``double_count_key`` (activities, and the axis of the ``thing``), its axes
    and the start and end of its period; nothing for a package without the key. Two runs with one activity on one
    thing in periods that overlap count one reduction twice."""
    key = metadata.get("double_count_key", {})
    for activity in key.get("activities", ()):
        for thing in axes.get(str(key["thing"]), ()):
            yield Claim(str(activity), str(thing), str(period["start"]), str(period["end"]))


def overlap(first: Iterator[Claim], second: Iterator[Claim]) -> list[tuple[Claim, Claim]]:
    """Pairs of claims to the same activity on the same thing whose periods (both days included) touch."""
    held: dict[tuple[str, str], list[Claim]] = {}
    for one in first:
        held.setdefault((one.activity, one.thing), []).append(one)
    return [
        (one, other)
        for other in second
        for one in held.get((other.activity, other.thing), ())
        if one.start <= other.end and other.start <= one.end
    ]
