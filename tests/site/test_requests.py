import logging

import pytest

from tanhui.site import requests


@pytest.mark.django_db
class TestARequest:
    def test_is_told_its_id(self, client):
        assert len(client.get("/healthz")["X-Request-ID"]) == 32

    def test_keeps_a_harmless_id_of_its_own(self, client):
        assert client.get("/healthz", headers={"X-Request-ID": "proxy-12345678"})["X-Request-ID"] == "proxy-12345678"

    @pytest.mark.parametrize("name", ["short", "a" * 65, "spaced out id", "forged\\nline", "<script>1</script>"])
    def test_does_not_keep_one_that_could_confuse_a_log(self, client, name):
        assert client.get("/healthz", headers={"X-Request-ID": name})["X-Request-ID"] != name

    def test_is_one_line_in_the_log(self, client, caplog):
        with caplog.at_level(logging.INFO, logger="tanhui.request"):
            client.get("/healthz")

        (record,) = [record for record in caplog.records if record.name == "tanhui.request"]
        assert record.getMessage().startswith("method=GET path=/healthz status=200 ms=")


class TestALogLine:
    def test_stays_one_line_whatever_it_says(self):
        record = logging.LogRecord("test", logging.INFO, "", 0, "one\ntwo\rthree", None, None)

        assert "\n" not in requests.Line().format(record)
        assert requests.Line().format(record).endswith(" info test request=- one\\ntwo\\rthree")


@pytest.mark.django_db
class TestEveryResponse:
    def test_carries_the_strict_policy(self, client):
        policy = dict(part.strip().split(" ", 1) for part in client.get("/login")["Content-Security-Policy"].split(";"))

        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": "'self'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }

    def test_forbids_frames_and_guessing_of_types(self, client):
        response = client.get("/login")

        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize(
        ("headers", "language"),
        [({}, "zh-hans"), ({"Accept-Language": "en-GB"}, "en"), ({"Accept-Language": "fr"}, "zh-hans")],
    )
    def test_is_chinese_unless_another_language_is_asked_for(self, client, headers, language):
        assert client.get("/login", headers=headers)["Content-Language"] == language

    def test_follows_the_language_cookie_before_the_browser(self, client):
        client.cookies["django_language"] = "en"

        assert client.get("/login", headers={"Accept-Language": "zh-CN"})["Content-Language"] == "en"
