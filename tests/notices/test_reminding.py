"""Whose mandate runs out hears of it in time, once; and what waits for an administrator stands among their tasks."""

import datetime as dt

import pytest
from tests import world

from tanhui.identity.acts import enrolment
from tanhui.notices.acts import reminding
from tanhui.notices.models import Notice

pytestmark = pytest.mark.django_db


def ending(days):
    """A member's mandate that ends in so many days."""
    body = world.organisation()
    person = enrolment.enrol(username="ending", name="钱经办", password=None, at=world.NOON)
    return enrolment.mandate(
        person=person, organisation=body, capacity="INITIATE", since_at=world.NOON - dt.timedelta(days=90),
        until_at=world.NOON + dt.timedelta(days=days), at=world.NOON - dt.timedelta(days=90),
    )  # fmt: skip


class TestAMandateThatEnds:
    def test_is_told_of_once_for_each_distance(self):
        ending(20)

        assert reminding.mandates(at=world.NOON) == 1
        assert reminding.mandates(at=world.NOON) == 0
        assert reminding.mandates(at=world.NOON + dt.timedelta(days=14)) == 1

    def test_is_named_with_its_holder_its_organisation_and_its_end(self):
        one = ending(20)
        reminding.mandates(at=world.NOON)

        (notice,) = Notice.objects.all()

        assert notice.person == one.membership.person
        assert "钱经办" in notice.subject["zh-hans"]
        assert "2026-06-25" in notice.subject["zh-hans"]
        assert one.membership.organisation.uscc in notice.url

    def test_that_is_far_away_is_not_told_of(self):
        ending(200)

        assert reminding.mandates(at=world.NOON) == 0
