"""Where sustainable grassland management may claim (AR-CM-004, recalled)."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _declared(facts: Mapping[str, Any], name: str, wanted: bool = True) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if bool(facts[name]) == wanted else "fail"


@predicate(
    clause="AR-CM-004 §2（追记） / recalled",
    evidence_asked="草原权属证明、退化调查 / grassland title, survey of degradation",
    en="The land is grassland in use that degrades or is at risk",
    zh="土地为正在利用且已退化或面临退化的草地",
)
def grassland_degrades(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "grassland_degrades")


@predicate(
    clause="AR-CM-004 §2（追记） / recalled",
    evidence_asked="放牧方案：载畜量、休牧、轮牧 / grazing plan: stocking rate, rest, rotation",
    en="A grazing plan lowers the stocking rate or rests the land",
    zh="制定并实施减畜、休牧或轮牧计划",
)
def grazing_is_planned(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "grazing_plan")


@predicate(
    clause="AR-CM-004 §2（追记） / recalled",
    evidence_asked="遥感影像、巡查记录 / imagery, inspection log",
    en="The land is not ploughed",
    zh="不进行翻耕",
)
def land_is_not_ploughed(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "ploughed", wanted=False)


@predicate(
    clause="AR-CM-004 泄漏（追记） / leakage, recalled",
    evidence_asked="畜牧台账、饲料采购凭证 / herd register, purchase of feed",
    en="Herds are not moved elsewhere, or the emissions there are counted",
    zh="牲畜未转移到项目区外，或已计入泄漏",
)
def herds_are_not_displaced(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "herd_leakage_settled")


@predicate(
    clause="沪农委〔2023〕406号 二（二）：不以降低生产规模来简单实现减排目标 / no reduction by producing less",
    evidence_asked="实施前后畜产品产量 / output of the herds before and after",
    en="Output of the herds is kept within the tolerance",
    zh="畜产品产量保持在允许范围内",
)
def output_is_kept(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "output_kept")


@predicate(
    clause="IPCC 2019 V4 §2.3.3.1",
    evidence_asked="土壤图 / soil map",
    en="The soil is mineral",
    zh="土壤为矿质土",
)
def soil_is_mineral(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "soil_is_mineral")
