"""How a run found its figures, in the words of its papers: formula, norm, table of coefficients, the rule of each type,
and what its errors are made of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tanhui.nep import norms, words
from tanhui.nep.kernel import DIRECT, RATIO
from tanhui.nep.plan import Plan
from tanhui.science import ecosystems, respiration

Line = tuple[str, str, str, str]  # what, by what, from where, evidence grade

FORMULAS: Mapping[str, str] = {
    "nep": "NEP = NPP − Rh",
    "nep_ratio": "NEP = α × NPP",
    "rate": "固碳量 = 固碳速率 ×（1 + β）× 面积",
    "biomass": "固碳量 =（后期生物量 − 前期生物量）× 含碳系数 × 面积 ÷ 间隔年数",
}
EXPLAINED: Mapping[str, str] = {
    "nep": "其中 NPP 为植被净初级生产力，Rh 为异养（土壤）呼吸，单位均为 gC/(m²·a)；",
    "nep_ratio": "其中 NPP 为植被净初级生产力，单位为 gC/(m²·a)；α 为规范所列的 NEP/NPP 转换系数，按生态系统类型取值；",
    "rate": "其中固碳速率按生态系统类型取自规范的系数表，单位为 tC/(hm²·a)；"
    "β 为土壤固碳相对植被固碳的比例，表中未列者取零；",
    "biomass": "其中生物量为两次调查的单位面积干物质量，单位为 t/hm²；含碳系数按生态系统类型取自规范的系数表；",
}
SHORT: Mapping[str, str] = {
    "nep": "NPP − Rh", "nep_ratio": "NEP/NPP 转换系数", "rate": "固碳速率法", "biomass": "生物量法",
}  # fmt: skip
REASONS: Mapping[str, str] = {
    "nep_ratio": "净初级生产力乘以转换系数", "rate": "固碳速率乘以面积", "biomass": "两期生物量之差折算",
}  # fmt: skip
COEFFICIENTS: Mapping[str, tuple[str, str]] = {  # of a table: what, and in which unit
    "alpha": ("NEP/NPP 转换系数 α", ""),
    "rate": ("固碳速率", " tC/(hm²·a)"),
    "carbon_fraction": ("含碳系数", ""),
}
# Components of the error that a way has, as papers call them
ERRORS: Mapping[str, Mapping[str, str]] = {
    "nep": words.SIGMA_SHORT,
    "nep_ratio": {"npp_model": "NPP 与转换系数", "land_cover": "土地覆盖分类", "pixel": "像元噪声"},
    "rate": {"npp_model": "固碳速率", "land_cover": "土地覆盖分类", "pixel": "像元噪声"},
    "biomass": {"npp_model": "两期生物量", "land_cover": "土地覆盖分类", "pixel": "像元噪声"},
}
OF_A_CELL: Mapping[str, str] = {
    "nep": "像元区间含 NPP 模型、异养呼吸模型和气象输入三项，均为系统性误差，不随面积增大而缩小。",
    "nep_ratio": "像元区间含 NPP 模型与转换系数两项，均为系统性误差，不随面积增大而缩小。",
    "rate": "像元区间来自固碳速率的误差，同一类型处处相同，不随面积增大而缩小。",
    "biomass": "像元区间来自两次调查的生物量误差；差值小而两期存量大，区间因此往往宽于差值本身。",
}
BOUND: Mapping[str, str] = {
    "nep": "保守下限取模型集合中最低的结果再减去其余误差，不高于区间下端。",
    "nep_ratio": "保守下限取区间下端：只有一个转换系数，没有模型集合可供取低。",
    "rate": "保守下限取区间下端：每个类型只有一个固碳速率，没有模型集合可供取低。",
    "biomass": "保守下限取区间下端：只有一对调查，没有模型集合可供取低。",
}
DENSITY: Mapping[str, str] = {"nep": "NEP", "nep_ratio": "NEP", "rate": "单位面积固碳量", "biomass": "单位面积固碳量"}
MAPPED: Mapping[str, words.Pair] = {
    "nep": ("净生态系统生产力（NEP）", "Net ecosystem production"),
    "nep_ratio": ("净生态系统生产力（NEP）", "Net ecosystem production"),
    "rate": ("单位面积固碳量", "Carbon fixed"),
    "biomass": ("单位面积固碳量", "Carbon fixed"),
}


@dataclass(frozen=True, slots=True)
class Methodology:
    """The way of a run with everything that papers say of it. ``told`` is what the record keeps of the way: empty for
    NPP − Rh (``ways.told``)."""

    plan: Plan
    told: Mapping[str, Any]
    models: Sequence[str]

    @property
    def way(self) -> str:
        """``nep``, ``nep_ratio``, ``rate`` or ``biomass``."""
        return self.plan.way

    @property
    def modelled(self) -> bool:
        """Whether respiration was modelled: what is said of its models holds for this run."""
        return self.way == "nep"

    @property
    def direct(self) -> bool:
        """Whether there is neither NPP nor respiration."""
        return self.way in DIRECT

    @property
    def name(self) -> str:
        return norms.METHODS[self.way].zh

    @property
    def formula(self) -> str:
        return FORMULAS[self.way]

    @property
    def explained(self) -> str:
        """The formula with what its letters mean, and how tonnes come of it."""
        cells = "各像元 NEP" if not self.direct else "各像元单位面积固碳量"
        return (
            f"{self.formula}。{EXPLAINED[self.way]}折算二氧化碳时乘以 44/12。"
            f"区域总量为{cells}与其椭球面积乘积之和，仅在最后一步取整到千克。"
        )

    @property
    def indicator(self) -> str:
        """What is counted, in a line."""
        if self.modelled:
            return "净生态系统生产力（NEP）= 净初级生产力（NPP）− 异养呼吸（Rh）"
        return f"固碳量，按{self.name}：{self.formula}"

    @property
    def mapped(self) -> words.Pair:
        """The quantity of a map, in Chinese and English."""
        return MAPPED[self.way]

    @property
    def density(self) -> str:
        """What a table calls the quantity for each square metre."""
        return DENSITY[self.way]

    @property
    def called(self) -> str:
        """What stands behind the stock sink in a sentence."""
        return "NEP" if not self.direct else SHORT[self.way]

    # -- norm and table

    @property
    def norm(self) -> str:
        """Norm and version, then the version of the coefficient table, as far as plan and table name them."""
        name = self._named()
        return f"{name}{self._table()}" if name else "未指定核算规范"

    @property
    def norm_in_full(self) -> str:
        """The same with the norm's title and clause."""
        said = self.plan.norm
        known = norms.NORMS.get(str(said.get("id", "")))
        title = str(said.get("title") or (known.title if known else ""))
        clause = str(said.get("clause") or (known.clause if known and not self.modelled else ""))
        return f"{self._named()}{f'《{title}》' if title else ''}{clause}{self._table()}"

    def _named(self) -> str:
        said = self.plan.norm
        return " ".join(str(said[key]) for key in ("id", "version") if said.get(key))

    def _table(self) -> str:
        version = self.told.get("version") or self.plan.norm.get("coefficients")
        return f"，系数表 {version}" if version else ""

    @property
    def table(self) -> str:
        """The table of coefficients with its file and hash; empty where the way takes none."""
        if not self.told:
            return ""
        what, _ = COEFFICIENTS[self.told["quantity"]]
        region = self.plan.norm.get("region")
        return (
            f"{what}取自{self.told['norm']}系数表 {self.told['version']} 版"
            f"（文件 {self.told['file']}，SHA-256 {self.told['sha256']}"
            f"{f'，取区划 {region} 的值' if region else ''}）；规范与系数中最低的证据等级为 {self.told['grade']}。"
        )

    @property
    def line(self) -> str:
        """Formula, models and norm, as a line under a map."""
        if self.modelled:
            named = words.listed(map(model, self.models))
            mean = "（集合平均）" if len(self.models) > 1 else ""
            return f"NEP = NPP − Rh；NPP 采用{self.npp}；Rh 采用{named}{mean}；{self.norm}"
        grown = f"NPP 采用{self.npp}；" if not self.direct else ""
        return f"{self.name}，{self.formula}；{grown}{self.norm}"

    @property
    def npp(self) -> str:
        return words.NPP.get(str(self.plan.npp["method"]), str(self.plan.npp["method"]))

    def coefficients(self) -> list[Line]:
        """Each type's coefficient with its source and grade."""
        if not self.told:
            return []
        what, unit = COEFFICIENTS[self.told["quantity"]]
        return [
            (
                f"{words.TYPES[kind][0]}{what}",
                f"{row['value']:g}{unit}" + (f"，β = {row['beta']:g}" if row["beta"] else ""),
                row["source"] + (f"（区划 {row['region']}）" if row["region"] else ""),
                row["grade"],
            )
            for kind, row in self.told["rows"].items()
            if self.suits(kind)
        ]

    # -- types

    def suits(self, kind: str) -> bool:
        """Whether the way holds for a type: for vegetation, and for whatever else its table has a rate of."""
        vegetation = bool(ecosystems.COMPUTED[ecosystems.CODES[kind]])
        return vegetation or (self.way == "rate" and kind in self.told.get("rows", {}))

    def counts(self, kind: str) -> bool:
        """Whether the type gets a figure: it suits, and the table has a coefficient for it."""
        return self.suits(kind) and (not self.told or kind in self.told["rows"])

    def rule(self, kind: str) -> tuple[str, str]:
        """How a type is counted and why, as the table of the report's scope has it."""
        rule = ecosystems.RULES[ecosystems.CODES[kind]]
        if self.modelled or not self.suits(kind):
            return words.RULES[rule.method], rule.reason_zh
        if not self.counts(kind):
            return "未核算", "系数表中没有该类型的系数"
        _, _, remark = rule.reason_zh.partition("；")
        return SHORT[self.way], REASONS[self.way] + (f"；{remark}" if remark and not self.direct else "")

    # -- errors

    @property
    def errors(self) -> Mapping[str, str]:
        """The components of the error this way has, by name, as papers call them."""
        return ERRORS[self.way]

    @property
    def of_a_cell(self) -> str:
        return OF_A_CELL[self.way]

    @property
    def bound(self) -> str:
        return BOUND[self.way]


def of(plan: Plan, record: Mapping[str, Any]) -> Methodology:
    """The methodology of a run by its plan and record."""
    return Methodology(plan, record.get("way", {}), plan.models)


def model(key: str) -> str:
    """What a model of respiration is called."""
    if key == RATIO:
        return "按转换系数推得（NPP − NEP）"
    return respiration.MODELS[key].zh if key in respiration.MODELS else words.RASTER_MODEL
