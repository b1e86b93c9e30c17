"""A methodology's way from draft to publication, by its acts."""

import datetime as dt

import pytest
from django.db import connection
from django.db.utils import DatabaseError, IntegrityError
from tests import world
from tests.library import proposing

from tanhui.identity.acts import instruction
from tanhui.journal import queries as journal
from tanhui.journal.models import Entry
from tanhui.library import queries
from tanhui.library.acts import checking, commenting, content, drafting, panel, proof, recording, standing, steps
from tanhui.library.models import Comment, Filing, Minutes, Proposal, Standing, Step, Version


def kinds():
    return [one.kind for one in Entry.objects.filter(kind__startswith="library.").order_by("pk")]


class TestTheWholeWay:
    def test_ends_in_a_version_of_the_library(self, case):
        case.to_published()

        version = Version.objects.get()
        assert version.full_code == "LOCAL-14-001-V01"
        assert case.proposal.state == "PUBLISHED"
        assert queries.in_force("LOCAL-14-001", "V01", case.at.date()).state == "PUBLISHED"
        assert version.text_sha256 == case.proposal.papers.get(kind="TEXT").sha256

    def test_is_told_step_by_step(self, case):
        case.to_published()

        told = [one for one in kinds() if one not in {"library.expert_appointed", "library.expert_declared"}]
        assert told == [
            "library.submitted", "library.form_check_begun", "library.comment_opened", "library.review_opened",
            *["library.voted"] * 5, "library.review_concluded", "library.filed", "library.published",
            "library.version_published",
        ]  # fmt: skip

    def test_publishes_no_way_to_reach_anybody(self, case):
        case.to_comment()
        case.comment(contact="wechat-of-mine")

        for entry in Entry.objects.filter(kind__startswith="library."):
            told = str(journal.fact(entry.pk))
            assert "13800001234" not in told
            assert "wechat-of-mine" not in told
            assert "沈林" not in told

    def test_takes_no_step_that_is_not_in_the_table(self, case):
        case.fill_in()
        case.submit()

        with world.refuses(steps.MovedOn, "library.moved_on"):
            case.publish()
        with pytest.raises(IntegrityError):
            Step.objects.create(
                proposal=case.proposal, number=9, act="publish", before="DRAFT", after="PUBLISHED", by=case.proposer,
                reference="x", body_sha256="", entry=1, at=case.at,
            )  # fmt: skip

    @pytest.mark.parametrize("table", ["library_step", "library_vote", "library_version", "library_round"])
    def test_keeps_what_was_decided(self, case, table):
        case.to_published()

        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")


class TestSubmitting:
    def test_asks_for_every_chapter_and_both_papers(self, case):
        with world.refuses(drafting.NotReady, "library.not_ready"):
            case.submit()
        asked = {one.field for one in drafting.faults(case.proposal)}
        assert {"applicability", "quantification", "monitoring", "verification", "crediting", "TEXT", "FORM"} <= asked

    def test_twice_hands_in_once(self, case):
        case.fill_in()
        first = case.submit(reference="same")

        assert case.submit(reference="same") == first
        assert case.proposal.rounds.count() == 1

    def test_is_for_the_one_who_started(self, case):
        case.fill_in()
        somebody = world.person()

        with world.refuses(drafting.NotYours, "library.not_yours"):
            case.submit(by=somebody)

    def test_is_not_for_an_organisation_one_does_not_work_for(self, case):
        case.fill_in(organisation=world.organisation("PART").uscc)

        with world.refuses(drafting.NotYourOrganisation):
            case.submit()

    def test_keeps_the_bytes_of_the_package_it_names(self, case):
        from tanhui.methods.engine import shelf

        case.fill_in(package=proposing.PACKAGE)
        case.submit()

        assert case.proposal.rounds.get().content["package_sha256"] == shelf.load(proposing.PACKAGE).sha256

    def test_refuses_a_crediting_period_the_wrong_way_round(self, case):
        case.fill_in(crediting_min="40", crediting_max="20")

        with world.refuses(content.YearsImpossible, "library.years_impossible", least="40"):
            case.submit()

    def test_changes_nothing_of_what_somebody_else_has_changed(self, case):
        case.fill_in()

        with world.refuses(steps.ChangedSince, given=1):
            drafting.keep(
                proposal=case.proposal, values={"name": "别名"}, revision=1, by=case.proposer, at=case.at
            )  # fmt: skip


class TestFormCheck:
    @pytest.fixture
    def submitted(self, case):
        case.fill_in()
        case.submit()
        return case

    def test_counts_the_working_days_of_the_rule_pack(self, submitted):
        assert submitted.proposal.due_on == dt.date(
            2026, 6, 22
        )  # ten working days; the 19th is the Dragon Boat festival
        assert submitted.proposal.limits["FORM_CHECK"]["grade"] == "D"

    def test_looks_at_every_point(self, submitted):
        submitted.take()

        with world.refuses(checking.ChecklistOpen, "library.checklist_open", count=14):
            submitted.publicise(checklist=["form"])

    def test_is_for_the_authority_it_was_sent_to(self, submitted):
        other = world.party("AUTH")

        with world.refuses(standing.NotTheAuthority):
            submitted.take(other.initiator)

    def test_is_not_for_a_colleague_of_the_proposer(self, submitted):
        party = submitted.authority
        world.mandate(submitted.proposer, party.organisation, "CONFIRM")
        own = submitted.proposer.memberships.get().mandates.get()

        with world.refuses(checking.OwnProposal, "library.own_proposal"):
            submitted.take(own)

    def test_is_for_whoever_has_it_in_hand(self, submitted):
        submitted.take(submitted.authority.confirmer)

        with world.refuses(checking.TakenByAnother):
            submitted.publicise()

    def test_sends_back_with_reasons_and_takes_up_again(self, submitted):
        submitted.take()
        submitted.later(3)
        submitted.send_back(remarks={"monitoring": "未说明监测频率"})
        assert submitted.proposal.state == "RETURNED"

        submitted.fill_in(monitoring="每年一次。")
        submitted.submit()
        assert submitted.proposal.state == "SUBMITTED"
        assert submitted.proposal.rounds.count() == 2

    def test_does_not_send_back_without_a_word(self, submitted):
        submitted.take()

        with world.refuses(checking.RemarksMissing):
            submitted.send_back(reason=" ", remarks={})

    def test_does_not_open_to_comment_where_no_rule_says_how_long(self, db):
        case = proposing.begin(rules_too=False)
        case.fill_in()
        case.submit()
        case.take()

        with world.refuses(proposing.rules.RuleMissing, "library.rule_missing"):
            case.publicise()


class TestComment:
    def test_of_somebody_signed_in_is_shown_at_once(self, case):
        case.to_comment()

        assert case.comment(person=world.person()).state == "SHOWN"

    def test_of_a_stranger_waits_to_be_looked_at(self, case):
        case.to_comment()
        made = case.comment()
        assert made.state == "WAITING"

        assert commenting.show(comment=made, mandate=case.handler, at=case.at).state == "SHOWN"

    def test_said_twice_is_said_once(self, case):
        case.to_comment()

        assert case.comment() == case.comment()
        assert Comment.objects.count() == 1

    def test_is_taken_until_the_last_day_is_over(self, case):
        case.to_comment()
        until = case.proposal.comment_until
        case.at = dt.datetime(until.year, until.month, until.day, 15, 59, tzinfo=dt.UTC)  # 23:59 in Beijing
        case.comment()
        case.later(1)

        with world.refuses(commenting.CommentsClosed, until=until.isoformat()):
            case.comment(text="迟到的意见")

    def test_is_not_hidden_without_a_reason(self, case):
        case.to_comment()
        made = case.comment()

        with world.refuses(commenting.HiddenWithoutReason):
            commenting.hide(comment=made, reason="", mandate=case.handler, at=case.at)

    def test_is_answered_before_the_experts_meet(self, case):
        case.to_comment()
        case.comment()

        with world.refuses(panel.CommentsUnanswered, count=1):
            case.convene()
        case.answer_all()
        assert case.convene().after == "REVIEW"

    def test_is_over_before_the_experts_meet(self, case):
        case.to_comment()
        common = case.common()

        with world.refuses(panel.CommentsStillOpen):
            panel.convene(**common, experts=case.experts)


class TestPanel:
    def test_seats_only_members_of_a_committee(self, case):
        case.to_comment()
        somebody = world.person()

        with world.refuses(panel.NotAnExpert):
            case.convene([*case.experts[:4], somebody])

    def test_refuses_an_expert_of_the_proposers_organisation(self, case):
        party = world.party("OWN")
        world.mandate(case.proposer, party.organisation, "INITIATE")
        world.mandate(case.experts[0], party.organisation, "VIEW")
        case.to_comment(organisation=party.organisation.uscc)

        with world.refuses(panel.ExpertBarred, person=case.experts[0].name):
            case.convene()

    def test_refuses_an_author(self, case):
        case.to_comment(authors=f"沈林、{case.experts[2].name}")

        with world.refuses(panel.ExpertBarred, person=case.experts[2].name):
            case.convene()

    def test_needs_as_many_as_the_quorum(self, case):
        case.to_comment()

        with world.refuses(panel.NoExperts, quorum=5):
            case.convene(case.experts[:4])

    def test_takes_the_vote_from_whoever_declares_a_conflict(self, case):
        case.to_review()
        case.declare(case.experts[0], conflict=True)

        with world.refuses(panel.Recused, "library.recused"):
            case.vote(case.experts[0])
        with world.refuses(panel.DeclaredAlready):
            case.declare(case.experts[0])

    def test_asks_for_a_declaration_first(self, case):
        case.to_review()

        with world.refuses(panel.Undeclared):
            case.vote(case.experts[0])

    def test_asks_for_reasons_and_every_principle(self, case):
        case.to_review()
        case.declare(case.experts[0])

        with world.refuses(panel.VoteIncomplete):
            case.vote(case.experts[0], DATA=6)
        with world.refuses(panel.VoteIncomplete):
            case.vote(case.experts[0], reason=" ")

    def test_counts_each_vote_once(self, case):
        case.to_review()
        case.declare(case.experts[0])
        first = case.vote(case.experts[0])

        assert case.vote(case.experts[0]) == first
        with world.refuses(panel.VotedAlready):
            case.vote(case.experts[0], choice="REJECT")

    def test_votes_only_for_oneself(self, case):
        case.to_review()

        with world.refuses(panel.NotYourSeat):
            panel.declare(
                panelist=case.seat(case.experts[0]), conflict=False, statement="", by=case.experts[1], at=case.at
            )  # fmt: skip


class TestMinutes:
    def test_need_the_quorum(self, case):
        case.to_review()
        case.declare(case.experts[0], conflict=True)
        for one in case.experts[1:]:
            case.declare(one)
            case.vote(one)

        with world.refuses(panel.TooFewVotes, cast=4, quorum=5):
            case.conclude()
        extra = proposing.committee(1)[0]
        panel.appoint(proposal=case.proposal, expert=extra, mandate=case.handler, at=case.at)
        case.declare(extra)
        case.vote(extra)
        made = case.conclude()
        assert (made.outcome, made.appointed, made.recused, made.approve) == ("PASSED", 6, 1, 5)

    @pytest.mark.parametrize(("against", "outcome"), [(1, "PASSED"), (2, "FAILED")])
    def test_pass_with_two_thirds(self, case, against, outcome):
        case.to_review()
        for place, one in enumerate(case.experts):
            case.declare(one)
            case.vote(one, choice="REJECT" if place < against else "APPROVE")

        assert case.conclude().outcome == outcome

    def test_do_not_pass_what_fails_one_principle(self, case):
        case.to_review()
        case.all_vote(UNIQUE=2)
        made = case.conclude()

        assert (made.outcome, made.scores["UNIQUE"]) == ("FAILED", 200)

    def test_close_the_review(self, case):
        case.to_passed()

        with world.refuses(panel.ReviewClosed):
            case.vote(case.experts[0])
        with world.refuses(panel.MinutedAlready):
            case.conclude()


class TestFiling:
    def test_takes_two_people(self, case):
        case.to_passed()
        case.propose()

        with world.refuses(instruction.OnePersonTwice):
            recording.confirm(proposal=case.proposal, mandate=case.handler, at=case.at)
        case.confirm()
        filed = Filing.objects.get()
        assert (case.proposal.state, filed.confirmer) == ("APPROVED", case.authority.confirmer.membership.person)

    def test_is_not_for_what_has_not_passed(self, case):
        case.to_review()
        case.all_vote(choice="REVISE")
        assert case.conclude().outcome == Minutes.Outcome.FAILED

        with world.refuses(recording.NotPassed):
            case.propose()

    @pytest.mark.parametrize("overrides", [{"code": "local 14"}, {"version": "1.0"}])
    def test_needs_a_code_people_can_cite(self, case, overrides):
        case.to_passed()

        with world.refuses(recording.CodeUnreadable):
            case.propose(**overrides)

    def test_is_not_decided_behind_the_second_signature(self, case):
        case.to_passed()
        case.propose()

        with world.refuses(checking.Proposed):
            case.reject()

    def test_turned_down_leaves_the_review_as_it_was(self, case):
        case.to_passed()
        case.propose()
        recording.drop(
            proposal=case.proposal, outcome="REJECTED", mandate=case.authority.confirmer, reason="编号有误", at=case.at
        )

        assert case.fresh().state == "REVIEW"
        assert case.propose(version="V02")


class TestPublishing:
    def test_binds_the_packages_bytes(self, case):
        case.to_published(package=proposing.PACKAGE)

        version = Version.objects.get()
        assert version.package == proposing.PACKAGE
        assert len(version.package_sha256) == 64
        assert queries.of_package(proposing.PACKAGE) == version

    def test_refuses_other_bytes_than_were_reviewed(self, case, monkeypatch):
        from tanhui.methods.engine import shelf

        case.to_filed(package=proposing.PACKAGE)
        from dataclasses import replace

        changed = replace(shelf.load(proposing.PACKAGE), sha256="f" * 64)
        monkeypatch.setattr(shelf, "load", lambda name: changed)

        with world.refuses(proof.PackageChanged, package=proposing.PACKAGE):
            case.publish()

    def test_refuses_a_package_that_does_not_compute_its_own_cases(self, case, monkeypatch):
        from tanhui.methods.engine import shelf

        case.to_filed(package=proposing.PACKAGE)
        package = shelf.load(proposing.PACKAGE)
        wrong = package.cases()[0]
        wrong = wrong | {"expected": dict.fromkeys(wrong["expected"], 1.25)}
        monkeypatch.setattr(type(package), "cases", lambda self: [wrong])

        with world.refuses(proof.CasesFail, package=proposing.PACKAGE):
            case.publish()

    def test_twice_publishes_once(self, case):
        case.to_filed()
        first = case.publish(reference="same")

        assert case.publish(reference="same") == first
        assert Version.objects.count() == 1


class TestRevision:
    @pytest.fixture
    def first(self, case):
        case.to_published()
        return case

    def revise(self, first, **overrides):
        case = proposing.begin(authority=first.authority, revises="LOCAL-14-001-V01", at=first.at)
        case.overrides = {
            "kind": "REVISION", "revises": "LOCAL-14-001-V01", "changes": "补充竹林参数。", "reasons": "数据更新。",
        }  # fmt: skip
        return case

    def state(self, case, version="V01", days=0):
        found = queries.version("LOCAL-14-001", version)
        return queries.stands(found, on=case.at.date() + dt.timedelta(days=days)).state

    def test_starts_from_what_it_revises(self, first):
        case = self.revise(first)

        assert (case.proposal.draft["scheme"], case.proposal.draft["name"]) == ("LOCAL", "城市片林碳汇方法学")

    def test_puts_the_version_under_revision_and_retires_it_in_the_end(self, first):
        case = self.revise(first)
        case.to_comment(**case.overrides)
        assert self.state(case) == "REVISING"

        case.convene()
        case.all_vote()
        case.conclude()
        case.propose(version="V02", previous_until=case.at.date() + dt.timedelta(days=30))
        case.confirm()
        case.publish()
        assert self.state(case, "V02") == "PUBLISHED"
        assert self.state(case, days=30) == "REVISING"
        assert self.state(case, days=31) == "RETIRED"

    def test_that_is_withdrawn_leaves_the_version_in_force(self, first):
        case = self.revise(first)
        case.to_comment(**case.overrides)
        drafting.withdraw(proposal=case.proposal, reason="", reference="w", by=case.proposer, at=case.at)

        assert self.state(case) == "PUBLISHED"

    def test_keeps_the_code(self, first):
        case = self.revise(first)
        case.to_passed(**case.overrides)

        with world.refuses(recording.OtherCode, wanted="LOCAL-14-001"):
            case.propose(code="LOCAL-14-002", version="V02")

    def test_says_what_changes_and_why(self, first):
        case = self.revise(first)
        case.fill_in(**(case.overrides | {"changes": ""}))

        with world.refuses(content.Missing):
            case.submit()


class TestRetirement:
    @pytest.fixture
    def version(self, case):
        case.to_published()
        return Version.objects.get()

    def ask(self, case, version, **overrides):
        given = {
            "version": version, "state": "RETIRED", "since": case.at.date(), "reason": "已有国家标准",
            "mandate": case.handler, "reference": "retire", "at": case.at,
        } | overrides  # fmt: skip
        return standing.propose(**given)

    def test_takes_two_people_and_stops_new_projects(self, case, version):
        from tanhui.library.acts import entering

        asked = self.ask(case, version)
        assert queries.in_force("LOCAL-14-001", "V01", case.at.date())
        entering.confirm(asked=asked, mandate=case.authority.confirmer, at=case.at)

        with pytest.raises(queries.MethodologyRetired):
            queries.in_force("LOCAL-14-001", "V01", case.at.date())

    def test_says_why(self, case, version):
        with world.refuses(standing.ReasonMissing):
            self.ask(case, version, reason=" ")

    def test_does_not_reach_back(self, case, version):
        with world.refuses(standing.DayPast):
            self.ask(case, version, since=case.at.date() - dt.timedelta(days=1))

    def test_is_for_the_authority_that_published(self, case, version):
        other = world.party("AUTH")

        with world.refuses(standing.NotTheAuthority):
            self.ask(case, version, mandate=other.initiator)

    def test_is_refused_by_the_database_under_one_signature(self, case, version):
        person = case.handler.membership.person

        with pytest.raises(IntegrityError, match="a_version_is_retired_by_two_people"):
            Standing.objects.create(
                version=version, state="RETIRED", since=case.at.date(), initiator=person, confirmer=person, at=case.at,
                entry=1,
            )  # fmt: skip


class TestWithdrawal:
    def test_ends_a_proposal_before_it_is_filed(self, case):
        case.to_comment()
        drafting.withdraw(proposal=case.proposal, reason="另行申报", reference="w", by=case.proposer, at=case.at)

        assert case.fresh().state == Proposal.State.WITHDRAWN
        with world.refuses(commenting.CommentsClosed):
            case.comment()
