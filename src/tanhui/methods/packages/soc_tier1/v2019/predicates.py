"""Where the Tier 1 stock-change method applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _declared(facts: Mapping[str, Any], name: str, wanted: bool = True) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if bool(facts[name]) == wanted else "fail"


@predicate(
    clause="IPCC 2019 V4 §2.3.3.1",
    evidence_asked="土壤图 / soil map",
    en="The soil is mineral",
    zh="土壤为矿质土",
)
def soil_is_mineral(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "soil_is_mineral")


@predicate(
    clause="IPCC 2019 V4 §2.3.3.1",
    evidence_asked="所用数表的版本 / the edition of every table used",
    en="Reference stocks and factors are of the 2019 edition",
    zh="参考储量与各因子均采用 2019 版",
)
def editions_are_not_mixed(facts: Mapping[str, Any]) -> Answer:
    if "edition" not in facts:
        return "needs_evidence"
    return "pass" if str(facts["edition"]) == "2019" else "fail"


@predicate(
    clause="IPCC 2019 V4 §2.3.3.1",
    evidence_asked="首末期国土调查成果 / land register at both ends",
    en="The units are the same land throughout",
    zh="统计单元在整个时段内为同一地块",
)
def units_are_the_same_land(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "same_land")
