"""Techniques and guides of the demonstration. Effects come from published factors with their source; what has none says
that it is made up."""

from typing import Any

from django.utils import timezone

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation
from tanhui.projects.acts import technology
from tanhui.projects.models import Development, Technology
from tanhui.site.demonstration.opening import someone
from tanhui.site.demonstration.stage import Stage, given, made_up_uscc

AUTHORITY = ("10000071", "演示示范区农业农村局")
HANDLERS = (("farm-a", "沈稼轩", Mandate.Capacity.INITIATE), ("farm-b", "梁禾生", Mandate.Capacity.CONFIRM))
RICE = "《2006 年 IPCC 国家温室气体清单指南 2019 修订版》第 4 卷表 5.11—5.14（据两份独立转载核对一致）"
SOILS = "《2006 年 IPCC 国家温室气体清单指南 2019 修订版》第 4 卷表 11.1（据转载核对）"
DELTA, NORTH = ("上海市青浦区", "江苏省苏州市吴江区", "浙江省嘉兴市嘉善县"), ("内蒙古自治区赤峰市",)

ENTRIES: list[dict[str, Any]] = [
    {
        "code": "rice-awd", "kind": "TECHNIQUE", "name": "水稻间歇灌溉（干湿交替）",
        "practice": "返青后不再持续淹水：灌浅水层，自然落干至田面以下约 15 cm 再灌，孕穗至扬花期保持浅水。",
        "text": "用埋设在田中的水位管观察水位，落干程度以管内水位为准。\n\n"
        "漏水田、盐碱田不宜；施肥前后应保持薄水层，避免氮素损失。水位须逐日记录，作为监测数据留存。",
        "crops": ("水稻",), "regions": DELTA,
        "effect": "与持续淹灌相比，多次排水的稻田甲烷换算系数为 0.55（范围 0.41—0.72），单次排水为 0.71（0.53—0.94）。",
        "source": RICE, "grade": "B", "methodologies": ("CMS-017-V01",),
    },
    {
        "code": "straw-early", "kind": "TECHNIQUE", "name": "秸秆提前还田",
        "practice": "水稻秸秆在下一季灌水种植 30 天以前粉碎翻埋，不在临近灌水时还田。",
        "crops": ("水稻",), "regions": DELTA,
        "effect": "有机物折算系数：种植前 30 天以内还田为 1.0，30 天以上为 0.19；系数越小，淹水后的甲烷排放越少。",
        "source": RICE, "grade": "B", "methodologies": ("CMS-017-V01",),
    },
    {
        "code": "less-nitrogen", "kind": "TECHNIQUE", "name": "化肥减量增效",
        "practice": "测土配方、侧深施肥与缓控释肥配合，在产量不降的前提下减少化学氮肥用量。",
        "crops": ("水稻", "小麦", "玉米"), "regions": (*DELTA, *NORTH),
        "effect": "湿润气候区化学氮肥的直接排放因子为每千克氮 0.016 千克 N₂O-N：少施 1 千克氮约少排 0.025 千克 N₂O。",
        "source": SOILS, "grade": "B", "methodologies": ("FERTILISER-N2O-V01",),
    },
    {
        "code": "no-till", "kind": "TECHNIQUE", "name": "免耕与秸秆覆盖",
        "practice": "收获后留茬并以秸秆覆盖地表，免耕播种，减少翻耕次数。",
        "crops": ("玉米", "小麦"), "regions": NORTH,
        "effect": "土壤碳储量变化因子：冷温带免耕为 1.09（湿润）与 1.03（干旱），以翻耕为 1。",
        "source": "《2006 年 IPCC 国家温室气体清单指南 2019 修订版》第 4 卷表 5.5（据转载核对）", "grade": "B",
        "methodologies": ("CMS-083-V01",),
    },
    {
        "code": "manure-biogas", "kind": "TECHNIQUE", "name": "畜禽粪污厌氧发酵与沼气利用",
        "practice": "粪污密闭发酵，沼气用于炊事、供热或发电，沼渣沼液就近还田；安装流量计逐时计量。",
        "crops": ("牛", "猪", "羊"), "regions": NORTH, "methodologies": ("CMS-021-V01", "CMS-026-V01"),
        "demonstration": True,
    },
    {
        "code": "guide-water-level", "kind": "GUIDE", "name": "稻田水位计安装与校准指南（演示）",
        "practice": "水位计怎样选点、安装、上报与校准，缺测和漂移怎样处理。",
        "text": "选点：离进水口 5 m 以上、能代表全田的平整处；同一田块至少两台，互为比对。\n\n"
        "校准：每年检定一次，证书登记到平台；比对差值超过最大允许误差时停用并送检。\n\n"
        "上报：每小时一条，断网时本地保存、恢复后补发，重复发送不会重复计入。",
        "crops": ("水稻",), "regions": DELTA, "demonstration": True,
    },
    {
        "code": "training-plots", "kind": "TRAINING", "name": "样地调查培训材料（演示）",
        "practice": "怎样用手机离线录入样地调查：选样地、量胸径树高、拍照定位、回到有网络处提交。",
        "text": "一、出发前在有网络处打开本项目的样地调查页，看到“本页已可离线使用”。\n\n"
        "二、胸径量在 1.3 m 处，单位厘米，保留一位小数；树高按抽样要求测量，可不填。\n\n"
        "三、两组人员重复调查同一样地时，两份记录都保留，由核查机构确定采用哪一份。",
        "crops": ("林木",), "regions": (*NORTH,), "demonstration": True,
    },
]  # fmt: skip


def load(stage: Stage) -> None:
    """Publish the entries under two signatures, and leave one proposal waiting."""
    if Technology.objects.exists():
        return
    at = timezone.now()
    code = made_up_uscc(AUTHORITY[0])
    body = Organisation.objects.filter(uscc=code).first() or enrolment.register_organisation(
        uscc=code, name=AUTHORITY[1], role=Organisation.Role.LOCAL_AUTHORITY, at=at
    )
    first, second = (given(someone(name, who, at), body, capacity, at) for name, who, capacity in HANDLERS)
    using = {one.methodology: str(one.pk) for one in Development.objects.exclude(registered=None)}
    for number, entry in enumerate(ENTRIES):
        linked = tuple(using[each] for each in entry.get("methodologies", ()) if each in using)
        content = technology.Content(**entry | {"developments": linked})
        asked = technology.propose(content=content, mandate=first, reference=f"technology-{number}", at=at)
        technology.confirm(asked=asked, mandate=second, at=at)
    waiting = technology.Content(
        code="biochar", kind="TECHNIQUE", name="生物炭还田（演示）", demonstration=True,
        practice="秸秆热解制成生物炭，按每公顷若干吨还田，并测定其稳定碳含量。", crops=("水稻",), regions=DELTA,
    )  # fmt: skip
    technology.propose(content=waiting, mandate=first, reference="technology-waiting", at=at)
