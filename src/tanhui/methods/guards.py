"""What every methodology of the farm refuses: to be paid for harvesting less, and to be paid twice for one field."""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.science.biomass import Values

ANYWHERE = "00"  # of a project that names no region
KEPT = 180  # signs of a key; a longer one is its hash


class YieldFell(Refusal):
    code = "methods.yield_fell"
    sentence = gettext_noop(
        "The yield of %(strata)s fell by %(fall)s %%, and the methodology tolerates %(tolerance)s %%: producing less "
        "is not a reduction. Leave the stratum out of this period, or show by better records that the yield was kept."
    )
    clause = "沪农委〔2023〕406号 二（二）：不以降低生产规模来简单实现减排目标"
    status = 422


class Claim(NamedTuple):
    """What may be claimed once, under every mechanism together: an activity, on a parcel, meter or facility, in a
    period, both days included. ``kind`` is what the thing is, ``area`` the first two digits of the region's code."""

    activity: str
    kind: str
    area: str
    thing: str
    start: str
    end: str

    @property
    def key(self) -> str:
        """The same for whoever claims the same: full and half width, case and blanks make no other thing. Names are
        compared within a province, as a project may state its region to the province or to the county."""
        thing = "".join(unicodedata.normalize("NFKC", self.thing).casefold().split())
        key = f"{self.activity}/{self.kind}/{self.area}/{thing}"
        return key if len(key) <= KEPT else hashlib.sha256(key.encode()).hexdigest()


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
    metadata: Mapping[str, Any], axes: Mapping[str, Sequence[str]], project: Mapping[str, Any]
) -> Iterator[Claim]:
    """What a run claims, from its package's ``double_count_key`` (activities, and the axis of the ``thing``), its axes
    and the period and region of its project file; nothing for a package without the key. Land that is measured by
    plots or strata has no axis of parcels: the project file lists its ``parcels``. Two runs with one activity on one
    thing in periods that overlap count one reduction twice. ``KeyError`` when the project states no period."""
    key = metadata.get("double_count_key")
    if not key:
        return
    stated, first, last = ("period", "start", "end") if "period" in project else ("surveys", "first", "second")
    days = str(project[stated][first]), str(project[stated][last])
    kind, area = str(key["thing"]), str(project.get("region", ""))[:2] or ANYWHERE
    named = axes[kind] if kind in axes else project.get("parcels", ()) if kind == "parcel" else ()
    for activity in key["activities"]:
        for thing in named:
            yield Claim(str(activity), kind, area, str(thing), *days)


def overlap(first: Iterable[Claim], second: Iterable[Claim]) -> list[tuple[Claim, Claim]]:
    """Pairs of claims to the same activity on the same thing whose periods (both days included) touch."""
    held: dict[str, list[Claim]] = {}
    for one in first:
        held.setdefault(one.key, []).append(one)
    return [
        (one, other)
        for other in second
        for one in held.get(other.key, ())
        if one.start <= other.end and other.start <= one.end
    ]
