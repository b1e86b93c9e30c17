import datetime as dt

import pytest
from tests import world

from tanhui.journal import queries
from tanhui.journal.models import Entry
from tanhui.kernel import identifiers, serials
from tanhui.kernel.serials import CheckCharacterWrong
from tanhui.ledger.acts import refusals
from tanhui.registry.acts import retirement
from tanhui.registry.acts.lines import NothingAsked
from tanhui.registry.models import Retirement
from tanhui.ui import glyphs

CITIZEN = "110101199003070" + "03"
CITIZEN += identifiers.citizen_check(CITIZEN)
Beneficiary = retirement.Beneficiary


class TestRetire:
    @pytest.mark.parametrize("purpose", Retirement.Purpose.values)
    def test_takes_units_out_of_circulation_for_each_purpose(self, register, purpose):
        done = register.retire(65, purpose=purpose)

        assert world.held_t(register.owner.issued) == 935
        assert (done.purpose, done.quantity_t) == (purpose, 65)
        boundary = queries_of(done).get(account__lt=0)
        assert (boundary.account.code, boundary.quantity) == (f"retired:{purpose}", 65)

    def test_numbers_each_certificate_with_a_check_character(self, register):
        one, other = register.retire(1), register.retire(1)

        first, second = serials.parse(one.certificate), serials.parse(other.certificate)
        assert (first.purpose, first.year) == ("EV", 2026)
        assert second.number == first.number + 1
        with pytest.raises(CheckCharacterWrong):
            serials.parse(one.certificate[:-1] + ("A" if one.certificate[-1] != "A" else "B"))

    def test_says_in_the_fact_what_the_certificate_says(self, register):
        done = register.retire(65, statement="2026 赛事")
        first = register.batch.serials.lower

        fact = queries.fact(done.entry)["fact"]

        assert fact["certificate"] == done.certificate
        assert fact["beneficiary"] == {"kind": "EVENT", "name": "城市马拉松", "code": ""}
        assert (fact["quantity_t"], fact["statement"], fact["transaction"]) == (65, "2026 赛事", done.movement_id)
        batch = fact["batches"][0]
        assert batch["serials"] == [[first, first + 64]]
        assert (batch["inputs_sha256"], batch["project"]["owner"]) == (world.HASH, "项目业主")

    def test_asked_twice_is_asked_once(self, register):
        first, again = register.retire(5, reference="once"), register.retire(5, reference="once")

        assert (first.pk, first.certificate) == (again.pk, again.certificate)
        assert world.held_t(register.owner.issued) == 995

    def test_refuses_units_already_retired(self, register):
        register.retire(10, first=0)

        with world.refuses(refusals.SerialsNotFree):
            register.retire(10, first=5)

    def test_refuses_more_than_is_held(self, register):
        with world.refuses(refusals.NotEnoughHeld, asked=1001, held=1000):
            register.retire(1001)

    def test_refuses_a_purpose_it_does_not_know(self, register):
        with world.refuses(retirement.PurposeUnknown, "registry.purpose_unknown", purpose="PARTY"):
            register.retire(1, purpose="PARTY")
        with world.refuses(retirement.PurposeUnknown):
            register.initiate_retirement(1, purpose="PARTY")

    def test_refuses_nothing(self, register):
        with world.refuses(NothingAsked):
            register.retire(wanted=[])

    @pytest.mark.parametrize("sign", ["\U0003138a", "\U0001f332", "\u202e"])
    def test_refuses_a_name_that_no_font_prints_and_names_the_characters(self, register, sign):
        nobody = Beneficiary("EVENT", f"城市{sign}马拉松")
        with world.refuses(glyphs.GlyphMissing, "ui.glyph_missing") as met:
            register.retire(1, beneficiary=nobody)
        assert f"{ord(sign):04X}" in str(met.value).upper() or sign in str(met.value)
        with world.refuses(glyphs.GlyphMissing):
            register.initiate_retirement(1, beneficiary=nobody)
        with world.refuses(glyphs.GlyphMissing):
            register.retire(1, statement=sign)


class TestBeneficiary:
    def test_of_an_organisation_has_its_checked_code(self):
        code = world.uscc(70_000_001)

        read = Beneficiary.read(kind="ORGANISATION", name=" 某某有限公司 ", code=code.lower())

        assert (read.name, read.code) == ("某某有限公司", code)

    def test_of_a_person_is_masked_at_once(self, register):
        read = Beneficiary.read(kind="PERSON", name="张三丰", code=CITIZEN, on=dt.date(2026, 6, 5))

        assert (read.name, read.code) == ("张**", identifiers.masked(CITIZEN))
        done = register.retire(1, beneficiary=read)
        entry = Entry.objects.get(pk=done.entry)
        assert CITIZEN not in bytes(entry.leaf).decode()
        assert CITIZEN not in str(entry.private)
        assert "张三丰" not in bytes(entry.leaf).decode()

    @pytest.mark.parametrize("name", ["", "   ", "长" * 121])
    def test_without_a_usable_name_is_refused(self, db, name):
        with world.refuses(retirement.BeneficiaryUnnamed, "registry.beneficiary_unnamed"):
            Beneficiary.read(kind="EVENT", name=name)

    def test_of_an_unknown_kind_is_refused(self, db):
        with world.refuses(retirement.BeneficiaryUnnamed):
            Beneficiary.read(kind="DOG", name="旺财")

    def test_with_a_wrong_check_digit_is_refused(self, db):
        code = world.uscc(70_000_001)
        wrong = code[:-1] + ("A" if code[-1] != "A" else "B")

        with world.refuses(identifiers.UsccCheckWrong, "kernel.uscc_check_wrong", given=wrong):
            Beneficiary.read(kind="ORGANISATION", name="某公司", code=wrong)

    def test_with_a_wrong_identity_number_is_refused_without_repeating_it(self, db):
        wrong = CITIZEN[:-1] + ("0" if CITIZEN[-1] != "0" else "1")

        with world.refuses(identifiers.CitizenCheckWrong) as met:
            Beneficiary.read(kind="PERSON", name="张三", code=wrong)
        assert wrong not in str(met.value)


def queries_of(done):
    from tanhui.ledger.models import Posting

    return Posting.objects.filter(movement=done.movement_id).select_related("account")
