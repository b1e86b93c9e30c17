"""What points can be had for in the made-up city (演示): two shops, their offers, vouchers used and to be used."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.inclusion import holders
from tanhui.inclusion.acts import merchants, redemption
from tanhui.inclusion.models import Merchant
from tanhui.kernel import clock
from tanhui.site.demonstration.library import body
from tanhui.site.demonstration.opening import someone
from tanhui.site.demonstration.stage import Stage, given

ROLE = Organisation.Role
SHOPS = [
    ("10000086", "演示绿洲便民超市有限公司", "绿洲便民超市", "shop-a", "常福来", [
        {"kind": "COUPON", "title": "满 30 元减 5 元券", "points": 50, "worth_fen": 500, "stock": 500, "each": 4,
         "detail": "本市各门店可用，烟酒除外。"},
        {"kind": "GOODS", "title": "可降解购物袋一只", "points": 20, "worth_fen": 150, "stock": 300, "each": 2,
         "detail": "到店领取。"},
    ]),
    ("10000087", "演示青山公益基金会", "青山公益基金会", "shop-b", "宋青松", [
        {"kind": "TREE", "title": "在敖汉旗种一棵山杏", "points": 400, "worth_fen": 1_500, "from_g": 3_000,
         "detail": "次年春季栽植，凭券号查询树苗位置。"},
        {"kind": "CHARITY", "title": "为乡村小学捐一盏节能灯", "points": 120, "worth_fen": 900,
         "detail": "每满二十盏发运一次，去向公示。"},
        {"kind": "HONOUR", "title": "“低碳达人”荣誉证书", "points": 10, "worth_fen": 0, "from_g": 5_000, "each": 1,
         "detail": "累计减排五千克的居民可领。"},
    ]),
]  # fmt: skip
WAITING: dict[str, Any] = {
    "kind": "COUPON", "title": "周末果蔬九折券", "points": 80, "worth_fen": 800, "stock": 200,
    "detail": "周六、周日可用。",
}  # fmt: skip


def load(stage: Stage) -> None:
    """Enter the shops and let somebody take what they have; what is there already stays as it is."""
    first, second = signatory("incl-a"), signatory("incl-b", Mandate.Capacity.CONFIRM)
    if first is None or second is None or Merchant.objects.exists():
        return
    at = timezone.now()
    entered = [shop(*one, first, second, at) for one in SHOPS]
    merchants.ask(wares=wares(WAITING, at), merchant=entered[0][0], mandate=entered[0][1], at=at - timedelta(days=1))
    holder = Person.objects.filter(username="green-a").first()
    account = holders.account_of(holder) if holder else None
    if account is not None:
        bag, coupon = entered[0][2][1], entered[0][2][0]
        took = redemption.take(account=account, offer=bag, reference="demo-1", at=at - timedelta(days=5))
        redemption.use(code=took.code, merchant=entered[0][0], mandate=entered[0][1], at=at - timedelta(days=4))
        redemption.take(account=account, offer=coupon, reference="demo-2", at=at - timedelta(days=1))


def signatory(username: str, capacity: str = Mandate.Capacity.INITIATE) -> Mandate | None:
    found = Mandate.objects.filter(membership__person__username=username, capacity=capacity)
    return found.select_related("membership__person", "membership__organisation").first()


def shop(
    code: str, title: str, name: str, user: str, person: str, offers: list[dict[str, Any]], first: Mandate,
    second: Mandate, at: datetime,
) -> tuple[Merchant, Mandate, list[Any]]:  # fmt: skip
    before, today = at - timedelta(days=30), clock.day(at)
    where = body(code, title, ROLE.SCENARIO, before)
    own = given(someone(user, person, before), where, "INITIATE", before)
    made = merchants.enter(
        terms=merchants.Terms(
            name=name, agreement=f"碳惠商〔{today.year}〕{code[-2:]}号", since=date(today.year, 1, 1),
            until=date(today.year + 1, 12, 31),
        ),
        organisation=where, mandate=first, at=before,
    )  # fmt: skip
    opened = []
    for one in offers:
        asked = merchants.ask(wares=wares(one, at), merchant=made, mandate=own, at=before)
        opened.append(merchants.open_(offer=asked, mandate=second, at=before))
    return made, own, opened


def wares(said: dict[str, Any], at: datetime) -> merchants.Wares:
    today = clock.day(at)
    since = max(today - timedelta(days=30), date(today.year, 1, 1))
    return merchants.Wares(since=since, until=date(today.year + 1, 6, 30), valid_days=60, **said)
