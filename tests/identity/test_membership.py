"""Members come by invitation, get power by two signatures, and lose it by one."""

import pytest
from tests import world
from tests.identity import people

from tanhui.identity import access, rules
from tanhui.identity.acts import instruction, mandates, membership
from tanhui.identity.models import Decision, Invitation, Mandate
from tanhui.journal.models import Entry

pytestmark = pytest.mark.django_db
DAY = people.DAY


@pytest.fixture
def here():
    return people.body()


class TestAnInvitation:
    def test_lets_its_person_join_and_look(self, here):
        who = world.person(name="钱会计")
        made, code = membership.invite(mandate=here.first, name=" 钱会计 ", at=world.NOON)

        membership.accept(code=code.lower().replace("-", " "), person=who, at=world.NOON + DAY)

        assert access.mandate(who, here.organisation, "VIEW", at=world.NOON + DAY)
        assert bytes(Invitation.objects.get().digest) != code.encode()
        assert code not in str(list(Entry.objects.values_list("private", flat=True)))
        assert made.by == here.first.membership.person

    def test_is_good_once(self, here):
        _, code = membership.invite(mandate=here.first, name="钱会计", at=world.NOON)
        membership.accept(code=code, person=world.person(name="钱会计"), at=world.NOON)
        another = world.person(name="钱会计")

        with world.refuses(membership.InvitationUnknown, "identity.invitation_unknown"):
            membership.accept(code=code, person=another, at=world.NOON)

    def test_runs_out(self, here):
        _, code = membership.invite(mandate=here.first, name="钱会计", at=world.NOON)
        who = world.person(name="钱会计")

        with world.refuses(membership.InvitationUnknown):
            membership.accept(code=code, person=who, at=world.NOON + membership.LASTS)

    def test_is_for_nobody_of_another_name(self, here):
        _, code = membership.invite(mandate=here.first, name="钱会计", at=world.NOON)
        who = world.person(name="周会计")

        with world.refuses(membership.InvitationForAnother, "identity.invitation_for_another"):
            membership.accept(code=code, person=who, at=world.NOON)

    def test_withdrawn_opens_nothing(self, here):
        made, code = membership.invite(mandate=here.first, name="钱会计", at=world.NOON)
        membership.withdraw(invitation=made, mandate=here.second, at=world.NOON)
        who = world.person(name="钱会计")

        with world.refuses(membership.InvitationUnknown):
            membership.accept(code=code, person=who, at=world.NOON)

    @pytest.mark.parametrize("code", ["", "AAAAA-AAAAA-AAAAA-AAAAA", "\x00", "' OR 1=1 --", "码" * 5000])
    def test_of_a_made_up_code_is_refused(self, here, code):
        who = world.person()

        with world.refuses(membership.InvitationUnknown):
            membership.accept(code=code, person=who, at=world.NOON)

    def test_keeps_the_two_sides_apart(self, here):
        who = world.person(name="核查员")
        world.mandate(who, world.organisation("VVB"), "VIEW")
        _, code = membership.invite(mandate=here.first, name="核查员", at=world.NOON)

        with world.refuses(rules.IncompatibleRoles, person="核查员"):
            membership.accept(code=code, person=who, at=world.NOON)

    def test_takes_an_administrator(self, here):
        looking = world.mandate(here.member, here.organisation, "VIEW")

        with world.refuses(instruction.WrongMandate, needed="MANAGE"):
            membership.invite(mandate=looking, name="x", at=world.NOON)


class TestAMandate:
    def test_is_given_when_a_second_administrator_confirms(self, here):
        asked = people.asked(here, letter="授权书〔2026〕3 号")
        assert not access.holds(here.member, here.organisation, "INITIATE", at=world.NOON)

        mandates.confirm(asked=asked, mandate=here.second, at=world.NOON)

        given = access.mandate(here.member, here.organisation, "INITIATE", at=world.NOON)
        assert (given.until_at, given.letter, given.instruction) == (people.LATER, "授权书〔2026〕3 号", asked)

    def test_is_given_once_however_often_it_is_confirmed(self, here):
        asked = people.asked(here)
        first = mandates.confirm(asked=asked, mandate=here.second, at=world.NOON)

        assert mandates.confirm(asked=asked, mandate=here.second, at=world.NOON) == first
        assert Mandate.objects.filter(capacity="INITIATE").count() == 1

    def test_is_not_given_by_the_one_who_asked(self, here):
        asked = people.asked(here)

        with world.refuses(instruction.OnePersonTwice):
            mandates.confirm(asked=asked, mandate=here.first, at=world.NOON)

    def test_is_given_by_the_registry_where_there_is_no_second_administrator(self, here):
        registry = world.party("REG")
        asked = people.asked(here)

        assert mandates.confirm(asked=asked, mandate=registry.confirmer, at=world.NOON).outcome == "CONFIRMED"

    @pytest.mark.parametrize("role", ["PART", "VVB", "EXC", "AUTH"])
    def test_is_not_given_by_another_organisation(self, here, role):
        stranger = world.party(role)
        asked = people.asked(here)

        with world.refuses(instruction.WrongMandate):
            mandates.confirm(asked=asked, mandate=stranger.confirmer, at=world.NOON)

    def test_is_not_given_by_a_representative_of_ones_own(self, here):
        confirmer = people.given(here, capacity="CONFIRM")
        asked = people.asked(here, capacity="INITIATE")

        with world.refuses(instruction.WrongMandate, needed="MANAGE"):
            mandates.confirm(asked=asked, mandate=confirmer, at=world.NOON)

    def test_is_not_asked_for_by_an_initiating_representative_of_the_registry(self, here):
        registry = world.party("REG")
        asked = people.asked(here)

        with world.refuses(instruction.WrongMandate, needed="CONFIRM"):
            mandates.confirm(asked=asked, mandate=registry.initiator, at=world.NOON)

    def test_goes_to_members_alone(self, here):
        who = world.person(name="外人")

        with world.refuses(membership.NotAMember, "identity.not_a_member", person="外人"):
            people.asked(here, who)

    @pytest.mark.parametrize("until", [world.NOON, world.NOON - DAY])
    def test_ends_after_it_begins(self, here, until):
        with world.refuses(mandates.EndMissing, "identity.end_missing", today="2026-06-05"):
            people.asked(here, until_at=until)

    def test_is_not_given_beyond_five_operators(self, here):
        for _ in range(rules.OPERATORS):
            who = world.mandate(world.person(), here.organisation, "VIEW").membership.person
            people.given(here, who, "CONFIRM")

        with world.refuses(rules.TooManyOperators, "identity.too_many_operators", most=5):
            people.asked(here)
        people.given(here, Mandate.objects.filter(capacity="CONFIRM").first().membership.person, "INITIATE")
        people.given(here, capacity="MANAGE")

    def test_of_a_sixth_operator_is_refused_when_it_is_confirmed(self, here):
        asked = people.asked(here)
        for _ in range(rules.OPERATORS):
            who = world.mandate(world.person(), here.organisation, "VIEW").membership.person
            people.given(here, who)

        with world.refuses(rules.TooManyOperators):
            mandates.confirm(asked=asked, mandate=here.second, at=world.NOON)
        assert not Decision.objects.filter(instruction=asked).exists()

    def test_renewed_goes_on_where_the_old_one_ends(self, here):
        old = people.given(here, until_at=world.NOON + 10 * DAY)
        new = people.given(here, until_at=world.NOON + 400 * DAY, at=world.NOON + 5 * DAY)

        old.refresh_from_db()
        assert old.until_at == new.since_at == world.NOON + 5 * DAY
        assert access.mandate(here.member, here.organisation, "INITIATE", at=world.NOON + 300 * DAY) == new
        assert access.mandate(here.member, here.organisation, "INITIATE", at=world.NOON + DAY) == old

    def test_rejected_is_not_given(self, here):
        asked = people.asked(here)
        decided = mandates.drop(asked=asked, mandate=here.second, reason="授权书过期", at=world.NOON)

        assert (decided.outcome, decided.reason) == ("REJECTED", "授权书过期")
        with world.refuses(instruction.AlreadyDecided):
            mandates.confirm(asked=asked, mandate=here.second, at=world.NOON)

    def test_taken_back_by_who_asked_is_withdrawn(self, here):
        asked = people.asked(here)

        assert mandates.drop(asked=asked, mandate=here.first, reason="", at=world.NOON).outcome == "WITHDRAWN"

    def test_waits_for_a_week(self, here):
        asked = people.asked(here)

        with world.refuses(instruction.InstructionExpired):
            mandates.confirm(asked=asked, mandate=here.second, at=world.NOON + mandates.WAITS)


class TestRevoking:
    def test_takes_one_administrator_and_works_at_once(self, here):
        given = people.given(here)
        mandates.revoke(mandate=given, by=here.first, reason="调岗", at=world.NOON + DAY)

        assert not access.holds(here.member, here.organisation, "INITIATE", at=world.NOON + DAY)
        assert access.holds(here.member, here.organisation, "INITIATE", at=world.NOON)
        given.refresh_from_db()
        assert (given.revoked_by, given.reason) == (here.first.membership.person, "调岗")

    def test_again_changes_nothing(self, here):
        given = people.given(here)
        mandates.revoke(mandate=given, by=here.first, reason="调岗", at=world.NOON + DAY)
        before = world.state()
        mandates.revoke(mandate=given, by=here.second, reason="又一次", at=world.NOON + 2 * DAY)

        assert world.state() == before

    def test_ends_one_that_has_not_begun(self, here):
        later = world.mandate(here.member, here.organisation, "CONFIRM", since_at=world.NOON + 9 * DAY)
        mandates.revoke(mandate=later, by=here.first, reason="取消", at=world.NOON)

        assert not access.holds(here.member, here.organisation, "CONFIRM", at=world.NOON + 10 * DAY)

    def test_is_not_done_by_another_organisation(self, here):
        given, other = people.given(here), people.body()

        with world.refuses(instruction.WrongMandate):
            mandates.revoke(mandate=given, by=other.first, reason="x", at=world.NOON)

    def test_leaves_an_administrator(self, here):
        mandates.revoke(mandate=here.second, by=here.first, reason="离任", at=world.NOON)

        with world.refuses(membership.LastAdministrator, "identity.last_administrator"):
            mandates.revoke(mandate=here.first, by=here.first, reason="离任", at=world.NOON)
        with world.refuses(membership.LastAdministrator):
            membership.end(membership=here.first.membership, by=None, reason="", at=world.NOON)


class TestTheEndOfAMembership:
    def test_ends_every_mandate_with_it(self, here):
        given = people.given(here)
        membership.end(membership=given.membership, by=here.first, reason="离职", at=world.NOON + DAY)

        assert not access.organisations(here.member, at=world.NOON + DAY).exists()
        with world.refuses(access.MandateExpired):
            access.mandate(here.member, here.organisation, "INITIATE", at=world.NOON + DAY)

    def test_lets_the_person_come_back(self, here):
        given = people.given(here)
        membership.end(membership=given.membership, by=None, reason="", at=world.NOON + DAY)
        _, code = membership.invite(mandate=here.first, name=here.member.name, at=world.NOON + DAY)
        again = membership.accept(code=code, person=here.member, at=world.NOON + 2 * DAY)

        assert again != given.membership
        with world.refuses(access.CapacityMissing):
            access.mandate(here.member, here.organisation, "CONFIRM", at=world.NOON + 2 * DAY)
