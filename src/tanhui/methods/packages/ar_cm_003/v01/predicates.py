"""Where forest management applies (recalled)."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _stated(facts: Mapping[str, Any], name: str, *, wanted: bool = True) -> Answer:
    """Pass or fail as stated; without a statement the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] is wanted else "fail"


@predicate(
    clause="AR-CM-003-V01 适用条件（追记） / AR-CM-003-V01, applicability (recalled)",
    evidence_asked="森林资源调查、小班档案 / forest resource inventory, compartment records",
    en="The stand is planted forest, young or middle-aged",
    zh="属于人工幼、中龄林",
)
def stand_is_young_planted_forest(facts: Mapping[str, Any]) -> Answer:
    if "is_planted_forest" not in facts or "stand_stage" not in facts:
        return "needs_evidence"
    planted = facts["is_planted_forest"] is True
    return "pass" if planted and facts["stand_stage"] in {"young", "middle-aged"} else "fail"


@predicate(
    clause="AR-CM-003-V01 适用条件（追记） / AR-CM-003-V01, applicability (recalled)",
    evidence_asked="经营方案、采伐许可证 / management plan, felling permits",
    en="Stands are not cut clear",
    zh="不采取皆伐",
)
def nothing_is_cut_clear(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "clear_cut", wanted=False)


@predicate(
    clause="AR-CM-003-V01 适用条件（追记） / AR-CM-003-V01, applicability (recalled)",
    evidence_asked="土壤图 / soil map",
    en="The soil is mineral",
    zh="土壤为矿质土壤",
)
def soil_is_mineral(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "mineral_soil")


@predicate(
    clause="AR-CM-003-V01 适用条件（追记） / AR-CM-003-V01, applicability (recalled)",
    evidence_asked="经营方案 / management plan",
    en="Logging residues are not burnt",
    zh="不火烧采伐剩余物",
)
def residues_are_not_burnt(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "residues_burnt", wanted=False)


@predicate(
    clause="AR-CM-003-V01 额外性（追记） / AR-CM-003-V01, additionality (recalled)",
    evidence_asked="项目前后经营方案 / management plans before and after",
    en="The management differs from the practice before",
    zh="经营活动不同于基准线做法",
)
def practice_differs(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "practice_changed")


@predicate(
    clause="AR-CM-003-V01 适用条件（追记） / AR-CM-003-V01, applicability (recalled)",
    evidence_asked="林权证或不动产权证 / forest title or property title",
    en="Title to land and trees is clear",
    zh="土地和林木权属清晰",
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
    clause="AR-CM-003-V01 火灾监测（追记） / AR-CM-003-V01, monitoring of fires (recalled)",
    evidence_asked="监测期森林火灾记录 / forest fire records of the period",
    en="Fires of the period are accounted for",
    zh="监测期火灾已核算",
)
def fires_are_accounted(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "fires_are_accounted")
