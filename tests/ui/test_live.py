"""Forms and filters renewed in place, in a real browser; and what a page weighs."""

import gzip

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class TestALiveForm:
    def test_shows_its_error_beside_the_field_without_loading_the_page(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        page.evaluate("window.stayed = true")
        form = page.locator("#sample-form")
        form.get_by_label("数量（吨）").fill("1.5")
        with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            form.get_by_role("button", name="继续").click()
        page.locator("#live_tonnes_error").wait_for()
        page.locator(".error-summary:focus").wait_for()

        assert answered.value.status == 422
        assert page.evaluate("window.stayed")
        assert form.get_by_label("数量（吨）").input_value() == "1.5"
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0

    def test_goes_on_and_says_so_when_all_is_well(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        form = page.locator("#sample-form")
        form.get_by_label("数量（吨）").fill("12")
        form.get_by_label("活动").check()
        form.get_by_role("button", name="继续").click()

        # One such notice is a sample the page always shows.
        page.locator("main > .container > .messages").get_by_text("已记录").nth(1).wait_for()

    def test_works_the_same_without_javascript(self, open_page, live_server):
        page = open_page(java_script_enabled=False)
        page.goto(f"{live_server.url}/ui")
        page.locator("#sample-form").get_by_label("数量（吨）").fill("1.5")
        page.locator("#sample-form").get_by_role("button", name="继续").click()

        assert "输入整数" in page.locator("#live_tonnes_error").inner_text()


class TestALiveFilter:
    def test_renews_the_list_and_the_address_while_the_field_keeps_the_cursor(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        rows = page.locator("#sample-list tbody tr")
        before = rows.count()
        page.locator("#filter_name").press_sequentially("湿地")
        page.locator(".chips").get_by_text("湿地").wait_for()
        page.wait_for_url("**name=%E6%B9%BF%E5%9C%B0*")

        assert (before, rows.count()) == (3, 1)
        assert page.evaluate("document.activeElement.id") == "filter_name"

    def test_says_that_nothing_matches(self, page, live_server):
        page.goto(f"{live_server.url}/ui?name=海带")

        assert page.locator("#sample-list").get_by_text("没有符合条件的项目").is_visible()


class TestLongWork:
    def test_is_watched_until_it_is_done(self, page, live_server):
        page.goto(f"{live_server.url}/ui")

        page.get_by_text("导出文件已生成").wait_for(timeout=60_000)


class TestTheMenu:
    def test_opens_on_a_phone_and_closes_with_escape(self, open_page, live_server):
        page = open_page(viewport={"width": 390, "height": 844})
        page.goto(live_server.url)
        link = page.locator("#site-links").get_by_role("link", name="首页")
        assert not link.is_visible()
        page.get_by_role("button", name="菜单").click()

        assert link.is_visible()

    def test_is_all_there_without_javascript(self, open_page, live_server):
        page = open_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)
        page.goto(live_server.url)

        assert page.locator("#site-links").get_by_role("link", name="首页").is_visible()


class TestThePrintedPage:
    def test_has_neither_menu_nor_buttons(self, page, live_server):
        page.goto(f"{live_server.url}/ui")
        page.emulate_media(media="print")

        assert not page.locator(".site-nav").is_visible()
        assert page.locator("main .btn:visible").count() == 0
        assert page.locator("thead").first.is_visible()


class TestThePageWeight:
    """Bytes sent: pages as they are, files that stay as gzip has them; what stays is not sent twice."""

    FIRST, LATER = 700_000, 60_000

    @pytest.mark.parametrize("path", ["/", "/look-up", "/figures", "/figures/retirements", "/log", "/verify", "/ui"])
    def test_of_a_first_and_a_later_visit_is_small(self, page, live_server, path):
        sent = {}

        def weigh(answer):
            body = answer.body() if answer.status == 200 else b""
            kept = "/static/" in answer.url
            sent[answer.url] = (kept, len(gzip.compress(body)) if kept else len(body))

        page.on("response", weigh)
        page.goto(live_server.url + path, wait_until="networkidle")

        assert sum(size for _, size in sent.values()) <= self.FIRST
        assert sum(size for kept, size in sent.values() if not kept) <= self.LATER
