"""Where avoided burning counts: hardly anywhere that has banned it."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate

COMMON = 0.5  # of the fields around; rule of the house


def _declared(facts: Mapping[str, Any], name: str) -> Answer:
    """Pass or fail as declared; without a declaration the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] else "fail"


@predicate(
    clause="额外性：基准线须合法；《中华人民共和国大气污染防治法》第七十七条 / a baseline must be lawful",
    evidence_asked="县级禁烧区公告 / notice of the county on zones where burning is banned",
    en="Open burning is lawful here: where it is banned, keeping the law is no reduction",
    zh="当地未禁止露天焚烧；已禁烧的地区，守法不构成减排",
)
def burning_was_lawful(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "burning_is_lawful")


@predicate(
    clause="额外性：基准线须仍属普遍做法 / the baseline must still be common",
    evidence_asked="上季火点监测或县域调查 / fire detections or survey of the county in the last season",
    en="More than half of the fields around are still burnt",
    zh="周边过半田块仍在焚烧",
)
def burning_is_common(facts: Mapping[str, Any]) -> Answer:
    if "burnt_fields_share" not in facts:
        return "needs_evidence"
    return "pass" if float(facts["burnt_fields_share"]) > COMMON else "fail"


@predicate(
    clause="真实性：去向须有凭证 / fate evidence",
    evidence_asked="过磅单、购销合同 / weighbridge tickets, purchase contracts",
    en="It is documented where the straw went",
    zh="秸秆去向有凭证",
)
def fate_is_documented(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "fate_is_documented")


@predicate(
    clause="唯一性：还田秸秆归土壤碳方法学，不重复计量 / straw return feeds the soil carbon method, never both",
    evidence_asked="土壤碳项目检索结果 / search of the soil carbon projects",
    en="Straw of these parcels is not claimed again by a soil carbon methodology",
    zh="同一地块秸秆未另按土壤碳方法学申报",
)
def straw_counted_once(facts: Mapping[str, Any]) -> Answer:
    if "soil_carbon_claimed" not in facts:
        return "needs_evidence"
    return "fail" if facts["soil_carbon_claimed"] else "pass"
