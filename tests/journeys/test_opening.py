"""An organisation comes to its account: filled in, returned, corrected, passed on, signed by two, and used."""

import pytest
from tests import world
from tests.journeys.conftest import PASSWORD, PHONE
from tests.registry import applying

from tanhui.registry.models import Account, Application

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COMPANY = "青川竹业有限公司"


@pytest.fixture
def people(register):
    """An applicant, a colleague, and an exchange beside the register; everyone can sign in."""
    case = applying.begin(
        register.operator, world.party("EXC", name="演示环境能源交易所", password=PASSWORD), password=PASSWORD
    )
    Application.objects.all().delete()
    return case


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "材料.pdf"
    path.write_bytes(applying.pdf())
    return path


@pytest.fixture
def sign_in(live_server):
    """Signs a page in as a person who need not have a mandate yet."""

    def as_person(page, person):
        page.goto(f"{live_server.url}/login")
        page.get_by_label("登录名", exact=True).fill(person.username)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.locator("main").get_by_role("button", name="登录", exact=True).click()
        page.get_by_role("button", name="退出登录").wait_for()

    return as_person


def fill_in(page, people, paper):
    """Every page of the application, as a person would."""
    page.get_by_label("自愿减排项目业主").check()
    page.get_by_label("项目业主", exact=True).check()
    for label, value in {
        "统一社会信用代码": world.uscc(), "单位名称": COMPANY, "住所": "四川省广元市青川县竹园路 8 号",
        "联系人": people.applicant.name, "联系电话": "13800001234", "电子邮箱": "he@example.cn",
        "法定代表人": "唐立本", "证件号码": "11010519491231002X", "受益所有人": "青川县国有资产管理中心",
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("证件类型").select_option("CARD")
    page.get_by_label("认定依据").select_option("STATE")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("开户银行").fill("演示农村商业银行青川支行")
    page.get_by_label("户名").fill(COMPANY)
    page.get_by_label("账号").fill("6222 0000 1111 2222")
    page.get_by_role("button", name="保存并继续").click()
    for seat, person in {
        "发起代表": people.applicant,
        "确认代表": people.colleague,
        "管理员": people.applicant,
    }.items():
        page.get_by_label(seat, exact=True).fill(person.name)
        page.get_by_label(f"{seat}的登录名").fill(person.username)
    page.get_by_role("button", name="保存并继续").click()
    page.locator("input[type=file]").first.wait_for()
    for field in page.locator("input[type=file]").all():
        field.set_input_files(paper)
    for field in page.locator("input[type=date]").all():
        field.fill("2099-12-31")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("本单位已阅读并同意承诺书。").check()
    page.get_by_role("button", name="保存并继续").click()


def says(page, text):
    """The page that is coming says this."""
    page.locator("main").get_by_text(text).first.wait_for()


def decide(page, button):
    """Tick every paper, then press."""
    for box in page.locator("input[name=checklist]").all():
        box.check()
    page.get_by_role("button", name=button).click()


def test_an_organisation_comes_to_its_account(open_page, live_server, people, paper, sign_in, looks_right):
    home = live_server.url
    applicant = open_page()
    sign_in(applicant, people.applicant)
    applicant.goto(f"{home}/openings")
    looks_right(applicant)
    applicant.get_by_role("button", name="新建开户申请").click()
    looks_right(applicant)
    fill_in(applicant, people, paper)
    applicant.get_by_role("button", name="提交申请").wait_for()
    looks_right(applicant)
    applicant.get_by_role("button", name="提交申请").click()
    says(applicant, "办理环节")
    looks_right(applicant)
    status = applicant.url

    colleague = open_page(viewport=PHONE)
    sign_in(colleague, people.colleague)
    colleague.goto(status)
    looks_right(colleague)
    colleague.get_by_role("button", name="同意担任").click()
    says(colleague, "您已同意担任该单位代表")

    exchange = open_page()
    sign_in(exchange, people.exchange.initiator.membership.person)
    exchange.goto(f"{home}/desk/openings")
    looks_right(exchange)
    exchange.get_by_role("link", name=COMPANY).click()
    exchange.get_by_role("button", name="接办").click()
    says(exchange, "审核决定")
    looks_right(exchange)
    exchange.locator("input[name=remark-bank_account]").evaluate("field => field.closest('details').open = true")
    exchange.locator("input[name=remark-bank_account]").fill("账号与开户证明不一致")
    exchange.get_by_label("审核意见").fill("请补正一处")
    exchange.get_by_role("button", name="退回补正").click()
    says(exchange, "重新提交前不计时限")

    applicant.goto(status)
    looks_right(applicant)
    says(applicant, "账号与开户证明不一致")
    applicant.get_by_role("link", name="账号", exact=True).click()
    looks_right(applicant)
    applicant.get_by_label("账号").fill("6222 0000 1111 3333")
    applicant.get_by_role("button", name="保存并离开").click()
    applicant.get_by_role("link", name="核对并提交").click()
    applicant.get_by_role("button", name="重新提交").click()
    says(applicant, "补正后重新提交")

    exchange.goto(f"{home}/desk/openings/mine")
    exchange.get_by_role("link", name=COMPANY).click()
    exchange.get_by_role("link", name="对照第 1 次与第 2 次提交").click()
    looks_right(exchange)
    says(exchange, "**** 3333")
    exchange.go_back()
    decide(exchange, "初审通过")
    says(exchange, "已转登记机构")

    first = open_page()
    sign_in(first, people.operator.initiator.membership.person)
    first.goto(f"{home}/desk/openings")
    first.get_by_role("link", name=COMPANY).click()
    first.get_by_role("button", name="接办").click()
    says(first, "审核决定")
    decide(first, "签署开户")
    looks_right(first)
    says(first, "等待第二人签署")
    assert Account.objects.filter(organisation__name=COMPANY).count() == 0

    second = open_page(viewport=PHONE)
    sign_in(second, people.operator.confirmer.membership.person)
    second.goto(f"{home}/desk/openings/mine")
    looks_right(second)
    second.get_by_role("link", name=COMPANY).click()
    looks_right(second)
    second.get_by_role("button", name="签署并开户").click()
    says(second, "已开立")

    account = Account.objects.get(organisation__name=COMPANY)
    applicant.goto(f"{home}/account")
    looks_right(applicant)
    text = applicant.locator("main").inner_text()
    assert COMPANY in text
    assert account.code in text
    applicant.goto(status)
    looks_right(applicant)
    says(applicant, "账户已开立")
    colleague.goto(f"{home}/accounts/{account.code}")
    assert COMPANY in colleague.locator("main").inner_text()
