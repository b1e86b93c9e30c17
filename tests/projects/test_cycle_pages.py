"""What people meet on the pages of the project cycle."""

import pytest
from django.utils import timezone
from tests import world
from tests.projects import cycling
from tests.projects.cycling import fresh

from tanhui.projects.models import Development


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path  # a log of its own: what a test writes is rolled back, what it publishes is not
    return cycling.Cast(at=timezone.now())


def sees(client, url, *words, status=200):
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code)
    text = answer.content.decode()
    for word in words:
        assert word in text, f"{word} is not on {url}"
    return text


class TestPublicPages:
    def test_show_a_notice_with_its_countdown_and_take_a_comment(self, cast, client):
        one = cast.published()
        sees(client, "/developments/", one.name, one.code)
        sees(client, f"/developments/{one.code}", one.name, one.owner.name)
        someone = world.person(name="牧民甲", at=cast.at)
        world.sign_in(client, someone)
        answer = client.post(f"/developments/{one.code}", {"text": "地块与退耕还林重叠吗？"})
        assert answer.status_code == 302
        sees(client, f"/developments/{one.code}", "地块与退耕还林重叠吗？", "牧民甲")
        world.sign_in(client, cast.owner.initiator.membership.person)
        comment = one.comments.get()
        sent = {"do": "answer", "comment": comment.pk, "text": "不重叠，见附件。", "adopted": "yes"}
        assert client.post(f"/desk/developments/{one.code}", sent).status_code == 302
        sees(client, f"/developments/{one.code}", "不重叠，见附件。")

    def test_show_nothing_of_a_draft(self, cast, client):
        one = cast.drafted()
        sees(client, f"/developments/{one.code}", status=404)

    def test_draw_every_procedure(self, cast, client):
        for code in ("ccer", "local"):
            sees(client, f"/developments/cycle?procedure={code}", "<svg", "owner_not_banned")
        sees(client, "/developments/cycle?procedure=none", status=404)
        sees(client, "/developments/stages")


class TestDesk:
    def test_leads_an_owner_from_opening_to_the_second_signature(self, cast, client):
        world.sign_in(client, cast.owner.initiator.membership.person)
        sees(client, "/desk/developments/", "/desk/developments/new")
        sent = {
            "organisation": cast.owner.organisation.uscc, "name": "敖汉旗造林碳汇项目", "profile": "ccer",
            "scheme": "CCER", "methodology": "CCER-14-001-V01", "division_code": "310118",
        }  # fmt: skip
        assert client.post("/desk/developments/new", sent).status_code == 302
        one = Development.objects.get(name="敖汉旗造林碳汇项目")
        part = f"/desk/developments/{one.code}/draft"
        for name in ("project", "land", "time", "eligibility", "quantity", "monitoring", "parties"):
            sees(client, f"{part}/{name}", one.name)
        told = {
            "summary": "在沙地造林。",
            "kind": "造林",
            "region": "赤峰",
            "technology": "容器苗",
            "revision": one.revision,
        }
        answer = client.post(f"{part}/project", told | {"then": "leave"})
        assert answer.status_code == 302
        assert answer["Location"].endswith(one.code)
        assert fresh(one).draft["summary"] == "在沙地造林。"
        sees(client, f"/desk/developments/{one.code}/check", "在沙地造林。")
        answer = client.post(f"/desk/developments/{one.code}", {"do": "write", "kind": "DESIGN"})
        assert answer.status_code == 302
        assert one.papers.get().kind == "DESIGN"
        step = {"do": "step", "act": "publish", "revision": fresh(one).revision, "reference": "p-1"}
        answer = client.post(f"/desk/developments/{one.code}", step)
        assert answer.status_code == 422
        assert "projects.draft_open" in answer.content.decode()
        assert fresh(one).state == "DRAFT"

    def test_lets_a_colleague_confirm_what_was_asked_for(self, cast, client):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        world.sign_in(client, cast.owner.initiator.membership.person)
        step = {"do": "step", "act": "publish", "revision": fresh(one).revision, "reference": "p-1"}
        assert client.post(f"/desk/developments/{one.code}", step).status_code == 302
        assert fresh(one).state == "DRAFT"
        world.sign_in(client, cast.owner.confirmer.membership.person)
        sees(client, "/desk/developments/", one.name)
        assert client.post(f"/desk/developments/{one.code}", {"do": "confirm"}).status_code == 302
        assert fresh(one).state == "PDD_PUBLICITY"
        sees(client, "/desk/deadlines", one.name)

    def test_tells_a_stranger_nothing(self, cast, client):
        one = cast.drafted()
        world.sign_in(client, cast.other.initiator.membership.person)
        for url in ("", "/check", "/draft/project", "/periods/new"):
            sees(client, f"/desk/developments/{one.code}{url}", status=404)

    def test_carries_a_monitoring_period(self, cast, client):
        one = cast.filed()
        period = cast.monitored(one)
        world.sign_in(client, cast.owner.initiator.membership.person)
        sees(client, f"/desk/developments/{one.code}", one.name, period.code)
        sees(client, f"/desk/developments/periods/{period.code}", period.bundle_sha256[:12], "12 / 12")
        sees(client, f"/desk/developments/{one.code}/periods/new", one.name)
        sees(client, f"/developments/periods/{period.code}", status=404)
        cast.take(period, "publish")
        sees(client, f"/developments/periods/{period.code}", period.bundle_sha256[:12])
