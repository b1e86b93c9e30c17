"""Bodies without a unified social credit code are registered under a code that never passes for one."""

import json

import pytest
from django.utils import timezone

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Organisation
from tanhui.journal.models import Entry
from tanhui.kernel import identifiers
from tanhui.kernel.refusal import Refusal

NOW = timezone.now()
ROLE = Organisation.Role.PARTICIPANT


@pytest.mark.django_db
class TestRegisteringAForeignBody:
    def test_keeps_its_number_abroad_and_says_so_in_the_journal(self):
        made = enrolment.register_foreign(code="X-CARB-CA1000", name="Oildale Energy, LLC", role=ROLE, at=NOW)

        assert made.uscc == "X-CARB-CA1000"
        assert json.loads(bytes(Entry.objects.latest("pk").leaf))["fact"]["uscc"] == "X-CARB-CA1000"

    def test_is_refused_the_second_time(self):
        enrolment.register_foreign(code="X-CARB-CA1000", name="Oildale Energy, LLC", role=ROLE, at=NOW)

        with pytest.raises(enrolment.OrganisationKnown):
            enrolment.register_foreign(code="X-CARB-CA1000", name="Another", role=ROLE, at=NOW)

    @pytest.mark.parametrize(
        "code", ["91150402MA0000000X", "CARB-CA1000", "X-CARB-", "X-CARB-ca1000", "X-CARB-CA1000000000", "X--CA1000"]
    )
    def test_refuses_whatever_could_be_taken_for_another_code(self, code):
        with pytest.raises(enrolment.ForeignCodeWrong):
            enrolment.register_foreign(code=code, name="Somebody", role=ROLE, at=NOW)

        assert not Organisation.objects.exists()

    def test_gives_a_code_that_no_check_of_credit_codes_accepts(self):
        with pytest.raises(Refusal):
            identifiers.uscc("X-CARB-CA1000")
