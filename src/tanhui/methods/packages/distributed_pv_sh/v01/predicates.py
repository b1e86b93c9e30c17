"""Where the method applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _stated(facts: Mapping[str, Any], name: str) -> Answer:
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] else "fail"


@predicate(
    clause="上海市碳普惠 分布式光伏（2024）：单个项目不超过 1 MW / Shanghai, distributed PV (2024): up to 1 MW",
    evidence_asked="项目备案文件、并网验收意见 / filing of the plant, acceptance by the grid",
    en="The project is no larger than 1 MW",
    zh="单个项目装机容量不超过 1 MW",
)
def is_small(facts: Mapping[str, Any]) -> Answer:
    if "capacity_kw" not in facts:
        return "needs_evidence"
    return "pass" if facts["capacity_kw"] <= facts["largest_kw"] else "fail"


@predicate(
    clause="上海市碳普惠：项目位于本市 / Shanghai carbon inclusion: within the city",
    evidence_asked="项目地址证明 / proof of the address",
    en="All stations stand in Shanghai",
    zh="全部电站位于上海市",
)
def is_in_shanghai(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "in_shanghai")


@predicate(
    clause="上海市碳普惠 分布式光伏（2024）：电量应计量 / Shanghai, distributed PV (2024): metered",
    evidence_asked="电表检定证书 / verification certificates of the meters",
    en="Meters are bidirectional and calibrated",
    zh="双向计量表计在检定有效期内",
)
def meters_are_calibrated(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "meters_calibrated")


@predicate(
    clause="唯一性：同一度电不得同时申领绿证、CCER 与碳普惠 / each kWh under one mechanism alone",
    evidence_asked="绿证核发记录、未重复申报承诺 / green certificates issued; commitment against double counting",
    en="The green-certificate status of every kilowatt-hour is disclosed",
    zh="已披露全部电量的绿证申领状态",
)
def certificates_are_disclosed(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "certificates_disclosed")
