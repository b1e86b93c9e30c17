"""What people do on the pages of notices and webhooks, and what strangers learn: nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import world

from tanhui.identity.acts import enrolment
from tanhui.notices import queries
from tanhui.notices.acts import delivering, subscribing
from tanhui.notices.models import Delivery, Notice, Preference, Reach, Subscription


@pytest.fixture
def enter(client):
    """Signs in whoever holds a mandate."""

    def enter(mandate):
        client.force_login(mandate.membership.person)
        return client

    return enter


@pytest.fixture
def hooked(register):
    """The owner's subscription with one message."""
    made, _ = subscribing.subscribe(
        mandate=register.owner.initiator, label="财务系统", url="http://127.0.0.1:9009/", kinds=["registry.issued"],
        scope="ALL", at=world.NOON,
    )  # fmt: skip
    delivering.ping(subscription=made, at=world.NOON)
    return made


class TestTasksAndNotices:
    def test_shows_what_waits_with_its_deadline(self, register, tell, enter):
        register.initiate(70, at=timezone.now())
        page = enter(register.owner.confirmer).get("/notices").content.decode()

        assert "确认或驳回：转让 70 吨" in page
        assert "个工作日" in page

    def test_shows_the_initiator_no_task(self, register, enter):
        register.initiate(70, at=timezone.now())

        assert "确认或驳回" not in enter(register.owner.initiator).get("/notices").content.decode()

    def test_keeps_its_filter_in_the_address(self, register, tell, enter):
        register.transfer(10)
        tell()
        page = enter(register.buyer.initiator).get("/notices?category=INSTRUCTION&state=unread").content.decode()
        assert "收到减排量" not in page

        page = enter(register.buyer.initiator).get("/notices?category=UNITS&state=unread").content.decode()
        assert "收到减排量：10 吨" in page

    @pytest.mark.parametrize("query", ["category=NONE", "category=%00", "before=x", "before=99999999999999999999"])
    def test_bears_any_address(self, register, tell, enter, query):
        tell()
        assert enter(register.owner.initiator).get(f"/notices?{query}").status_code == 200

    def test_marks_one_as_read_and_goes_there(self, register, tell, enter):
        register.transfer(10)
        tell()
        notice = Notice.objects.get(person=register.buyer.initiator.membership.person_id)
        answer = enter(register.buyer.initiator).post(f"/notices/{notice.pk}/read", {"then": "open"})

        assert answer.url == f"/accounts/{register.buyer.account.code}"
        notice.refresh_from_db()
        assert notice.read_at

    def test_marks_all_as_read_that_were_shown_and_no_later_one(self, register, tell, enter):
        who = register.buyer.initiator
        register.transfer(10)
        tell()
        newest = Notice.objects.filter(person=who.membership.person).latest("pk").pk
        register.transfer(20)
        tell()
        enter(who).post("/notices/read", {"newest": newest})

        assert queries.unread(who.membership.person).count() == 1

    def test_counts_in_the_header(self, register, tell, enter):
        register.transfer(10)
        tell()

        assert '<span class="count">1</span>' in enter(register.buyer.initiator).get("/notices").content.decode()

    def test_cost_every_page_few_statements_however_many_rooms_are_asked(
        self, enter, django_assert_max_num_queries, register
    ):
        for mandate in (register.owner.initiator, register.operator.confirmer):
            client = enter(mandate)
            client.get("/ui")  # the first visit also writes the session
            with django_assert_max_num_queries(8):
                assert client.get("/ui").status_code == 200
            with django_assert_max_num_queries(14):
                assert client.get("/").status_code == 200

    def test_costs_the_same_with_many(self, register, tell, enter):
        client = enter(register.buyer.initiator)
        client.get("/notices")  # the first visit also writes the session
        counts = []
        for _ in range(2):
            for _ in range(5):
                register.transfer(1)
            tell()
            with CaptureQueriesContext(connection) as asked:
                client.get("/notices")
            counts.append(len(asked))

        assert counts[0] == counts[1]

    def test_shows_nobody_anothers_notice(self, register, tell, enter):
        register.transfer(10)
        tell()
        notice = Notice.objects.filter(person=register.buyer.initiator.membership.person).first()
        client = enter(register.owner.initiator)

        assert client.get(f"/notices/{notice.pk}").status_code == 404
        assert client.post(f"/notices/{notice.pk}/read").status_code == 404

    def test_asks_a_stranger_to_sign_in(self, db, client):
        assert client.get("/notices").status_code == 302


class TestWishes:
    def test_are_kept(self, register, enter):
        who = register.owner.initiator
        wishes = {f"email_{one}": "DAILY" for one in ("INSTRUCTION", "UNITS", "RESTRICTION", "ACCOUNT", "PEOPLE")}
        wishes |= {"email_PUBLIC": "NEVER", "email_OTHER": "AT_ONCE", "sms_UNITS": "on", "mobile": "138 0013 8000"}
        answer = enter(who).post("/notices/preferences", wishes)

        assert answer.status_code == 302
        person = who.membership.person
        assert Preference.objects.get(person=person, category="UNITS").sms
        assert queries.mobile(person) == "13800138000"
        assert b"13800138000" not in bytes(Reach.objects.get(person=person).mobile)
        assert "13800138000" in enter(who).get("/notices/preferences").content.decode()

    def test_with_an_unusable_number_are_refused_beside_it(self, register, enter):
        client = enter(register.owner.initiator)
        wishes = {
            f"email_{one.category}": "DAILY" for one in queries.preferences(register.owner.initiator.membership.person)
        }

        answer = client.post("/notices/preferences", wishes | {"mobile": "12345"})

        assert answer.status_code == 422
        assert "不是中国大陆手机号码" in answer.content.decode()
        assert not Preference.objects.exists()


class TestWebhooks:
    def test_are_made_with_a_secret_that_is_shown_once(self, register, enter):
        client = enter(register.owner.initiator)
        answer = client.post(
            f"/webhooks/new/{register.owner.organisation.pk}",
            {"label": "财务", "url": "http://127.0.0.1:9009/", "scope": "OWN", "kinds": ["registry.issued"]},
        )

        made = Subscription.objects.get()
        assert answer.status_code == 201
        assert "whsec_" in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert "whsec_" not in client.get(f"/webhooks/{made.pk}").content.decode()

    @pytest.mark.parametrize(
        ("url", "said"), [("https://10.0.0.1/", "不是公网地址"), ("ftp://x", "无法调用"), ("https://a b/", "无法调用")]
    )
    def test_to_an_unusable_address_are_refused_beside_it(self, register, enter, url, said):
        answer = enter(register.owner.initiator).post(
            f"/webhooks/new/{register.owner.organisation.pk}",
            {"label": "财务", "url": url, "scope": "OWN", "kinds": ["registry.issued"]},
        )

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Subscription.objects.exists()

    def test_show_their_messages_and_what_came_back(self, register, enter, hooked):
        delivering.deliver_next(subscription=str(hooked.pk), at=world.NOON)
        client = enter(register.owner.confirmer)

        row = Delivery.objects.get()
        link = f'<a href="/webhooks/{hooked.pk}/deliveries/{row.pk}">测试消息</a>'
        assert link in client.get(f"/webhooks/{hooked.pk}").content.decode()
        assert link not in client.get(f"/webhooks/{hooked.pk}?kind=registry.issued").content.decode()
        page = client.get(f"/webhooks/{hooked.pk}/deliveries/{row.pk}").content.decode()
        assert "连接被拒绝" in page
        assert f"msg_{row.message.hex}" in page

    @pytest.mark.parametrize(
        ("act", "state"), [("pause", "PAUSED"), ("end", "ENDED"), ("ping", "ACTIVE"), ("resume", "ACTIVE")]
    )
    def test_do_what_their_buttons_say(self, register, enter, hooked, act, state):
        answer = enter(register.owner.initiator).post(f"/webhooks/{hooked.pk}/do", {"act": act})

        assert answer.status_code == 302
        assert Subscription.objects.get().state == state

    def test_show_a_renewed_secret_once(self, register, enter, hooked):
        answer = enter(register.owner.initiator).post(f"/webhooks/{hooked.pk}/do", {"act": "rotate"})

        assert "whsec_" in answer.content.decode()
        assert Subscription.objects.get().former_until_at

    def test_are_sent_again_by_day(self, register, enter, hooked):
        Delivery.objects.update(state="FAILED")
        answer = enter(register.owner.initiator).post(
            f"/webhooks/{hooked.pk}/replay", {"first": "2026-06-05", "last": "2026-06-05", "failed_only": "on"}
        )

        assert answer.status_code == 302
        assert Delivery.objects.get().state == "WAITING"

    @pytest.mark.parametrize("days", [("2026-06-05", "2026-06-04"), ("0001-01-01", "9999-12-31"), ("x", "")])
    def test_are_not_sent_again_for_days_that_are_none(self, register, enter, hooked, days):
        Delivery.objects.update(state="FAILED")
        enter(register.owner.initiator).post(f"/webhooks/{hooked.pk}/replay", {"first": days[0], "last": days[1]})

        assert Delivery.objects.get().state == "FAILED"

    def test_can_be_looked_at_but_not_arranged_by_a_confirmer(self, register, enter, hooked):
        client = enter(register.owner.confirmer)

        assert client.get(f"/webhooks/{hooked.pk}").status_code == 200
        refused = client.post(f"/webhooks/{hooked.pk}/do", {"act": "end"})
        assert refused.status_code == 403
        assert "identity.capacity_missing" in refused.content.decode()
        assert Subscription.objects.get().state == "ACTIVE"

    def test_are_not_there_for_others(self, register, enter, hooked):
        client = enter(register.buyer.initiator)
        row = Delivery.objects.get()

        assert "财务系统" not in client.get("/webhooks").content.decode()
        inside = [f"{hooked.pk}", f"{hooked.pk}/change", f"{hooked.pk}/deliveries/{row.pk}"]
        for path in [*(f"/webhooks/{one}" for one in inside), f"/webhooks/new/{register.owner.organisation.pk}"]:
            assert client.get(path).status_code == 404
        assert client.post(f"/webhooks/{hooked.pk}/do", {"act": "end"}).status_code == 404
        assert client.post(f"/webhooks/{hooked.pk}/deliveries/{row.pk}/resend").status_code == 404
        assert Subscription.objects.get().state == "ACTIVE"


@pytest.fixture
def bear(client):
    """Asks with the token of whoever holds a mandate."""

    def bear(mandate):
        token = enrolment.make_token(person=mandate.membership.person, label="test", days=1, at=timezone.now())
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return bear


class TestTheApi:
    def call(self, client, method, path, body=None, status=200):
        answer = getattr(client, method)(f"/api/v1{path}", body, content_type="application/json")
        assert answer.status_code == status, answer.content.decode()
        return answer.json() if answer.content else None

    def test_arranges_a_webhook_from_birth_to_end(self, register, bear):
        client = bear(register.owner.initiator)
        asked = {"label": "ERP", "url": "http://127.0.0.1:9009/x", "types": ["registry.issued"], "scope": "ALL"}
        code = register.owner.organisation.uscc
        made = self.call(client, "post", "/webhooks", asked | {"organisation": code}, 201)
        here = f"/webhooks/{made['id']}"
        assert made["secret"].startswith("whsec_")
        assert "secret" not in self.call(client, "get", here)
        assert self.call(client, "put", here, asked | {"label": "ERP 2"})["label"] == "ERP 2"
        assert self.call(client, "post", f"{here}/secret")["secret"] != made["secret"]
        sent = self.call(client, "post", f"{here}/test")
        assert self.call(client, "get", f"{here}/deliveries?state=WAITING")["items"][0]["id"] == sent["id"]
        assert self.call(client, "post", f"{here}/deliveries/{sent['id']}/resend")["webhook_id"] == sent["webhook_id"]
        span = {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}
        assert self.call(client, "post", f"{here}/replay", span) == {"count": 0}
        assert self.call(client, "post", f"{here}/pause")["state"] == "PAUSED"
        assert self.call(client, "post", f"{here}/test", status=409)["code"] == "notices.subscription_not_active"
        assert self.call(client, "post", f"{here}/resume")["state"] == "ACTIVE"
        self.call(client, "delete", here, status=204)
        self.call(client, "get", here, status=404)

    def test_lists_notices_by_cursor_and_marks_them_read(self, register, tell, bear):
        for _ in range(3):
            register.transfer(1)
        tell()
        client = bear(register.buyer.initiator)
        first = self.call(client, "get", "/notices?limit=2")
        rest = self.call(client, "get", first["next"].removeprefix("/api/v1"))
        assert (len(first["items"]), len(rest["items"])) == (2, 1)
        assert rest["next"] is None

        self.call(client, "post", f"/notices/{first['items'][0]['id']}/read")
        assert len(self.call(client, "get", "/notices?unread=true")["items"]) == 2

    def test_lists_events_and_tasks(self, register, bear):
        client = bear(register.owner.confirmer)
        assert {"type": "registry.retired", "name": "注销"} in self.call(client, "get", "/webhooks/events")["items"]
        assert self.call(client, "get", "/tasks") == {"items": []}
