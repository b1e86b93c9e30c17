"""Where VM0033 v2.1 applies and where it does not (§4). Facts are declared, or found in the strata."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

ACTIVITIES = {"hydrology", "sediment", "salinity", "water quality", "planting", "management"}
DISPLACEMENT = {"abandoned two years", "unprofitable", "degradation prohibited", "continues"}


def _declared(facts: Mapping[str, Any], name: str, wanted: bool = True) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if bool(facts[name]) == wanted else "fail"


def _only_if(facts: Mapping[str, Any], condition: str, *wanted: str) -> Answer:
    """Where the condition is declared absent nothing is asked; otherwise every fact named must hold."""
    if condition not in facts:
        return "needs_evidence"
    if not facts[condition]:
        return "pass"
    if any(name not in facts for name in wanted):
        return "needs_evidence"
    return "pass" if all(facts[name] for name in wanted) else "fail"


@predicate(
    clause="VM0033 v2.1 §4 (1), (2)",
    evidence_asked="修复设计方案 / restoration design: what is created, restored or managed",
    en="The activity restores or creates tidal wetland by water, sediment, salinity, quality, planting or care",
    zh="项目活动通过水文、沉积物、盐度、水质、植被种植或管护修复（营造）滨海湿地",
)
def activity_restores_tidal_wetland(facts: Mapping[str, Any]) -> Answer:
    if "activity" not in facts:
        return "needs_evidence"
    return "pass" if facts["activity"] in ACTIVITIES else "fail"


@predicate(
    clause="VM0033 v2.1 §4 (3)",
    evidence_asked="土地利用记录、市场研究或法规 / land-use records, market study or law",
    en="No land use is displaced out of the project area",
    zh="不会把原有土地利用转移到项目区以外",
)
def no_use_is_displaced(facts: Mapping[str, Any]) -> Answer:
    if "former_use" not in facts:
        return "needs_evidence"
    return "pass" if facts["former_use"] in DISPLACEMENT else "fail"


@predicate(
    clause="VM0033 v2.1 §4 (4), (5)",
    evidence_asked="计划烧除方案（仅草本与灌木地上部分） / burning plan: cover burns of herbs and shrubs only",
    en="Fire, if any, is a prescribed burn of herbs and shrubs",
    zh="如有用火，仅限草本和灌木地上部分的计划烧除",
)
def burns_are_prescribed(facts: Mapping[str, Any]) -> Answer:
    return _only_if(facts, "burning", "burning_is_prescribed")


@predicate(
    clause="VM0033 v2.1 §4 (6), (7)",
    evidence_asked="火灾史、人为火因证明、防火方案 / fire history, proof of ignition by people, fire management plan",
    en="Claims for fewer peat fires rest on rewetting, fire management and fires lit by people",
    zh="主张减少泥炭火灾的，须结合复湿与防火管理，并证明火因为人为",
)
def peat_fire_claims_are_founded(facts: Mapping[str, Any]) -> Answer:
    return _only_if(facts, "claims_peat_fires", "rewetting", "fire_management", "ignition_is_anthropogenic")


@predicate(
    clause="VM0033 v2.1 §4 (8)",
    evidence_asked="土壤图、有机土层的复湿设计 / soil map; rewetting design of strata with organic soil",
    en="Planting on organic soil comes with rewetting",
    zh="在有机土上造林种植时须同时复湿",
)
def organic_soil_is_rewetted(facts: Mapping[str, Any]) -> Answer:
    return "pass" if not facts["organic_strata"] else _declared(facts, "rewetting")


@predicate(
    clause="VCS Methodology Requirements 天然生态系统 / native ecosystems",
    evidence_asked="开始前十年遥感影像 / imagery of the ten years before the start",
    en="No native ecosystem was cleared within ten years before the start",
    zh="开始前十年内未清除天然生态系统",
)
def nothing_native_was_cleared(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "native_ecosystem_cleared", wanted=False)


@predicate(
    clause="VM0033 v2.1 §4 不适用情形 (1) / not applicable (1)",
    evidence_asked="项目设计文件中的项目类别 / project category in the project description",
    en="The project is not forest management (IFM) or avoided deforestation (REDD)",
    zh="不属于森林经营（IFM）或减少毁林（REDD）项目",
)
def is_neither_ifm_nor_redd(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "ifm_or_redd", wanted=False)


@predicate(
    clause="VM0033 v2.1 §4 不适用情形 (2) / not applicable (2)",
    evidence_asked="基准线研究 / baseline study",
    en="The baseline has no commercial forestry",
    zh="基准线情景不含商业林业",
)
def baseline_has_no_commercial_forestry(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "baseline_commercial_forestry", wanted=False)


@predicate(
    clause="VM0033 v2.1 §4 不适用情形 (3) / not applicable (3)",
    evidence_asked="水位记录、水文连通设计 / water table records, design of conversion or reconnection",
    en="The water table is not lowered, except from open water to wetland or by reconnection",
    zh="不降低地下水位（开阔水体恢复为湿地或改善水文连通的除外）",
)
def water_table_is_not_lowered(facts: Mapping[str, Any]) -> Answer:
    return _only_if(facts, "lowers_water_table", "open_water_or_reconnection")


@predicate(
    clause="VM0033 v2.1 §4 不适用情形 (4) / not applicable (4)",
    evidence_asked="周边水文模型或监测 / hydrological model or monitoring of the neighbourhood",
    en="Water connections cause no significant emissions outside",
    zh="水文连通不会使项目区外排放显著增加",
)
def neighbours_are_not_harmed(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "outside_emissions_significant", wanted=False)


@predicate(
    clause="VM0033 v2.1 §4 不适用情形 (5) / not applicable (5)",
    evidence_asked="用火方案、土壤图 / burning plan, soil map",
    en="No organic soil is burnt",
    zh="不焚烧有机土",
)
def organic_soil_is_not_burnt(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "burns_organic_soil", wanted=False)


@predicate(
    clause="VM0033 v2.1 §4 不适用情形 (6) / not applicable (6)",
    evidence_asked="管护日志 / management log",
    en="No nitrogen fertiliser, chemical or manure, in the crediting period",
    zh="计入期内不施用氮肥（化肥或粪肥）",
)
def no_nitrogen_is_applied(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "nitrogen_fertiliser", wanted=False)


@predicate(
    clause="VM0033 v2.1 §8.2.4.3, §8.2.4.4",
    evidence_asked="项目前后盐度或同类系统文献 / salinity before and after, or literature of similar systems",
    en="Gases left out of account do not increase",
    zh="未核算的气体排放不会因项目增加",
)
def excluded_gases_do_not_increase(facts: Mapping[str, Any]) -> Answer:
    return "pass" if not facts["gases_excluded"] else _declared(facts, "gases_do_not_increase")


@predicate(
    clause="VM0033 v2.1 §8.1.4.6.4",
    evidence_asked="入流排污口与施肥农田分布图 / map of outfalls and fertilised land draining into the area",
    en="Default nitrous oxide is used only where no wastewater or fertilised land drains in",
    zh="采用氧化亚氮缺省值的区域无污水或施肥农田直接汇入",
)
def nitrogen_does_not_drain_in(facts: Mapping[str, Any]) -> Answer:
    return "pass" if not facts["nitrous_default"] else _declared(facts, "receives_nitrogen", wanted=False)


@predicate(
    clause="VM0033 v2.1 §8.1.4.2.7 脚注 14 / footnote 14",
    evidence_asked="剖面取样记录：与基准线碳含量无差异的土层 / cores down to the layer that equals the baseline",
    en="Seagrass owes no deduction for carbon from elsewhere only where it is measured against the baseline layer",
    zh="海草床免扣外源碳的，土壤碳须以与基准线无差异的土层为界实测",
)
def seagrass_is_measured_by_layer(facts: Mapping[str, Any]) -> Answer:
    return "pass" if not facts["seagrass_strata"] else _declared(facts, "measured_by_layer")
