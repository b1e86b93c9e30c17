"""What no sink on land can be: flags of cells, and bounds for the mean of a type. A flag never changes a number.

Ranges: docs/algorithms/nep-science.md. Most papers behind them share the weak formula of respiration, so they are
ranges of consistency, not truth.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.science import ecosystems, units
from tanhui.science.units import Floats

RH_ABOVE_RESPIRATION, IMPLAUSIBLE, JUMP, NODATA = 1, 2, 4, 8

LOWEST, HIGHEST = -600.0, 1200.0  # NEP of a cell, gC m-2 a-1
JUMP_SHARE, JUMP_LEAST = 0.40, 50.0  # of last year's NEP; and a change below 50 gC m-2 a-1 is none to speak of
GPP_OF_NPP = 2.0  # the GPP behind an NPP where none is known: half of what is fixed is respired by the plants

# Mean NEP of the Yangtze delta 2000-2019, gC m-2 a-1 (Sustainability 2022, 14(16) 10051); it has no row for shrub
YANGTZE_DELTA: Mapping[int, float] = {
    ecosystems.FOREST: 378.37,
    ecosystems.GRASS: 304.55,
    ecosystems.WETLAND: 185.80,
    ecosystems.CROP: 192.17,
}
TYPE_LOW, TYPE_HIGH = 0.3, 3.0  # times the mean above

Flags = NDArray[np.uint8]


def flags(
    npp: Floats,
    rh: Floats,
    nep: Floats,
    gpp: Floats | None = None,
    previous: Floats | None = None,
    respiration: Floats | None = None,
    out: Flags | None = None,
) -> Flags:
    """Bits of each cell: 1 Rh above total respiration, 2 NEP outside −600 to 1,200, 4 a jump since last year, 8 no data
    (then alone).

    All gC m-2 a-1, one shape; uint8. Rh cannot exceed the respiration of the whole ecosystem; where no product of that
    (``respiration``) is known, what the plants fixed stands for it: ``gpp``, else twice the NPP. An ecosystem that
    respires more than it fixes lives on its stock, and not for long. A jump is a change of more than 40 % of
    ``previous`` (the NEP of the year before) and more than 50 gC m-2 a-1.
    """
    out = np.empty(np.shape(nep), dtype=np.uint8) if out is None else out
    most = respiration if respiration is not None else gpp
    np.copyto(out, np.greater(rh, np.multiply(npp, GPP_OF_NPP) if most is None else most))  # bit 1
    _set(out, np.asarray(beyond(nep)), IMPLAUSIBLE)
    if previous is not None:
        _set(out, np.asarray(jumps(nep, previous, np.asarray(nep).dtype.type)), JUMP)
    gone = np.isnan(nep)
    np.multiply(out, ~gone, out=out)  # cells come in short runs, where a mask costs more than arithmetic
    _set(out, gone, NODATA)
    return out


def beyond(nep: Any) -> Any:
    """Whether an NEP (a number or an array, gC m-2 a-1) is implausible."""
    return (nep < LOWEST) | (nep > HIGHEST)


def jumps(nep: Any, previous: Any, kind: Any) -> Any:
    """Whether it is a jump since ``previous``; constants are of one kind."""
    return abs(nep - previous) > np.maximum(abs(previous) * kind(JUMP_SHARE), kind(JUMP_LEAST))


def _set(out: Flags, where: NDArray[np.bool_], bit: int) -> None:
    np.bitwise_or(out, np.multiply(where.view(np.uint8), np.uint8(bit)), out=out)


def counts(found: Flags) -> dict[str, int]:
    """Cells of each flag, by name."""
    bits = {
        "rh_above_respiration": RH_ABOVE_RESPIRATION,
        "implausible": IMPLAUSIBLE,
        "jump": JUMP,
        "nodata": NODATA,
    }
    tally = np.bincount(np.ravel(found), minlength=16)
    return {name: int(sum(tally[code] for code in range(len(tally)) if code & bit)) for name, bit in bits.items()}


@units.of(mean="gC m-2 a-1", returns="1")
def type_is_plausible(kind: int, mean: float) -> bool:
    """Whether the mean NEP of a type lies within 0.3 to 3 times the Yangtze delta's; shrub between grass and forest.
    Types without a NEP are never implausible."""
    if kind == ecosystems.SHRUB:
        low, high = YANGTZE_DELTA[ecosystems.GRASS], YANGTZE_DELTA[ecosystems.FOREST]
    elif kind in YANGTZE_DELTA:
        low = high = YANGTZE_DELTA[kind]
    else:
        return True
    return TYPE_LOW * low <= mean <= TYPE_HIGH * high


def jumped(previous: Any, current: Any) -> NDArray[np.bool_]:
    """Whether sums of zones (any unit) changed by more than 40 % in a year; never where either is unknown."""
    before, now = np.asarray(previous, dtype=np.float64), np.asarray(current, dtype=np.float64)
    return np.asarray(np.abs(now - before) > JUMP_SHARE * np.abs(before))
