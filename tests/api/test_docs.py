import pytest

pytestmark = pytest.mark.browser


class TestTheDocsPage:
    def test_shows_the_operations_without_breaking_the_policy(self, page, live_server):
        page.goto(f"{live_server.url}/api/v1/docs")

        page.get_by_text("发起转让（待第二人确认）").wait_for()
        assert page.get_by_text("/api/v1/certificates/{number}", exact=True).is_visible()
