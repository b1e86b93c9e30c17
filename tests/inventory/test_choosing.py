"""The order in which stock sinks are taken, and whether a restoration shows in them: rules as plain values."""

from dataclasses import dataclass

import pytest

from tanhui.inventory import choosing, restoring
from tanhui.inventory.choosing import Pick
from tanhui.inventory.restoring import Known
from tanhui.rulepacks import packs

ORDER = packs.ship("cn-shangyu-sinks-2024").params["choice_order"].value


@dataclass
class Offer:
    key: str
    left_t: int
    red_line: bool = False
    district: str = "330604"
    year: int = 2023

    @property
    def name(self):
        return f"存量碳汇 {self.key}"


OFFERS = [
    Offer("far", 50, district="330602"), Offer("near", 40), Offer("red", 30, red_line=True),
    Offer("red-far", 20, red_line=True, district="330602"), Offer("old", 10, year=2021),
    Offer("gone", 0, red_line=True),
]  # fmt: skip


class TestChoice:
    def test_takes_red_line_first_then_local_then_the_oldest(self):
        ranked = choosing.ranked(OFFERS, ORDER, "330604")
        assert [one.key for one in ranked] == ["red", "red-far", "old", "near", "far"]

    def test_fills_the_tonnes_asked_for_in_that_order(self):
        assert choosing.picks(OFFERS, ORDER, "330604", 65) == [
            Pick("red", 30), Pick("red-far", 20), Pick("old", 10), Pick("near", 5),
        ]  # fmt: skip
        with pytest.raises(choosing.TooFewOffered) as refusal:
            choosing.picks(OFFERS, ORDER, "330604", 151)
        assert refusal.value.facts == {"asked": 151, "left": 150}

    @pytest.mark.parametrize(
        "wanted",
        [[Pick("near", 5)], [Pick("red", 29), Pick("red-far", 20)], [Pick("red", 30), Pick("near", 5)],
         [Pick("red", 30), Pick("red-far", 20), Pick("far", 1)]],
    )  # fmt: skip
    def test_is_refused_where_it_passes_over_what_comes_first(self, wanted):
        with pytest.raises(choosing.OutOfOrder) as refusal:
            choosing.refuse_other(OFFERS, ORDER, "330604", wanted)
        assert "第十一条" in refusal.value.clause
        assert refusal.value.facts["left"] > 0

    @pytest.mark.parametrize(
        "wanted",
        [[Pick("red", 30)], [Pick("red", 12)], [Pick("red", 30), Pick("red-far", 20), Pick("near", 40)]],
    )
    def test_is_free_among_equals(self, wanted):
        choosing.refuse_other(OFFERS, ORDER, "330604", wanted)

    def test_is_refused_beyond_what_there_is(self):
        for wanted in ([Pick("red", 31)], [Pick("gone", 1)], [Pick("nowhere", 1)]):
            with pytest.raises(choosing.TooFewOffered):
                choosing.refuse_other(OFFERS, ORDER, "330604", wanted)

    def test_is_refused_by_an_order_nobody_knows(self):
        with pytest.raises(choosing.OrderUnknown):
            choosing.ranked(OFFERS, ["cheapest"], "")


class TestChange:
    SIGMA = {"npp_model": 300, "rh_model": 400, "pixel": 30, "weather": 40}

    def test_shows_where_both_years_share_their_models(self):
        change = restoring.change(Known(1000, self.SIGMA, "a"), Known(2000, self.SIGMA, "a"))
        assert (change.kg, change.verdict, change.comparable) == (1000, "more", True)
        assert change.upper_kg - change.kg == round(1.6448536269514722 * 50 * 2**0.5)

    def test_is_unclear_where_methods_differ(self):
        change = restoring.change(Known(1000, self.SIGMA, "a"), Known(2000, self.SIGMA, "b"))
        assert (change.verdict, change.comparable) == ("unclear", False)

    def test_says_less_and_says_nothing_of_the_same(self):
        assert restoring.change(Known(2000, {"pixel": 1}, "a"), Known(1000, {}, "a")).verdict == "less"
        assert restoring.change(Known(10, {}, "a"), Known(10, {}, "a")).verdict == "unclear"
