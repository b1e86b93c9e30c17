"""The pages of people, organisations and duties: who meets them, and what they do."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from tests import world
from tests.identity import people

from tanhui.identity import access, roster
from tanhui.identity.acts import membership, realname
from tanhui.identity.models import Duty, IdentityDocument, Instruction, Mandate, StaffSession

pytestmark = pytest.mark.django_db
CODE = re.compile(r'<code id="code">([A-Z2-7-]+)</code>')


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def here(now):
    return people.body(name="某农投公司", at=now)


@pytest.fixture
def registry(now):
    return people.body("REG", at=now)


@pytest.fixture
def enter(client):
    """Signs a person in, as if a moment ago."""

    def as_(person):
        world.sign_in(client, person)
        return client

    return as_


def page(client, view, /, *args, **data):
    url = reverse(f"identity:{view}", args=args)
    return client.post(url, data) if data else client.get(url)


class TestMyself:
    def test_shows_what_one_may_do_and_for_how_long(self, enter, here, now):
        people.given(here, until_at=now + 12 * people.DAY, at=now)

        said = page(enter(here.member), "me").content.decode()
        assert "某农投公司" in said
        assert "发起代表" in said
        assert "剩余" in said

    def test_binds_a_document_and_shows_it_masked_ever_after(self, enter):
        client = enter(world.person())
        answer = page(client, "me", kind="CITIZEN", number=people.number(), country="CHN")

        assert answer.status_code == 302
        said = page(client, "me").content.decode()
        assert people.number() not in said
        assert f"150402********{people.number()[-4:]}" in said

    def test_says_what_is_wrong_with_a_number_next_to_it_and_does_not_keep_it(self, enter):
        answer = page(enter(world.person()), "me", kind="CITIZEN", number="150402199003071230", country="CHN")

        assert answer.status_code == 422
        assert not IdentityDocument.objects.exists()
        assert "kernel.citizen_check_wrong" in answer.content.decode()

    @pytest.mark.parametrize(
        "hostile", ["\x00", "<script>alert(1)</script>", "\u202e54321", "9" * 10_000, "𠮷䶮", "=1+1", "{{ 7*7 }}"]
    )
    def test_takes_nothing_hostile(self, enter, hostile):
        client = enter(world.person())
        for form in ({"kind": "CITIZEN", "number": hostile}, {"kind": hostile, "number": "1"}, {"number": hostile}):
            answer = page(client, "me", **{"country": "CHN", **form})
            assert answer.status_code == 422
            assert "<script>alert" not in answer.content.decode()


class TestAnOrganisation:
    def test_is_nothing_to_strangers(self, enter, here, now):
        stranger = enter(people.body(at=now).first.membership.person)
        names = [("organisation", here.organisation.uscc), ("organisation_history", here.organisation.uscc)]
        names.append(("member", here.organisation.uscc, here.first.membership_id))

        for name in names:
            assert page(stranger, *name).status_code == 404
            assert page(stranger, *name, decision="end", reason="x", name="x").status_code in {404, 405}

    def test_is_read_and_not_managed_by_its_members(self, enter, here):
        client, code = enter(here.member), here.organisation.uscc

        assert page(client, "organisation", code).status_code == 200
        assert page(client, "organisation", code, name="新人").status_code == 404
        assert page(client, "member", code, here.first.membership_id).status_code == 404
        assert page(client, "changes").status_code == 404

    def test_leads_its_people_to_it(self, enter, here):
        assert page(enter(here.member), "organisations")["Location"].endswith(here.organisation.uscc)

    def test_asks_no_more_the_more_members_it_has(
        self, enter, here, now, django_assert_max_num_queries, django_assert_num_queries
    ):
        client, code = enter(here.first.membership.person), here.organisation.uscc
        page(client, "organisation", code)
        with django_assert_max_num_queries(16) as few:
            page(client, "organisation", code)
        for _ in range(8):
            world.mandate(world.person(at=now), here.organisation, "VIEW", at=now)
        with django_assert_num_queries(len(few)):
            page(client, "organisation", code)

    def test_invites_and_the_invited_makes_a_sign_in(self, enter, here, client):
        answer = page(enter(here.first.membership.person), "organisation", here.organisation.uscc, name="钱会计")
        (code,) = CODE.findall(answer.content.decode())
        assert answer.status_code == 201
        assert code not in page(client, "organisation", here.organisation.uscc).content.decode()

        client.logout()
        form = {"code": code, "username": "qian", "password": "谷雨之后三天 2026"}
        assert page(client, "join", **form).status_code == 302
        assert {one.membership.person.name for one in roster.members(here.organisation, at=timezone.now())} >= {
            "钱会计"
        }

    def test_invites_somebody_who_has_a_sign_in(self, enter, here, now):
        _, code = membership.invite(mandate=here.first, name="钱会计", at=now)
        who = world.person(name="钱会计", at=now)

        assert page(enter(who), "join", code=code).status_code == 302
        assert access.organisations(who, at=timezone.now()).exists()

    def test_lets_nobody_in_by_a_wrong_code(self, client):
        form = {"code": "AAAAA-AAAAA", "username": "qian", "password": "谷雨之后三天 2026"}
        answer = page(client, "join", **form)

        assert answer.status_code == 422
        assert "identity.invitation_unknown" in answer.content.decode()

    def test_gives_a_mandate_by_two_administrators(self, enter, here, now):
        seat = here.member.memberships.get()
        form = {
            "decision": "grant", "capacity": "CONFIRM", "until": f"{(now + 90 * people.DAY).date()}",
            "letter": "授权书 1 号", "reference": "r-1",
        }  # fmt: skip
        answer = page(enter(here.first.membership.person), "member", here.organisation.uscc, seat.pk, **form)
        asked = Instruction.objects.get()
        assert answer["Location"] == reverse("identity:change", args=[asked.pk])
        assert page(enter(here.first.membership.person), "change", asked.pk, decision="confirm").status_code == 409

        assert page(enter(here.second.membership.person), "change", asked.pk, decision="confirm").status_code == 302
        assert access.holds(here.member, here.organisation, "CONFIRM", at=timezone.now())

    def test_is_confirmed_by_the_registry_and_by_no_other(self, enter, here, now):
        asked = people.asked(here, until_at=now + people.DAY, at=now)
        exchange, operator = world.party("EXC", at=now), world.party("REG", at=now)

        assert page(enter(exchange.confirmer.membership.person), "change", asked.pk).status_code == 404
        assert page(enter(operator.initiator.membership.person), "change", asked.pk).status_code == 404
        confirmer = enter(operator.confirmer.membership.person)
        assert here.member.name in page(confirmer, "changes").content.decode()
        assert page(confirmer, "change", asked.pk, decision="confirm").status_code == 302

    def test_asks_who_it_is_again_before_power_is_given(self, client, here, now):
        asked = people.asked(here, until_at=now + people.DAY, at=now)
        client.force_login(here.second.membership.person)
        answer = page(client, "change", asked.pk, decision="confirm")

        assert answer.status_code == 302
        assert answer["Location"] != reverse("identity:change", args=[asked.pk])
        assert not Mandate.objects.filter(capacity="INITIATE").exists()

    def test_revokes_with_a_reason(self, enter, here, now):
        given = people.given(here, until_at=now + people.DAY, at=now)
        client = enter(here.first.membership.person)
        place = ("member", here.organisation.uscc, given.membership_id)

        assert page(client, *place, decision="revoke", mandate=given.pk, reason="").status_code == 422
        assert page(client, *place, decision="revoke", mandate="9" * 30, reason="调岗").status_code == 404
        assert page(client, *place, decision="revoke", mandate=given.pk, reason="调岗").status_code == 302
        said = page(client, "organisation_history", here.organisation.uscc).content.decode()
        assert "事由：调岗" in said

    def test_refuses_to_lose_its_last_administrator_on_the_page(self, enter, here, now):
        client = enter(here.first.membership.person)
        page(client, "member", here.organisation.uscc, here.second.membership_id, decision="end", reason="离任")
        answer = page(client, "member", here.organisation.uscc, here.first.membership_id, decision="end", reason="离任")

        assert answer.status_code == 409
        assert "identity.last_administrator" in answer.content.decode()

    def test_touches_no_member_of_another(self, enter, here, now):
        other = people.body(at=now)
        client = enter(here.first.membership.person)
        given = people.given(other, until_at=now + people.DAY, at=now)

        assert page(client, "member", here.organisation.uscc, given.membership_id).status_code == 404
        place = ("member", here.organisation.uscc, here.second.membership_id)
        assert page(client, *place, decision="revoke", mandate=given.pk, reason="x").status_code == 404
        assert Mandate.objects.get(pk=given.pk).revoked_at is None


class TestAStaffDuty:
    def test_is_nothing_to_who_holds_none(self, enter, here):
        client = enter(here.first.membership.person)

        for name in ("duty", "people", "duties"):
            assert page(client, name).status_code == 404
        assert page(client, "person", here.member.pk).status_code == 404

    def test_opens_the_people_only_while_on_the_security_duty(self, enter, registry, now):
        held = people.staff(registry, at=now)
        client = enter(held.person)
        assert page(client, "people").status_code == 404

        assert page(client, "duty", reason="核对证件", minutes="30").status_code == 302
        assert page(client, "people").status_code == 200

        page(client, "end_staff_session", StaffSession.objects.get().pk, sure="1")
        assert page(client, "people").status_code == 404

    @pytest.mark.parametrize("kind", ["SYSTEM", "AUDIT"])
    def test_of_another_kind_opens_no_people(self, enter, registry, now, kind):
        client = enter(people.staff(registry, kind, at=now).person)
        page(client, "duty", reason="查阅", minutes="30")

        assert page(client, "people").status_code == 404

    @pytest.mark.parametrize("form", [{"minutes": "61"}, {"minutes": "0"}, {"minutes": "x"}, {"reason": " "}])
    def test_says_what_is_wrong_with_a_session(self, enter, registry, now, form):
        client = enter(people.staff(registry, at=now).person)

        assert page(client, "duty", **{"reason": "核对", "minutes": "30"} | form).status_code == 422
        assert not StaffSession.objects.exists()

    def test_shuts_a_person_out_of_their_session_and_lets_them_in_again(self, enter, registry, here, now):
        officer = people.on_duty(registry, at=now)
        client = enter(officer)
        assert page(client, "person", here.member.pk, decision="suspend", reason="").status_code == 422
        assert page(client, "person", here.member.pk, decision="suspend", reason="手机遗失").status_code == 302
        assert page(enter(here.member), "me").status_code == 302

        client = enter(officer)
        assert page(client, "person", here.member.pk, decision="reinstate").status_code == 302
        assert page(enter(here.member), "me").status_code == 200

    def test_checks_a_document_without_showing_it(self, enter, registry, here, now):
        realname.bind(person=here.member, kind="CITIZEN", number=people.number(), at=now, by=here.member)
        client = enter(people.on_duty(registry, at=now))
        assert people.number() not in page(client, "person", here.member.pk).content.decode()

        answer = page(client, "person", here.member.pk, decision="check", number=people.number(2))
        assert answer.status_code == 422
        assert "identity.number_differs" in answer.content.decode()
        assert page(client, "person", here.member.pk, decision="check", number=people.number()).status_code == 302
        assert IdentityDocument.objects.get().checked_at

    def test_is_given_on_the_page_by_two(self, enter, registry):
        form = {"person": registry.member.pk, "kind": "AUDIT", "reference": "d-1"}
        assert page(enter(registry.first.membership.person), "duties", **form).status_code == 302
        asked = Instruction.objects.get()

        assert page(enter(registry.second.membership.person), "change", asked.pk, decision="confirm").status_code == 302
        given = Duty.objects.get()
        assert page(enter(registry.second.membership.person), "dismiss", given.pk, sure="1").status_code == 302
        assert access.duty(registry.member, at=timezone.now()) is None


class TestWhatRunsOut:
    def test_is_known_before_it_does(self, here):
        soon = people.given(here, until_at=world.NOON + 12 * people.DAY)
        people.given(here, capacity="CONFIRM", until_at=world.NOON + 40 * people.DAY)

        assert list(roster.mandates_ending(world.NOON, within_days=30)) == [soon]
        assert list(roster.mandates_ending(world.NOON + 12 * people.DAY, within_days=7)) == []

    def test_waits_for_those_who_may_decide(self, here):
        asked = people.asked(here)
        operator = world.party("REG")

        for who, found in [
            (here.first, []), (here.second, [asked]), (operator.confirmer, [asked]), (operator.initiator, []),
        ]:  # fmt: skip
            assert list(roster.changes_for(who.membership.person, at=world.NOON)) == found
