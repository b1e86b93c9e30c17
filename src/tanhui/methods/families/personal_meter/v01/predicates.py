"""Where a scenario of household energy applies."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine.predicate import Answer, predicate


def _stated(facts: Mapping[str, Any], name: str, *, must_be: bool = True) -> Answer:
    """Pass or fail as stated; until it is stated the evidence is still to come."""
    if name not in facts:
        return "needs_evidence"
    return "pass" if bool(facts[name]) is must_be else "fail"


@predicate(
    clause="深圳市碳普惠管理办法: the user mandates the operator to report; 个人信息保护法 art. 13",
    evidence_asked="用户授权记录",
    en="Each person has asked for the recording",
    zh="每位用户已授权平台报送",
)
def consented(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "consented")


@predicate(
    clause="沪环气〔2022〕211号 item 4 (数据可获得性): records come from the provider",
    evidence_asked="数据提供方签名与接口说明",
    en="The provider has signed the records",
    zh="数据由提供方签名",
)
def provider_signed(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "provider_signed")


@predicate(
    clause="唯一性: a kilogram turned into points is not sold as a project's reduction",
    evidence_asked="未在其他机制申报的承诺及平台查重结果",
    en="The same activity is credited in no other scheme",
    zh="同一行为未在其他机制计入",
)
def credited_once(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "credited_once")


@predicate(
    clause="上海市居民电力碳普惠场景: households in the third price tier are left out",
    evidence_asked="电价档位清单",
    en="No household is in the third price tier",
    zh="不含执行第三档电价的家庭",
)
def below_third_tier(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "third_tier", must_be=False)


@predicate(
    clause="上海市居民电力碳普惠场景: households with rooftop solar power are left out",
    evidence_asked="分布式光伏并网清单",
    en="No household has rooftop solar power",
    zh="不含安装屋顶光伏的家庭",
)
def without_rooftop_pv(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "rooftop_pv", must_be=False)


@predicate(
    clause="唯一性: one meter is one household",
    evidence_asked="户号与电表对应表",
    en="Each meter belongs to one household",
    zh="一表一户",
)
def one_meter_one_household(facts: Mapping[str, Any]) -> Answer:
    return _stated(facts, "one_meter_one_household")
