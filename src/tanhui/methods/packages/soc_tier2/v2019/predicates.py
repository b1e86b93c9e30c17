"""Where the three-pool steady-state method applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _declared(facts: Mapping[str, Any], name: str, wanted: bool = True) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if bool(facts[name]) == wanted else "fail"


@predicate(
    clause="IPCC 2019 V4 §5.2.3.3",
    evidence_asked="国土调查成果、土壤图 / land register, soil map",
    en="The land is cropland on mineral soil",
    zh="土地为矿质土农田",
)
def land_is_cropland(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "cropland_on_mineral_soil")


@predicate(
    clause="IPCC 2019 V4 §5.2.3.3",
    evidence_asked="种植记录 / crop records",
    en="No rice is grown under water",
    zh="不种植淹水水稻",
)
def no_rice_is_flooded(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "flooded_rice", wanted=False)


@predicate(
    clause="IPCC 2019 V4 §5.2.3.3",
    evidence_asked="措施前至少二十年的耕作记录 / management records of at least twenty years before the change",
    en="The earlier practice lasted long enough for a steady state",
    zh="原有耕作方式持续时间足以达到稳态",
)
def practice_before_was_steady(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "steady_before")
