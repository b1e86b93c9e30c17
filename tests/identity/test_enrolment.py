import hashlib

import pytest
from tests import world

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Organisation
from tanhui.kernel import identifiers

pytestmark = pytest.mark.django_db
GOOD = world.uscc(77)


def register(code, name="组织"):
    return enrolment.register_organisation(uscc=code, name=name, role="PART", at=world.NOON)


class TestAnOrganisation:
    def test_is_known_by_its_code_however_it_was_typed(self):
        made = register(f" {GOOD[:8].lower()}-{GOOD[8:]} ")

        assert Organisation.objects.get(pk=made.pk).uscc == GOOD
