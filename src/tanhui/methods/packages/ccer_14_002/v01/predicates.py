"""Where mangrove planting may claim under CCER-14-002-V01: conditions (a) and (b) as read in a secondary copy.

Whether the land lies at the sea is found from its division code (``inputs.py``), not taken from a declaration.
"""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

ELIGIBLE_LAND = {"unvegetated tidal flat", "retired aquaculture pond"}


def _declared(facts: Mapping[str, Any], name: str, wanted: bool = True) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if bool(facts[name]) == wanted else "fail"


@predicate(
    clause="CCER-14-002-V01 适用条件 (a)：无植被潮滩或退养的养殖塘 / bare tidal flat or retired pond",
    evidence_asked="项目所在县行政区划代码 / division code of the county",
    en="The land lies at the sea",
    zh="项目地块位于沿海地区",
)
def land_lies_at_the_sea(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "coastal")


@predicate(
    clause="CCER-14-002-V01 适用条件 (a) / applicability (a)",
    evidence_asked="种植前遥感影像、养殖塘退养记录 / imagery before planting; record of the pond's retirement",
    en="The land was tidal flat without vegetation or a retired aquaculture pond",
    zh="地块为无植被潮滩或退养的养殖塘",
)
def land_is_bare_flat_or_retired_pond(facts: Mapping[str, Any]) -> Answer:
    if "land" not in facts:
        return "needs_evidence"
    return "pass" if facts["land"] in ELIGIBLE_LAND else "fail"


@predicate(
    clause="CCER-14-002-V01 适用条件 (a) / applicability (a)",
    evidence_asked="高程、潮位与盐度调查或修复记录 / survey of elevation, tide and salinity, or restoration record",
    en="The land suits mangrove, or was restored to suit it",
    zh="地块适宜或经修复后适宜红树林生长",
)
def land_suits_mangrove(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "land_suits_mangrove")


@predicate(
    clause="CCER-14-002-V01 适用条件 (a) / applicability (a)",
    evidence_asked="造林作业设计、验收记录 / planting design, acceptance record",
    en="The mangrove was planted",
    zh="通过人工种植营造红树林",
)
def mangrove_is_planted(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "mangrove_planted")


@predicate(
    clause="CCER-14-002-V01 适用条件 (b) / applicability (b)",
    evidence_asked="海域（土地）权属证明 / title issued by a county government or natural-resources authority",
    en="Title to sea area or land is clear",
    zh="海域或土地权属清晰，由县级以上人民政府或自然资源主管部门颁发权属证明",
)
def title_is_clear(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "title_is_clear")


@predicate(
    clause="《温室气体自愿减排交易管理办法（试行）》第四十八条：唯一性 / art. 48: uniqueness",
    evidence_asked="其他减排机制登记检索结果 / search of the other registers",
    en="The same removal is claimed nowhere else",
    zh="同一清除量未在其他减排机制重复申请",
)
def is_claimed_once(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "claimed_elsewhere", wanted=False)


@predicate(
    clause="CCER-14-002-V01 计算部分（未取得原文） / not at hand",
    evidence_asked="方法学计算部分原文 / the filed text of the computation, as a new version of this package",
    en="The computation is that of the filed methodology",
    zh="计算过程与备案方法学原文一致",
)
def computation_is_of_the_filed_text(facts: Mapping[str, Any]) -> Answer:
    """Never passes: this version computes by a stand-in. No run of it can be issued."""
    return "needs_evidence"
