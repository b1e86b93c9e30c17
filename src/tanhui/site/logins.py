"""Who can sign in to the demonstration. Shown on its log-in page and in the terminal; no other server knows them.

The password is made when the demonstration is first loaded and lies beside the other secrets: there is no default one.
"""

import secrets
from pathlib import Path
from typing import Any

from tanhui.kernel.refusal import gettext_noop
from tanhui.site import environment

PEOPLE = [
    # username, name, organisation, capacity, what they do
    ("reg-a", "陈登记", "registry", "INITIATE", "登记机构 · 发起"),
    ("reg-b", "林复核", "registry", "CONFIRM", "登记机构 · 确认"),
    ("owner-a", "王业主", "owner", "INITIATE", "项目业主 · 发起"),
    ("owner-b", "李确认", "owner", "CONFIRM", "项目业主 · 确认"),
    ("buyer-a", "赵采购", "buyer", "INITIATE", "采购方 · 发起"),
    ("buyer-b", "孙会计", "buyer", "CONFIRM", "采购方 · 确认"),
    ("verifier-a", "周核查", "verifier", "INITIATE", "核查机构"),
    ("bank-a", "吴信贷", "bank", "INITIATE", "质权银行 · 发起"),
    ("bank-b", "郑风控", "bank", "CONFIRM", "质权银行 · 确认"),
    ("exc-a", "冯初审", "exchange", "INITIATE", "交易机构 · 开户初审"),
    ("exc-b", "褚复审", "exchange", "CONFIRM", "交易机构 · 开户复审"),
    ("sys-a", "何运维", "registry", "VIEW", "系统管理员"),
    ("sec-a", "高安全", "registry", "VIEW", "安全管理员"),
    ("aud-a", "许审计", "registry", "VIEW", "审计管理员"),
]
OTHERS = [  # who has no mandate here when the demonstration begins
    ("eco-a", "顾明远", "生态环境主管部门 · 方法学办理"),
    ("eco-b", "罗静", "生态环境主管部门 · 方法学确认"),
    ("nature-a", "程青山", "自然资源主管部门 · 存量碳汇核算"),
    ("nature-b", "秦望舒", "自然资源主管部门 · 发布确认"),
    ("farm-a", "沈稼轩", "农业农村主管部门 · 技术清单拟稿"),
    ("farm-b", "梁禾生", "农业农村主管部门 · 技术清单签发"),
    ("county-a", "鲍建国", "旗县林草主管部门 · 项目审核"),
    ("county-b", "萨仁", "旗县林草主管部门 · 审核确认"),
    ("city-a", "白永胜", "市级林草主管部门 · 项目备案"),
    ("city-b", "于秀兰", "市级林草主管部门 · 备案确认"),
    ("green-a", "林晓青", "居民 · 我的碳账户"),
    ("villager-a", "张国强", "农户 · 我的收益"),
    ("valid-a", "唐维之", "审定机构 · 审定"),
    ("valid-b", "闻人静", "审定机构 · 确认"),
    ("expert-a", "孟祥林", "方法学评审专家"),
    ("uni-a", "沈怀瑾", "方法学建议方 · 大学"),
    ("incl-a", "方绿舟", "碳普惠运营中心 · 发起"),
    ("incl-b", "苏晓禾", "碳普惠运营中心 · 确认"),
    ("incl-c", "严守真", "碳普惠技术评估"),
    ("shop-a", "常福来", "商户 · 权益兑换"),
    ("incl-d", "马骏驰", "碳普惠数据提供方 · 轨道交通"),
    ("apply-a", "何晓岚", "开户申请人 · 草稿"),
    ("apply-c", "韩立春", "开户申请人 · 待补正"),
]

PORTAL = gettext_noop("City portal (demonstration)")


def password() -> str:
    """The demonstration's password, made on first use and kept in a file only its owner can read."""
    path = Path(environment.var()) / "secrets" / "demonstration_password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(f"tanhui-{secrets.token_hex(4)}")
        draft.replace(path)
    return path.read_text()


def demonstration() -> list[dict[str, str]]:
    """For the log-in page: who, what they do, and the password."""
    return [{"username": name, "password": password(), "role": f"{who} {does}"} for name, who, does in everyone()]


def everyone() -> list[tuple[str, str, str]]:
    """Sign-in name, name, and what they do."""
    return [(name, who, does) for name, who, _, _, does in PEOPLE] + OTHERS


def portal() -> dict[str, Any]:
    """The made-up city portal people may also sign in by. Its address is the one the visitor came to."""
    from django.utils.translation import gettext_lazy

    return environment.portal(
        "demo", gettext_lazy(PORTAL), "register-of-the-demonstration", environment.secret("portal_secret"), ""
    )


def portal_key() -> str:
    """The RSA key with which that portal signs, made on first use as the other secrets are."""

    def make() -> str:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    return environment.secret("portal_key", make)
