import pytest
from tests import world

from tanhui.inventory.models import AccountingYear

pytestmark = pytest.mark.django_db


class TestAnAccountingYear:
    def test_is_kept(self):
        authority = world.party("NATR")
        made = AccountingYear.objects.create(
            organisation=authority.organisation, area_name="演示区", division_code="330604", year=2023,
            opened_by=authority.initiator.membership.person, opened_at=world.NOON, changed_at=world.NOON,
        )  # fmt: skip
        assert made.code == "330604-2023"
