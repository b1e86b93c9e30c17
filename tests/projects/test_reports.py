"""Validation and verification reports: complete, in scope, after the notice, and what they refuse. Then the step."""

from dataclasses import replace

import pytest
from tests import world
from tests.projects import reviewing
from tests.projects.reviewing import DAY, KILOGRAMS, NOON

from tanhui.files.refusals import FormatRefused
from tanhui.identity import rules as identity
from tanhui.journal import sequencer
from tanhui.projects import guards
from tanhui.projects.acts import reporting
from tanhui.projects.acts import reviewing as rules
from tanhui.projects.guards import review as guard
from tanhui.projects.models import Paper, Validation, VerificationReport
from tanhui.registry.acts.project import ValidatorVerifies

NOTICE = {"key": "pdd_publicity", "days": 20, "unit": "workday", "notice": True}


@pytest.fixture
def case(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    return reviewing.Case()


def ready(case, monitoring=None):
    """Checklist, sample and sightings done: only the report is left."""
    one = monitoring or case.monitoring
    case.check(one)
    declared = case.declare(one)
    sequencer.sequence(at=NOON)
    for unit in case.draw(declared).chosen:
        case.see(declared, unit)


class TestAValidationReport:
    def test_is_kept_with_its_paper_points_comments_and_evidence(self, case):
        case.check(case.development)
        case.comment(case.development)
        made = case.validate()
        paper = Paper.objects.get(kind="VALIDATION", development=case.development)
        assert (made.conclusion, made.number, made.sha256) == ("POSITIVE", 1, paper.sha256)
        assert made.qualification.organisation == case.validator.organisation
        assert set(made.comments) == {"1"}
        assert made.commitment == reporting.COMMITMENT
        for name in ("verifier_scope", "validation_report_complete", "validation_positive", "findings_closed"):
            guards.named(name)(case.development, None, NOON)

    def test_that_is_negative_needs_no_finished_checklist(self, case):
        case.find(case.development)
        made = case.validate(conclusion="NEGATIVE", unmet=("real_unique_additional",))
        assert not made.points["real_unique_additional"]["met"]
        guards.named("validation_negative")(case.development, None, NOON)
        with world.refuses(guard.ConclusionOther):
            guards.named("validation_positive")(case.development, None, NOON)

    def test_that_contradicts_itself_is_refused(self, case):
        for conclusion, unmet in (("POSITIVE", ("lawful",)), ("NEGATIVE", ()), ("PERHAPS", ())):
            upload = reviewing.uploaded(case.validator.initiator.membership.person)
            with world.refuses(reporting.ConclusionContradicts):
                case.validate(conclusion=conclusion, unmet=unmet, upload=upload)

    def test_without_a_point_a_comment_or_the_commitment_is_refused(self, case):
        case.comment(case.development)
        upload = reviewing.uploaded(case.validator.initiator.membership.person)
        with world.refuses(reporting.PointsOpen):
            case.validate(without=("lawful",), upload=upload)
        with world.refuses(reporting.CommentsUnhandled, numbers="1"):
            case.validate(comments={}, upload=upload)
        with world.refuses(reporting.CommitmentMissing):
            case.validate(commits=False, upload=upload)

    def test_with_open_findings_or_checklist_is_refused(self, case):
        upload = reviewing.uploaded(case.validator.initiator.membership.person)
        with world.refuses(reporting.ChecklistOpen):
            case.validate(upload=upload)
        case.find(case.development, kind="CL")
        with world.refuses(reporting.FindingsOpen, count=1, codes="CL-01"):
            case.validate(upload=upload)
        assert not Validation.objects.exists()

    def test_before_the_notice_is_over_is_refused(self, case):
        early = case.developed("PDD_PUBLICITY", due_on=NOON.date() + 9 * DAY, limit=NOTICE)
        upload = reviewing.uploaded(case.validator.initiator.membership.person)
        with world.refuses(rules.TooEarly, until=(NOON.date() + 9 * DAY).isoformat()):
            case.validate(development=early, upload=upload)

    def test_after_time_has_ended_the_notice_is_taken(self, case):
        over = case.developed("PDD_PUBLICITY", stage_since=NOON - 60 * DAY, due_on=NOON.date() - 20 * DAY, limit=NOTICE)
        case.check(over)
        case.validate(development=over)
        over.refresh_from_db()
        assert over.state == "VALIDATION"

    def test_by_another_body_is_refused(self, case):
        upload = reviewing.uploaded(case.verifier.initiator.membership.person)
        with world.refuses(rules.NotTheBody, needed="演示审定机构"):
            case.validate(by=case.verifier, upload=upload)


class TestTheScopeOfABody:
    def test_is_that_of_the_day_of_the_report(self, case):
        body = world.party("VVB", name="到期核查机构")
        reviewing.qualify(body, until=NOON.date(), at=NOON - 20 * DAY)
        one = case.monitored("VERIFICATION", number=2, verifier=body.organisation)
        upload = reviewing.uploaded(body.initiator.membership.person)
        with world.refuses(identity.VerifierUnqualified, day=NOON.date().isoformat()):
            case.verify(monitoring=one, by=body, upload=upload)
        with world.refuses(identity.VerifierUnqualified):
            guards.named("verifier_scope")(one, None, NOON)

    def test_covers_the_sector_of_the_methodology(self, case):
        body = world.party("VVB", name="能源核查机构")
        reviewing.qualify(body, sectors=("1",), at=NOON - 20 * DAY)
        one = case.monitored("VERIFICATION", number=2, verifier=body.organisation)
        upload = reviewing.uploaded(body.initiator.membership.person)
        with world.refuses(identity.OutsideScope, organisation="能源核查机构", sector="14"):
            case.verify(monitoring=one, by=body, upload=upload)

    def test_is_not_borrowed_by_dating_the_report_before_the_review(self, case):
        upload = reviewing.uploaded(case.verifier.initiator.membership.person)
        for dated in (NOON.date() - 30 * DAY, NOON.date() + DAY):
            with world.refuses(reporting.ReportDated, dated=dated.isoformat()):
                case.verify(dated=dated, upload=upload)


class TestAVerificationReport:
    def test_is_kept_with_its_quantity(self, case):
        ready(case)
        made = case.verify()
        assert (made.reported_kg, made.verified_kg, made.difference) == (KILOGRAMS, KILOGRAMS, None)
        guards.named("verification_report_complete")(case.monitoring, None, NOON)

    def test_of_the_validator_is_refused(self, case):
        one = case.monitored("VERIFICATION", number=2, verifier=case.validator.organisation)
        upload = reviewing.uploaded(case.validator.initiator.membership.person)
        with world.refuses(ValidatorVerifies, body="演示审定机构"):
            case.verify(monitoring=one, by=case.validator, upload=upload)

    def test_needs_its_sample_drawn_and_seen(self, case):
        case.check(case.monitoring)
        upload = reviewing.uploaded(case.verifier.initiator.membership.person)
        with world.refuses(reporting.SampleOpen):
            case.verify(upload=upload)
        declared = case.declare()
        sequencer.sequence(at=NOON)
        drawn = case.draw(declared)
        case.see(declared, drawn.chosen[0])
        with world.refuses(reporting.SampleOpen, left=2, size=3):
            case.verify(upload=upload)

    def test_of_another_quantity_needs_a_closed_finding_of_that_effect(self, case):
        ready(case)
        upload = reviewing.uploaded(case.verifier.initiator.membership.person)
        with world.refuses(reporting.DifferenceUnexplained, verified=KILOGRAMS - 4567, explained=0):
            case.verify(verified_kg=KILOGRAMS - 4567, upload=upload)
        why = case.find(case.monitoring, topic="QUANTITY", effect_kg=-4567)
        case.answer(why)
        with world.refuses(reporting.FindingsOpen, codes="CAR-01"):
            case.verify(verified_kg=KILOGRAMS - 4567, upload=upload)
        case.close(why)
        with world.refuses(reporting.DifferenceUnexplained, explained=-4567, difference=-9000):
            case.verify(verified_kg=KILOGRAMS - 9000, upload=upload)
        assert case.verify(verified_kg=KILOGRAMS - 4567, upload=upload).difference == why

    def test_that_is_no_whole_number_or_below_zero_is_refused(self, case):
        upload = reviewing.uploaded(case.verifier.initiator.membership.person)
        for wrong in (-1, 2**60, 1.5, True):
            with world.refuses(reporting.QuantityWrong):
                case.verify(verified_kg=wrong, upload=upload)

    def test_waits_for_the_observations_of_the_period_before(self, case):
        left = case.find(case.monitoring, kind="FAR")
        later = case.monitored("VERIFICATION", number=2)
        ready(case, later)
        upload = reviewing.uploaded(case.verifier.initiator.membership.person)
        with world.refuses(reporting.ObservationsLeft):
            case.verify(monitoring=later, upload=upload)
        carried = case.find(later, kind="CL", carried=left)
        case.answer(carried)
        case.close(carried)
        case.verify(monitoring=later, upload=upload)

    def test_without_a_run_is_refused(self, case):
        one = case.monitored("VERIFICATION", number=2, quantity_kg=None, bundle=None)
        upload = reviewing.uploaded(case.verifier.initiator.membership.person)
        with world.refuses(reporting.RunMissing):
            case.verify(monitoring=one, upload=upload)

    def test_of_another_run_than_the_present_one_no_longer_counts(self, case):
        ready(case)
        case.verify()
        case.monitoring.trace_sha256 = "cd" * 32
        with world.refuses(guard.ReportOutdated):
            guards.named("verification_report_complete")(case.monitoring, None, NOON)

    def test_that_was_never_handed_in_is_missing(self, case):
        with world.refuses(guard.ReportMissing, body="演示核查机构"):
            guards.named("verification_report_complete")(case.monitoring, None, NOON)
        case.find(case.monitoring)
        with world.refuses(reporting.FindingsOpen):
            guards.named("findings_closed")(case.monitoring, None, NOON)


class TestThePaperOfAReport:
    def test_is_a_pdf_whatever_its_name_says(self, case):
        person = case.verifier.initiator.membership.person
        with world.refuses(FormatRefused):
            reviewing.uploaded(person, name="核查报告.pdf", content=b"MZ\x90\x00 this is no paper at all")
        sheet = reviewing.uploaded(person, name="核查报告.txt", content="核查报告".encode(), kind="any")
        ready(case)
        with world.refuses(reporting.ReportPaper, name="核查报告.txt"):
            case.verify(upload=sheet)
        assert not VerificationReport.objects.exists()
        assert not Paper.objects.exists()


class TestTheMandate:
    def test_that_has_run_out_does_not_sign(self, case):
        body = case.verifier
        ended = replace(body)
        ended.initiator = world.mandate(
            world.person(), body.organisation, "INITIATE", until_at=NOON - DAY, since_at=NOON - 9 * DAY
        )
        upload = reviewing.uploaded(ended.initiator.membership.person)
        with pytest.raises(identity.Refusal):
            case.verify(by=ended, upload=upload)
        assert not VerificationReport.objects.exists()
