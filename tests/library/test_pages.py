"""Proposals as people meet them: the proposer, the authority, the experts, supervisors, and everybody."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests import world
from tests.library import proposing

from tanhui.identity.models import Person
from tanhui.library.models import Comment, Proposal, Version, Vote


@pytest.fixture
def now(monkeypatch, case):
    """The clock of the pages stands where the case does."""
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: case.at)
    return case


def as_person(client, who):
    world.sign_in(client, who if isinstance(who, Person) else who.membership.person)
    return client


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]+)"', page.content.decode())[1]


def post(client, url, **data):
    page = client.get(url)
    for name in ("revision", "reference"):
        if f'name="{name}"' in page.content.decode():
            data.setdefault(name, hidden(page, name))
    return client.post(url, data)


class TestMyProposals:
    def test_show_how_it_goes_before_there_is_one(self, client, now):
        page = as_person(client, world.person()).get(reverse("library:mine"))

        assert page.status_code == 200
        assert "形式审查" in page.content.decode()

    def test_are_filled_in_page_by_page(self, client, now):
        as_person(client, now.proposer)
        answer = client.post(reverse("library:start"))
        assert answer.url == reverse("library:edit", args=[now.proposal.pk, "about"])

        said = proposing.values(now.authority)
        for part, following in [("about", "chapters"), ("chapters", "package"), ("package", "papers")]:
            answer = post(client, reverse("library:edit", args=[now.proposal.pk, part]), **said)
            assert answer.url == reverse("library:edit", args=[now.proposal.pk, following])
        papers = {
            f"{kind}_file": SimpleUploadedFile(f"{kind}.pdf", proposing.pdf(300 + place))
            for place, kind in enumerate(["FORM", "TEXT"])
        }
        answer = client.post(reverse("library:edit", args=[now.proposal.pk, "papers"]), papers)
        assert answer.url == reverse("library:check", args=[now.proposal.pk])
        assert "待办" not in client.get(answer.url).content.decode().split("<main")[1][:200]
        answer = post(client, reverse("library:check", args=[now.proposal.pk]))
        assert answer.url == reverse("library:proposal", args=[now.proposal.pk])
        assert now.fresh().state == "SUBMITTED"

    def test_say_what_is_open_before_they_are_submitted(self, client, now):
        page = as_person(client, now.proposer).get(reverse("library:check", args=[now.proposal.pk]))

        assert "适用条件" in page.content.decode()
        assert "提交申报" not in page.content.decode()

    def test_are_nobody_elses(self, client, now):
        as_person(client, world.person())

        for name, *more in [("proposal",), ("edit", "about"), ("check",)]:
            assert client.get(reverse(f"library:{name}", args=[now.proposal.pk, *more])).status_code == 404

    def test_say_what_is_to_be_corrected(self, client, now):
        now.fill_in()
        now.submit()
        now.take()
        now.send_back(remarks={"monitoring": "未说明监测频率"})
        page = as_person(client, now.proposer).get(reverse("library:proposal", args=[now.proposal.pk]))

        assert "未说明监测频率" in page.content.decode()
        assert reverse("library:edit", args=[now.proposal.pk, "chapters"]) in page.content.decode()

    def test_are_withdrawn_in_two_steps(self, client, now):
        now.to_comment()
        as_person(client, now.proposer).post(reverse("library:proposal", args=[now.proposal.pk]), {"do": "withdraw"})

        assert now.fresh().state == "WITHDRAWN"


class TestTheDesk:
    def url(self, case):
        return reverse("library:desk_proposal", args=[case.proposal.pk])

    def test_carries_a_proposal_to_its_publication(self, client, now):
        now.fill_in(package=proposing.PACKAGE)
        now.submit()
        as_person(client, now.handler)
        assert now.proposal.name in client.get(reverse("library:queue", args=["new"])).content.decode()
        post(client, self.url(now), do="take")
        post(client, self.url(now), do="publicise", checklist=list(proposing.rules.POINTS))
        assert now.fresh().state == "COMMENT"
        now.comment()
        client.post(self.url(now), {"do": "show", "comment": "1"})
        client.post(self.url(now), {"do": "answer", "comment": "1", "text": "已采纳", "adopted": "1"})
        assert Comment.objects.get().adopted is True
        now.later(40)
        as_person(client, now.handler)
        post(client, self.url(now), do="convene", experts=[one.username for one in now.experts])
        assert now.fresh().state == "REVIEW"
        now.all_vote()
        post(client, self.url(now), do="minutes", text="形成一致意见。", held_on=str(now.at.date()))
        answer = post(
            client, self.url(now), do="propose", code="LOCAL-14-001", version="V01", number="〔2026〕1号",
            valid_from=str(now.at.date()),
        )  # fmt: skip
        assert answer.status_code == 302
        as_person(client, now.authority.confirmer)
        assert "第二" in client.get(self.url(now)).content.decode()
        post(client, self.url(now), do="confirm")
        assert now.fresh().state == "APPROVED"
        post(client, self.url(now), do="publish")
        assert Version.objects.get().full_code == "LOCAL-14-001-V01"
        for view in ("new", "check", "comment", "review", "filed", "returned", "done"):
            assert client.get(reverse("library:queue", args=[view])).status_code == 200

    def test_says_no_beside_the_form(self, client, now):
        now.fill_in()
        now.submit()
        now.take()
        answer = post(as_person(client, now.handler), self.url(now), do="publicise", checklist=["form"])

        assert answer.status_code == 422
        assert "14" in answer.content.decode()
        assert now.fresh().state == "FORM_CHECK"

    def test_is_read_by_supervisors_and_decided_by_the_authority(self, client, now):
        now.fill_in()
        now.submit()
        for role in ("AUTHL", "AUD", "REG"):
            as_person(client, world.party(role).initiator)
            page = client.get(self.url(now))
            assert page.status_code == 200
            assert 'value="take"' not in page.content.decode()
            assert "13800001234" not in page.content.decode()
            assert client.post(self.url(now), {"do": "take"}).status_code in {403, 404}
        assert now.fresh().handler is None

    def test_is_not_there_for_others(self, client, now):
        now.fill_in()
        now.submit()
        as_person(client, world.party("OWN").initiator)

        assert client.get(self.url(now)).status_code == 404
        assert client.get(reverse("library:desk")).status_code == 404

    def test_of_another_authority_reads_and_cannot_decide(self, client, now):
        now.fill_in()
        now.submit()
        as_person(client, world.party("AUTH").initiator)

        assert post(client, self.url(now), do="take", revision=2, reference="x").status_code == 404
        assert now.fresh().state == "SUBMITTED"


class TestVersions:
    def test_are_entered_under_two_signatures(self, client, now):
        as_person(client, now.handler)
        answer = post(
            client, reverse("library:enter"), code="CCER-14-001", version="V01", name="造林碳汇", scheme="CCER",
            sector="FOREST", category="PROJECT", issuer="生态环境部", source="环办气候函〔2023〕343号",
            published_on="2023-10-24", valid_from="2023-10-24", package=proposing.PACKAGE,
        )  # fmt: skip
        assert answer.status_code == 302
        as_person(client, now.authority.confirmer)
        page = client.get(reverse("library:desk_versions")).content.decode()
        url = re.search(r"/desk/methodologies/asked/[0-9a-f-]+", page)[0]
        client.post(url, {"do": "confirm"})

        assert Version.objects.get().full_code == "CCER-14-001-V01"

    def test_are_retired_under_two_signatures(self, client, now):
        now.to_published()
        as_person(client, now.handler)
        url = reverse("library:stand", args=["LOCAL-14-001-V01"])
        assert post(client, url, state="RETIRED", since=str(now.at.date()), reason="已有国家标准").status_code == 302
        page = client.get(reverse("library:desk_versions")).content.decode()
        sign = re.search(r"/desk/methodologies/asked/[0-9a-f-]+", page)[0]
        assert client.post(sign, {"do": "confirm"}).status_code == 403
        as_person(client, now.authority.confirmer).post(sign, {"do": "confirm"})

        assert "已退出" in client.get(reverse("library:desk_versions")).content.decode()


class TestReviews:
    def test_are_declared_and_voted(self, client, now):
        now.to_review()
        seat = now.seat(now.experts[0])
        as_person(client, now.experts[0])
        assert now.proposal.name in client.get(reverse("library:reviews")).content.decode()
        url = reverse("library:review", args=[seat.pk])
        assert 'value="vote"' not in client.get(url).content.decode()
        client.post(url, {"do": "declare", "declared": "NONE"})
        scores = {f"score-{name}": 4 for name in proposing.PRINCIPLES}
        client.post(url, {"do": "vote", "choice": "APPROVE", "reason": "依据充分。"} | scores)

        assert Vote.objects.get().scores["DATA"] == 4
        assert "依据充分。" in client.get(url).content.decode()

    def test_end_for_whoever_recuses_themselves(self, client, now):
        now.to_review()
        url = reverse("library:review", args=[now.seat(now.experts[0]).pk])
        as_person(client, now.experts[0]).post(url, {"do": "declare", "declared": "CONFLICT", "statement": "持有股份"})
        page = client.get(url).content.decode()

        assert "持有股份" in page
        assert 'value="vote"' not in page

    def test_are_nobody_elses(self, client, now):
        now.to_review()
        as_person(client, now.experts[1])

        assert client.get(reverse("library:review", args=[now.seat(now.experts[0]).pk])).status_code == 404


class TestThePublicPage:
    def url(self, case):
        return reverse("library:public_proposal", args=[case.proposal.code])

    def test_is_not_there_before_the_comments(self, client, now):
        now.fill_in()
        now.submit()

        assert client.get(self.url(now)).status_code == 404
        assert now.proposal.name not in client.get(reverse("library:proposals")).content.decode()

    def test_shows_the_text_and_not_how_to_reach_anybody(self, client, now):
        now.to_comment()
        page = client.get(self.url(now)).content.decode()

        assert now.proposal.name in page
        assert "13800001234" not in page
        assert "申请表" not in page
        text = now.proposal.papers.get(kind="TEXT")
        form = now.proposal.papers.get(kind="FORM")
        paper = lambda one: client.get(reverse("files:download", args=[one.document, one.version, one.name]))  # noqa: E731
        assert paper(text).status_code == 200
        assert paper(form).status_code == 404

    def test_takes_comments_of_anybody_under_a_name(self, client, now):
        now.to_comment()
        answer = client.post(self.url(now), {"name": "公众甲", "text": "计入期过长。", "contact": "13900000000"})
        assert answer.status_code == 302
        assert Comment.objects.get().state == "WAITING"
        assert "计入期过长" not in client.get(self.url(now)).content.decode().split('id="comment"')[0]

        as_person(client, world.person(name="林公民"))
        client.post(self.url(now), {"name": "林公民", "text": "建议补充竹林。"})
        page = client.get(self.url(now)).content.decode()
        assert "建议补充竹林。" in page
        assert "13900000000" not in page

    def test_wants_words_in_a_comment(self, client, now):
        now.to_comment()

        assert client.post(self.url(now), {"name": "", "text": ""}).status_code == 422

    def test_shows_votes_and_minutes_once_the_review_is_closed(self, client, now):
        now.to_review()
        now.all_vote(reason="计量方法可靠。")
        assert "计量方法可靠。" not in client.get(self.url(now)).content.decode()
        now.conclude()
        page = client.get(self.url(now)).content.decode()

        assert page.count("计量方法可靠。") == 5
        assert "真实性" in page

    def test_of_a_number_nobody_has_is_not_there(self, client, now):
        for number in ("F999999", "F", "x", "F１"):
            assert client.get(reverse("library:public_proposal", args=[number])).status_code == 404

    def test_stays_when_the_proposal_is_withdrawn(self, client, now):
        now.to_comment()
        from tanhui.library.acts import drafting

        drafting.withdraw(proposal=now.proposal, reason="另行申报", reference="w", by=now.proposer, at=now.at)

        assert "另行申报" in client.get(self.url(now)).content.decode()
        assert Proposal.objects.get().disclosed_at is not None
