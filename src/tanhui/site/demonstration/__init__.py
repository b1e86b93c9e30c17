"""The demonstration: made-up bodies and people, and one real tonne's way from a forest plot to an offline proof.

``load`` builds it once and finds it again ever after; ``check`` does the whole main job and says of each step whether
it held. Everything goes through the acts people use.
"""

import contextlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from django.utils import timezone

from tanhui.methods import demonstration as methods
from tanhui.registry import audit
from tanhui.registry.models import Retirement
from tanhui.site import logins
from tanhui.site.demonstration import story
from tanhui.site.demonstration.checking import check
from tanhui.site.demonstration.stage import found_stage, organisation, person

__all__ = ["check", "guide", "load", "loaded"]

Progress = Callable[[str, int, int], None]

# What the other rooms show: a title and a module here with ``load(stage)``.
SCENES: list[tuple[str, str]] = [
    ("人员、授权与三员", "people"),
    ("开户申请", "opening"),
    ("政策与公告", "publications"),
    ("项目文件", "papers"),
    ("碳汇量计算说明书", "calculation"),
    ("方法学库", "library"),
    ("存量碳汇核算年度", "inventory"),
    ("存量碳汇使用：产品、补偿与激励", "inventory_use"),
    ("存量碳汇共享与监测", "inventory_sharing"),
    ("土地资源底数与潜力", "projects_land"),
    ("项目开发全周期", "projects_cycle"),
    ("审定与核查工作台", "projects_review"),
    ("唯一性：其他机制清单", "projects_uniqueness"),
    ("现场监测：设备与样地", "projects_field"),
    ("追缴：弄虚作假的减排量", "projects_sanction"),
    ("农业低碳生产技术清单", "technology"),
    ("项目储备库与协议", "projects_pool"),
    ("收益分配", "projects_sharing"),
    ("碳普惠：减排场景与数据提供方", "inclusion_scenarios"),
    ("碳普惠：个人碳账户与积分", "inclusion_people"),
    ("碳普惠：商户与权益兑换", "inclusion_rewards"),
    ("碳普惠：从个人到减排量", "inclusion_pools"),
    ("碳普惠：绿色信用记录、区域互认与外部应用", "inclusion_policy"),
    ("待办与通知", "messages"),
]
STEPS = 11 + len(SCENES)


def loaded() -> bool:
    """Whether the demonstration was loaded to its end."""
    return Retirement.objects.exists()


def load(progress: Progress) -> None:
    """Build the demonstration unless it is there."""
    if loaded():
        return
    ahead = ticker(progress)
    with ahead("机构、人员与授权"):
        stage = found_stage(timezone.now())
    with ahead("规则包"):
        story.activate_rules(stage)
    with ahead("样地清查与碳汇量计算"):
        run = methods.forest_run(story.forest_folder())
    with ahead("项目登记与核查"):
        batch = story.issue_run(stage, run, timezone.now())
    with ahead("转让：发起与确认"):
        story.sell(stage, batch, 3000)
    with ahead("注销：大型活动碳中和"):
        story.neutralise(stage, batch, 65, "演示城市马拉松（2026）")
    with ahead("注销：公益与义务植树"):
        story.retire(
            stage,
            "owner",
            "ISSUED",
            batch,
            120,
            Retirement.Purpose.PUBLIC_GOOD,
            organisation(stage, "owner"),
            "世界环境日公益注销",
        )
        story.retire(stage, "buyer", "HOLDING", batch, 2, Retirement.Purpose.TREE_DUTY, person("张三"), "义务植树尽责")
    with ahead("质押"):
        story.pledge(stage, 500)
    with ahead("待确认的指令"):
        story.leave_waiting(stage, batch)
    for title, name in SCENES:
        with ahead(title):
            import_module(f"tanhui.site.demonstration.{name}").load(stage)
    with ahead("存证"):
        story.sequence()
    with ahead("自查"):
        audit.audit()


def ticker(progress: Progress) -> Callable[[str], Any]:
    done = 0

    @contextlib.contextmanager
    def ahead(step: str) -> Iterator[None]:
        nonlocal done
        progress(step, done, STEPS)
        yield
        done += 1
        progress(step, done, STEPS)

    return ahead


def guide(language: str) -> list[str]:
    """What a visitor reads in the terminal: logins, and where to look first."""
    first = Retirement.objects.order_by("pk").first()
    number = first.certificate if first else ""
    if language.startswith("zh"):
        lines = ["", "演示登录（密码均为 " + logins.password() + "）："]
        lines += [f"  {name:<11} {who}  {does}" for name, who, does in logins.everyone()]
        return [
            *lines,
            "",
            "先看：",
            f"  1. 首页搜索框输入证书编号 {number}，查看证书与证明，下载 PDF",
            "  2. 用 tanhui verify 证书.pdf 离线查验",
            "  3. 以 buyer-b 登录，确认一条待办指令；再以 buyer-a 试试确认自己的指令",
            "  4. “透明日志”页：检查点、规模与一致性",
            "  5. “项目公示”：一个造林项目正在征求意见；“开发项目”可筛选、看地图，“办理程序”看每一步谁来办、要什么",
            "  6. 以 owner-a 登录：“土地资源底数”看碳汇潜力，一键放入“项目储备库”评分；“项目开发”接着办稻田监测期",
            "  7. 以 owner-a 打开“现场监测”：水位计与电表的缺测、漂移和校准；手机上可离线做样地调查",
            "  8. 以 villager-a 登录“我的收益”，确认到账或提出异议；公开的“收益分配”页看各项目分到市、县、村、户多少",
            "",
        ]
    lines = ["", f"Demonstration logins (the password of all is {logins.password()}):"]
    lines += [f"  {name:<11} {who}  {does}" for name, who, does in logins.everyone()]
    return [
        *lines,
        "",
        "Look at first:",
        f"  1. search for certificate {number} on the home page, download its PDF",
        "  2. check it offline: tanhui verify CERTIFICATE.pdf",
        "  3. sign in as buyer-b and confirm the waiting instruction; then try your own as buyer-a",
        "  4. the log page: checkpoint, size, consistency",
        "  5. projects on public notice, the list with its map, and the procedures: who does what, and what it takes",
        "  6. as owner-a: potential of the land, a candidate for the pool with one click, the rice project's period",
        "  7. as owner-a: field monitoring with gaps, drift and calibration; plots are measured offline on a phone",
        "  8. as villager-a: confirm that a share arrived, or contest it; the public page shows who got how much",
        "",
    ]
