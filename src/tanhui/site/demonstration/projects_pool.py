"""The pool of the demonstration: made-up candidates in the countryside of Chifeng with their scores, a pilot with a
state forest farm, agreements, an earlier contract taken over. Everything is invented (演示)."""

import io
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tanhui.files.acts import receiving
from tanhui.files.models import Upload
from tanhui.identity.models import Mandate
from tanhui.kernel import clock
from tanhui.projects.acts import agreement, pool
from tanhui.projects.models import Agreement, Candidate, Parcel
from tanhui.site.demonstration.opening import drawn
from tanhui.site.demonstration.stage import Stage

DAY = timedelta(days=1)
PACK = "demo-local"
# name, kind, mechanism, methodology, division, place, state farm, revitalisation, ha, t a year, marks
ROWS: tuple[tuple[Any, ...], ...] = (
    ("演示·旺业甸国有林场造林碳汇", "FOREST", "CCER", "CCER-14-001-V01", "150428", "喀喇沁旗", True, False, 1860, 8100,
     (88, 90, 20, 30, 10, 92)),
    ("演示·敖汉旗三十二连山造林碳汇", "FOREST", "CCER", "CCER-14-001-V01", "150430", "敖汉旗", False, True, 3240,
     11_300, (74, 62, 20, 30, 10, 95)),
    ("演示·翁牛特旗治沙造林碳汇", "FOREST", "CCER", "CCER-14-001-V01", "150426", "翁牛特旗", False, True, 5120, 9_800,
     (52, 55, 25, 25, 10, 98)),
    ("演示·巴林右旗退化草原修复", "GRASS", "VCS", "", "150423", "巴林右旗", False, True, 8600, 6_200,
     (58, 48, 10, 30, 15, 90)),
    ("演示·达里诺尔湿地保护修复", "WETLAND", "VCS", "", "150425", "克什克腾旗", False, False, 940, 1_050,
     (66, 35, 10, 40, 15, 96)),
    ("演示·宁城县保护性耕作", "CROP", "VCS", "", "150429", "宁城县", False, True, 4300, 3_100,
     (70, 66, 45, 75, 40, 60)),
    ("演示·阿鲁科尔沁旗牛粪沼气利用", "MANURE", "VCS", "", "150421", "阿鲁科尔沁旗", False, True, 12, 5_400,
     (60, 58, 85, 90, 95, 55)),
)  # fmt: skip


@transaction.atomic
def load(stage: Stage) -> None:
    """Bring pool and agreements about, by the acts people use, once."""
    if Candidate.objects.exists() or Agreement.objects.exists():
        return
    now = timezone.now()
    first, second = stage.signatures["owner"].initiator, stage.signatures["owner"].confirmer
    made = [put(row, number, first, now - 60 * DAY) for number, row in enumerate(ROWS, 1)]
    pool.pick(
        candidate=made[0], reason="演示：国有林场权属清晰、地块集中，地力条件好，优先作为 CCER 造林碳汇试点。",
        mandate=first, at=now - 40 * DAY,
    )  # fmt: skip
    pool.pick(
        candidate=made[1], reason="演示：得分居前，旗政府已签委托授权，扩大试点。", mandate=first, at=now - 30 * DAY
    )
    for one in made[:3]:
        pool.open_to_banks(candidate=one, given=True, mandate=first, at=now - 20 * DAY)
    agreements(first, second, now)


def put(row: tuple[Any, ...], number: int, mandate: Mandate, at: datetime) -> Candidate:
    name, kind, mechanism, methodology, division, place, farm, revitalisation, hectares, tonnes, marks = row
    values = {
        "name": name, "kind": kind, "mechanism": mechanism, "methodology": methodology, "division_code": division,
        "place": f"赤峰市{place}（演示）", "state_farm": farm, "revitalisation": revitalisation,
        "area_m2": hectares * 10_000, "annual_t": tonnes, "note": "演示数据，与真实地块无关。",
        "measures": dict(zip(("site", "ease", "air", "resources", "circular", "ecology"), marks, strict=True)),
    }  # fmt: skip
    made = pool.enter(values=values, parcels=[], mandate=mandate, reference=f"demo-pool-{number}", at=at)
    pool.score(candidate=made, pack=PACK, mandate=mandate, at=at + DAY)
    return made


def agreements(first: Mandate, second: Mandate, now: datetime) -> None:
    """A county's mandate, a joint development of surveyed parcels, one that waits, and an earlier contract."""
    parcels = [
        str(one) for one in Parcel.objects.filter(organisation=first.membership.organisation).order_by("code")
        .values_list("pk", flat=True)[:12]
    ]  # fmt: skip
    day = clock.day(now)
    told: list[tuple[str, str, str, str, list[str]]] = [
        ("MANDATE", "生态碳汇开发委托授权协议（演示旗）", "演示旗人民政府",
         "授权统筹开展全旗生态碳汇资源调查、收储与开发，旗县不再单独开发。", []),
    ]  # fmt: skip
    if parcels:
        told.append(
            ("JOINT", "生态碳汇联合开发协议（演示国有林场）", "演示国有林场",
             "林地权属与经营不变，碳汇收益按 3:7 分配，监测与核查由开发主体负责。", parcels)
        )  # fmt: skip
    for number, one in enumerate(told, 1):
        asked = propose(one, f"demo-agreement-{number}", date(day.year, 1, 15), first, now - 50 * DAY)
        agreement.confirm(asked=asked, mandate=second, at=now - 49 * DAY)
    earlier = agreement.Earlier(
        title="林业碳汇合作开发合同（演示）", party="演示碳资产管理有限公司", division_code="150430",
        signed_on=date(day.year - 3, 6, 18), begun=False, manner="ABSORBED",
        note="合同未实施。三方协商由市农投承接前期调查成果，原合同终止，互不追责。",
        agreement=str(Agreement.objects.order_by("number").values_list("pk", flat=True)[0]),
    )  # fmt: skip
    asked = agreement.take_over(
        earlier=earlier, scan=scan("林业碳汇合作开发合同", first, now - 45 * DAY), mandate=first,
        reference="demo-earlier", at=now - 45 * DAY,
    )  # fmt: skip
    agreement.confirm(asked=asked, mandate=second, at=now - 44 * DAY)
    none: list[str] = []
    waits = ("MANDATE", "生态碳汇开发委托授权协议（演示县）", "演示县人民政府", "授权统筹全县生态碳汇开发。", none)
    propose(waits, "demo-agreement-9", day, first, now - DAY)


def propose(
    told: tuple[str, str, str, str, list[str]], reference: str, since: date, mandate: Mandate, at: datetime
) -> Any:
    kind, title, partner, said, parcels = told
    terms = agreement.Terms(
        kind=kind, partner=0, partner_name=partner, title=title, terms=said, since=since,
        until=since.replace(year=since.year + 20, day=1), parcels=tuple(parcels),
    )  # fmt: skip
    return agreement.propose(terms=terms, scan=scan(title, mandate, at), mandate=mandate, reference=reference, at=at)


def scan(title: str, mandate: Mandate, at: datetime) -> Upload:
    return receiving.receive(
        stream=io.BytesIO(drawn(f"{title}（演示扫描件）", at)), name="协议.pdf", kind=agreement.SUBJECT, at=at,
        person=mandate.membership.person,
    )  # fmt: skip
