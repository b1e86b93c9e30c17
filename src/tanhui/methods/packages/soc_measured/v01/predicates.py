"""Where measured soil carbon may be claimed."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _declared(facts: Mapping[str, Any], name: str, wanted: bool = True) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if bool(facts[name]) == wanted else "fail"


@predicate(
    clause="VM0042 v2.1 §4（追记） / recalled",
    evidence_asked="国土调查成果、遥感影像 / land register, imagery",
    en="The land is cropland or grassland and stays so",
    zh="土地为农田或草地且用途不变",
)
def land_use_stays(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "land_use_stays")


@predicate(
    clause="VM0042 v2.1 §4（追记） / recalled",
    evidence_asked="开始前十年遥感影像 / imagery of the ten years before the start",
    en="No native ecosystem was cleared for the land",
    zh="开始前十年内未开垦天然生态系统",
)
def nothing_native_was_cleared(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "native_ecosystem_cleared", wanted=False)


@predicate(
    clause="VM0042 v2.1 §4（追记） / recalled",
    evidence_asked="土壤图 / soil map",
    en="The soil is mineral and no wetland",
    zh="土壤为矿质土且非湿地",
)
def soil_is_mineral(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "soil_is_mineral")


@predicate(
    clause="沪农委〔2023〕406号 二（二）：不以降低生产规模来简单实现减排目标 / no reduction by producing less",
    evidence_asked="参照期与监测期产量记录 / yield records of the reference and the monitoring period",
    en="Yields are kept within the tolerance",
    zh="产量保持在允许范围内",
)
def yields_are_kept(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "yields_kept")


@predicate(
    clause="VM0042 v2.1 §8.2（追记） / recalled",
    evidence_asked="两期检测报告 / laboratory reports of both surveys",
    en="Carbon was determined by the same method at both surveys",
    zh="两期土壤有机碳采用同一测定方法",
)
def laboratory_is_the_same(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "same_laboratory_method")
