"""Seven types of ecosystem (policy document 4, article 3) and an eighth for the rest; which method each one takes.

Rasters hold 1 to 8 in the order of ``NAMES``; 0 is no data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

NODATA = 0
FOREST, SHRUB, GRASS, WETLAND, CROP, URBAN, WATER, OTHER = range(1, 9)
NAMES = ("forest", "shrub", "grass", "wetland", "crop", "urban", "water", "other")
NAMES_ZH = ("森林", "灌丛", "草地", "湿地", "农田", "城市", "水域", "其他")
CODES: Mapping[str, int] = {name: code for code, name in enumerate(NAMES, 1)}

Method = Literal["nep", "rate", "not_applicable"]


@dataclass(frozen=True)
class Rule:
    """How a type's stock sink is found: ``nep`` by NPP − Rh, ``rate`` only where a table of rates was loaded, or not at
    all, and why."""

    method: Method
    reason_en: str
    reason_zh: str


RULES: Mapping[int, Rule] = {
    FOREST: Rule("nep", "NPP less heterotrophic respiration", "净初级生产力减去异养呼吸"),
    SHRUB: Rule("nep", "NPP less heterotrophic respiration", "净初级生产力减去异养呼吸"),
    GRASS: Rule("nep", "NPP less heterotrophic respiration", "净初级生产力减去异养呼吸"),
    WETLAND: Rule(
        "nep",
        "NPP less heterotrophic respiration; methane and lateral carbon are outside NEP",
        "净初级生产力减去异养呼吸；甲烷与横向碳输移不在其内",
    ),
    CROP: Rule(
        "nep",
        "NPP less heterotrophic respiration; most of it leaves the field as harvest",
        "净初级生产力减去异养呼吸；其中大部分随收获离开农田",
    ),
    URBAN: Rule(
        "rate",
        "NPP models mean nothing on built-up land; green space counts only by a loaded table of rates",
        "净初级生产力模型不适用于建设用地；城市绿地仅在载入固碳速率表后按速率法计入",
    ),
    WATER: Rule(
        "not_applicable",
        "NPP of vegetation is undefined on open water",
        "植被净初级生产力在开放水面上没有定义，不适用",
    ),
    OTHER: Rule(
        "not_applicable",
        "bare land, ice and the like are not among the types of the policy",
        "裸地、冰雪等不属于办法所列类型，不适用",
    ),
}

# For a kernel: index with the codes; true where NPP − Rh holds.
COMPUTED: NDArray[np.bool_] = np.array([False] + [RULES[code].method == "nep" for code in range(1, 9)])

# MCD12Q1 IGBP. Woody savannas have 30 to 60 % tree cover, which Chinese classifications call forest.
IGBP: Mapping[int, int] = {
    **dict.fromkeys([1, 2, 3, 4, 5, 8], FOREST),
    **dict.fromkeys([6, 7], SHRUB),
    **dict.fromkeys([9, 10], GRASS),
    11: WETLAND,
    **dict.fromkeys([12, 14], CROP),
    13: URBAN,
    **dict.fromkeys([0, 17], WATER),
    **dict.fromkeys([15, 16], OTHER),
}
# ESA WorldCover; mangroves are wetland in the Chinese land survey
WORLDCOVER: Mapping[int, int] = {
    10: FOREST,
    20: SHRUB,
    30: GRASS,
    40: CROP,
    50: URBAN,
    60: OTHER,
    70: OTHER,
    80: WATER,
    90: WETLAND,
    95: WETLAND,
    100: OTHER,
}
# CLCD, the annual China land cover dataset of Wuhan University
CLCD: Mapping[int, int] = {
    1: CROP,
    2: FOREST,
    3: SHRUB,
    4: GRASS,
    5: WATER,
    6: OTHER,
    7: OTHER,
    8: URBAN,
    9: WETLAND,
}
GLOBELAND30: Mapping[int, int] = {
    10: CROP,
    20: FOREST,
    30: GRASS,
    40: SHRUB,
    50: WETLAND,
    60: WATER,
    70: OTHER,
    80: URBAN,
    90: OTHER,
    100: OTHER,
}
OWN: Mapping[int, int] = {code: code for code in range(1, 9)}
SCHEMES: Mapping[str, Mapping[int, int]] = {
    "igbp": IGBP,
    "worldcover": WORLDCOVER,
    "clcd": CLCD,
    "globeland30": GLOBELAND30,
    "tanhui": OWN,
}


class MissingCodes(ValueError):
    """Land-cover codes that the mapping does not know. ``codes`` in order."""

    def __init__(self, codes: tuple[int, ...]) -> None:
        self.codes = codes
        super().__init__(f"missing codes: {', '.join(map(str, codes))}")


def reclass(
    codes: NDArray[np.integer[Any]], mapping: Mapping[int, int], nodata: int | None = None
) -> NDArray[np.uint8]:
    """Land-cover codes as types 1 to 8, ``nodata`` as 0. ``MissingCodes`` for any other code the mapping lacks."""
    given = np.asarray(codes)
    if not given.size:
        return np.zeros(given.shape, dtype=np.uint8)
    known = {int(code): int(kind) for code, kind in mapping.items()}
    if nodata is not None:
        known[int(nodata)] = NODATA
    low, high = int(given.min()), int(given.max())
    table = np.full(high - low + 1, 255, dtype=np.uint8)
    for code, kind in known.items():
        if low <= code <= high:
            table[code - low] = kind
    found = table[given.astype(np.int64) - low] if low else table[given]
    if (missing := found == 255).any():
        raise MissingCodes(tuple(int(one) for one in np.unique(given[missing])))
    return found


def from_igbp(codes: NDArray[np.integer[Any]], nodata: int | None = 255) -> NDArray[np.uint8]:
    """Types of MCD12Q1's IGBP classes; the fill value (255, or -128 in files of one byte with sign) is no data."""
    return reclass(codes, IGBP, nodata)
