"""Verification: who may, on what it rests, and what it leads to."""

import pytest
from django.db.utils import IntegrityError
from tests import world

from tanhui.identity.acts import instruction
from tanhui.inventory import checks, queries
from tanhui.inventory.acts import opening, steps, verifying
from tanhui.inventory.models import CrossCheck, Verification


@pytest.fixture
def computed(case):
    case.open()
    case.to("COMPUTED")
    return case


class TestTheVerifier:
    def test_is_never_the_authority_itself(self, case):
        case.open()
        with world.refuses(opening.NotAVerifier, "inventory.not_a_verifier"):
            opening.appoint(year=case.year, verifier=case.authority.organisation, mandate=case.technician, at=case.at)
        case.year.verifier = case.authority.organisation
        with pytest.raises(IntegrityError, match="no_authority_verifies_its_own_year"):
            case.year.save()

    def test_is_the_body_that_was_named_and_no_other(self, computed):
        other = world.party("VVB")
        with world.refuses(verifying.NotTheVerifier, "inventory.not_the_verifier"):
            verifying.sign(
                year=computed.year, outcome="CONFIRMED", opinion="好", mandate=other.initiator, **computed.named()
            )

    def test_sends_nobody_who_works_for_the_authority(self, computed):
        both = computed.technician.membership.person
        mandate = world.mandate(both, computed.body.organisation, "INITIATE")
        with world.refuses(verifying.PartInIt, "inventory.part_in_it"):
            verifying.compare(
                year=computed.year, kind="FLUX", verdict="AGREES", result={}, note="", upload=None, mandate=mandate,
                at=computed.at,
            )  # fmt: skip

    def test_signs_with_a_mandate_to_sign(self, computed):
        looks = world.mandate(world.person(), computed.body.organisation, "VIEW")
        with world.refuses(instruction.WrongMandate, "identity.wrong_mandate"):
            verifying.sign(year=computed.year, outcome="REFUTED", opinion="x", mandate=looks, **computed.named())

    def test_is_not_changed_once_it_has_signed(self, computed):
        computed.verify()
        other = world.party("VVB").organisation
        with world.refuses(steps.MovedOn, "inventory.moved_on"):
            opening.appoint(year=computed.year, verifier=other, mandate=computed.technician, at=computed.at)


class TestAComparison:
    @pytest.mark.parametrize(
        "wrong",
        [{"kind": "GUESS"}, {"verdict": "MAYBE"}, {"verdict": "EXPLAINED"}, {"note": "x" * 1001},
         {"result": {str(number): "1" for number in range(13)}}, {"result": {"偏差": "x" * 41}}],
    )  # fmt: skip
    def test_says_what_was_found_and_why_it_deviates(self, computed, wrong):
        said = {"kind": "FLUX", "verdict": "AGREES", "result": {}, "note": ""} | wrong
        with world.refuses(verifying.ComparisonIncomplete, "inventory.comparison_incomplete"):
            verifying.compare(year=computed.year, upload=None, mandate=computed.verifier, at=computed.at, **said)

    def test_that_deviates_keeps_the_year_from_being_confirmed(self, computed):
        computed.compare("SECOND")
        computed.compare("FLUX", verdict="DEVIATES", note="两个站点偏差过大")
        assert checks.compared(queries.finished(computed.year)).state == "fail"
        with world.refuses(verifying.ComparisonsMissing, "inventory.comparisons_missing"):
            computed.sign("CONFIRMED", "可以")


class TestAnOpinion:
    def test_confirms_only_after_measurements_and_a_second_model(self, computed):
        computed.compare("PREVIOUS")
        with world.refuses(verifying.ComparisonsMissing, "inventory.comparisons_missing"):
            computed.sign("CONFIRMED", "可以")
        assert not Verification.objects.exists()

        computed.verify()
        word = Verification.objects.get()
        assert word.statistics_sha256 == queries.finished(computed.year).statistics_sha256
        assert len(word.checks) == 3

    def test_is_said_in_words(self, computed):
        with world.refuses(verifying.OpinionMissing, "inventory.opinion_missing"):
            computed.sign("CONFIRMED", " ")

    def test_against_the_figures_sends_them_back_to_be_computed_anew(self, computed):
        computed.sign("REFUTED", "土地覆被年份与核算年度不符。")

        assert computed.fresh().state == "COLLECTED"
        assert checks.verified(queries.finished(computed.year)).state == "fail"
        again = computed.compute()
        assert (again.number, computed.fresh().state) == (2, "COMPUTED")
        assert not CrossCheck.objects.filter(computation=again).exists()
