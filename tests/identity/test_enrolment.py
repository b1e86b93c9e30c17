import datetime as dt
import hashlib

import pytest
from tests import world

from tanhui.identity import access
from tanhui.identity.acts import enrolment
from tanhui.identity.models import ApiToken, Organisation, Person
from tanhui.journal import queries
from tanhui.journal.models import Entry
from tanhui.kernel import identifiers

DAY = dt.timedelta(days=1)


@pytest.mark.django_db
class TestRegisterOrganisation:
    def test_publishes_its_code_name_and_role(self):
        made = world.organisation("OWN", name="某林场")

        fact = queries.fact(Entry.objects.get(kind="identity.organisation_registered").pk)["fact"]
        assert fact == {"uscc": made.uscc, "name": "某林场", "role": "OWN"}

    def test_takes_a_code_as_people_type_it(self):
        code = world.uscc()

        made = enrolment.register_organisation(
            uscc=f" {code[:8].lower()}-{code[8:]} ", name="某林场", role="OWN", at=world.NOON
        )  # fmt: skip

        assert made.uscc == code

    def test_refuses_a_wrong_check_digit_and_repeats_what_was_typed(self):
        code = world.uscc()
        wrong = code[:-1] + ("A" if code[-1] != "A" else "B")

        with world.refuses(identifiers.UsccCheckWrong, "kernel.uscc_check_wrong", given=wrong):
            enrolment.register_organisation(uscc=wrong, name="某林场", role="OWN", at=world.NOON)

    def test_refuses_the_same_organisation_twice(self):
        known = world.organisation(name="某林场")

        with world.refuses(
            enrolment.OrganisationKnown, "identity.organisation_known", uscc=known.uscc, name="某林场"
        ):  # fmt: skip
            enrolment.register_organisation(uscc=known.uscc, name="另一个", role="OWN", at=world.NOON)

    def test_takes_a_foreign_body_under_a_code_that_passes_for_none_of_ours(self):
        made = enrolment.register_foreign(code="X-CARB-1046", name="Foreign Forest", role="OWN", at=world.NOON)

        assert Organisation.objects.get(uscc="X-CARB-1046") == made
        with pytest.raises(identifiers.UsccShapeWrong):
            identifiers.uscc(made.uscc)

    @pytest.mark.parametrize("code", ["", "CARB-1046", "91150402000000000A", "X--1"])
    def test_refuses_a_foreign_code_that_is_none(self, code):
        with world.refuses(enrolment.ForeignCodeWrong):
            enrolment.register_foreign(code=code, name="x", role="OWN", at=world.NOON)


@pytest.mark.django_db
class TestEnrol:
    def test_keeps_no_password_in_clear_and_publishes_nobody(self):
        made = world.person(name="李四", password="一个很长的口令 2026")

        assert "口令" not in made.password
        assert made.check_password("一个很长的口令 2026")
        entry = Entry.objects.get(kind="identity.person_enrolled")
        assert "李四" not in bytes(entry.leaf).decode()

    def test_without_a_password_lets_nobody_sign_in(self):
        assert not world.person().has_usable_password()

    def test_refuses_a_name_that_is_taken(self):
        known = world.person()

        with world.refuses(enrolment.NameTaken, "identity.name_taken", username=known.username):
            enrolment.enrol(username=known.username, name="x", password=None, at=world.NOON)

    def test_makes_nobody_a_superuser(self):
        assert not hasattr(Person, "is_superuser")
        assert not hasattr(Person, "is_staff")


@pytest.mark.django_db
class TestMakeToken:
    def test_keeps_only_its_digest(self):
        token = enrolment.make_token(person=world.person(), label="x", at=world.NOON)

        kept = ApiToken.objects.get()
        assert bytes(kept.digest) == hashlib.sha256(token.encode()).digest()
        assert token not in str(Entry.objects.order_by("pk").last().private)

    def test_lets_its_person_in_until_it_expires(self):
        who = world.person()
        token = enrolment.make_token(person=who, label="x", at=world.NOON, days=1)

        assert access.person_by_token(token, at=world.NOON) == who
        assert access.person_by_token(token, at=world.NOON + DAY) is None
        assert access.person_by_token(token + "x", at=world.NOON) is None

    def test_lets_nobody_in_who_has_been_shut_out(self):
        who = world.person()
        token = enrolment.make_token(person=who, label="x", at=world.NOON)
        Person.objects.filter(pk=who.pk).update(is_active=False)

        assert access.person_by_token(token, at=world.NOON) is None
