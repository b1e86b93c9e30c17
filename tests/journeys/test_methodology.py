"""A methodology comes into the library: proposed, checked, commented, voted on with one recusal, filed, published."""

import datetime as dt

import pytest
from tests.journeys.conftest import PASSWORD, PHONE
from tests.library import proposing

from tanhui.library.models import Proposal, Version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME = "城市片林碳汇方法学"


@pytest.fixture
def case(register):
    made = proposing.begin(password=PASSWORD, experts=6)
    Proposal.objects.all().delete()
    made.at = dt.datetime.now(dt.UTC)
    return made


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "材料.pdf"
    path.write_bytes(proposing.pdf())
    return path


@pytest.fixture
def opened(open_page, live_server):
    """A page on which a person is signed in."""

    def as_person(person, **kwargs):
        page = open_page(**kwargs)
        page.goto(f"{live_server.url}/login")
        page.get_by_label("登录名", exact=True).fill(person.username)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.locator("main").get_by_role("button", name="登录", exact=True).click()
        page.get_by_role("button", name="退出登录").wait_for()
        return page

    return as_person


def says(page, text):
    page.locator("body").get_by_text(text).first.wait_for()


def fill_in(page, case, paper):
    """Every page of the proposal, as a person would."""
    said = proposing.values(case.authority)
    page.get_by_label("新编方法学").check()
    for name in ("authority", "scheme", "sector", "category"):
        page.locator(f"select[name={name}]").select_option(said[name])
    for name in ("name", "summary", "authors", "contact_name", "contact_phone", "contact_email"):
        page.locator(f"form [name={name}]").fill(said[name])
    page.get_by_role("button", name="保存并继续").click()
    page.locator("[name=applicability]").wait_for()
    for name in proposing.CHAPTERS:
        page.locator(f"[name={name}]").fill(said[name])
    page.get_by_role("button", name="保存并继续").click()
    page.locator("select[name=package]").select_option(proposing.PACKAGE)
    page.get_by_role("button", name="保存并继续").click()
    page.locator("input[type=file]").first.wait_for()
    for kind in ("FORM", "TEXT"):
        page.locator(f"#id_{kind}_file").set_input_files(paper)
        page.locator(f"#paper-{kind}").get_by_text("已收到").wait_for()
    page.get_by_role("button", name="保存并继续").click()


def test_a_methodology_is_proposed_reviewed_and_published(
    live_server, open_page, opened, looks_right, case, paper
):  # fmt: skip
    home = live_server.url
    proposer = opened(case.proposer)
    proposer.goto(f"{home}/proposals")
    looks_right(proposer)
    proposer.get_by_role("button", name="开始申报").click()
    looks_right(proposer)
    fill_in(proposer, case, paper)
    proposer.get_by_role("button", name="提交申报").wait_for()
    looks_right(proposer)
    proposer.get_by_role("button", name="提交申报").click()
    says(proposer, "办理过程")
    looks_right(proposer)

    desk = opened(case.handler.membership.person)
    desk.goto(f"{home}/desk/methodologies")
    looks_right(desk)
    desk.get_by_role("link", name=NAME).click()
    desk.get_by_role("button", name="开始形式审查").click()
    says(desk, "符合要求的逐项勾选")
    looks_right(desk)
    for point in desk.locator("input[name=checklist]").all():
        point.check()
    desk.get_by_role("button", name="符合要求，公开征求意见").click()
    says(desk, "已公开征求意见")
    at_desk = desk.url

    stranger = open_page(viewport=PHONE)
    stranger.goto(f"{home}/methodologies/proposals")
    looks_right(stranger)
    stranger.get_by_role("link", name=NAME).click()
    looks_right(stranger)
    stranger.get_by_label("姓名").fill("公众甲")
    stranger.get_by_label("意见", exact=True).fill("计入期是否过长？")
    stranger.get_by_role("button", name="提交意见").click()
    says(stranger, "经主管部门审核后公开")
    public = stranger.url.partition("#")[0]

    desk.goto(at_desk)
    desk.get_by_role("button", name="予以公开").click()
    desk.get_by_label("答复").fill("计入期与造林项目一致。")
    desk.get_by_label("未采纳").check()
    desk.get_by_role("button", name="答复").click()
    stranger.goto(public)
    says(stranger, "计入期与造林项目一致。")

    today = case.at.date()  # the working days pass
    Proposal.objects.update(comment_until=today - dt.timedelta(days=1))
    desk.goto(at_desk)
    for one in case.experts:
        desk.get_by_label(one.name).check()
    desk.get_by_role("button", name="选聘并开始论证").click()
    says(desk, "专家组已选聘")
    looks_right(desk)

    recused = opened(case.experts[0])
    recused.goto(f"{home}/reviews")
    recused.get_by_role("link", name=NAME).click()
    looks_right(recused)
    recused.get_by_label("有，本人回避").check()
    recused.get_by_label("具体情况").fill("与申报人有合作项目")
    recused.get_by_role("button", name="提交声明").click()
    says(recused, "您已回避")
    assert recused.get_by_role("button", name="投票").count() == 0

    expert = opened(case.experts[1], viewport=PHONE)
    expert.goto(f"{home}/reviews")
    expert.get_by_role("link", name=NAME).click()
    expert.get_by_label("无：与申报人").check()
    expert.get_by_role("button", name="提交声明").click()
    looks_right(expert)
    for score in expert.locator("select[name^=score-]").all():
        score.select_option("4")
    expert.get_by_label("同意", exact=True).check()
    expert.get_by_label("理由").fill("依据充分，同意备案。")
    expert.get_by_role("button", name="投票").click()
    says(expert, "已投票")
    case.proposal = Proposal.objects.get()
    for one in case.experts[2:]:
        case.declare(one)
        case.vote(one)

    desk.goto(at_desk)
    desk.get_by_label("论证纪要").fill("专家组形成一致意见。")
    desk.get_by_role("button", name="计票并结束论证").click()
    says(desk, "论证纪要已形成")
    desk.locator("[name=code]").fill("LOCAL-14-001")
    desk.locator("[name=number]").fill("演环函〔2026〕1号")
    looks_right(desk)
    desk.get_by_role("button", name="签署备案").click()
    says(desk, "备案待第二人签署")

    second = opened(case.authority.confirmer.membership.person)
    second.goto(at_desk)
    looks_right(second)
    second.get_by_role("button", name="签署并备案").click()
    says(second, "发布并收入方法学库")
    second.get_by_role("button", name="发布并收入方法学库").click()
    says(second, "已收入方法学库")

    assert Version.objects.get().full_code == "LOCAL-14-001-V01"
    stranger.goto(public)
    says(stranger, "LOCAL-14-001-V01")
    says(stranger, "依据充分，同意备案。")
    says(stranger, "与申报人有合作项目")
    looks_right(stranger)
    stranger.goto(f"{home}/methodologies")
    says(stranger, NAME)
