"""Findings, the sample and the checklist of a review: what they do, and what they refuse."""

import datetime as dt

import pytest
from tests import world
from tests.projects import reviewing
from tests.projects.reviewing import DAY, NOON, UNITS

from tanhui.identity.acts import instruction
from tanhui.journal import sequencer
from tanhui.journal.models import Entry
from tanhui.projects import sampling
from tanhui.projects.acts import checking, finding, sample
from tanhui.projects.acts import reviewing as rules
from tanhui.projects.models import Draw, Finding


@pytest.fixture
def case(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    return reviewing.Case()


class TestAFinding:
    def test_is_raised_answered_sent_back_answered_again_and_closed(self, case):
        one = case.find(case.monitoring)
        assert (one.code, one.state) == ("CAR-01", "OPEN")
        case.answer(one)
        finding.send_back(finding=one, text="请附原始野帐。", mandate=case.verifier.initiator, at=NOON)
        assert Finding.objects.get(pk=one.pk).state == "OPEN"
        paper = reviewing.uploaded(case.owner.initiator.membership.person, name="野帐.pdf")
        case.answer(one, upload=paper)
        case.close(one)
        held = Finding.objects.get(pk=one.pk)
        assert (held.state, held.closed_by) == ("CLOSED", case.verifier.initiator.membership.person)
        assert [row.act for row in held.entries.all()] == ["RAISE", "ANSWER", "RETURN", "ANSWER", "CLOSE"]
        assert held.entries.all()[3].sha256 == paper.sha256

    def test_asked_twice_is_one(self, case):
        first, again = (case.find(case.monitoring, reference="once") for _ in range(2))
        assert first.pk == again.pk
        assert Finding.objects.count() == 1
        with world.refuses(instruction.ReferenceTaken):
            case.find(case.monitoring, kind="CL", reference="once")

    def test_counts_within_its_review(self, case):
        assert [case.find(case.monitoring).number, case.find(case.monitoring).number] == [1, 2]
        assert case.find(case.development).number == 1

    def test_tells_the_log_its_code_and_not_its_words(self, case):
        one = case.find(case.monitoring)
        told = Entry.objects.get(kind="projects.finding_raised")
        assert one.code.encode() in bytes(told.leaf)
        assert "野帐".encode() not in bytes(told.leaf)

    def test_is_refused_from_whoever_works_for_the_owner(self, db):
        case = reviewing.Case(owner=world.party("RIGHT", name="演示国有林场"))
        world.mandate(case.verifier.initiator.membership.person, case.owner.organisation, "VIEW")
        with world.refuses(rules.PartInIt, owner="演示国有林场"):
            case.find(case.monitoring)

    def test_is_refused_from_another_body(self, case):
        with world.refuses(rules.NotTheBody, needed="演示核查机构", organisation="演示审定机构"):
            case.find(case.monitoring, by=case.validator)

    def test_is_refused_during_the_public_notice_and_outside_the_review(self, case):
        early = case.monitored(
            "MR_PUBLICITY", number=2, due_on=NOON.date() + 3 * DAY,
            limit={"key": "monitoring_publicity", "days": 20, "unit": "workday", "notice": True},
        )  # fmt: skip
        with world.refuses(rules.TooEarly):
            case.find(early)
        done = case.monitored("VERIFIED", number=3)
        with world.refuses(rules.NotUnderReview):
            case.find(done)

    @pytest.mark.parametrize(
        "said",
        [
            {"kind": "XX"},
            {"topic": "XX"},
            {"text": " "},
            {"requirement": ""},
            {"text": "长" * 2001},
            {"effect_kg": 2**60},
        ],
    )
    def test_that_lacks_something_is_refused(self, case, said):
        values = {"kind": "CAR", "topic": "DATA", "text": "不符", "requirement": "§8"} | said
        with world.refuses(finding.FindingIncomplete):
            finding.raise_(
                subject=case.monitoring, said=finding.Raised(**values), mandate=case.verifier.initiator,
                reference="r", at=NOON,
            )  # fmt: skip

    def test_is_answered_by_the_owner_alone_with_words(self, case):
        one = case.find(case.monitoring)
        with world.refuses(finding.NotTheOwner, owner="演示农投集团"):
            case.answer(one, by=case.verifier)
        with world.refuses(finding.AnswerMissing, finding="CAR-01"):
            case.answer(one, text="  ")

    def test_is_not_closed_unanswered_unless_it_is_an_observation(self, case):
        one = case.find(case.monitoring)
        with world.refuses(finding.FindingElsewhere, finding="CAR-01"):
            case.close(one)
        case.close(case.find(case.monitoring, kind="FAR"))

    def test_of_the_period_before_is_carried_on_once(self, case):
        before = case.find(case.monitoring, kind="FAR")
        later = case.monitored("VERIFICATION", number=2)
        with world.refuses(finding.FindingCarriedWrong):
            case.find(case.monitoring, carried=before)
        case.find(later, kind="CL", carried=before)
        with world.refuses(finding.FindingCarriedWrong, finding="FAR-01"):
            case.find(later, kind="CL", carried=before)


class TestASample:
    def test_is_declared_drawn_by_the_log_and_looked_at(self, case):
        declared = case.declare(size=4)
        with world.refuses(sample.SeedNotKnown):
            case.draw(declared)
        sequencer.sequence(at=NOON)
        drawn = case.draw(declared)
        assert drawn.chosen == sampling.draw(UNITS, size=4, seed=drawn.seed)
        assert case.draw(declared).pk == drawn.pk
        case.see(declared, drawn.chosen[0])
        other = next(one.key for one in UNITS if one.key not in drawn.chosen)
        assert case.see(declared, other, verdict="DEVIATES", note="林缘样地，存疑。").judged

    def test_is_not_changed_by_what_the_log_holds_later(self, case):
        declared = case.declare()
        sequencer.sequence(at=NOON)
        for _ in range(3):
            world.person()
        case.find(case.monitoring)
        sequencer.sequence(at=NOON + DAY)
        drawn = case.draw(declared)
        assert Entry.objects.get(pk=declared.entry).place.index < drawn.checkpoint_size
        found = sampling.seed(declaration_sha256=drawn.declaration_sha256, root=drawn.root)
        assert found == drawn.seed

    def test_with_words_kept_back_needs_the_very_words(self, case):
        declared = case.declare(commitment=sampling.commitment("不见不散"))
        sequencer.sequence(at=NOON)
        with world.refuses(sample.WordsDiffer):
            case.draw(declared, words="不见不散 ")
        assert case.draw(declared, words="不见不散").words == "不见不散"

    def test_smaller_than_the_rule_pack_allows_is_refused(self, case):
        with world.refuses(sample.SampleTooSmall, least=3, count=30, size=2):
            case.declare(size=2)
        with world.refuses(sampling.SampleTooLarge, size=31, count=30):
            case.declare(size=31)

    def test_is_drawn_once_unless_it_is_said_why(self, case):
        first = case.declare()
        with world.refuses(sample.SampleUnderWay, number=1):
            case.declare()
        sequencer.sequence(at=NOON)
        case.draw(first)
        with world.refuses(sample.SampleReasonMissing):
            case.declare()
        assert case.declare(reason="两个样地被洪水冲毁，无法到达。").number == 2

    def test_with_an_unreadable_commitment_is_refused(self, case):
        with world.refuses(sample.CommitmentUnreadable):
            case.declare(commitment="不见不散")

    def test_is_not_looked_at_elsewhere_or_without_words(self, case):
        declared = case.declare()
        with world.refuses(sample.SeedNotKnown):
            case.see(declared, UNITS[0].key)
        sequencer.sequence(at=NOON)
        drawn = case.draw(declared)
        with world.refuses(sample.UnitUnknown, unit="样地-99"):
            case.see(declared, "样地-99")
        with world.refuses(sample.SightingIncomplete, unit=drawn.chosen[0]):
            case.see(declared, drawn.chosen[0], verdict="DEVIATES")
        assert Draw.objects.count() == 1


class TestAChecklist:
    def test_keeps_its_points_as_they_stood_and_its_answers(self, case):
        kept = case.check(case.monitoring)
        assert {"law.conservative", "common.run_recomputed", "method.diameter"} <= set(kept.answers)
        assert checking.left(case.monitoring) == []

    def test_of_a_validation_asks_the_conditions_of_the_methodology(self, case):
        keys = [one.key for one in checking.left(case.development)]
        assert "law.real_unique_additional" in keys
        assert "method.purpose_is_eligible" in keys

    def test_answered_no_says_why(self, case):
        with world.refuses(checking.NoteMissing):
            case.check(case.monitoring, verdict="NO")
        case.check(case.monitoring, verdict="NA", note="本监测期无计量器具。")

    def test_of_an_unknown_point_is_refused(self, case):
        for key, verdict in (("x.y", "YES"), ("law.conservative", "MAYBE")):
            with world.refuses(checking.PointUnknown):
                checking.answer(
                    subject=case.monitoring, answers={key: checking.Answer(verdict)},
                    mandate=case.verifier.initiator, at=NOON + dt.timedelta(hours=1),
                )  # fmt: skip
