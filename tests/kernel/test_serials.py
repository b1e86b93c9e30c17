import datetime as dt
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from tanhui.kernel import serials
from tanhui.kernel.serials import Certificate, Range, Serial

FOREST = Serial(
    scheme="CCER",
    province="33",
    methodology="CCER-14-001-V01",
    project=123,
    start=dt.date(2024, 1, 1),
    end=dt.date(2024, 12, 31),
    batch=1,
    numbers=Range(1, 12_000),
)
COMPANY = Certificate("EV", 2026, 17)

small_ranges = st.tuples(st.integers(1, 60), st.integers(0, 12)).map(lambda pair: Range(pair[0], pair[0] + pair[1]))
words = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=6)
days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
certificates = st.builds(
    Certificate,
    purpose=st.text(string.ascii_uppercase, min_size=2, max_size=2),
    year=st.integers(1000, 9999),
    number=st.integers(1, 99_999_999),
)


@st.composite
def printed(draw):
    start, end = sorted([draw(days), draw(days)])
    first, last = sorted([draw(st.integers(1, serials.HIGHEST)), draw(st.integers(1, serials.HIGHEST))])
    return Serial(
        scheme=draw(st.text(string.ascii_uppercase, min_size=1, max_size=8)),
        province=draw(st.sampled_from(["11", "31", "33", "51", "65", serials.ABROAD])),
        methodology="-".join(draw(st.lists(words, min_size=1, max_size=5))),
        project=draw(st.integers(1, 999_999)),
        start=start,
        end=end,
        batch=draw(st.integers(1, 999)),
        numbers=Range(first, last),
    )


def numbers(ranges):
    return [number for span in ranges for number in range(span.first, span.end)]


class TestRange:
    def test_counts_both_ends(self):
        assert Range(5, 5).count == 1
        assert Range(1, 10_000_000).count == 10_000_000

    @pytest.mark.parametrize(("first", "last"), [(0, 5), (-3, 5), (6, 5), (1, 10**10), (1.0, 5), (True, 5), ("1", 5)])
    def test_refuses_what_is_no_range(self, first, last):
        with pytest.raises(serials.RangeImpossible):
            Range(first, last)

    def test_knows_its_numbers_but_does_not_go_through_them(self):
        assert 7 in Range(5, 9)
        assert 10 not in Range(5, 9)
        with pytest.raises(TypeError):
            list(Range(5, 9))

    def test_speaks_the_half_open_form_of_the_database(self):
        assert Range.half_open(5, 10) == Range(5, 9)
        assert Range(5, 9).end == 10

    def test_splits_before_a_number(self):
        assert Range(5, 9).split_at(7) == (Range(5, 6), Range(7, 9))
        with pytest.raises(serials.RangeImpossible):
            Range(5, 9).split_at(5)

    def test_takes_the_lowest_numbers(self):
        assert Range(5, 9).take(2) == (Range(5, 6), Range(7, 9))
        assert Range(5, 9).take(5) == (Range(5, 9), None)
        with pytest.raises(serials.TooFewNumbers, match="6 tonnes were asked for and 5 are there"):
            Range(5, 9).take(6)
        with pytest.raises(serials.RangeImpossible):
            Range(5, 9).take(0)

    def test_touches_only_without_a_gap(self):
        assert Range(1, 4).adjacent(Range(5, 9))
        assert Range(5, 9).adjacent(Range(1, 4))
        assert not Range(1, 4).adjacent(Range(4, 9))
        assert not Range(1, 3).adjacent(Range(5, 9))

    @given(small_ranges, small_ranges)
    def test_meets_another_in_their_common_numbers(self, one, other):
        common = sorted(set(numbers([one])) & set(numbers([other])))

        assert (numbers([both]) if (both := one.intersect(other)) else []) == common
        assert one.overlaps(other) == bool(common)
        assert one.covers(other) == (common == numbers([other]))


class TestRanges:
    @given(st.lists(small_ranges, max_size=8))
    def test_normalised_hold_the_same_numbers_in_the_fewest_ranges(self, ranges):
        tidy = serials.normalise(ranges)

        assert numbers(tidy) == sorted(set(numbers(ranges)))
        assert not any(one.adjacent(other) for one in tidy for other in tidy)

    @given(st.lists(small_ranges, max_size=6), st.lists(small_ranges, max_size=6))
    def test_subtracted_hold_what_was_not_taken(self, ranges, taken):
        assert numbers(serials.subtract(ranges, taken)) == sorted(set(numbers(ranges)) - set(numbers(taken)))

    @given(st.lists(small_ranges, max_size=6))
    def test_disjoint_when_no_number_occurs_twice(self, ranges):
        assert serials.disjoint(ranges) == (serials.total(ranges) == len(set(numbers(ranges))))

    @given(st.lists(small_ranges, max_size=6), st.data())
    def test_taken_from_in_the_order_given(self, ranges, data):
        tonnes = data.draw(st.integers(0, serials.total(ranges)))

        taken, left = serials.take(ranges, tonnes)

        assert numbers(taken) + numbers(left) == numbers(ranges)
        assert serials.total(taken) == tonnes

    def test_refused_when_they_hold_too_little(self):
        with pytest.raises(serials.TooFewNumbers):
            serials.take([Range(1, 5), Range(8, 9)], 8)


class TestPrint:
    def test_prints_every_field_in_its_place(self):
        assert serials.print(FOREST) == (
            "CCER-33-CCER-14-001-V01-000123-20240101-20241231-001-0000000001-0000012000-"
            + mod_37_36.calc_check_digit("CCER33CCER14001V0100012320240101202412310010000000001" + "0000012000")
        )

    def test_prints_a_certificate_number(self):
        assert serials.print(COMPANY) == "EV202600000017" + mod_37_36.calc_check_digit("EV202600000017")

    @given(printed())
    def test_is_undone_by_parse(self, serial):
        assert serials.parse(serials.print(serial)) == serial

    @given(certificates)
    def test_is_undone_by_parse_for_a_certificate(self, certificate):
        assert serials.parse(serials.print(certificate)) == certificate

    @pytest.mark.parametrize(
        ("field", "value"),
        [("scheme", "C-R"), ("scheme", "ccer"), ("province", "99"), ("methodology", "A--B"), ("methodology", ""),
         ("project", 0), ("project", 10**6), ("batch", 1000), ("end", dt.date(2023, 12, 31))],
    )  # fmt: skip
    def test_refuses_a_field_that_would_not_read_back(self, field, value):
        fields = {name: getattr(FOREST, name) for name in Serial.__slots__}
        with pytest.raises(serials.SerialFieldImpossible):
            Serial(**fields | {field: value})


class TestCheckCharacter:
    @given(st.text(serials.ALPHABET, min_size=1, max_size=60))
    def test_agrees_with_another_reading_of_the_standard(self, text):
        assert serials.check_character(text) == mod_37_36.calc_check_digit(text)

    @pytest.mark.parametrize("text", [str(FOREST), str(COMPANY)])
    def test_catches_every_substitution(self, text):
        for place, right in enumerate(text):
            if right == "-":
                continue
            for wrong in set(serials.ALPHABET) - {right}:
                with pytest.raises((serials.CheckCharacterWrong, serials.SerialUnreadable)):
                    serials.read(text[:place] + wrong + text[place + 1 :])

    @given(st.text(serials.ALPHABET, min_size=2, max_size=20), st.data())
    def test_catches_every_swap_but_of_alphabet_neighbours(self, text, data):
        whole = text + serials.check_character(text)
        place = data.draw(st.integers(0, len(whole) - 2))
        swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
        missed = swapped != whole and serials.check_character(swapped[:-1]) == swapped[-1]

        apart = abs(serials.ALPHABET.index(whole[place]) - serials.ALPHABET.index(whole[place + 1]))
        assert not missed or apart in {1, 35}

    def test_misses_one_swap_in_thirty_six_of_alphabet_neighbours_and_no_other(self):
        missed = 0
        for before in serials.ALPHABET:  # one character before reaches each of the 36 states once
            for first in serials.ALPHABET:
                for second in serials.ALPHABET:
                    one, other = before + first + second, before + second + first
                    missed += first != second and serials.check_character(one) == serials.check_character(other)

        assert missed == 36 * 2  # of 36 states x 36 x 35 ordered pairs


class TestRead:
    @pytest.mark.parametrize("known", [FOREST, COMPANY])
    def test_forgives_the_hand_that_copies(self, known):
        text = str(known)
        assert serials.read(f"  {text.lower()}\n") == known
        assert serials.read(text.replace("-", " — ")) == known
        assert serials.read("".join(chr(ord(character) + 0xFEE0) for character in text)) == known

    def test_reads_the_number_of_one_unit(self):
        assert serials.read(" 0000004711 ") == serials.Unit(4711)
        assert serials.read("4711") == serials.Unit(4711)

    @pytest.mark.parametrize("text", ["", "0", "-5", "12345678901", "1,000", "hello", "CCER-33", "EV20260000001", "٣٤"])
    def test_refuses_anything_else(self, text):
        with pytest.raises(serials.SerialUnreadable):
            serials.read(text)

    def test_never_tells_the_right_check_character(self):
        right = str(COMPANY)
        with pytest.raises(serials.CheckCharacterWrong) as refusal:
            serials.read(right[:-1] + ("A" if right[-1] != "A" else "B"))
        assert right not in str(refusal.value)
        assert set(refusal.value.facts) == {"text"}

    def test_refuses_a_date_that_never_was_even_with_a_right_check(self):
        body = str(FOREST)[:-2].replace("20240101", "20240230")
        with pytest.raises(serials.SerialFieldImpossible):
            serials.read(f"{body}-{serials.check_character(body)}")
