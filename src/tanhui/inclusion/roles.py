"""Who may come into which part of the room; whose thing it is, the doors decide (``access.py``)."""

from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation

Role, Capacity = Organisation.Role, Mandate.Capacity

OPERATORS = (Role.PLATFORM,)  # 碳普惠管理及运营中心
ASSESSORS = (Role.TECHNICAL,)  # 技术支撑机构
PROVIDERS = (Role.SCENARIO,)  # 场景方、数据方
AUTHORITIES = (Role.AUTHORITY,)
REGISTRIES = (Role.REGISTRY,)  # 注册登记机构：签发汇集的减排量
SIGNING = (Capacity.INITIATE, Capacity.CONFIRM)

READS = rights.member("inclusion.desk", roles=[*OPERATORS, *ASSESSORS, *AUTHORITIES])
APPLIES = rights.member("inclusion.apply", roles=[*PROVIDERS, *OPERATORS], capacities=[Capacity.INITIATE])
OPERATES = rights.member("inclusion.operate", roles=OPERATORS, capacities=SIGNING)
DECIDES = rights.member("inclusion.decide", roles=[*OPERATORS, *ASSESSORS], capacities=SIGNING)
PROVIDES = rights.member("inclusion.provide", roles=PROVIDERS)
HANDS_IN = rights.member("inclusion.hand_in", roles=PROVIDERS, capacities=SIGNING)
SELLS = rights.member("inclusion.sell", at_door=True)  # 商户：凭与运营方的协议
POOLS = rights.member("inclusion.pools", roles=[*OPERATORS, *ASSESSORS, *AUTHORITIES, *REGISTRIES, Role.VERIFIER])
POOLS_SIGN = rights.member("inclusion.pools_sign", roles=[*OPERATORS, *REGISTRIES, Role.VERIFIER], capacities=SIGNING)
