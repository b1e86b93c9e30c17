"""What people meet on the pages of the project cycle."""

import io

import pytest
import shapely
from django.utils import timezone
from tests import world
from tests.projects import cycling, surveying
from tests.projects.cycling import fresh

from tanhui.projects import shapes
from tanhui.projects.acts import drafting
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


class TestSigningOut:
    def test_leaves_no_page_of_the_desk_in_the_browser(self, cast, client):
        one = cast.published()
        world.sign_in(client, cast.owner.initiator.membership.person)
        for url in ("/desk/developments/", f"/desk/developments/{one.code}", f"/developments/{one.code}"):
            assert client.get(url)["Cache-Control"] == "private, no-store"
        client.post("/logout")
        assert client.get("/desk/developments/").status_code == 302
        assert "no-store" not in client.get(f"/developments/{one.code}").get("Cache-Control", "")


class TestTheLandOfADraft:
    """One page of the wizard: outlines in every format that surveys take, and whether the ground is free."""

    def page(self, one):
        return f"/desk/developments/{one.code}/draft/land"

    def hand_in(self, client, one, content, name, **given):
        file = io.BytesIO(content)
        file.name = name
        return client.post(self.page(one), {"do": "outlines", "outlines_file": file, **given})

    def test_takes_outlines_as_surveys_are_taken(self, cast, client, tmp_path):
        rows = list(surveying.squares(6))
        files = (
            ("小班.zip", surveying.shape(rows[:2]), ""),
            ("小班.gpkg", surveying.geopackage(rows[2:4], tmp_path / "a.gpkg"), ""),
            ("小班.geojson", surveying.geojson(rows[4:6]), "EPSG:4490"),
        )
        one = cast.opened()
        world.sign_in(client, cast.owner.initiator.membership.person)
        for name, content, crs in files:
            answer = self.hand_in(client, one, content, name, crs=crs)
            assert answer.status_code == 302, answer.content.decode()
        found = one.boundaries.order_by("name")
        assert [each.name for each in found] == [f"{number:05d}" for number in range(1, 7)]
        assert {round(each.area_m2, -2) for each in found} == {40_000}

    def test_refuses_a_polygon_that_crosses_itself_and_keeps_nothing(self, cast, client):
        outline, values = next(surveying.squares(1))
        corners = outline.exterior.coords
        bow = shapely.Polygon([corners[0], corners[2], corners[1], corners[3]])
        one = cast.opened()
        world.sign_in(client, cast.owner.initiator.membership.person)
        answer = self.hand_in(client, one, surveying.shape([(outline, values), (bow, values)]), "小班.zip")
        assert answer.status_code == 422
        assert "第 2 行" in answer.content.decode()
        assert not one.boundaries.exists()

    def test_refuses_coordinates_of_a_web_map(self, cast, client):
        one = cast.opened()
        world.sign_in(client, cast.owner.initiator.membership.person)
        content = surveying.geojson(surveying.squares(1))
        assert self.hand_in(client, one, content, "a.geojson", crs="GCJ02").status_code == 422
        assert self.hand_in(client, one, content, "a.geojson").status_code == 409  # WGS 84 is only taken as declared
        assert not one.boundaries.exists()

    def test_shows_where_it_meets_another_project_and_so_does_the_refusal(self, cast, client):
        first = cast.published()
        mine = first.boundaries.get()
        second = cast.opened(name="另一个造林项目")
        moved = shapely.transform(shapes.geometry(mine.geometry), lambda points: points - [-0.02, 0])
        drafting.draw(development=second, outlines=[("甲", moved)], mandate=cast.owner.initiator, at=cast.at)
        world.sign_in(client, cast.owner.initiator.membership.person)
        sees(client, self.page(second), first.name, "将被拒绝", "FeatureCollection")
        drafting.keep(
            development=second, answers=cycling.FILLED | {
                "validator": cast.validator.organisation.uscc, "county": cast.county.organisation.uscc,
                "city": cast.city.organisation.uscc,
            }, revision=fresh(second).revision, mandate=cast.owner.initiator, at=cast.at,
        )  # fmt: skip
        sent = {"do": "step", "act": "submit_county", "reference": "r-1", "revision": fresh(second).revision}
        answer = client.post(f"/desk/developments/{second.code}", sent)
        text = answer.content.decode()
        assert answer.status_code == 409
        assert first.code in text
        assert "FeatureCollection" in text
        assert fresh(second).state == "DRAFT"
