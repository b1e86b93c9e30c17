"""Where CCER-14-001-V01 applies, P1 to P8. Clauses (a) to (f) were read in a preview, the rest is recalled."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

EXCLUDED_PURPOSES = {"economic forest", "roadside greening", "urban greening"}
YEARS_NOT_FOREST = 3
SMALLEST_PARCEL = {True: 400, False: 667}  # m2, started in 2020 or later, or before
MOST_REMOVED = 20  # % of the surface, of shrub and of bamboo thinner than 2 cm
CREDITING = (20, 40)  # years
EXEMPT_PRECIPITATION = 400  # mm a year


def _stated(facts: Mapping[str, Any], name: str, *, wanted: bool = True) -> Answer:
    """Pass or fail as stated; without a statement the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] is wanted else "fail"


def _number(facts: Mapping[str, Any], name: str) -> float | None:
    """A stated number; ``None`` where it is missing or is none."""
    try:
        return float(facts[name])
    except (KeyError, TypeError, ValueError):
        return None


@predicate(
    clause="CCER-14-001-V01 §2 (P1)",
    evidence_asked="造林作业设计、林业主管部门批复 / planting design, forestry office approval",
    en="Trees, bamboo or shrubs were planted, and not for fruit, roadside or urban greening",
    zh="乔木、竹子或灌木造林，且不属于经济林、非林地通道绿化、城镇村及工矿绿化",
)
def purpose_is_eligible(facts: Mapping[str, Any]) -> Answer:
    if "afforestation_type" not in facts or "planting_purpose" not in facts:
        return "needs_evidence"
    return "fail" if facts["planting_purpose"] in EXCLUDED_PURPOSES else "pass"


@predicate(
    clause="CCER-14-001-V01 §2 (a) (P2)",
    evidence_asked="土地调查、开工前三年影像、造林规划 / land survey, imagery of three years before, plan",
    en="Land planned for afforestation, no forest for three years before the start, and no replanting of felled forest",
    zh="项目开始前至少连续 3 年不符合森林定义的规划造林地（不含采伐更新、补植与林冠下造林）",
)
def land_was_not_forest(facts: Mapping[str, Any]) -> Answer:
    planned, years = _stated(facts, "planned_for_forest"), _number(facts, "years_not_forest")
    if planned == "fail" or (years is not None and years < YEARS_NOT_FOREST):
        return "fail"
    return "needs_evidence" if years is None else planned


@predicate(
    clause="CCER-14-001-V01 §2 (b) (P3)",
    evidence_asked="不动产权证、林权证、土地证或承包流转合同 / title to the land or the forest, or contract of lease",
    en="Title to the land or the trees is documented",
    zh="土地或林木权属清晰，持有不动产权证、林权证、土地证或承包流转合同",
)
def title_is_clear(facts: Mapping[str, Any]) -> Answer:
    return "pass" if facts.get("title_document") else "needs_evidence"


@predicate(
    clause="CCER-14-001-V01 §2 (c) (P4)",
    evidence_asked="小班矢量图及面积 / parcel map (GIS) with areas",
    en="Every parcel is contiguous and at least 400 m2 (667 m2 if started by 2019)",
    zh="地块连续，面积不小于 400 m2（2019 年及以前开工的不小于 667 m2）",
)
def parcels_are_large_enough(facts: Mapping[str, Any]) -> Answer:
    smallest, started = _number(facts, "parcel_min_m2"), _number(facts, "start_year")
    if smallest is None or started is None:
        return "needs_evidence"
    return "pass" if smallest >= SMALLEST_PARCEL[started >= 2020] else "fail"


@predicate(
    clause="CCER-14-001-V01 §2 (d) (P5)",
    evidence_asked="湿地名录查询结果 / wetland register extract",
    en="The land is not wetland",
    zh="项目土地不属于湿地",
)
def land_is_not_wetland(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "on_wetland", wanted=False)


@predicate(
    clause="CCER-14-001-V01 §2 (e) (P6)",
    evidence_asked="整地记录与影像 / site preparation record, imagery",
    en="Scattered trees and bamboo were kept; shrub and thin bamboo removed on at most 20 % of the surface",
    zh="保留原有散生木（竹），清除原有灌木和胸径小于 2 cm 竹子的面积不超过 20%",
)
def existing_plants_were_kept(facts: Mapping[str, Any]) -> Answer:
    kept, removed = _stated(facts, "scattered_trees_kept"), _number(facts, "shrub_removed_percent")
    if kept == "fail" or (removed is not None and removed > MOST_REMOVED):
        return "fail"
    return "needs_evidence" if removed is None else kept


@predicate(
    clause="CCER-14-001-V01 §2 (f) (P7)",
    evidence_asked="整地与抚育记录 / site preparation and tending records",
    en="After the first preparation of the site the soil was not disturbed again",
    zh="除初次整地外，未再扰动土壤",
)
def soil_was_left_alone(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "soil_disturbed_again", wanted=False)


@predicate(
    clause="CCER-14-001-V01（P8，追记） / CCER-14-001-V01 (P8, recalled)",
    evidence_asked="开工证明、不重复申请承诺、登记查询 / start document, commitment, registry search",
    en="The crediting period is 20 to 40 years; the project is lawful and its removals are counted nowhere else",
    zh="计入期 20–40 年，项目合法合规且未在其他机制重复申请",
)
def period_and_legality(facts: Mapping[str, Any]) -> Answer:
    lawful, years = _stated(facts, "legal_and_not_in_ets"), _number(facts, "crediting_years")
    if lawful == "fail" or (years is not None and not CREDITING[0] <= years <= CREDITING[1]):
        return "fail"
    return "needs_evidence" if years is None else lawful


@predicate(
    clause="CCER-14-001-V01 额外性（追记） / CCER-14-001-V01, additionality (recalled)",
    evidence_asked="降水资料、功能区或公益林证明，或障碍分析 / rain record, zone or forest certificate, analysis",
    en="Additional: exempt by dryness (400 mm), ecological zone or public-benefit forest, or shown by analysis",
    zh="额外性：年降水量不高于 400 mm、国家重点生态功能区或公益林免予论证，否则须论证",
)
def is_additional(facts: Mapping[str, Any]) -> Answer:
    rain = _number(facts, "annual_precipitation_mm")
    if facts.get("key_ecological_zone") is True or facts.get("public_benefit_forest") is True:
        return "pass"
    if rain is not None and rain <= EXEMPT_PRECIPITATION:
        return "pass"
    return _stated(facts, "barrier_analysis")


@predicate(
    clause="CCER-14-001-V01 火灾监测（追记） / CCER-14-001-V01, monitoring of fires (recalled)",
    evidence_asked="监测期森林火灾记录 / forest fire records of the period",
    en="Fires of the period are accounted for",
    zh="监测期火灾已核算",
)
def fires_are_accounted(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "fires_are_accounted")
