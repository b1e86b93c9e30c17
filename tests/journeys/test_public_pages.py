"""The public pages as a visitor meets them, in a real browser, on an empty register."""

import pytest
from tests import world
from tests.journeys.conftest import PHONE

from tanhui.journal import sequencer
from tanhui.portal.acts import publication, upkeep
from tanhui.portal.models import Category

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/", "/look-up", "/look-up?number=12345", "/figures", "/figures/projects", "/figures/batches",
    "/figures/retirements", "/figures/cancellations", "/log", "/verify", "/login", "/ui", "/nowhere",
    "/refusals/", "/refusals/portal.never_issued", "/search", "/search?q=林", "/look-up/many", "/figures/buffer",
    "/figures/comment", "/figures/beneficiaries", "/figures/statistics", "/publications", "/disclosure", "/open-data",
    "/site-map", "/help", "/accessibility", "/privacy",
]  # fmt: skip
SCREENS = {
    "desk": {}, "phone": {"viewport": PHONE}, "dark": {"color_scheme": "dark"},
    "dark phone": {"viewport": PHONE, "color_scheme": "dark"},
}  # fmt: skip


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_can_be_read_by_everyone(open_page, live_server, looks_right, screen):
    page = open_page(**SCREENS[screen])
    for path in PAGES:
        page.goto(live_server.url + path)
        looks_right(page)


def test_large_text_fits_a_phone(open_page, live_server, looks_right):
    page = open_page(viewport=PHONE)
    page.goto(live_server.url)
    page.get_by_role("button", name="大字版").click()
    for path in PAGES:
        page.goto(live_server.url + path)
        assert page.locator("html").get_attribute("data-text") == "large"
        looks_right(page)


def test_the_keyboard_reaches_the_content_first(page, live_server):
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_the_theme_follows_the_system_until_it_is_chosen(open_page, live_server):
    page = open_page(color_scheme="dark")
    page.goto(live_server.url)
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"

    page.get_by_role("button", name="深色").click()
    page.reload()

    assert page.locator("html").get_attribute("data-bs-theme") == "light"


def test_a_visitor_may_read_english(page, live_server):
    page.goto(f"{live_server.url}/verify")
    page.get_by_role("button", name="English").click()

    assert page.url == f"{live_server.url}/verify"
    assert page.locator("h1").inner_text() == "Verify a certificate without trusting us"
    assert page.locator("html").get_attribute("lang") == "en"


def test_everything_reads_and_switches_without_javascript(open_page, live_server):
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/look-up")
    page.get_by_label("编号、单个号码或证书编号").fill("１２３４５")
    page.get_by_role("button", name="查询").click()
    assert "本登记簿从未签发过号码 12345" in page.get_by_role("alert").inner_text()

    page.get_by_role("button", name="大字版").click()

    assert page.locator("html").get_attribute("data-text") == "large"


def test_nothing_of_a_visit_is_kept_in_the_browsers_storage(page, live_server):
    for path in PAGES:
        page.goto(live_server.url + path)

    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.fixture
def published(register):
    """What the operator publishes, in the catalogue with everything else."""
    words = publication.Words(
        title="机构开户办事指南", source="注册登记机构", made_on=register.at.date(),
        body="## 一、需要准备\n\n* 授权书\n\n| 材料 | 份数 |\n|---|---|\n| 营业执照 | 1 |\n",
    )  # fmt: skip
    by = register.operator
    draft = publication.write(words=words, category=Category.GUIDE, mandate=by.initiator, at=register.at)
    made = publication.release(draft=draft, revision=1, mandate=by.confirmer, at=register.at)
    upkeep.rebuild(at=register.at)
    return made


@pytest.mark.parametrize("screen", ["desk", "dark phone"])
def test_pages_with_business_on_them_can_be_read_by_everyone(
    open_page, live_server, looks_right, register, published, screen
):
    done = register.retire(300)
    register.transfer(100)
    sequencer.sequence(at=register.at)
    upkeep.rebuild(at=register.at)
    page = open_page(**SCREENS[screen])
    for path in [
        "/", "/figures", *PAGES[4:9], "/look-up?number=7", f"/projects/{register.project.number}",
        f"/batches/{register.batch.asset.code}", f"/certificates/{done.certificate}", "/figures/statistics",
        "/figures/beneficiaries", "/figures/buffer", "/search?q=林", "/publications",
        f"/publications/{published.publication_id}",
    ]:  # fmt: skip
        assert page.goto(live_server.url + path).status == 200
        looks_right(page)


def test_a_list_is_searched_sorted_and_keeps_its_filter_in_the_address(page, live_server, register):
    for name in ("湖滨音乐节", "城市马拉松"):
        register.retire(10, beneficiary=world.event(name))
    upkeep.rebuild(at=register.at)
    page.goto(f"{live_server.url}/figures/retirements")
    page.get_by_role("searchbox", name="搜索").fill("音")
    page.get_by_role("button", name="筛选").click()
    page.wait_for_url("**q=**")
    table = page.locator("main table")
    assert "湖滨音乐节" in table.inner_text()
    assert "城市马拉松" not in table.inner_text()

    page.goto(f"{live_server.url}/figures/retirements")
    page.locator("thead").get_by_role("link", name="受益人").click()
    page.wait_for_url("**sort=name**")
    text = table.inner_text()

    assert text.index("城市马拉松") < text.index("湖滨音乐节")


@pytest.fixture
def as_person(open_page, live_server, client):
    """Opens a page that is signed in already."""

    def open_as(mandate, **options):
        client.force_login(mandate.membership.person)
        page = open_page(**options)
        cookie = client.cookies["sessionid"]
        page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        client.cookies.clear()
        return page

    return open_as


def test_one_writes_and_another_publishes(as_person, live_server, register, looks_right):
    writer = as_person(register.operator.initiator)
    releaser = as_person(register.operator.confirmer, viewport=PHONE)
    writer.goto(f"{live_server.url}/desk/publications/new")
    looks_right(writer)
    writer.get_by_label("栏目").select_option("announcement")
    writer.get_by_label("标题").fill("关于开放数据下载的公告")
    writer.get_by_label("正文").fill("全部列表可以下载。")
    writer.get_by_role("button", name="保存草稿").click()
    looks_right(writer)
    assert "须由本机构另一名确认代表签发" in writer.locator("main").inner_text()

    releaser.goto(f"{live_server.url}/desk/publications")
    releaser.get_by_role("link", name="关于开放数据下载的公告").click()
    looks_right(releaser)
    releaser.get_by_role("button", name="签发并公开").click()

    assert releaser.get_by_role("heading", level=1).inner_text() == "关于开放数据下载的公告"
    assert writer.goto(releaser.url).status == 200
