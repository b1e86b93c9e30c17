"""Where a scenario of goods and services applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _stated(facts: Mapping[str, Any], name: str, *, must_be: bool = True) -> Answer:
    """Pass or fail as stated; until it is stated the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if bool(facts[name]) is must_be else "fail"


@predicate(
    clause="深圳市碳普惠管理办法：用户授权；个人信息保护法 第十三条 / consent of the user (Shenzhen; PIPL art. 13)",
    evidence_asked="用户授权记录 / record of the user's consent",
    en="Each person has asked for the recording",
    zh="每位用户已授权平台报送",
)
def consented(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "consented")


@predicate(
    clause="沪环气〔2022〕211号 第 4 项（数据可获得性） / item 4: data can be had",
    evidence_asked="数据提供方签名与接口说明 / signature of the data provider, description of the interface",
    en="The provider has signed the records",
    zh="数据由提供方签名",
)
def provider_signed(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "provider_signed")


@predicate(
    clause="唯一性：已兑积分的减排量不得再作为项目减排量 / what became points is no project's reduction",
    evidence_asked="未在其他机制申报的承诺及平台查重结果 / commitment, and the platform's search for duplicates",
    en="The same activity is credited in no other scheme",
    zh="同一行为未在其他机制计入",
)
def credited_once(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "credited_once")
