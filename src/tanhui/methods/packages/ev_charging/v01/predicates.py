"""Where the structure applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _stated(facts: Mapping[str, Any], name: str) -> Answer:
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] else "fail"


@predicate(
    clause="唯一性：每度电只计入运营方或车主一方 / each kWh to the operator or the driver",
    evidence_asked="运营方与车主的权益约定及披露 / agreement between operator and drivers, disclosed",
    en="Who claims a kilowatt-hour is agreed and disclosed",
    zh="运营方与车主已约定并披露每度电由谁计入",
)
def claim_is_agreed(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "drivers_agreed")


@predicate(
    clause="JJG 1148 电动汽车充电桩检定规程（追记） / verification of charging piles (recalled)",
    evidence_asked="充电桩检定证书 / verification certificates of the piles",
    en="Meters of the piles are calibrated",
    zh="充电桩电能表在检定有效期内",
)
def meters_are_calibrated(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "meters_calibrated")


@predicate(
    clause="唯一性：（活动、电表、时段）只在一个机制计入 / activity, meter and period in one mechanism",
    evidence_asked="未重复申报承诺及平台查重结果 / commitment, and the platform's search for duplicates",
    en="The electricity is credited in no other scheme",
    zh="电量未在其他机制计入",
)
def credited_once(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "credited_once")
