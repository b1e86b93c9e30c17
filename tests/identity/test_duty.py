"""Three administrators kept apart, on duty for an hour at a time and for a reason."""

import pytest
from django.db import IntegrityError, transaction
from tests import world
from tests.identity import people

from tanhui.identity import access, rules
from tanhui.identity.acts import duty, enrolment, instruction, mandates, suspension
from tanhui.identity.models import Duty, StaffSession
from tanhui.journal.models import Entry

pytestmark = pytest.mark.django_db
DAY, MINUTE = people.DAY, people.DAY / 1440


@pytest.fixture
def here():
    return people.body("REG")


def begin(held, kind="SECURITY", reason="核对证件", minutes=30, at=world.NOON):
    return duty.begin(person=held.person, duty=kind, reason=reason, minutes=minutes, at=at)


class TestADuty:
    def test_is_given_by_two_to_a_third(self, here):
        held = people.staff(here)

        assert access.duty(held.person, at=world.NOON) == held
        assert {held.proposed_by, held.confirmed_by} == {here.first.membership.person, here.second.membership.person}

    def test_is_not_given_by_one_alone(self, here):
        asked = duty.propose(mandate=here.first, person=here.member, kind="AUDIT", reference="d", at=world.NOON)

        with world.refuses(instruction.OnePersonTwice):
            duty.confirm(asked=asked, mandate=here.first, at=world.NOON)

    def test_is_not_given_to_oneself(self, here):
        with world.refuses(duty.OwnDuty, "identity.own_duty"):
            duty.propose(
                mandate=here.first, person=here.first.membership.person, kind="AUDIT", reference="d", at=world.NOON
            )

    @pytest.mark.parametrize("second", ["SYSTEM", "SECURITY", "AUDIT"])
    def test_is_the_only_one_of_its_holder(self, here, second):
        held = people.staff(here)

        with world.refuses(duty.DutyHeld, "identity.duty_held", person=held.person.name):
            duty.propose(mandate=here.first, person=held.person, kind=second, reference="d", at=world.NOON)

    def test_is_the_only_one_in_the_database_too(self, here):
        held = people.staff(here)
        one, two = here.first.membership.person, here.second.membership.person

        with pytest.raises(IntegrityError, match="nobody_holds_two_staff_duties"), transaction.atomic():
            Duty.objects.create(
                person=held.person, kind="AUDIT", since_at=world.NOON, proposed_by=one, confirmed_by=two
            )  # fmt: skip
        with pytest.raises(IntegrityError, match="two_others_give_a_staff_duty"), transaction.atomic():
            Duty.objects.create(person=one, kind="AUDIT", since_at=world.NOON, proposed_by=one, confirmed_by=two)

    @pytest.mark.parametrize("role", ["AUTH", "PART", "AUD"])
    def test_is_given_by_the_registry_operator_alone(self, role):
        other = people.body(role)

        with world.refuses(duty.NotTheRegistry, "identity.not_the_registry"):
            duty.propose(mandate=other.first, person=other.member, kind="AUDIT", reference="d", at=world.NOON)

    def test_is_not_held_by_who_signs(self, here):
        signing = world.mandate(world.person(), here.organisation, "INITIATE").membership.person

        with world.refuses(rules.DutyAndSigning, "identity.duty_and_signing", person=signing.name):
            duty.propose(mandate=here.first, person=signing, kind="AUDIT", reference="d", at=world.NOON)

    @pytest.mark.parametrize("capacity", ["INITIATE", "CONFIRM", "MANAGE"])
    def test_keeps_its_holder_from_signing(self, here, capacity):
        held = people.staff(here)

        with world.refuses(rules.DutyAndSigning):
            enrolment.mandate(
                person=held.person, organisation=here.organisation, capacity=capacity, since_at=world.NOON,
                until_at=None, at=world.NOON,
            )  # fmt: skip
        with world.refuses(rules.DutyAndSigning):
            people.asked(here, held.person, capacity)

    def test_ends_with_its_session(self, here):
        held = people.staff(here)
        begin(held)
        duty.dismiss(duty=held, by=here.second, at=world.NOON + MINUTE)

        assert not access.on_duty(held.person, "SECURITY", at=world.NOON + MINUTE)
        with world.refuses(duty.DutyMissing, "identity.duty_missing"):
            begin(held, at=world.NOON + 2 * MINUTE)


class TestAStaffSession:
    def test_is_what_lets_its_holder_act_and_ends_by_itself(self, here):
        held = people.staff(here)
        assert not access.on_duty(held.person, "SECURITY", at=world.NOON)

        begin(held, minutes=30)

        assert access.on_duty(held.person, "SECURITY", at=world.NOON + 29 * MINUTE)
        assert not access.on_duty(held.person, "SECURITY", at=world.NOON + 30 * MINUTE)
        assert not access.on_duty(held.person, "AUDIT", at=world.NOON)
        assert not access.on_duty(held.person, "SYSTEM", at=world.NOON)

    def test_says_why_and_tells_the_journal_when(self, here):
        session = begin(people.staff(here), reason=" 核对证件 ")

        told = Entry.objects.get(kind="identity.staff_session_begun")
        assert told.private["private"]["reason"] == session.reason == "核对证件"
        assert "核对证件" not in bytes(told.leaf).decode()

    @pytest.mark.parametrize("reason", ["", "   ", "\u3000"])
    def test_needs_a_reason(self, here, reason):
        held = people.staff(here)

        with world.refuses(duty.ReasonMissing, "identity.reason_missing"):
            begin(held, reason=reason)

    @pytest.mark.parametrize("minutes", [0, -1, 61, 10**6])
    def test_lasts_an_hour_at_most(self, here, minutes):
        held = people.staff(here)

        with world.refuses(duty.TooLong, "identity.session_too_long", most=60, asked=minutes):
            begin(held, minutes=minutes)

    def test_lasts_an_hour_at_most_in_the_database_too(self, here):
        held = people.staff(here)

        with pytest.raises(IntegrityError, match="a_staff_session_lasts_an_hour_at_most"), transaction.atomic():
            StaffSession.objects.create(
                duty=held, reason="x", began_at=world.NOON, ends_at=world.NOON + 61 * MINUTE
            )  # fmt: skip

    def test_is_one_at_a_time(self, here):
        held = people.staff(here)
        begin(held)

        with world.refuses(duty.AlreadyOnDuty, "identity.already_on_duty"):
            begin(held, at=world.NOON + MINUTE)
        begin(held, at=world.NOON + 31 * MINUTE)

    def test_of_another_duty_is_not_begun(self, here):
        held = people.staff(here)

        with world.refuses(duty.DutyMissing):
            begin(held, "AUDIT")

    def test_is_ended_by_its_holder(self, here):
        held = people.staff(here)
        session = begin(held)
        duty.end(session=session, by=held.person, at=world.NOON + MINUTE)

        assert not access.on_duty(held.person, "SECURITY", at=world.NOON + MINUTE)

    def test_is_ended_by_who_is_on_the_security_duty(self, here):
        auditing = begin(people.staff(here, "AUDIT"), "AUDIT")
        security = people.on_duty(here)

        assert duty.end(session=auditing, by=security, at=world.NOON + MINUTE).ended_by == security

    def test_is_not_ended_by_another_duty(self, here):
        session = begin(people.staff(here))
        auditor = people.on_duty(here, "AUDIT")

        with world.refuses(access.NotOnDuty, "identity.not_on_duty", duty="SECURITY"):
            duty.end(session=session, by=auditor, at=world.NOON + MINUTE)


class TestASuspension:
    def test_shuts_a_person_out_everywhere(self, here):
        security, who = people.on_duty(here), people.staff(here, "AUDIT")
        begin(who, "AUDIT")
        token = enrolment.make_token(person=who.person, label="x", at=world.NOON)

        suspension.suspend(person=who.person, reason="手机遗失", by=security, at=world.NOON + MINUTE)

        assert access.person_by_token(token, at=world.NOON + MINUTE) is None
        assert not access.on_duty(who.person, "AUDIT", at=world.NOON + MINUTE)

    def test_is_lifted_again(self, here):
        security, who = people.on_duty(here), world.person()
        made = suspension.suspend(person=who, reason="手机遗失", by=security, at=world.NOON)
        suspension.reinstate(person=who, by=security, at=world.NOON + MINUTE)

        made.refresh_from_db()
        who.refresh_from_db()
        assert who.is_active
        assert (made.until_at, made.lifted_by) == (world.NOON + MINUTE, security)

    @pytest.mark.parametrize("kind", ["SYSTEM", "AUDIT"])
    def test_takes_the_security_duty(self, here, kind):
        officer, who = people.on_duty(here, kind), world.person()

        with world.refuses(access.NotOnDuty):
            suspension.suspend(person=who, reason="x", by=officer, at=world.NOON)

    def test_is_never_of_oneself(self, here):
        security = people.on_duty(here)

        with world.refuses(suspension.OwnSuspension, "identity.own_suspension"):
            suspension.suspend(person=security, reason="x", by=security, at=world.NOON)

    def test_counts_an_administrator_as_missing(self, here):
        security = people.on_duty(here)
        firm = people.body()
        suspension.suspend(person=firm.second.membership.person, reason="x", by=security, at=world.NOON)

        with pytest.raises(mandates.membership.LastAdministrator):
            mandates.revoke(mandate=firm.first, by=firm.first, reason="x", at=world.NOON)
