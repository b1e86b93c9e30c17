"""Where CMS-083 applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _declared(facts: Mapping[str, Any], name: str) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] else "fail"


def _denied(facts: Mapping[str, Any], name: str) -> Answer:
    """Pass when declared not to be so."""
    if name not in facts:
        return "needs_evidence"
    return "fail" if facts[name] else "pass"


@predicate(
    clause="CMS-083 适用条件：项目前为常规耕作 / applicability: conventional tillage before the project",
    evidence_asked="此前耕作记录或影像 / tillage records or imagery of the years before",
    en="The practice was not in use before the project",
    zh="项目前未采用保护性耕作",
)
def practice_is_new(facts: Mapping[str, Any]) -> Answer:
    if "practice_years_before" not in facts:
        return "needs_evidence"
    return "pass" if float(facts["practice_years_before"]) == 0 else "fail"


@predicate(
    clause="CMS-083 适用条件：矿质土 / applicability: mineral soils",
    evidence_asked="土壤图或检测报告 / soil map or analysis",
    en="Soils are mineral, not peat",
    zh="土壤为矿质土",
)
def soil_is_mineral(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "soil_is_mineral")


@predicate(
    clause="唯一性：还田秸秆归土壤碳方法学，不重复计量 / straw return feeds the soil carbon method, never both",
    evidence_asked="秸秆去向凭证、秸秆项目检索结果 / fate of the straw, search of the straw projects",
    en="Straw that stays on the field is not claimed again as avoided burning",
    zh="还田秸秆未再按避免焚烧申报",
)
def straw_counted_once(facts: Mapping[str, Any]) -> Answer:
    return _denied(facts, "straw_claimed_elsewhere")


@predicate(
    clause="唯一性：同一活动、地块、时段只在一个机制申报 / one activity, parcel and period in one mechanism",
    evidence_asked="化肥项目检索结果 / search of the fertiliser projects",
    en="Less nitrogen on these parcels is not claimed here and there",
    zh="同一地块未另按化肥减量申报",
)
def nitrogen_counted_once(facts: Mapping[str, Any]) -> Answer:
    return _denied(facts, "nitrogen_claimed_elsewhere")
