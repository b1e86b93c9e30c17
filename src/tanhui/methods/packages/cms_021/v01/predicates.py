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
    clause="CMS-021 additionality: no rule requires recovery",
    evidence_asked="permits of the farm, rules in force",
    en="No rule required the farm to recover or destroy methane",
    zh="法规未强制养殖场回收或销毁甲烷",
)
def recovery_not_required(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "recovery_not_required")


@predicate(
    clause="AMS-III.D: manure stayed for 30 days or more under anaerobic conditions (recalled)",
    evidence_asked="drawings and operating records of the former system",
    en="Manure stayed for at least thirty days in the former system",
    zh="原系统粪便厌氧停留不少于三十天",
)
def was_anaerobic(facts: Mapping[str, Any]) -> Answer:
    if "retention_days" not in facts:
        return "needs_evidence"
    return "pass" if float(facts["retention_days"]) >= LEAST_RETENTION else "fail"


@predicate(
    clause="CMS-021 monitoring: continuous gas flow and methane content",
    evidence_asked="calibration certificates",
    en="Meters and analysers were calibrated in the period",
    zh="监测期内计量与分析仪器经检定",
)
def meters_calibrated(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "meters_calibrated")


@predicate(
    clause="methodologies: one activity, meter and period in one mechanism",
    evidence_asked="search of the registers of power, heat and green certificates",
    en="The methane is not claimed again with the energy made of it",
    zh="甲烷减排量未随能源项目重复申报",
)
def methane_claimed_once(facts: Mapping[str, Any]) -> Answer:
    return _denied(facts, "energy_claimed_elsewhere")
