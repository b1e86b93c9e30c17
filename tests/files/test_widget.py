import hashlib
import threading

import pytest
from django.test import Client
from tests import world
from tests.files import archives, samples

from tanhui.files import bounded
from tanhui.files.models import Document, Upload, Version

pytestmark = pytest.mark.urls("tests.files.form_page")
BIG = samples.picture("PNG", (3000, 1400))


@pytest.fixture
def form(live_server, page, desk, settings):
    """The form in a browser of whoever may file there."""
    session = Client()
    world.sign_in(session, desk)
    value = session.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])

    def opened(kind, wait_until="load"):
        page.goto(f"{live_server.url}/test/form/{kind}", wait_until=wait_until)
        return page

    return opened


def chosen(page, name, content, kind="application/octet-stream"):
    page.set_input_files("input[type=file]", {"name": name, "mimeType": kind, "buffer": content})


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestTheField:
    def test_sends_a_file_in_pieces_and_the_form_only_its_number(self, form):
        content = samples.pdf() + b"\n%" + bytes(9 << 20)
        page = form("paper")
        sent = []
        page.on("request", lambda one: sent.append(one.method) if "/api/v1/uploads/" in one.url else None)
        chosen(page, "边界.pdf", content)
        page.get_by_text("已收到并通过检查 · PDF").wait_for()
        assert sent.count("PATCH") == 3
        page.click("#send")
        page.get_by_text("归档完成").wait_for()
        assert Version.objects.get().sha256 == hashlib.sha256(content).hexdigest()
        assert page.evaluate("localStorage.length") == 0

    def test_sends_a_file_chosen_before_the_script_was_there(self, form, page):
        held = []
        page.route("**/files/upload*.js", lambda route: held.append(route))
        with page.expect_request("**/files/upload*.js"):
            form("paper", wait_until="commit")
        chosen(page, "边界.pdf", samples.pdf())
        held[0].continue_()
        page.get_by_text("已收到并通过检查 · PDF").wait_for()

    def test_says_beside_the_field_why_a_file_is_refused(self, form):
        page = form("paper")
        chosen(page, "边界.pdf", b"MZ" + bytes(900))
        page.get_by_text("只改扩展名不起作用").wait_for()
        assert page.input_value("input[name=paper]") == ""

    def test_goes_on_by_itself_when_the_connection_comes_back(self, form):
        content = samples.pdf() + b"\n%" + bytes(9 << 20)
        page = form("paper")
        broken = threading.Event()

        def breaks(route):
            if route.request.method == "PATCH" and not broken.is_set():
                broken.set()
                route.abort("connectionreset")
            else:
                route.continue_()

        page.route("**/api/v1/uploads/*", breaks)
        chosen(page, "边界.pdf", content)
        page.get_by_text("网络已断开").wait_for()
        page.get_by_text("已收到并通过检查 · PDF").wait_for()
        assert Upload.objects.get().sha256 == hashlib.sha256(content).hexdigest()

    def test_pauses_and_goes_on(self, form):
        page = form("paper")
        waiting = []
        page.route("**/api/v1/uploads/*", lambda route: waiting.append(route))
        chosen(page, "边界.pdf", samples.pdf())
        page.get_by_role("button", name="暂停").click()
        page.get_by_text("已暂停").wait_for()
        page.unroute("**/api/v1/uploads/*")
        page.get_by_role("button", name="继续").click()
        page.get_by_text("已收到并通过检查 · PDF").wait_for()

    def test_asks_how_a_shapefile_is_to_be_read(self, form):
        page = form("boundary")
        chosen(page, "小班.zip", archives.packed(archives.layer("gbk", named=False)))
        page.get_by_text("油松").wait_for()
        page.get_by_label("GB18030").check()
        page.get_by_text("已收到并通过检查 · GB18030").wait_for()
        page.click("#send")
        page.get_by_text("归档完成").wait_for()
        assert Version.objects.get().facts["sample"]["rows"][0][0] == "油松"


@pytest.mark.django_db
class TestTheFormWithoutAScript:
    def test_carries_the_file_itself(self, client, desk):
        client.force_login(desk)
        from django.core.files.uploadedfile import SimpleUploadedFile

        said = client.post("/test/form/paper", {"paper": "", "paper_file": SimpleUploadedFile("材料.png", BIG)})
        assert "归档完成" in said.content.decode()
        assert Document.objects.get().versions.get().sha256 == hashlib.sha256(BIG).hexdigest()

    def test_keeps_the_file_when_it_is_shown_again_and_leads_to_the_choice_of_encoding(self, client, desk):
        from django.core.files.uploadedfile import SimpleUploadedFile

        client.force_login(desk)
        content = archives.packed(archives.layer("gbk", named=False))
        said = client.post("/test/form/boundary", {"paper": "", "paper_file": SimpleUploadedFile("小班.zip", content)})
        upload = Upload.objects.get()
        page = said.content.decode()
        assert f'value="{upload.pk}"' in page
        assert f"/files/uploads/{upload.pk}/encoding?next=/test/form/boundary" in page
        assert not Document.objects.exists()

    def test_may_not_be_larger_than_a_form_may_be(self, client, desk, settings, monkeypatch):
        from django.core.files.uploadedfile import SimpleUploadedFile

        monkeypatch.setattr(bounded, "MOST_BYTES", 1000)
        settings.FILE_UPLOAD_HANDLERS = ["tanhui.files.bounded.Bounded", *settings.FILE_UPLOAD_HANDLERS]
        client.force_login(desk)
        said = client.post("/test/form/paper", {"paper_file": SimpleUploadedFile("材料.png", BIG)})
        assert said.status_code == 400
        assert not Upload.objects.exists()

    def test_says_when_no_file_was_chosen(self, client, desk):
        client.force_login(desk)
        assert "还没有选择文件" in client.post("/test/form/paper", {"paper": ""}).content.decode()
