import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests import world
from tests.inclusion import city as cities
from tests.inclusion.city import DAY, NEXT, event, lines

from tanhui.inclusion.models import Batch, Budget, Credential, Scenario, Settlement, Suspicion


@pytest.fixture
def city(db, settings, tmp_path):
    settings.TANHUI_VAR, settings.TANHUI_LAKE_BUCKETS = tmp_path, 1
    made = cities.built(many=2)
    made.take(
        event(made.marks[0], made.scenario, metres=30_000, minutes=5, key="fast"), event(made.marks[1], made.scenario),
        event(made.marks[1], made.scenario, key="bad", quantity=-1),
    )  # fmt: skip
    made.settle()
    return made


@pytest.fixture
def visit(client, city, monkeypatch):
    """Look at a page as somebody, or send its form; ``NEXT`` is now."""

    def see(who, name, *args, status=200, data=None, query=""):
        if who is not None:
            world.sign_in(client, who.membership.person)
        else:
            client.logout()
        address = reverse(f"inclusion:{name}", args=args) + query
        answer = client.post(address, data) if data is not None else client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == status, body.decode()[-3000:]
        return body.decode()

    monkeypatch.setattr("django.utils.timezone.now", lambda: NEXT)
    return see


class TestThePages:
    def test_show_everybody_the_scenarios_and_the_rules(self, city, visit):
        assert "地铁出行" in visit(None, "scenarios")
        assert "metro-bj" in visit(None, "scenarios", query="?format=csv")
        page = visit(None, "scenario", "metro-bj")
        assert "0.104" in page
        assert "360" in page  # 5 km save 360 g
        assert "tally.speed" in visit(None, "anticheat")
        city.apply(code="hidden")
        visit(None, "scenario", "hidden", status=404)

    def test_let_a_provider_apply_hand_in_and_read_its_receipt(self, city, visit):
        who = city.company.initiator
        given = cities.ABOUT | {"code": "bus-bj", "methodology": "bus/v01"}
        visit(who, "scenario_apply", data=given, status=302)
        assert Scenario.objects.get(code="bus-bj").state == "APPLIED"
        assert city.provider.name in visit(who, "providers")
        page = visit(who, "provider", "metro", data={"do": "issue", "label": "生产"})
        assert Credential.objects.count() == 1
        assert 'class="serial"' in page
        body = lines(event(city.marks[0], city.scenario, hour=11), b"{")
        visit(who, "provider", "metro", data={"do": "file", "file": SimpleUploadedFile("a.jsonl", body)}, status=302)
        made = Batch.objects.get(way="FILE")
        assert "tally.row_unreadable" in visit(who, "batch", made.pk)
        said = json.loads(visit(who, "batch", made.pk, query="?format=json"))
        assert (said["received"], said["accepted"], said["refused"]) == (2, 1, 1)
        assert "合计" in visit(who, "provider", "metro", query="?period=year&format=csv")
        visit(who, "desk_provider", "metro", status=404)

    def test_let_the_operator_settle_decide_and_set_a_budget(self, city, visit):
        who = city.operator.initiator
        held = Suspicion.objects.get()
        page = visit(who, "console")
        assert "2026-06-06" in page
        assert "待核 1</span>" in page
        visit(who, "console", data={"do": "settle", "day": DAY.isoformat()}, status=409)
        visit(who, "console", data={"do": "budget", "month": "2026-06-17", "amount": "5000", "note": ""}, status=302)
        assert Budget.objects.get().fen == 500_000
        assert "fast" in visit(who, "suspicions")
        assert "编号" in visit(who, "suspicion", held.pk)
        visit(who, "suspicion", held.pk, data={"do": "rule", "outcome": "REFUSED", "reason": "不合理"}, status=302)
        assert "fast" in visit(who, "suspicions", query="?state=REFUSED")
        company = city.company.initiator
        visit(company, "suspicion", held.pk, data={"do": "appeal", "said": "列车确有大站快车"}, status=302)
        assert "列车确有大站快车" in visit(city.operator.confirmer, "suspicion", held.pk)
        for name in ("desk_scenarios", "desk_providers", "provider_enter"):
            visit(who, name)
        assert Settlement.objects.count() == 1

    def test_let_two_people_publish_a_scenario(self, city, visit):
        one = city.step(city.apply(code="second"), "assess")
        given = {"revision": one.revision, "reference": "p1"}
        visit(city.operator.initiator, "desk_scenario", "second", data=given | {"do": "propose"}, status=302)
        one.refresh_from_db()
        given["revision"] = one.revision
        visit(city.operator.initiator, "desk_scenario", "second", data=given | {"do": "confirm"}, status=403)
        visit(city.operator.confirmer, "desk_scenario", "second", data=given | {"do": "confirm"}, status=302)
        assert Scenario.objects.get(code="second").state == "PUBLISHED"
