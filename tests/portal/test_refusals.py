import re

import pytest

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.portal.queries import refusals

CODE = "registry.reduction_too_old"


class TestThePageOfARefusal:
    def test_says_its_sentence_in_both_languages_with_the_facts_by_name(self, client):
        page = client.get(f"/refusals/{CODE}").text

        assert 'lang="zh-CN">监测期自' in page
        assert "only reductions from" in page
        assert all(f'<code class="fact">{fact}</code>' in page for fact in ("start", "applied", "earliest"))
        assert "%(" not in page

    def test_names_its_clause_and_its_status(self, client):
        page = client.get(f"/refusals/{CODE}").text

        assert "《温室气体自愿减排交易管理办法（试行）》第十七条" in page
        assert "409" in page

    def test_speaks_the_visitors_language_first(self, client):
        page = client.get(f"/refusals/{CODE}", headers={"accept-language": "en"}).text

        assert page.index('lang="en"') < page.index('<p lang="zh-CN"')

    @pytest.mark.parametrize("code", ["registry.nothing_like_it", "x", "registry", "%00", "<b>"])
    def test_is_not_there_for_a_code_nobody_gives(self, client, code):
        assert client.get(f"/refusals/{code}").status_code == 404

    def test_is_one_step_from_the_refusal_itself(self, client, db):
        refused = client.get("/look-up", {"number": "1"}).text

        assert 'href="/refusals/portal.never_issued"' in refused
        assert client.get("/refusals/portal.never_issued").status_code == 200


class TestTheListOfRefusals:
    def test_has_every_rule_of_the_sources(self, client):
        declared = {
            found
            for path in refusals.HOUSE.rglob("*.py")
            for found in re.findall(r'^    code = "([a-z]+\.\w+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        }

        page = client.get("/refusals/")

        assert declared == set(refusals.rules())
        assert set(re.findall(r'href="/refusals/([^"]+)"', page.text)) == declared

    def test_gives_every_room_a_name(self, client):
        page = client.get("/refusals/")

        assert [room["name"] for room in page.context["rooms"] if room["name"] == str(room["title"])] == []

    def test_leaves_out_what_is_not_the_products(self):
        class OnlyHere(Refusal):
            code = "portal.only_here"
            sentence = gettext_noop("Only here.")

        refusals.rules.cache_clear()

        assert OnlyHere.code not in refusals.rules()


class TestARule:
    def test_opens_in_every_language_without_a_broken_place(self):
        for rule in refusals.rules().values():
            for language in ("zh-hans", "en"):
                said = rule.said(language)
                assert {part.text for part in said if part.is_fact} == set(rule.facts), rule.code
                assert not any("%(" in part.text for part in said), rule.code

    def test_prints_a_doubled_percent_sign_once(self):
        rule = refusals.Rule("portal.share", "Take %(most)s %% at most.", "", 409)

        assert "".join(part.text for part in rule.said("en")) == "Take most % at most."
