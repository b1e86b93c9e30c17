"""What waits is remembered for some seconds, but not for whoever has just done something."""

import pytest
from django.core.cache import caches
from django.urls import reverse

from tanhui.ui import acting, navigation


@pytest.fixture
def asked(settings, monkeypatch):
    """How often the rooms were asked what waits."""
    settings.TANHUI_REMEMBER = 60
    caches["process"].clear()
    times = []

    def count(request):
        times.append(request.path)
        return []

    entry = navigation.Entry("portal:log", "日志", 1, waiting=count)
    navigation.autodiscover_modules("navigation")
    monkeypatch.setattr(navigation, "_entries", {"portal:log": entry})
    yield times
    caches["process"].clear()


@pytest.mark.django_db
class TestTheMenu:
    def test_is_remembered_from_page_to_page(self, client, asked):
        client.get("/ui")
        client.get("/ui")

        assert len(asked) == 1

    def test_is_reckoned_anew_for_whoever_has_just_done_something(self, client, asked):
        client.get("/ui")
        client.post(reverse("ui:preferences"), {"theme": "dark"})
        client.get("/ui")

        assert client.cookies[acting.COOKIE].value == "1"
        assert len(asked) == 2

    def test_is_another_in_another_language(self, client, asked):
        client.get("/ui")
        client.get("/ui", headers={"accept-language": "en"})

        assert len(asked) == 2

    def test_marks_the_page_one_is_on_all_the_same(self, client, asked):
        client.get("/ui")

        assert 'aria-current="page"' in client.get("/log").content.decode()


@pytest.mark.django_db
class TestASharedContent:
    @pytest.fixture
    def made(self, settings, monkeypatch):
        """How often the first page's content was made."""
        from tanhui.portal.pages import home

        settings.TANHUI_REMEMBER = 60
        caches["process"].clear()
        times, figures = [], home.figures
        monkeypatch.setattr(home, "figures", lambda: times.append(1) or figures())
        yield times
        caches["process"].clear()

    def test_is_made_once_for_all_who_ask(self, client, made):
        first, second = client.get("/").content, client.get("/").content

        assert len(made) == 1
        assert first.count(b"<h2>") == second.count(b"<h2>") > 3

    def test_is_made_anew_for_whoever_has_just_acted(self, client, made):
        client.get("/")
        client.post(reverse("ui:preferences"), {"theme": "dark"})
        client.get("/")

        assert len(made) == 2

    def test_is_another_in_another_language(self, client, made):
        client.get("/")
        client.get("/", headers={"accept-language": "en"})

        assert len(made) == 2
