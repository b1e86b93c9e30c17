"""Where the fertiliser methodology applies."""

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
    clause="VM0042 v2.1：不少于三年的历史记录 / VM0042 v2.1, historical look-back of at least three years",
    evidence_asked="农户签字的三年施肥记录 / fertiliser records of three years, signed by the grower",
    en="Nitrogen was recorded for at least three years before the project",
    zh="项目前有不少于三年的施肥记录",
)
def history_recorded(facts: Mapping[str, Any]) -> Answer:
    if "record_years" not in facts:
        return "needs_evidence"
    return "pass" if float(facts["record_years"]) >= RECORD_YEARS else "fail"


@predicate(
    clause="唯一性：不得以未申报氮源替代 / no unreported switch to other nitrogen",
    evidence_asked="各类氮源购入票据、库存与施用记录 / receipts, stock and applications of every kind of nitrogen",
    en="Bought, stored and applied nitrogen agree: none was replaced by nitrogen that the tables lack",
    zh="各类氮源账实相符，没有以未申报的氮源替代",
)
def no_unreported_nitrogen(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "all_nitrogen_recorded")


@predicate(
    clause="沪农委〔2023〕406号 二（二）：不以降低生产规模来简单实现减排目标 / no reduction by producing less",
    evidence_asked="此前轮作与播种面积 / rotation and sown area of the years before",
    en="The crop rotation is that of the years before",
    zh="种植制度与此前一致，未压减生产",
)
def crop_unchanged(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "crop_unchanged")


@predicate(
    clause="IPCC 指南：因子取自同一版本 / IPCC guidelines: factors of one edition",
    evidence_asked="项目文件中注明的因子版本 / the edition named in the project file",
    en="One edition of factors is named for the whole run",
    zh="全程采用同一版本的排放因子",
)
def one_edition(facts: Mapping[str, Any]) -> Answer:
    return "pass" if facts.get("edition") in {"2019", "2006"} else "needs_evidence"


@predicate(
    clause="唯一性：同一活动、地块、时段只在一个机制申报 / one activity, parcel and period in one mechanism",
    evidence_asked="农户声明、其他登记簿检索结果 / statement of the grower, search of the other registers",
    en="The same parcels and period are not claimed under another mechanism",
    zh="同一地块同一时段未在其他机制申报",
)
def claimed_once(facts: Mapping[str, Any]) -> Answer:
    if "claimed_elsewhere" not in facts:
        return "needs_evidence"
    return "fail" if facts["claimed_elsewhere"] else "pass"
