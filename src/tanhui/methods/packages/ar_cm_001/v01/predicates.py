"""Where the methodology applies. Facts are declared in the project file or found in the plots."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

EXCLUDED_PURPOSES = {"economic forest", "roadside greening", "urban greening"}


def _declared(facts: Mapping[str, Any], name: str) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] else "fail"


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
    evidence_asked="开工前的土地调查或影像 / land survey or imagery before the start",
    en="The land was not forest before the project",
    zh="项目开始前不是有林地",
)
def land_was_not_forest(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "land_was_not_forest")


@predicate(
    clause="AR-CM-001-V01：植苗或播种造林 / AR-CM-001-V01: by planting or seeding",
    evidence_asked="逐样地的起源记录 / origin recorded in each plot",
    en="No plot was natural forest at the first survey",
    zh="第一次调查时没有天然起源的样地",
)
def stands_are_planted(facts: Mapping[str, Any]) -> Answer:
    return "fail" if facts["natural_plots"] else "pass"


@predicate(
    clause="CCER-14-001-V01 §2 (b)",
    evidence_asked="不动产权证、林权证或承包流转合同 / title to the land or the forest, or contract of lease",
    en="Title to land or trees is clear",
    zh="土地或林木权属清晰",
)
def title_is_clear(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "title_is_clear")


@predicate(
    clause="CCER-14-001-V01 §2 (d)",
    evidence_asked="湿地名录查询结果 / wetland register extract",
    en="The land is not wetland",
    zh="不属于湿地",
)
def land_is_not_wetland(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "land_is_not_wetland")


@predicate(
    clause="AR-CM-001-V01：逐年监测火灾 / AR-CM-001-V01: fires monitored every year",
    evidence_asked="监测期森林火灾记录 / forest fire records of the period",
    en="Fires of the period are accounted for",
    zh="监测期火灾已核算",
)
def fires_are_accounted(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "fires_are_accounted")
