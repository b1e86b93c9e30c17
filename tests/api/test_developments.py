"""Projects in development through the API: what everybody reads, and what the sides of a case do."""

import datetime as dt
import json

import pytest
from django.utils import timezone
from tests import world
from tests.api.conftest import Caller, callers, refused
from tests.projects import cycling, reviewing
from tests.projects.cycling import fresh

from tanhui.projects.acts import papers
from tanhui.projects.models import Step


@pytest.fixture
def cast(db):
    return cycling.Cast(at=timezone.now())


def read(answer, status=200):
    assert answer.status_code == status, answer.content.decode()
    return json.loads(answer.content)


class TestReading:
    def test_tells_everybody_of_a_project_on_notice_with_its_papers_and_land(self, cast, nobody):
        cast.drafted()
        one = cast.published()
        listed = read(nobody.get("/developments", {"q": "造林", "scheme": "CCER"}))["items"]
        said = read(nobody.get(f"/developments/{one.code}"))
        land = read(nobody.get(f"/developments/{one.code}/boundary"))

        assert [each["code"] for each in listed] == [one.code]
        assert (said["state"], said["stations"][0]["act"]) == ("PDD_PUBLICITY", "publish")
        assert said["due"]["on"] == one.due_on.isoformat()
        assert [(each["kind"], len(each["sha256"])) for each in said["papers"]] == [("DESIGN", 64)]
        assert (said["crediting_first"], said["crediting_last"]) == ("2021-01-01", "2040-12-31")
        assert len(land["features"]) == 1
        corners = land["features"][0]["geometry"]["coordinates"][0]
        assert all(round(value, 3) == value for corner in corners for value in corner)  # exact borders stay at home

    def test_pages_by_a_cursor(self, cast, nobody):
        codes = [cast.published().code for _ in range(3)]
        first = read(nobody.get("/developments", {"limit": 2}))
        second = read(nobody.client.get(first["next"]))

        assert [each["code"] for each in first["items"] + second["items"]] == codes[::-1]
        assert second["next"] is None
        refused(nobody.get("/developments", {"cursor": "made-up"}), 422, "registry.cursor_unusable")

    def test_finds_nothing_in_a_year_that_is_none(self, db, nobody):
        for year in ("0000", "9999", "20", "二〇二五"):
            assert read(nobody.get("/developments", {"year": year}))["items"] == []

    def test_tells_nobody_of_a_draft(self, cast, nobody):
        one = cast.drafted()
        assert read(nobody.get("/developments"))["items"] == []
        for address in (f"/developments/{one.code}", f"/developments/{one.code}/boundary"):
            assert nobody.get(address).status_code == 404
        assert nobody.get("/cases").status_code == 401

    def test_tells_of_a_monitoring_period_with_the_hashes_of_its_run(self, cast, nobody):
        cast.at = cycling.START
        one = cast.filed()
        period = cast.monitored(one)
        assert nobody.get(f"/developments/periods/{period.code}").status_code == 404
        cast.take(period, "publish")
        said = read(nobody.get(f"/developments/periods/{period.code}"))
        whole = read(nobody.get(f"/developments/{one.code}"))

        assert (said["quantity_kg"], said["bundle_sha256"]) == (period.quantity_kg, period.bundle_sha256)
        assert (said["first"], said["last"]) == ("2023-01-01", "2023-12-31")
        assert [each["code"] for each in whole["periods"]] == [period.code]
        assert whole["quantities"]["computed_kg"] == period.quantity_kg
        assert len(whole["evidence"]) == 12


class TestTheDesk:
    def test_takes_two_people_through_a_step_once(self, cast):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        first, second = callers(cast.owner)
        case = f"/cases/{one.code}"
        before = first.get(case)
        assert "publish" in [each["act"] for each in read(before)["choices"]]
        asked = [
            read(first.post(f"{case}/steps", {"act": "publish"}, key="p-1", **{"if-match": before["ETag"]}))
            for _ in range(2)
        ]
        assert asked[0]["waiting"]["act"] == "publish"
        assert asked[0]["waiting"]["id"] == asked[1]["waiting"]["id"]
        refused(first.post(f"{case}/confirm"), 403, "identity.capacity_missing")
        for _ in range(2):
            assert read(second.post(f"{case}/confirm"))["state"] == "PDD_PUBLICITY"
        assert read(first.post(f"{case}/steps", {"act": "publish"}, key="p-1"))["state"] == "PDD_PUBLICITY"
        assert Step.objects.filter(development=one, act="publish").count() == 1
        refused(first.post(f"{case}/steps", {"act": "withdraw"}, key="p-1"), 422, "identity.reference_taken")

    def test_takes_a_step_of_one_person_at_once_and_says_why(self, cast):
        one = cast.published()
        first = callers(cast.owner)[0]
        body = {"act": "withdraw", "reason": "改用其他地块。"}
        refused(first.post(f"/cases/{one.code}/steps", {"act": "withdraw"}, key="w-0"), 422, "projects.reason_missing")
        said = read(first.post(f"/cases/{one.code}/steps", body, key="w-1"))

        assert (said["state"], said["stations"][-1]["reason"]) == ("WITHDRAWN", "改用其他地块。")
        assert read(first.post(f"/cases/{one.code}/steps", body, key="w-1"))["revision"] == said["revision"]

    def test_refuses_whoever_decided_on_an_older_state_or_has_no_turn(self, cast):
        one = cast.published()
        owner, validator = callers(cast.owner)[0], callers(cast.validator)[0]
        body = {"act": "withdraw", "reason": "不做了。"}
        stale = owner.post(f"/cases/{one.code}/steps", body, key="w-1", **{"if-match": '"1"'})
        refused(stale, 412, "projects.changed_since")
        refused(validator.post(f"/cases/{one.code}/steps", body, key="w-1"), 403, "projects.not_your_turn")
        refused(owner.post(f"/cases/{one.code}/steps", {"act": "register"}, key="w-2"), 409, "projects.moved_on")
        refused(owner.post(f"/cases/{one.code}/steps", body), 400, "identity.reference_unusable")
        assert fresh(one).state == "PDD_PUBLICITY"

    def test_lets_the_second_person_say_no(self, cast):
        one = cast.drafted()
        cast.hand_in(one, "DESIGN")
        first, second = callers(cast.owner)
        read(first.post(f"/cases/{one.code}/steps", {"act": "publish"}, key="p-1"))
        said = read(second.post(f"/cases/{one.code}/drop", {"reason": "设计文件有误。"}))

        assert (said["state"], said["waiting"]) == ("DRAFT", None)
        refused(second.post(f"/cases/{one.code}/drop", {"reason": "再说一次。"}), 409, "projects.nothing_asked")

    def test_takes_papers_of_one_s_own_side(self, cast):
        one = cast.drafted()
        person = cast.owner.initiator.membership.person
        upload = reviewing.uploaded(person, at=timezone.now(), kind=papers.KIND)
        body = {"kind": "RIGHTS", "upload": str(upload.pk)}
        said = read(callers(cast.owner)[0].post(f"/cases/{one.code}/papers", body))

        assert (said["kind"], said["public"], len(said["sha256"])) == ("RIGHTS", False, 64)
        other = {"kind": "VALIDATION", "upload": str(upload.pk)}
        refused(callers(cast.owner)[0].post(f"/cases/{one.code}/papers", other), 403, "projects.paper_not_yours")

    def test_shows_a_stranger_nothing(self, cast):
        one = cast.published()
        stranger = Caller(world.person())
        elsewhere = callers(cast.other)[0]
        for caller in (stranger, elsewhere):
            assert caller.get(f"/cases/{one.code}").status_code == 404
            assert caller.post(f"/cases/{one.code}/steps", {"act": "withdraw"}, key="x").status_code == 404
        assert read(elsewhere.get("/cases"))["items"] == []
        assert [each["code"] for each in read(callers(cast.owner)[1].get("/cases"))["items"]] == [one.code]
        assert read(callers(cast.owner)[1].get(f"/cases/{one.code}"))["revision"] == fresh(one).revision
        assert dt.datetime.fromisoformat(read(callers(cast.owner)[1].get("/cases"))["items"][0]["opened_at"])
