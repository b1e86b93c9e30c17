"""Where CMS-021 applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

LEAST_RETENTION = 30  # days; AMS-III.D, recalled


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
    clause="CMS-021 额外性：法规未强制回收 / additionality: no rule requires recovery",
    evidence_asked="养殖场许可、现行规定 / permits of the farm, rules in force",
    en="No rule required the farm to recover or destroy methane",
    zh="法规未强制养殖场回收或销毁甲烷",
)
def recovery_not_required(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "recovery_not_required")


@predicate(
    clause="AMS-III.D：粪便厌氧停留不少于 30 天（追记） / 30 days or more, anaerobic (recalled)",
    evidence_asked="原系统图纸与运行记录 / drawings and operating records of the former system",
    en="Manure stayed for at least thirty days in the former system",
    zh="原系统粪便厌氧停留不少于三十天",
)
def was_anaerobic(facts: Mapping[str, Any]) -> Answer:
    if "retention_days" not in facts:
        return "needs_evidence"
    return "pass" if float(facts["retention_days"]) >= LEAST_RETENTION else "fail"


@predicate(
    clause="CMS-021 监测：沼气流量与甲烷含量 / monitoring: continuous gas flow and methane content",
    evidence_asked="检定证书 / calibration certificates",
    en="Meters and analysers were calibrated in the period",
    zh="监测期内计量与分析仪器经检定",
)
def meters_calibrated(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "meters_calibrated")


@predicate(
    clause="唯一性：同一活动、计量表、时段只在一个机制申报 / one activity, meter and period in one mechanism",
    evidence_asked="发电、供热与绿证登记检索结果 / search of the registers of power, heat and green certificates",
    en="The methane is not claimed again with the energy made of it",
    zh="甲烷减排量未随能源项目重复申报",
)
def methane_claimed_once(facts: Mapping[str, Any]) -> Answer:
    return _denied(facts, "energy_claimed_elsewhere")
