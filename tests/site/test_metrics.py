"""What an operator's machines may read: metrics, warnings, and logs without people in them."""

import datetime as dt
import json
import logging

import pytest
from django.db import connection
from django.utils import timezone
from tests import world

from tanhui.journal import jobs, record
from tanhui.site import health, requests

pytestmark = pytest.mark.django_db


def line(text, name):
    """The value of one series."""
    return next((float(each.rsplit(" ", 1)[1]) for each in text.splitlines() if each.startswith(name)), None)


class TestMetrics:
    def test_tell_what_requests_cost_and_what_was_refused(self, client):
        before = client.get("/metrics").content.decode()
        client.get("/healthz")
        client.get("/api/v1/certificates/NO-SUCH-NUMBER")
        client.post("/api/v1/no-such-thing")
        after = client.get("/metrics").content.decode()

        for name in (
            'tanhui_requests_total{method="GET",route="healthz",status="200"}',
            'tanhui_request_seconds_count{route="healthz"}',
            'tanhui_refusals_total{code="site.not_found"}',
        ):
            assert (line(after, name) or 0) > (line(before, name) or 0), name

    def test_tell_what_waits(self, client):
        jobs.defer("test.note")
        record.record(kind="test.fact", fact={}, at=world.NOON, by=None)
        said = client.get("/metrics").content.decode()

        assert line(said, 'tanhui_jobs{state="todo"}') == 1
        assert line(said, "tanhui_log_waiting") >= 1
        assert line(said, "tanhui_worker_silent_seconds") == float("inf")
        assert line(said, 'tanhui_notices_waiting{queue="letters"}') == 0

    def test_name_routes_and_not_addresses(self, client):
        client.get("/certificates/SECRET-NUMBER")

        assert "SECRET-NUMBER" not in client.get("/metrics").content.decode()

    @pytest.mark.parametrize(
        "asked", [{"REMOTE_ADDR": "10.0.0.9"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"REMOTE_ADDR": ""}]
    )
    def test_are_not_there_for_other_machines(self, client, asked):
        assert client.get("/metrics", **asked).status_code == 404

    def test_are_there_for_who_holds_the_token_and_then_for_nobody_else(self, client, settings):
        settings.TANHUI_METRICS_TOKEN = "a-long-token"

        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer a-long-tokeN"}).status_code == 404
        asked = {"Authorization": "Bearer a-long-token"}
        assert client.get("/metrics", headers=asked, REMOTE_ADDR="10.0.0.9").status_code == 200

    def test_behind_a_proxy_are_not_there_without_a_token(self, client, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

        assert client.get("/metrics").status_code == 404


class TestWarnings:
    def codes(self, client):
        return {one["code"] for one in client.get("/readyz").json()["warnings"]}

    def test_say_when_no_worker_lives_and_yet_people_are_served(self, client):
        assert "site.worker_silent" in self.codes(client)
        assert client.get("/readyz").status_code == 200
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")

        assert "site.worker_silent" not in self.codes(client)

    def test_say_when_facts_wait_long_for_the_log(self, client):
        assert "site.log_behind" not in self.codes(client)
        record.record(kind="test.fact", fact={}, at=timezone.now() - dt.timedelta(hours=1), by=None)

        assert "site.log_behind" in self.codes(client)

    def test_say_when_the_year_has_no_calendar(self, client, monkeypatch):
        known = health.calendar.announced()
        assert "site.calendar_unknown" not in self.codes(client) or timezone.now().year not in known.years
        monkeypatch.setattr(health.calendar, "announced", lambda: type(known)())

        assert "site.calendar_unknown" in self.codes(client)


class TestTheLog:
    def test_can_be_json_with_the_request_in_it(self, client, caplog, monkeypatch):
        monkeypatch.setenv("TANHUI_LOG", "json")
        as_json = requests.Line()
        with caplog.at_level(logging.INFO, logger="tanhui.request"):
            client.get("/api/v1/no-such-thing", headers={"X-Request-ID": "proxy-12345678"})
        (made,) = [one for one in caplog.records if one.name == "tanhui.request"]

        said = json.loads(as_json.format(made))

        assert (said["method"], said["path"], said["status"]) == ("GET", "/api/v1/no-such-thing", 404)
        assert said["refused"] == "site.not_found"
        assert said["level"] == "info"
        assert "\n" not in as_json.format(logging.LogRecord("x", logging.INFO, "", 0, "a\nb", None, None))

    def test_as_json_keeps_the_trace_on_the_same_line(self, monkeypatch):
        monkeypatch.setenv("TANHUI_LOG", "json")
        try:
            raise ValueError("poison")
        except ValueError as fault:
            failed = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, (ValueError, fault, None))

        assert "poison" in json.loads(requests.Line().format(failed))["trace"]

    def test_has_no_person_in_it(self, client, caplog):
        """Who signs in, with what, from where and what for: names, numbers, passwords, tokens, addresses."""
        particulars = ["wang-yezhu-7", "Geheim-8861", "150402199003071234", "13800138000", "wang@example.cn"]
        person = world.person(name="王业主甲", password=particulars[1])
        with caplog.at_level(logging.INFO):
            client.post("/login", {"login": particulars[0], "username": particulars[0], "password": particulars[1]})
            client.get(f"/?q={particulars[2]}")
            client.post("/look-up", {"q": particulars[2], "email": particulars[4]})
            client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {particulars[1]}"})
            client.force_login(person)
            client.post("/notices/preferences", {"mobile": particulars[3]})
        said = "\n".join(requests.Line().format(each) for each in caplog.records)

        assert "path=/login" in said
        assert [each for each in [*particulars, "王业主甲"] if each in said] == []
