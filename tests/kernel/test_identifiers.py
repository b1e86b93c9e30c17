import datetime as dt
import string

import pytest
import stdnum.cn.ric
import stdnum.cn.uscc
from hypothesis import given
from hypothesis import strategies as st

from tanhui.kernel import divisions, identifiers

from . import shared

OIL = "91110000600037341L"
SAMPLES = ["11010519491231002X", "360426199101010071"]

bodies = st.text(identifiers.USCC_ALPHABET, min_size=8, max_size=8)


def uscc(kind, area, body):
    front = f"{kind}{area}{body}{identifiers.body_check(body)}"
    return front + identifiers.uscc_check(front)


class TestUscc:
    def test_is_given_back_normalised(self):
        assert identifiers.uscc(" 9111 0000 6000-37341l ") == OIL
        assert identifiers.uscc("９１１１００００６０００３７３４１Ｌ") == OIL

    @shared.needs_lists
    def test_of_every_real_body_is_right(self):
        for row in shared.rows("uscc_sample.csv"):
            assert identifiers.uscc(row["uscc"]) == row["uscc"]

    def test_of_a_rural_collective_may_begin_with_a_letter(self):
        code = uscc("N2", "510107", "MF512345")
        assert identifiers.uscc(code) == code

    @given(bodies, st.sampled_from(sorted(divisions.PROVINCES)))
    def test_agrees_with_another_reading_of_the_standard(self, body, area):
        code = uscc("91", f"{area}0100", body)
        assert identifiers.uscc(code) == stdnum.cn.uscc.validate(code)

    @pytest.mark.parametrize("place", range(18))
    def test_is_refused_after_any_one_wrong_character(self, place):
        for wrong in set(string.digits + string.ascii_uppercase) - {OIL[place]}:
            with pytest.raises((identifiers.UsccShapeWrong, identifiers.UsccAreaWrong, identifiers.UsccCheckWrong)):
                identifiers.uscc(OIL[:place] + wrong + OIL[place + 1 :])

    def test_is_refused_by_the_part_that_is_wrong(self):
        wrong_body = OIL[:16] + "2"
        for code, refusal in (
            (OIL[:-1], identifiers.UsccShapeWrong),
            (OIL[:2] + "99" + OIL[4:], identifiers.UsccAreaWrong),
            (OIL[:-1] + "M", identifiers.UsccCheckWrong),
            (wrong_body + identifiers.uscc_check(wrong_body), identifiers.UsccBodyWrong),
        ):
            with pytest.raises(refusal):
                identifiers.uscc(code)


class TestBody:
    def test_check_is_that_of_the_known_code(self):
        assert identifiers.body_check("60003734") == "1"


class TestCitizen:
    @pytest.mark.parametrize("number", SAMPLES)
    def test_is_given_back_normalised(self, number):
        assert identifiers.citizen(f" {number.lower()} ") == number == stdnum.cn.ric.validate(number)

    @pytest.mark.parametrize("body", ["81000019940801002", "83000019860309031", "91112419810803002"])
    def test_may_be_a_residence_permit(self, body):
        number = body + identifiers.citizen_check(body)
        assert identifiers.citizen(number) == number

    def test_of_the_published_sample_card_of_a_foreign_resident_is_right(self):
        assert identifiers.citizen("911124198108030024") == "911124198108030024"

    @pytest.mark.parametrize("place", range(18))
    def test_is_refused_after_any_one_wrong_character(self, place):
        right = SAMPLES[0]
        for wrong in set("0123456789X") - {right[place]}:
            with pytest.raises(identifiers.Refusal):
                identifiers.citizen(right[:place] + wrong + right[place + 1 :])

    @given(st.sampled_from(SAMPLES), st.integers(0, 16))
    def test_is_refused_after_any_swap_of_neighbours(self, right, place):
        swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
        if swapped != right:
            with pytest.raises(identifiers.Refusal):
                identifiers.citizen(swapped)

    @pytest.mark.parametrize(
        ("body", "refusal"),
        [("1101051949123100", identifiers.CitizenShapeWrong), ("991051949123100XX", identifiers.CitizenShapeWrong),
         ("99010519491231002", identifiers.CitizenAreaWrong), ("11010519490230002", identifiers.CitizenBirthWrong),
         ("11010518991231002", identifiers.CitizenBirthWrong)],
    )  # fmt: skip
    def test_is_refused_by_the_part_that_is_wrong(self, body, refusal):
        check = identifiers.citizen_check(body) if len(body) == 17 and body.isdigit() else "0"
        with pytest.raises(refusal):
            identifiers.citizen(body + check)

    def test_of_someone_not_yet_born_is_refused(self):
        with pytest.raises(identifiers.CitizenBirthWrong):
            identifiers.citizen(SAMPLES[1], on=dt.date(1990, 12, 31))
        assert identifiers.citizen(SAMPLES[1], on=dt.date(1991, 1, 1))

    def test_is_never_repeated_by_a_refusal(self):
        wrong = SAMPLES[0][:-1] + "0"
        with pytest.raises(identifiers.CitizenCheckWrong) as refusal:
            identifiers.citizen(wrong)
        assert refusal.value.facts == {}
        assert wrong not in str(refusal.value)

    def test_is_shown_without_the_birth(self):
        assert identifiers.masked(SAMPLES[0]) == "110105********002X"
