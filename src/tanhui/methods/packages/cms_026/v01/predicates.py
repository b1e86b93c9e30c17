"""Where CMS-026 applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


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
    clause="CMS-026：减排量归属 / ownership of the reduction",
    evidence_asked="与农户的协议 / agreements with the households",
    en="Households have agreed that the reduction is the project’s",
    zh="农户已同意减排量归属",
)
def households_agree(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "households_agree")


@predicate(
    clause="CMS-026 监测：运行中的沼气池 / monitoring: digesters in operation",
    evidence_asked="抽样调查及照片（置信度 90%） / sample survey with photographs, 90 % confidence",
    en="Operation was surveyed in the period",
    zh="监测期内抽样调查运行情况",
)
def operation_surveyed(facts: Mapping[str, Any]) -> Answer:
    return _declared(facts, "operation_surveyed")


@predicate(
    clause="额外性：基准线须合法 / a baseline must be lawful",
    evidence_asked="县级散煤管控公告 / notices of the county on household coal",
    en="Burning coal was not banned before the project",
    zh="项目前燃用散煤不违法",
)
def coal_was_lawful(facts: Mapping[str, Any]) -> Answer:
    return _denied(facts, "coal_ban_before")


@predicate(
    clause="唯一性：同一活动、农户、时段只在一个机制申报 / one activity, household and period in one mechanism",
    evidence_asked="其他登记簿检索结果 / search of the other registers",
    en="The same households and period are not claimed under another mechanism",
    zh="同一农户同一时段未在其他机制申报",
)
def claimed_once(facts: Mapping[str, Any]) -> Answer:
    return _denied(facts, "claimed_elsewhere")
