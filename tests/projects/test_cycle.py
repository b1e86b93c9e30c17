"""A project and its reductions walk through their procedures."""

import pytest
from tests.projects import cycling
from tests.projects.cycling import fresh, states

from tanhui.projects.acts import asking, monitoring


@pytest.fixture
def cast(db):
    return cycling.Cast()


class TestNational:
    def test_walks_from_draft_to_registration(self, cast):
        one = cast.registered()
        assert states(one) == ["PDD_PUBLICITY", "VALIDATION", "VALIDATED_POS", "REG_CHECK", "REGISTERED"]
        assert one.registered.owner == cast.owner.organisation
        assert one.registered.validator == cast.validator.organisation
        assert one.registered.methodology == "CCER-14-001-V01"


class TestLocal:
    def test_walks_from_county_review_to_issued_units(self, cast):
        one = cast.filed()
        assert states(one) == [
            "COUNTY_REVIEW", "CITY_FILING", "CLEARED", "STAKEHOLDER_NOTICE", "NOTIFIED", "APPLIED", "LOCAL_OPINION",
            "TECH_REVIEW", "EXPERT_REVIEW", "PUBLICITY", "FILING", "FILED",
        ]  # fmt: skip
        period = cast.issued(one)
        assert period.state == "ISSUED"
        issued = period.period.issuance
        assert issued.quantity_t == period.quantity_kg // 1000
        assert period.period.bundle is not None
