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
    "village": "村（社区）",
    "band": "纬度带",
    "plot": "样地",
    "project": "项目区",
    "state": "州",
}
CUT = "_red_line"  # how the name of a level ends whose zones the red line cuts
BASIS: dict[str, str] = {
    "grid": "格网",
    "npp": "净初级生产力方法",
    "rh": "异养呼吸方法",
    "landcover": "生态系统分类",
    "rates": "固碳速率表",
    "norm": "核算规范",
}
POTENTIAL = (
    "净初级生产力由迈阿密模型按气候推算，是潜在植被而非实际植被的生产力，只可用于检验流程，不得作为核算结果发布。"
)
RULES: dict[str, str] = {"nep": "NPP − Rh", "rate": "固碳速率法", "not_applicable": "不适用"}
ONE_MODEL = (
    "国内常用的异养呼吸公式与实测相比偏差较大，且多由寒旱区资料拟合，用于湿润地区属于外推。本次运行只采用一个呼吸模型，"
    "没有模型间差异可供参照，中心值应谨慎使用，建议补充第二个模型。"
)
NPP: dict[str, str] = {
    "raster": "用户提供的净初级生产力栅格",
    "mod17": "MODIS MOD17 净初级生产力产品",
    "gpp_cue": "总初级生产力（GPP）乘以碳利用效率（CUE）",
    "casa": "改进的 CASA 模型",
    "miami": "迈阿密（Miami）气候模型",
}
RASTER_MODEL = "用户提供的异养呼吸栅格"
LAYERS: dict[str, str] = {
    "npp": "净初级生产力 NPP",
    "gpp": "总初级生产力 GPP",
    "rh": "异养呼吸 Rh",
    "temperature": "气温",
    "precipitation": "降水",
    "solar": "太阳总辐射",
    "ndvi": "植被指数 NDVI",
    "water": "水分胁迫系数",
    "soc": "土壤有机碳密度",
    "landcover": "生态系统类型（土地覆盖）",
    "previous": "上年 NEP",
}
RESAMPLING: dict[str, str] = {
    "none": "未重采样",
    "declared": "设定值",
    "nearest": "最邻近",
    "bilinear": "双线性",
    "average": "面积平均",
    "mode": "众数",
}
UNIT_NAMES: dict[str, str] = {
    "degC": "℃",
    "C": "℃",
    "K": "K",
    "mm": "mm/月",
    "mm month-1": "mm/月",
    "mm a-1": "mm/年",
    "MJ m-2": "MJ/(m²·月)",
    "gC m-2 a-1": "gC/(m²·a)",
    "kgC m-2 a-1": "kgC/(m²·a)",
    "kgC m-2": "kgC/m²",
    "class": "类别",
    "1": "无量纲",
}
GRADES: dict[str, str] = {
    "A": "官方文本",
    "P": "同行评议文献",
    "B": "二手转录",
    "C": "新闻或一般网页",
    "D": "凭记忆引用，未经原文核对",
}
NOT_REVIEWED = "＿＿＿（未送审，内部使用）"

UNITS = {"亿吨": Decimal(10) ** 11, "万吨": Decimal(10) ** 7, "吨": Decimal(1000)}


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


def mass(kilograms: int, low: int, high: int, *, unit: str = "") -> Mass:
    """Kilograms with their interval as a table prints them: two figures of the half-width, in ``unit`` or in what fits.

    Refuses (``ValueError``) an interval upside down. An interval of no width gives whole units.
    """
    if low > high:
        raise ValueError(f"{low} is above {high}")
    unit = unit or unit_of([kilograms, low, high])
    size = UNITS[unit]
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


def unit_of(kilograms: Iterable[int]) -> str:
    """吨, 万吨 or 亿吨: the largest of which the largest number has at least one."""
    largest = max((abs(number) for number in kilograms), default=0)
    return next((unit for unit, size in UNITS.items() if largest >= size), "吨")


def figures(half: Decimal, *, most: int = 3) -> int:
    """Decimal places that keep two figures of a half-width; negative where tens or hundreds are already in doubt."""
    return 0 if half <= 0 else max(min(1 - half.adjusted(), most), -6)


def fixed(number: Decimal, places: int) -> str:
    """A number to so many places (tens and hundreds where negative), thousands apart, a true minus before it."""
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):,.{max(places, 0)}f}"
    return ("−" if rounded < 0 else "") + text


def number(value: float, places: int) -> str:
    """A plain number to so many places."""
    return fixed(Decimal(repr(value)), places)


def three(kilograms: int, unit: str) -> str:
    """A mass without an interval of its own, in ``unit``, to about three figures."""
    exact = Decimal(kilograms) / UNITS[unit]
    return fixed(exact, max(0, min(4, 2 - exact.adjusted())) if exact else 0)


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


def level(name: str) -> str:
    """What a level of zones is called."""
    if name.endswith(CUT) and name != CUT:
        return f"{LEVELS.get(name.removesuffix(CUT), name.removesuffix(CUT))}（分红线内外）"
    return LEVELS.get(name, name)


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
