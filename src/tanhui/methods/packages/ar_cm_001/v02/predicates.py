"""Where the methodology applies, from the facts of the project file."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

EXCLUDED_PURPOSES = {"economic forest", "roadside greening", "urban greening"}
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
    clause="CCER-14-001-V01 §2 (a)",
    evidence_asked="造林作业设计、林业主管部门批复 / planting design, forestry office approval",
    en="Trees were planted, and not for fruit, roadside or urban greening",
    zh="人工造林，且不属于经济林、通道绿化或城镇绿化",
)
def purpose_is_eligible(facts: Mapping[str, Any]) -> Answer:
    if "planting_purpose" not in facts:
        return "needs_evidence"
    return "fail" if facts["planting_purpose"] in EXCLUDED_PURPOSES else "pass"


@predicate(
    clause="AR-CM-001-V01 前言：2005-02-16 以来为无林地 / AR-CM-001-V01, preamble: no forest since 2005-02-16",
    evidence_asked="2005-02-16 以来的土地调查或影像 / land survey or imagery since 2005-02-16",
    en="The land has not been forest since 2005-02-16",
    zh="2005 年 2 月 16 日以来一直是无林地",
)
def land_was_not_forest(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "land_was_not_forest")


@predicate(
    clause="CCER-14-001-V01 §2 (b)",
    evidence_asked="不动产权证、林权证或承包流转合同 / title to the land or the forest, or contract of lease",
    en="Title to land or trees is clear",
    zh="土地或林木权属清晰",
)
def title_is_clear(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "title_is_clear")


@predicate(
    clause="CCER-14-001-V01 §2 (d)",
    evidence_asked="湿地名录查询结果 / wetland register extract",
    en="The land is not wetland",
    zh="不属于湿地",
)
def land_is_not_wetland(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "land_is_not_wetland")


@predicate(
    clause="CCER-14-001-V01 §2 (f)",
    evidence_asked="整地与抚育记录 / site preparation and tending records",
    en="After the first preparation of the site the soil was not disturbed again",
    zh="除初次整地外，未再扰动土壤",
)
def soil_was_left_alone(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "soil_disturbed_again", wanted=False)


@predicate(
    clause="AR-CM-001-V01 额外性（追记） / AR-CM-001-V01, additionality (recalled)",
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
    clause="AR-CM-001-V01：逐年监测火灾 / AR-CM-001-V01: fires monitored every year",
    evidence_asked="监测期森林火灾记录 / forest fire records of the period",
    en="Fires of the period are accounted for",
    zh="监测期火灾已核算",
)
def fires_are_accounted(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "fires_are_accounted")
