"""What an account of an event must have settled."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _stated(facts: Mapping[str, Any], name: str) -> Answer:
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] else "fail"


@predicate(
    clause="大型活动碳中和实施指南（试行） 第二条 / guidelines on neutral events, art. 2",
    evidence_asked="活动方案 / plan of the event",
    en="Time, place and boundary are stated",
    zh="已说明活动时间、地点与核算边界",
)
def boundary_is_stated(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "boundary_stated")


@predicate(
    clause="大型活动碳中和实施指南（试行） 排放源 / guidelines on neutral events, sources",
    evidence_asked="排放源核查表 / checklist of sources",
    en="Every source was looked at, or its absence explained",
    zh="排放源均已核查或说明不存在",
)
def every_source_was_looked_at(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "all_sources")
