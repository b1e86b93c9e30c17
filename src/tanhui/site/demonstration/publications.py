"""What the demonstration publishes, and a country of small projects around the one that is measured."""

import datetime as dt
import hashlib

from django.utils import timezone

from tanhui.journal import sequencer
from tanhui.kernel.period import Period as Days
from tanhui.portal.acts import publication, upkeep
from tanhui.portal.models import Category, Publication
from tanhui.registry import rules
from tanhui.registry.acts import issuance, project, retirement
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.models import Batch, Project, Retirement
from tanhui.site.demonstration import story
from tanhui.site.demonstration.stage import Stage

PROJECTS = (
    # number, name, type, province, region, tonnes issued
    (2, "阿坝州若尔盖高寒湿地修复碳汇项目（演示）", "湿地修复", "51", "四川省阿坝藏族羌族自治州若尔盖县", 4_200),
    (3, "赤峰市敖汉旗防护林造林碳汇项目（演示）", "造林碳汇", "15", "内蒙古自治区赤峰市敖汉旗", 9_600),
    (4, "重庆市城口县竹林经营碳汇项目（演示）", "竹林经营", "50", "重庆市城口县", 3_100),
    (5, "安吉县毛竹林经营碳汇项目（演示）", "竹林经营", "33", "浙江省湖州市安吉县", 0),
    (6, "崇明区东滩滨海湿地修复项目（演示）", "湿地修复", "31", "上海市崇明区", 0),
    (7, "旌德县森林经营碳普惠项目（演示）", "森林经营", "34", "安徽省宣城市旌德县", 1_800),
    (8, "青白江区城市公园绿地碳普惠项目（演示）", "城市绿地", "51", "四川省成都市青白江区", 0),
    (9, "张北县退化草原修复碳汇项目（演示）", "草地碳汇", "13", "河北省张家口市张北县", 2_700),
)  # fmt: skip
RETIRED = (
    # project, tonnes, purpose, name of the event
    (2, 320, Retirement.Purpose.EVENT, "演示湖滨音乐节（2026）"),
    (2, 85, Retirement.Purpose.EVENT, "演示绿色会展论坛"),
    (3, 1_200, Retirement.Purpose.EVENT, "演示城际马拉松系列赛"),
    (3, 40, Retirement.Purpose.PUBLIC_GOOD, "演示第三小学植树节活动"),
    (4, 210, Retirement.Purpose.ECOJUSTICE, "演示生态修复基地"),
    (9, 150, Retirement.Purpose.EVENT, "演示草原文化节"),
)

FEES = """\
现将本登记簿（演示）收费项目与标准公示如下。演示期间**不收取任何费用**。

| 收费项目 | 计费单位 | 标准 | 缴费主体 |
|---|---|---|---|
| 开户费 | 户 | 0 元 | 申请机构 |
| 登记费 | 吨 | 0 元 | 项目业主 |
| 转让登记费 | 吨 | 0 元 | 转让方 |
| 注销费 | 吨 | 0 元 | 持有人 |

## 说明

1. 收费标准调整前三十日在本栏目公示；
2. 未列明的项目不收费；
3. 对收费有异议的，可通过页面底部的联系方式反映。
"""
GUIDE = """\
## 一、谁可以开户

依法设立的法人或者其他组织。同一主体只能开立一个登记账户。

## 二、需要准备

* 营业执照或统一社会信用代码证书；
* 法定代表人身份证明；
* **发起代表**与**确认代表**授权书各一份，两名代表不得为同一人；
* 预留印鉴。

## 三、办理流程

1. 在线填写申请并上传材料；
2. 交易机构初审，五个工作日内完成；
3. 注册登记机构复核；
4. 开户完成，代表人收到通知。

> 材料需要补正的，系统会一次列明全部事项，补正期间不计入办理时限。
"""
RULES = """\
## 第一章 总则

**第一条** 为规范减排量的登记、转让与注销，制定本规则。

**第二条** 一个单位为一吨二氧化碳当量，编号唯一，签发后不再重复使用。

## 第二章 登记

**第三条** 移动或者占用单位的每一项业务，由发起代表提出、确认代表确认，同一人不得兼任。

**第四条** 已注销的单位不得转让或者再次使用。

## 第三章 公示

**第五条** 签发、注销、取消与缓冲情况实时公示，任何人可以查询、下载和核验。
"""
MARKET_DAYS = """\
根据国务院办公厅节假日安排，现将演示市场休市安排公告如下：

* 元旦：1 月 1 日休市；
* 春节：以届时公告为准；
* 周末照常休市。

休市期间，登记簿的查询、下载与离线核验照常开放。
"""
SANCTION = """\
经查，某演示机构在监测数据报送中存在更正不及时的情形。依据业务规则，注册登记机构对其予以**提醒**，并要求在十个工作日内完成整改。

该机构已于期限内完成整改。

*本通报为演示内容，不指向任何真实主体。*
"""
SHARE = """\
为便于研究与监督，登记簿全部公开列表自即日起提供以下格式：

| 格式 | 适用 |
|---|---|
| CSV | 程序处理，不限行数 |
| XLSX | 办公软件，编号按文本保存 |
| PDF | 打印存档 |
| Atom | 订阅更新 |

每个文件均可与透明日志相互印证。
"""
REPORT = """\
## 概况

本期演示登记簿新增登记项目八个，签发与注销情况以统计页面为准。

## 趋势

活动碳中和仍是主要用途，生态修复类注销有所增加。

## 下期工作

1. 开放项目申报与公示；
2. 完善存量碳汇核算数据共享；
3. 开展无障碍与适老化复测。
"""
MAINTENANCE = "维护时间为周日 2:00 至 4:00。维护期间暂停受理业务，**查询、下载与离线核验照常**。\n"
TEXTS = (
    # category, title, document number, summary, text, days since it was made
    (
        Category.POLICY, "关于印发《碳汇登记簿管理办法（演示）》的通知", "演碳〔2026〕1号",
        "明确登记、转让、注销与公示的基本要求。", RULES, 40,
    ),
    (Category.RULE, "减排量登记业务规则（演示）", "演登〔2026〕3号", "两人签署、编号唯一、注销不可撤销。", RULES, 32),
    (Category.GUIDE, "机构开户办事指南", "", "谁可以开户、准备哪些材料、多久办结。", GUIDE, 28),
    (Category.FEE, "登记服务收费公示", "演登〔2026〕4号", "演示期间不收取任何费用。", FEES, 25),
    (Category.ANNOUNCEMENT, "关于开放登记数据下载与订阅的公告", "", "全部公开列表可下载、可订阅、可核验。", SHARE, 14),
    (Category.MARKET, "关于节假日休市安排的公告", "演交〔2026〕2号", "", MARKET_DAYS, 10),
    (Category.SANCTION, "关于监测数据更正不及时情况的通报", "演登〔2026〕6号", "已按期完成整改。", SANCTION, 8),
    (Category.REPORT, "碳汇登记簿运行简报（演示）", "", "登记、签发与注销概况。", REPORT, 5),
    (Category.ANNOUNCEMENT, "关于系统例行维护的公告", "", "维护期间查询与核验不受影响。", MAINTENANCE, 3),
)  # fmt: skip


def load(stage: Stage) -> None:
    """Register the projects, publish the texts, and take everything into catalogue and statistics."""
    if Publication.objects.exists():
        return
    for one in PROJECTS:
        register(stage, *one)
    for number, tonnes, purpose, name in RETIRED:
        retire(stage, number, tonnes, purpose, name)
    for category, title, code, summary, body, ago in TEXTS:
        publish(stage, category, title, code, summary, body, ago)
    amend(stage)
    while sequencer.sequence(at=timezone.now()):
        pass
    upkeep.rebuild(at=timezone.now())


def register(stage: Stage, number: int, name: str, kind: str, province: str, region: str, tonnes: int) -> None:
    at = timezone.now()
    made = Project.objects.filter(number=number).first() or project.register(
        number=number, name=name, kind=kind, owner=stage.bodies["owner"], scheme="DEMO", province=province,
        region=region, methodology="AR-CM-001-V01", methodology_version="V01", rule_pack="demo-local",
        crediting=story.CREDITING, validator=stage.bodies["validator"], signatures=stage.signatures["registry"], at=at,
    )  # fmt: skip
    if not tonnes:
        return
    digest = hashlib.sha256(name.encode()).hexdigest()
    period = project.verify(
        project=made, span=Days(dt.date(2022, 1, 1), dt.date(2025, 1, 1)), verified_kg=tonnes * 1000 + 417,
        verifier=story.verifying(stage), report_sha256=digest, inputs_sha256=digest, trace_sha256=digest,
        bundle=None, demonstration=True, at=at,
    )  # fmt: skip
    lots = [
        issuance.Lot(year, tonnes // 3 if year < 2024 else tonnes - 2 * (tonnes // 3), tonnes // 30)
        for year in (2022, 2023, 2024)
    ]
    issuance.issue(
        period=period, account=stage.accounts["owner"], buffer=stage.accounts["registry"], lots=lots,
        window=rules.issuance_window(made, timezone.localdate(at)), reference=f"issue-demo-{number}",
        signatures=stage.signatures["registry"], at=at,
    )  # fmt: skip


def retire(stage: Stage, number: int, tonnes: int, purpose: str, name: str) -> None:
    batch = Batch.objects.select_related("asset", "project__owner", "issuance__period").filter(project__number=number)[
        0
    ]
    retirement.retire(
        source=stage.place("owner", "ISSUED"), wanted=[Wanted(batch, tonnes)], purpose=purpose,
        beneficiary=retirement.Beneficiary.read(kind=Retirement.Beneficiary.EVENT, name=name),
        reference=f"demo-{number}-{tonnes}", signatures=stage.signatures["owner"], at=timezone.now(), statement=name,
    )  # fmt: skip


def publish(stage: Stage, category: str, title: str, number: str, summary: str, body: str, ago: int) -> None:
    at, signed = timezone.now(), stage.signatures["registry"]
    made_on = timezone.localdate(at) - dt.timedelta(days=ago)
    words = publication.Words(
        title=title, body=body, source=stage.bodies["registry"].name, made_on=made_on, summary=summary,
        document_number=number, effective_from=made_on if category in {Category.POLICY, Category.RULE} else None,
    )  # fmt: skip
    draft = publication.write(words=words, category=category, mandate=signed.initiator, at=at)
    publication.release(draft=draft, revision=1, mandate=signed.confirmer, at=at)


def amend(stage: Stage) -> None:
    """A second version, a withdrawal, and a draft that waits for a visitor to release it."""
    at, signed = timezone.now(), stage.signatures["registry"]
    today = timezone.localdate(at)
    source = stage.bodies["registry"].name

    def words(title: str, body: str, summary: str = "") -> publication.Words:
        return publication.Words(title=title, body=body, source=source, made_on=today, summary=summary)

    guide = Publication.objects.get(category=Category.GUIDE)
    longer = f"{GUIDE}\n## 四、进度查询\n\n登录后可随时查看办理进度，退回补正的事项会逐条列明。\n"
    draft = publication.write(
        words=words("机构开户办事指南", longer, "新增进度查询说明。"),
        publication=guide,
        mandate=signed.initiator,
        at=at,
    )
    publication.release(draft=draft, revision=1, mandate=signed.confirmer, at=at)
    last = Publication.objects.order_by("-pk")[0]
    gone = publication.ask_to_withdraw(
        publication=last, reason="维护计划取消，另行公告。", mandate=signed.initiator, at=at
    )
    publication.release(draft=gone, revision=1, mandate=signed.confirmer, at=at)
    publication.write(
        words=words("关于征集碳普惠场景合作单位的公告", "现公开征集碳普惠场景合作单位，欢迎公交、场馆与社区报名。\n"),
        category=Category.ANNOUNCEMENT, mandate=signed.initiator, at=at,
    )  # fmt: skip
