from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.kernel import quantity

kilograms = st.integers(0, quantity.MOST)


class TestWhole:
    @pytest.mark.parametrize(("given", "number"), [(0, 0), (7, 7), ("7", 7), (" 007 ", 7), ("１２", 12)])
    def test_reads_an_integer_or_plain_digits(self, given, number):
        assert quantity.whole(given) == number

    @pytest.mark.parametrize(
        "given",
        ["1,000 吨", "1,000", "1 000", "10t", "1.0", "1e3", "", " ", "+5", "0x10", "五", "²", "٣", "9" * 5000,
         str(quantity.MOST + 1), quantity.MOST + 1, 3.0, 2.5, True, None, Decimal(3), float("nan"), [1]],
    )  # fmt: skip
    def test_refuses_everything_else(self, given):
        with pytest.raises(quantity.NotWhole):
            quantity.whole(given)

    @pytest.mark.parametrize("given", [-1, "-1", "-10"])
    def test_refuses_less_than_nothing_by_name(self, given):
        with pytest.raises(quantity.Negative):
            quantity.whole(given)

    def test_refuses_nothing_where_something_is_needed(self):
        assert quantity.positive("1") == 1
        with pytest.raises(quantity.NotPositive):
            quantity.positive("0")


class TestTonnes:
    def test_are_floored_and_the_rest_is_kept(self):
        assert quantity.tonnes_from_kg(12_999) == (12, 999)
        assert quantity.tonnes_from_kg(999).tonnes == 0
        assert quantity.tonnes_from_kg(1000).residual_kg == 0

    @given(kilograms)
    def test_and_the_rest_are_all_there_is(self, kg):
        floored = quantity.tonnes_from_kg(kg)

        assert quantity.kg_from_tonnes(floored.tonnes) + floored.residual_kg == kg
        assert 0 <= floored.residual_kg < 1000

    def test_are_never_made_of_less_than_nothing(self):
        with pytest.raises(quantity.Negative):
            quantity.tonnes_from_kg(-1)

    def test_are_never_made_of_a_float(self):
        with pytest.raises(quantity.NotWhole):
            quantity.tonnes_from_kg(1000.0)


class TestMoney:
    @pytest.mark.parametrize(("typed", "fen"), [("12", 1200), ("12.5", 1250), ("0.05", 5), (" 12.34 ", 1234)])
    def test_is_read_exactly(self, typed, fen):
        assert quantity.fen_from_yuan(typed) == fen

    @pytest.mark.parametrize("typed", ["12.345", "-1", "1,000", "¥5", "", ".5", "1.", "1e2"])
    def test_is_refused_when_it_is_no_amount(self, typed):
        with pytest.raises(quantity.NotMoney):
            quantity.fen_from_yuan(typed)

    @given(st.integers(0, 10**14))
    def test_is_printed_as_it_is_read(self, fen):
        assert quantity.fen_from_yuan(quantity.yuan_from_fen(fen)) == fen

    def test_keeps_its_sign_when_printed(self):
        assert quantity.yuan_from_fen(-5) == "-0.05"


class TestGrams:
    def test_are_floored_to_kilograms(self):
        assert quantity.kg_from_grams(2_345) == (2, 345)


class TestTyped:
    def test_digits_of_a_chinese_keyboard_are_digits(self):
        assert quantity.whole("　１２３ ") == 123

    def test_powers_are_not(self):
        with pytest.raises(quantity.NotWhole):
            quantity.whole("5²")
