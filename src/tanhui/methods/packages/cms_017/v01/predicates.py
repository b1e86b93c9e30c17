"""Where CMS-017 applies. Facts are declared in the project file or found in the tables."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

RECORD_YEARS = 3


def _declared(facts: Mapping[str, Any], name: str) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] else "fail"


@predicate(
    clause="CMS-017 适用条件：可控灌排 / applicability: irrigated fields with controllable drainage",
    evidence_asked="灌区图、进排水口照片 / irrigation scheme map, photographs of inlets and outlets",
    en="Every parcel is irrigated and can be drained at will",
    zh="各地块为可控灌排的灌溉稻田",
)
def irrigation_is_controlled(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "irrigation_is_controlled")


@predicate(
    clause="CMS-017 适用条件：品种与种植季 / applicability: cultivar and season",
    evidence_asked="购种记录、三年播种日历 / seed purchase records, sowing calendar of three years",
    en="Cultivar and season were not changed to inflate the baseline",
    zh="未以更换品种或种植季抬高基准线",
)
def cultivar_and_season_unchanged(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "cultivar_and_season_unchanged")


@predicate(
    clause="CMS-017 监测：水位 / monitoring: water level",
    evidence_asked="逐地块水位记录（日期与水位） / water-level log of each parcel with dates and levels",
    en="A water-level log is kept for every parcel",
    zh="逐地块保存水位记录",
)
def water_log_kept(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "water_log_kept")


@predicate(
    clause="CMS-017 监测：每层不少于一块参照田 / monitoring: at least one reference field in each stratum",
    evidence_asked="参照田表 / table of reference fields",
    en="Each stratum has a reference field farmed as before",
    zh="每层至少一块按原方式种植的参照田",
)
def reference_fields_present(facts: Mapping[str, Any]) -> Answer:
    return "fail" if facts.get("strata_without_reference") else "pass"


@predicate(
    clause="CMS-017 基准线：不少于三年记录 / baseline: records of at least three years",
    evidence_asked="农户签字的三年施肥记录 / fertiliser records of three years, signed by the grower",
    en="Fertiliser was recorded for at least three years before the project",
    zh="项目前有不少于三年的施肥记录",
)
def fertiliser_recorded(facts: Mapping[str, Any]) -> Answer:
    if "fertiliser_record_years" not in facts:
        return "needs_evidence"
    return "pass" if float(facts["fertiliser_record_years"]) >= RECORD_YEARS else "fail"


@predicate(
    clause="唯一性：同一活动、地块、时段只在一个机制申报 / one activity, parcel and period in one mechanism",
    evidence_asked="农户声明、其他登记簿检索结果 / statement of the grower, search of the other registers",
    en="The same parcels and seasons are not claimed under another mechanism",
    zh="同一地块同一季未在其他机制申报",
)
def claimed_once(facts: Mapping[str, Any]) -> Answer:
    if "claimed_elsewhere" not in facts:
        return "needs_evidence"
    return "fail" if facts["claimed_elsewhere"] else "pass"
