"""What a stock-sink account must have settled before its number is published."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _stated(facts: Mapping[str, Any], name: str) -> Answer:
    if name not in facts:
        return "needs_evidence"
    return "pass" if facts[name] else "fail"


@predicate(
    clause="上虞区存量碳汇管理办法 第六条（科学性） / Shangyu stock sinks, art. 6: sound science",
    evidence_asked="模型说明与版本 / description and version of the model",
    en="Two different models of Rh are named",
    zh="已列明两个不同的 Rh 模型",
)
def two_models_are_named(facts: Mapping[str, Any]) -> Answer:
    if not facts.get("first_model") or not facts.get("second_model"):
        return "needs_evidence"
    return "fail" if facts["first_model"] == facts["second_model"] else "pass"


@predicate(
    clause="以年均值代替逐月值会使 Rh 偏低最多 14% / means of a year give up to 14 % less Rh than months",
    evidence_asked="逐月气象输入 / monthly weather input",
    en="Rh was computed from months",
    zh="Rh 按月计算",
)
def input_is_monthly(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "monthly_input")


@predicate(
    clause="上虞区存量碳汇管理办法 第六条（NEP 不含干扰） / Shangyu stock sinks, art. 6: without disturbance",
    evidence_asked="火灾、采伐与收获统计 / statistics of fires, felling and harvest",
    en="Fire, felling and harvest are reported beside it",
    zh="火灾、采伐与收获已另行报告",
)
def disturbance_is_reported(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "undisturbed")
