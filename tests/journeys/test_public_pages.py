"""The public pages as a visitor meets them, in a real browser, on an empty register."""

import pytest
from tests.journeys.conftest import PHONE

from tanhui.journal import sequencer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/", "/look-up", "/look-up?number=12345", "/figures", "/figures/projects", "/figures/batches",
    "/figures/retirements", "/figures/cancellations", "/log", "/verify", "/login", "/ui", "/nowhere",
    "/refusals/", "/refusals/portal.never_issued",
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


@pytest.mark.parametrize("screen", ["desk", "dark phone"])
def test_pages_with_business_on_them_can_be_read_by_everyone(open_page, live_server, looks_right, register, screen):
    done = register.retire(300)
    register.transfer(100)
    sequencer.sequence(at=register.at)
    project = f"/projects/{register.project.number}"
    page = open_page(**SCREENS[screen])
    for path in ["/", "/figures", *PAGES[4:9], "/look-up?number=7", project, f"/certificates/{done.certificate}"]:
        assert page.goto(live_server.url + path).status == 200
        looks_right(page)
