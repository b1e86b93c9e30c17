"""A sign-in is one real person, and a real person one sign-in."""

import pytest
from tests import world
from tests.identity import people

from tanhui.identity import access, rules, vault
from tanhui.identity.acts import enrolment, realname
from tanhui.identity.models import IdentityDocument
from tanhui.journal.models import Entry
from tanhui.kernel import identifiers

pytestmark = pytest.mark.django_db


def bind(who, number=None, kind="CITIZEN", **more):
    return realname.bind(person=who, kind=kind, number=number or people.number(), at=world.NOON, by=who, **more)


class TestBind:
    def test_keeps_the_number_sealed_and_tells_it_nobody(self):
        who = world.person()
        made = bind(who, " 15040219900307001x ".replace("15040219900307001x", people.number().lower()))

        assert vault.opened(IdentityDocument.objects.get(pk=made.pk), "number") == people.number()
        entry = Entry.objects.get(kind="identity.document_bound")
        assert people.number() not in bytes(entry.leaf).decode() + str(entry.private)
        assert bytes(entry.leaf).decode().endswith('"kind":"identity.document_bound","v":1}')

    def test_again_with_the_same_document_changes_nothing(self):
        who = world.person()

        assert bind(who) == bind(who)
        assert Entry.objects.filter(kind="identity.document_bound").count() == 1

    def test_refuses_a_second_document(self):
        who = world.person()
        bind(who)

        with world.refuses(realname.AlreadyBound, "identity.already_bound"):
            bind(who, people.number(2))

    def test_refuses_a_number_under_another_sign_in(self):
        bind(world.person())
        other = world.person()

        with world.refuses(realname.NumberTaken, "identity.number_taken"):
            bind(other)

    @pytest.mark.parametrize(
        ("kind", "given", "refusal"),
        [
            ("CITIZEN", "", identifiers.CitizenShapeWrong),
            ("CITIZEN", "9" * 10_000, identifiers.CitizenShapeWrong),
            ("CITIZEN", "15040219900307001\x00", identifiers.CitizenShapeWrong),
            ("CITIZEN", "150402202612310015", identifiers.CitizenBirthWrong),
            ("CITIZEN", people.number(area="810000"), realname.KindDiffers),
            ("HMT", people.number(), realname.KindDiffers),
            ("FOREIGNER", people.number(), realname.KindDiffers),
            ("PASSPORT", "E1", realname.PassportShapeWrong),
            ("PASSPORT", "E12345678<script>", realname.PassportShapeWrong),
        ],
    )
    def test_refuses_what_is_no_such_number_and_never_repeats_it(self, kind, given, refusal):
        who = world.person()

        with world.refuses(refusal) as met:
            bind(who, given or "x", kind)
        assert given[:15] not in str(met.value) or not given

    def test_refuses_a_passport_of_no_country(self):
        who = world.person()

        with world.refuses(realname.PassportShapeWrong, "identity.passport_shape_wrong"):
            bind(who, "E12345678", "PASSPORT", country="中国")

    def test_tells_passports_of_two_countries_apart(self):
        one, other = world.person(), world.person()
        bind(one, "E12345678", "PASSPORT")
        bind(other, "E12345678", "PASSPORT", country="FRA")

        assert IdentityDocument.objects.count() == 2


class TestCheck:
    def test_notes_that_the_card_was_seen(self):
        here = people.body("REG")
        officer, who = people.on_duty(here), world.person()
        made = bind(who)

        checked = realname.check(document=made, number=people.number().lower(), at=world.NOON, by=officer)

        assert (checked.checked_at, checked.checked_by) == (world.NOON, officer)

    def test_refuses_another_number(self):
        officer, who = people.on_duty(people.body("REG")), world.person()
        made = bind(who)

        with world.refuses(realname.NumberDiffers, "identity.number_differs", person=who.name):
            realname.check(document=made, number=people.number(2), at=world.NOON, by=officer)

    @pytest.mark.parametrize("kind", ["SYSTEM", "AUDIT"])
    def test_refuses_who_is_not_on_the_security_duty(self, kind):
        officer, who = people.on_duty(people.body("REG"), kind), world.person()
        made = bind(who)

        with world.refuses(access.NotOnDuty, "identity.not_on_duty", duty="SECURITY"):
            realname.check(document=made, number=people.number(), at=world.NOON, by=officer)

    def test_refuses_ones_own_document(self):
        officer = people.on_duty(people.body("REG"))
        made = bind(officer)

        with world.refuses(realname.OwnDocument, "identity.own_document"):
            realname.check(document=made, number=people.number(), at=world.NOON, by=officer)


class TestEnd:
    def test_frees_the_person_for_another_document(self):
        officer, who = people.on_duty(people.body("REG")), world.person()
        realname.end(document=bind(who), reason="证件换领", at=world.NOON, by=officer)

        assert bind(who, people.number(2)).ended_at is None


class TestTheTwoSides:
    """R-07: one real person is never bound to both, under whichever sign-in."""

    @pytest.mark.parametrize("overseeing", ["AUTH", "AUTHL", "REG", "EXC", "VVB"])
    @pytest.mark.parametrize("holding", ["OWN", "PART"])
    def test_are_kept_apart_under_one_sign_in(self, overseeing, holding):
        for first, second in [(overseeing, holding), (holding, overseeing)]:
            who = world.person()
            world.mandate(who, world.organisation(first), "VIEW")
            other = world.organisation(second)

            with world.refuses(rules.IncompatibleRoles, "identity.incompatible_roles", person=who.name):
                world.mandate(who, other, "VIEW")

    def test_do_not_touch_who_pledges_or_audits(self):
        who = world.person()
        for role in ("REG", "PLED", "AUD", "TECH", "EXP", "COURT"):
            world.mandate(who, world.organisation(role), "VIEW")

    def test_are_kept_apart_across_two_sign_ins_of_one_document(self):
        officer = people.on_duty(people.body("REG"))
        before, after = world.person(), world.person()
        realname.end(document=bind(before), reason="换领", at=world.NOON, by=officer)
        bind(after)
        world.mandate(before, world.organisation("VVB"), "VIEW")
        trader = world.organisation("PART")

        with world.refuses(rules.IncompatibleRoles, person=after.name):
            world.mandate(after, trader, "VIEW")

    def test_are_found_when_the_document_is_bound_last(self):
        officer = people.on_duty(people.body("REG"))
        before, after = world.person(), world.person()
        realname.end(document=bind(before), reason="换领", at=world.NOON, by=officer)
        world.mandate(before, world.organisation("EXC"), "VIEW")
        world.mandate(after, world.organisation("OWN"), "VIEW")

        with world.refuses(rules.IncompatibleRoles, person=after.name):
            bind(after)

    def test_are_free_again_once_the_membership_has_ended(self):
        who = world.person()
        left = world.mandate(who, world.organisation("VVB"), "VIEW").membership
        left.until_at = world.NOON
        left.save()

        assert world.mandate(who, world.organisation("PART"), "VIEW").pk

    def test_are_known_of_somebody_named_by_a_document_alone(self):
        who = world.person()
        bind(who)
        world.mandate(who, world.organisation("VVB"), "VIEW")
        found = realname.index("CITIZEN", people.number())

        with world.refuses(rules.IncompatibleRoles, person="法定代表人"):
            rules.check_index(found, "PART", name="法定代表人", at=world.NOON)
        rules.check_index(found, "PLED", name="法定代表人", at=world.NOON)
        rules.check_index(realname.index("CITIZEN", people.number(9)), "PART", name="甲", at=world.NOON)


class TestAService:
    def test_never_has_a_password(self):
        made = enrolment.enrol(username="svc", name="接口", password="一个很长的口令", kind="SERVICE", at=world.NOON)

        assert not made.has_usable_password()
