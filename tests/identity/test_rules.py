"""What a verification body must show, and who may not inspect or review."""

import datetime as dt
import uuid

import pytest
from tests import world

from tanhui.identity import rules
from tanhui.identity.acts import verifier
from tanhui.identity.models import Qualification

pytestmark = pytest.mark.django_db
TODAY, YEAR_AFTER = dt.date(2026, 6, 5), dt.date(2027, 6, 5)


def qualify(body, **overrides):
    values = {
        "approval": "CNCA-R-2024-001", "sectors": ["14", "1"], "staff": 10, "experienced": 5, "cover": "INSURANCE",
        "undiscredited": True, "valid_from": TODAY, "expires_on": YEAR_AFTER, "document": None,
        "by": overrides.get("by") or world.person(), "at": world.NOON,
    } | overrides  # fmt: skip
    return verifier.qualify(organisation=body, **values)


class TestAQualification:
    def test_lets_a_body_verify_in_its_sectors_while_it_lasts(self):
        body = world.organisation("VVB")
        made = qualify(body)

        assert rules.check_verifier(body, "14", on=TODAY) == made
        with world.refuses(rules.OutsideScope, "identity.outside_scope", sector="2", day="2026-06-05"):
            rules.check_verifier(body, "2", on=TODAY)
        for day in (TODAY - dt.timedelta(days=1), YEAR_AFTER):
            with world.refuses(rules.VerifierUnqualified, "identity.verifier_unqualified", day=day.isoformat()):
                rules.check_verifier(body, "14", on=day)

    def test_is_replaced_by_a_later_one(self):
        body = world.organisation("VVB")
        qualify(body)
        later = qualify(body, sectors=["14"], at=world.NOON + dt.timedelta(days=1))

        assert rules.qualification(body, on=TODAY + dt.timedelta(days=2)) == later
        assert Qualification.objects.count() == 2

    @pytest.mark.parametrize(
        "short", [{"staff": 9}, {"experienced": 4}, {"undiscredited": False}, {"staff": 10, "experienced": 11}]
    )
    def test_short_of_the_law_is_refused(self, short):
        body, who = world.organisation("VVB"), world.person()

        with world.refuses(rules.EvidenceTooWeak, "identity.evidence_too_weak", staff=10, experienced=5):
            qualify(body, by=who, **short)

    def test_is_only_for_verification_bodies(self):
        body, who = world.organisation("PART"), world.person()

        with world.refuses(verifier.NotAVerifier, "identity.not_a_verifier"):
            qualify(body, by=who)


class TestTheYearlyReport:
    def test_is_owed_once_a_year_and_published_after_it_was_filed(self):
        body, who = world.organisation("VVB"), world.person()
        owed = verifier.owe_report(organisation=body, year=2025, at=world.NOON)
        assert verifier.owe_report(organisation=body, year=2025, at=world.NOON) == owed
        assert owed.due_on == dt.date(2026, 3, 31)

        with world.refuses(verifier.NotFiled, "identity.report_not_filed", year=2025):
            verifier.publish_report(report=owed, by=who, at=world.NOON)
        verifier.file_report(report=owed, document=uuid.uuid4(), by=who, at=world.NOON)
        published = verifier.publish_report(report=owed, by=who, at=world.NOON)

        assert published.published_at == world.NOON


class TestAnInspection:
    def test_takes_two_with_certificates_of_their_own(self):
        rules.check_inspection([rules.Inspector(1, "蒙0412001"), rules.Inspector(2, "蒙0412002")])

    @pytest.mark.parametrize(
        "named",
        [
            [],
            [(1, "A")],
            [(1, "A"), (1, "B")],
            [(1, "A"), (2, "A")],
            [(1, "A"), (2, " ")],
            [(1, "A"), (2, "B"), (3, "")],
        ],
        ids=["none", "one", "one twice", "one certificate", "a blank certificate", "a third without"],
    )
    def test_of_fewer_is_refused(self, named):
        with world.refuses(rules.TooFewInspectors, "identity.too_few_inspectors", needed=2):
            rules.check_inspection([rules.Inspector(*one) for one in named])


class TestAReviewer:
    def test_has_written_no_report_in_the_province(self):
        body, other = world.organisation("TECH"), world.organisation("TECH")

        rules.check_reviewer(body, {other.pk})
        with world.refuses(rules.ReviewsItself, "identity.reviews_itself", organisation=body.name):
            rules.check_reviewer(body, {body.pk, other.pk})
