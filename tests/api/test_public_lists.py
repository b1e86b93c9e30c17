import pytest
from tests import world
from tests.api.conftest import refused

from tanhui.portal.acts import publication, upkeep
from tanhui.portal.models import Category


@pytest.fixture
def listed(register):
    register.retire(300)
    register.retire(20, purpose="PUBLIC", beneficiary=world.event("湖滨音乐节"))
    upkeep.rebuild(at=register.at)
    return register


class TestTheRegisters:
    def test_are_searched_filtered_and_counted(self, listed, nobody):
        found = nobody.get("/registers/retirements", {"q": "音", "purpose": "PUBLIC"}).json()

        assert [one["beneficiary_name"] for one in found["items"]] == ["湖滨音乐节"]
        assert (found["count"], found["count_is_exact"], found["next"]) == (1, True, None)

    @pytest.mark.parametrize("sort", ["quantity", "-quantity", "name", "at"])
    def test_go_on_by_cursor_in_any_order(self, listed, nobody, sort):
        first = nobody.get("/registers/retirements", {"sort": sort, "limit": 1})
        second = nobody.get(first.json()["next"].removeprefix("/api/v1")).json()

        assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
        assert len({one["certificate"] for one in [*first.json()["items"], *second["items"]]}) == 2
        assert second["next"] is None

    @pytest.mark.parametrize("name", ["projects", "batches", "retirements", "cancellations"])
    def test_refuse_a_cursor_that_is_not_theirs(self, listed, nobody, name):
        refused(nobody.get(f"/registers/{name}", {"cursor": "x"}), 422, "registry.cursor_unusable")

    def test_have_projects_and_batches(self, listed, nobody):
        assert nobody.get("/registers/projects", {"province": "15"}).json()["items"][0]["issued_t"] == 1000
        assert nobody.get("/registers/batches", {"vintage": "2023"}).json()["count"] == 1


class TestTheSearch:
    def test_finds_from_one_character_on(self, listed, nobody):
        kinds = {one["kind"]: one for one in nobody.get("/search", {"q": "林"}).json()["kinds"]}

        assert kinds["projects"]["items"][0]["number"] == listed.project.number

    @pytest.mark.parametrize("text", ["", " ", "\u200b"])
    def test_asks_for_something_to_see(self, listed, nobody, text):
        refused(nobody.get("/search", {"q": text}), 422, "portal.nothing_searched")


class TestPublications:
    def test_are_listed_and_read(self, listed, nobody):
        words = publication.Words(title="规则", body="正文", source="中心", made_on=world.NOON.date())
        by = listed.operator
        draft = publication.write(words=words, category=Category.RULE, mandate=by.initiator, at=world.NOON)
        assert nobody.get("/publications").json()["items"] == []
        refused(nobody.get(f"/publications/{draft.publication_id}"), 404, "site.not_found")
        publication.release(draft=draft, revision=1, mandate=by.confirmer, at=world.NOON)

        (one,) = nobody.get("/publications", {"category": "rule"}).json()["items"]

        assert (one["title"], one["version"], one["withdrawn_at"]) == ("规则", 1, None)
        assert nobody.get(f"/publications/{one['number']}").json()["body"] == "正文"


class TestTheStatistics:
    def test_refuse_a_day_that_has_not_come(self, listed, nobody):
        refused(nobody.get("/statistics", {"on": "9999-01-01"}), 422, "portal.day_ahead")
