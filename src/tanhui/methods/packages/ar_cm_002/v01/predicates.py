"""Where bamboo afforestation applies (recalled)."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

LEAST_CANOPY = 20  # %, for bamboo to be forest


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
    clause="AR-CM-002-V01 适用条件（追记） / AR-CM-002-V01, applicability (recalled)",
    evidence_asked="2005-02-16 以来的土地调查或影像 / land survey or imagery since 2005-02-16",
    en="The land has not been forest since 2005-02-16",
    zh="2005 年 2 月 16 日以来一直是无林地",
)
def land_was_not_forest(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "land_was_not_forest")


@predicate(
    clause="AR-CM-002-V01 适用条件（追记） / AR-CM-002-V01, applicability (recalled)",
    evidence_asked="湿地名录查询结果 / wetland register extract",
    en="The land is not wetland",
    zh="不属于湿地",
)
def land_is_not_wetland(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "land_is_not_wetland")


@predicate(
    clause="AR-CM-002-V01 适用条件（追记） / AR-CM-002-V01, applicability (recalled)",
    evidence_asked="造林作业设计 / planting design",
    en="The bamboo will close to at least 20 %",
    zh="竹林规划郁闭度不低于 0.20",
)
def canopy_becomes_forest(facts: Mapping[str, Any]) -> Answer:
    canopy = _number(facts, "bamboo_cover_percent")
    if canopy is None:
        return "needs_evidence"
    return "pass" if canopy >= LEAST_CANOPY else "fail"


@predicate(
    clause="AR-CM-002-V01 适用条件（追记） / AR-CM-002-V01, applicability (recalled)",
    evidence_asked="整地与抚育记录 / site preparation and tending records",
    en="After the first preparation of the site the soil was not disturbed again",
    zh="除初次整地外，未再扰动土壤",
)
def soil_was_left_alone(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "soil_disturbed_again", wanted=False)


@predicate(
    clause="AR-CM-002-V01 适用条件（追记） / AR-CM-002-V01, applicability (recalled)",
    evidence_asked="林权证或不动产权证 / forest title or property title",
    en="Title to land and bamboo is clear",
    zh="土地和竹林权属清晰",
)
def title_is_clear(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "title_is_clear")


@predicate(
    clause="《温室气体自愿减排交易管理办法（试行）》第八条",
    evidence_asked="不重复申请承诺书 / commitment against double counting",
    en="The removals are counted under no other scheme",
    zh="未在其他机制重复申请",
)
def counted_once(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "legal_and_not_in_ets")


@predicate(
    clause="AR-CM-002-V01 火灾监测（追记） / AR-CM-002-V01, monitoring of fires (recalled)",
    evidence_asked="监测期森林火灾记录 / forest fire records of the period",
    en="Fires of the period are accounted for",
    zh="监测期火灾已核算",
)
def fires_are_accounted(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "fires_are_accounted")
