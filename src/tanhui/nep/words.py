"""Words and numbers of maps and papers: Chinese as an office prints it, with English beside it.

A quantity is printed as far as its interval lets it be known, and no further; whole kilograms stand in the annex.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

Pair = tuple[str, str]  # Chinese, English

TYPES: dict[str, Pair] = {
    "forest": ("森林", "Forest"),
    "shrub": ("灌丛", "Shrubland"),
    "grass": ("草地", "Grassland"),
    "wetland": ("湿地", "Wetland"),
    "crop": ("农田", "Cropland"),
    "urban": ("城市", "Built-up"),
    "water": ("水域", "Water"),
    "other": ("其他", "Other"),
    "all": ("全部类型", "All types"),
}
CODES: dict[int, str] = dict(enumerate(list(TYPES)[:8], start=1))

FLAGS: dict[str, Pair] = {
    "rh_above_respiration": ("异养呼吸大于生态系统总呼吸", "Rh above total respiration"),
    "implausible": ("超出合理范围", "Outside the plausible range"),
    "jump": ("较上年突变", "Jump since last year"),
    "nodata": ("无数据", "No data"),
}
FLAG_BITS = {1: "rh_above_respiration", 2: "implausible", 4: "jump"}

SIGMA: dict[str, str] = {
    "npp_model": "NPP 模型",
    "rh_model": "异养呼吸模型（系统性，不随面积缩小）",
    "weather": "气象输入",
    "land_cover": "土地覆盖分类",
    "pixel": "像元噪声",
}
SIGMA_SHORT: dict[str, str] = SIGMA | {"rh_model": "异养呼吸模型"}
LEVELS: dict[str, str] = {
    "township": "乡镇（街道）",
    "town": "乡镇（街道）",
    "county": "县（市、区）",
    "province": "省级",
    "park": "自然保护地",
    "red_line": "生态保护红线",
    "redline": "生态保护红线",
}
REVIEW = "审图号："
NOT_REVIEWED = "＿＿＿（未送审，内部使用）"

UNITS = ((Decimal(10) ** 11, "亿吨"), (Decimal(10) ** 7, "万吨"), (Decimal(1000), "吨"))


@dataclass(frozen=True, slots=True)
class Mass:
    """A mass with its interval, all to the same place: ``value``, ``low``, ``high`` as printed, and their unit."""

    value: str
    low: str
    high: str
    half: str
    unit: str
    size: Decimal
    places: int

    @property
    def interval(self) -> str:
        return f"{self.low} ～ {self.high}"

    def also(self, kilograms: int) -> str:
        """Another mass in the same unit to the same place."""
        return fixed(Decimal(kilograms) / self.size, self.places)


def mass(kilograms: int, low: int, high: int) -> Mass:
    """Kilograms with their interval as a table prints them: two figures of the half-width, in t, 万 t or 亿 t.

    Refuses (``ValueError``) an interval upside down. An interval of no width gives whole units.
    """
    if low > high:
        raise ValueError(f"{low} is above {high}")
    largest = max(abs(kilograms), abs(low), abs(high))
    size, unit = next(((size, unit) for size, unit in UNITS if largest >= size), UNITS[-1])
    half = Decimal(high - low) / 2
    places = figures(half / size)
    return Mass(
        value=fixed(Decimal(kilograms) / size, places),
        low=fixed(Decimal(low) / size, places),
        high=fixed(Decimal(high) / size, places),
        half=fixed(half / size, places),
        unit=unit,
        size=size,
        places=places,
    )


def figures(half: Decimal, *, most: int = 3) -> int:
    """Decimal places that keep two figures of a half-width; negative where tens or hundreds are already in doubt."""
    return 0 if half <= 0 else max(min(1 - half.adjusted(), most), -6)


def fixed(number: Decimal, places: int) -> str:
    """A number to so many places (tens and hundreds where negative), thousands apart, a true minus before it."""
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):,.{max(places, 0)}f}"
    return ("−" if rounded < 0 else "") + text


def whole(number: int) -> str:
    """A whole number, thousands apart."""
    return fixed(Decimal(number), 0)


def square_kilometres(area_m2: float) -> str:
    """An area as papers print it: two places below 100 km², one below 10,000, whole above."""
    area = Decimal(str(area_m2)) / 1_000_000
    return fixed(area, 2 if area < 100 else 1 if area < 10_000 else 0)


def percent(share: float, places: int = 1) -> str:
    return fixed(Decimal(str(share)) * 100, places) + "%"


def signed(text: str) -> str:
    """A printed number with its sign in any case, as a change is printed."""
    return text if text.startswith("−") or not any(digit in text for digit in "123456789") else "+" + text


def density(carbon_kg: int, area_m2: float) -> str:
    """Grams of carbon per square metre and year; a dash where there is no area."""
    return "—" if area_m2 <= 0 else fixed(Decimal(carbon_kg) * 1000 / Decimal(str(area_m2)), 1)


def listed(texts: Iterable[str]) -> str:
    """Things one after the other, as Chinese lists them."""
    return "、".join(texts)


def years(numbers: Iterable[int]) -> str:
    """2010, 2011, 2012, 2015 as 2010–2012、2015."""
    runs: list[list[int]] = []
    for year in sorted(set(numbers)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return listed(f"{run[0]}" if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def length(kilometres: float) -> str:
    """A length of a scale bar."""
    return f"{kilometres:g} km" if kilometres >= 1 else f"{math.floor(kilometres * 1000 + 0.5)} m"
