"""Techniques, guides and training material: published by two people, found by one character, each edition kept."""

import io

import pytest
from tests import world
from tests.files import samples

from tanhui.identity.acts import instruction
from tanhui.identity.models import Instruction
from tanhui.projects.acts import technology
from tanhui.projects.models import Technology, TechnologyEdition
from tanhui.projects.queries import technology as queries
from tanhui.site.demonstration import technology as scene

NOON = world.NOON


def content(**overrides):
    values = {
        "code": "rice-awd", "kind": "TECHNIQUE", "name": "水稻间歇灌溉", "practice": "浅水、落干、再灌。",
        "crops": ("水稻",), "regions": ("上海市青浦区",), "effect": "甲烷减少约 45%。", "source": "IPCC 2019",
        "grade": "B", "methodologies": ("CMS-017-V01",),
    }  # fmt: skip
    return technology.Content(**values | overrides)


@pytest.fixture
def bureau(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    return world.party("AUTHL", name="演示农业农村局")


def propose(bureau, reference="t-1", **overrides):
    return technology.propose(content=content(**overrides), mandate=bureau.initiator, reference=reference, at=NOON)


def publish(bureau, reference="t-1", **overrides):
    asked = propose(bureau, reference, **overrides)
    technology.confirm(asked=asked, mandate=bureau.confirmer, at=NOON)
    return Technology.objects.get(code=asked.body["code"])


class TestAnEntry:
    def test_is_published_by_two_people_once(self, bureau):
        asked = propose(bureau)
        assert not queries.published().exists()
        for _ in range(2):
            technology.confirm(asked=asked, mandate=bureau.confirmer, at=NOON)
        one = queries.published().get()
        assert (one.current.number, one.current.crops, one.current.grade) == (1, ["水稻"], "B")
        assert TechnologyEdition.objects.count() == 1

    def test_is_not_published_by_the_one_who_proposed_it(self, bureau):
        asked = propose(bureau)
        alone = world.mandate(bureau.initiator.membership.person, bureau.organisation, "CONFIRM")
        with world.refuses(instruction.OnePersonTwice):
            technology.confirm(asked=asked, mandate=alone, at=NOON)

    @pytest.mark.parametrize(
        "wrong",
        [{"code": "Rice"}, {"code": "a--b"}, {"name": " "}, {"practice": ""}, {"name": "长" * 81}, {"kind": "X"}],
    )
    def test_that_is_not_described_is_refused(self, bureau, wrong):
        with world.refuses(technology.TechnologyUnreadable):
            propose(bureau, **wrong)

    @pytest.mark.parametrize("wrong", [{"source": ""}, {"grade": ""}, {"demonstration": True}])
    def test_with_an_effect_that_rests_on_nothing_is_refused(self, bureau, wrong):
        with world.refuses(technology.EffectUnsourced):
            propose(bureau, **wrong)

    def test_keeps_its_earlier_editions_and_says_why_there_is_another(self, bureau):
        publish(bureau)
        with world.refuses(technology.EditionUnexplained):
            propose(bureau, "t-2", name="水稻干湿交替")
        with world.refuses(technology.EditionUnchanged):
            propose(bureau, "t-2", reason="再来一次")
        one = publish(bureau, "t-2", name="水稻干湿交替", reason="改用通行名称")
        assert one.name == "水稻干湿交替"
        assert list(one.editions.order_by("number").values_list("name", flat=True)) == ["水稻间歇灌溉", "水稻干湿交替"]

    def test_of_another_body_is_not_changed(self, bureau):
        publish(bureau)
        other = world.party("AUTHL")
        with world.refuses(technology.TechnologyOfOthers):
            propose(other, reason="更正")

    def test_is_withdrawn_by_two_people_and_goes_on_saying_so(self, bureau, client):
        publish(bureau)
        publish(bureau, "t-2", withdraws=True, reason="方法有误")
        assert not queries.published().exists()
        shown = client.get("/technologies/rice-awd").content.decode()
        assert "已撤回" in shown
        assert "方法有误" in shown


class TestThePublicList:
    @pytest.fixture
    def listed(self, bureau):
        publish(bureau)
        publish(bureau, "t-2", code="no-till", name="免耕", practice="少翻耕。", crops=("玉米",), regions=("赤峰市",))
        publish(bureau, "t-3", code="guide", kind="GUIDE", name="水位计指南", effect="", source="", grade="")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"rice-awd", "no-till", "guide"}), ("?q=稻", {"rice-awd", "guide"}),
            ("?q=甲+45", {"rice-awd", "no-till"}),
            ("?kind=GUIDE", {"guide"}), ("?crop=玉米", {"no-till"}), ("?region=赤峰市", {"no-till"}), ("?q=%25", set()),
            ("?q=zz", set()), ("?q=%00", {"rice-awd", "no-till", "guide"}),
        ],
    )  # fmt: skip
    def test_is_searched_from_one_character_and_filtered(self, listed, client, query, found):
        rows = client.get(f"/technologies{query}").context["rows"]
        assert {one.code for one, _tone in rows} == found | ({"rice-awd", "no-till"} if query == "?q=%25" else set())

    def test_is_printed_whole(self, listed, client):
        said = client.get("/technologies/print").content.decode()
        assert all(name in said for name in ("水稻间歇灌溉", "免耕", "水位计指南", "IPCC 2019"))

    def test_costs_the_same_however_long_it_is(self, listed, client, bureau, django_assert_max_num_queries):
        for number in range(20):
            publish(bureau, f"m-{number}", code=f"more-{number}")
        with django_assert_max_num_queries(8):
            client.get("/technologies")


class TestTheDesk:
    def test_proposes_with_a_file_and_publishes(self, bureau, client):
        world.sign_in(client, bureau.initiator.membership.person)
        file = io.BytesIO(samples.pdf())
        file.name = "培训.pdf"
        said = {
            "reference": "d-1", "kind": "TRAINING", "code": "training", "name": "培训材料", "practice": "样地调查",
            "crops": "林木，草、草", "file": file,
        }  # fmt: skip
        assert client.post("/desk/technologies/new", said).status_code == 302
        asked = Instruction.objects.get(act=queries.PUBLISH)
        assert asked.body["crops"] == ["林木", "草"]
        world.sign_in(client, bureau.confirmer.membership.person)
        assert client.post(f"/desk/technologies/{asked.pk}", {"act": "confirm"}).status_code == 302
        client.logout()
        shown = client.get("/technologies/training")
        assert "培训.pdf" in shown.content.decode()
        paper = shown.context["edition"].documents[0]
        address = f"/files/{paper['document']}/{paper['version']}/{paper['name']}"
        assert b"".join(client.get(address).streaming_content) == samples.pdf()

    def test_shows_a_refusal_beside_its_field(self, bureau, client):
        publish(bureau)
        world.sign_in(client, bureau.initiator.membership.person)
        said = {"reference": "d-1", "kind": "TECHNIQUE", "code": "rice-awd", "name": "甲", "practice": "乙"}
        answer = client.post("/desk/technologies/new?of=rice-awd", said)
        assert answer.status_code == 422
        assert "reason" in answer.context["form"].errors

    def test_takes_a_proposal_back_or_says_no(self, bureau, client):
        for person, act in ((bureau.initiator, "take_back"), (bureau.confirmer, "reject")):
            asked = propose(bureau, act)
            world.sign_in(client, person.membership.person)
            assert client.post(f"/desk/technologies/{asked.pk}", {"act": act, "reason": "再议"}).status_code == 302
        assert not Technology.objects.exists()

    def test_is_closed_to_others(self, bureau, client):
        asked = propose(bureau)
        for stranger in (world.party("AUTHL"), world.party("OWN")):
            world.sign_in(client, stranger.confirmer.membership.person)
            assert client.get(f"/desk/technologies/{asked.pk}").status_code == 404


class TestTheScene:
    def test_publishes_effects_with_their_source_only(self, bureau):
        scene.load(None)
        shown = [one.current for one in queries.published()]
        assert len(shown) == len(scene.ENTRIES)
        assert all("IPCC" in one.source and one.grade == "B" for one in shown if one.effect)
        assert all(one.demonstration or one.effect for one in shown)
        assert len(queries.waiting(world.Organisation.objects.all(), NOON)) == 1
