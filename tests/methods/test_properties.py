"""What must hold of any input: areas add up, stocks are not negative, doubt never earns, order does not matter."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tanhui.kernel.refusal import Refusal
from tanhui.methods.engine import binding, formula, numbers, record, shelf

FOREST = shelf.load("ar_cm_001/v01")
SPECIES = [row.key for row in FOREST.parameters["wood_density"].rows]
NOTHING = dict.fromkeys(
    (
        "change_shrub",
        "change_dead_wood",
        "change_litter",
        "change_soil",
        "fire_emissions",
        "baseline_change",
        "leakage",
    ),
    0.0,
)
volumes = st.floats(0, 300).map(lambda one: round(one, 3))  # m3/ha
growth = st.floats(-300, 50).map(lambda one: round(one, 3))  # in five years: more would be implausible


@st.composite
def forests(draw):
    """Plots of two to four strata at two surveys, three to six plots each."""
    counts = draw(st.lists(st.integers(3, 6), min_size=2, max_size=4))
    plots = sum(counts)
    area = draw(
        st.lists(st.floats(0.5, 5000).map(lambda one: round(one, 2)), min_size=len(counts), max_size=len(counts))
    )
    before = np.array(draw(st.lists(volumes, min_size=plots, max_size=plots)))
    grown = np.array(draw(st.lists(growth, min_size=plots, max_size=plots)))
    return NOTHING | {
        "species_group": np.array(draw(st.lists(st.sampled_from(SPECIES), min_size=plots, max_size=plots))),
        "stratum": np.repeat(np.arange(len(counts)), counts),
        "stratum_area": np.array(area),
        "volume_1": before,
        "volume_2": np.maximum(before + grown, 0.0),
        "years": 5.0,
    }


def computed(quantities, **instead):
    whole = quantities | instead
    values = binding.bind(FOREST.formulas, FOREST.parameters, whole).values
    return formula.chain(FOREST.formulas, whole | values)


def certain(quantities, **instead):
    """With the uncertainty stated, so that the deduction class stays put."""
    return computed(quantities, **{"uncertainty_1": 5.0, "uncertainty_2": 5.0} | instead)


class TestAForest:
    @given(forests())
    @settings(max_examples=60, deadline=None)
    def test_has_weights_that_add_up_and_stocks_that_are_not_negative(self, forest):
        try:
            found = certain(forest)
        except Refusal:
            assume(False)

        assert np.isclose(found["weight"].sum(), 1, rtol=1e-12)
        assert found["plots"].sum() == len(forest["stratum"])
        for name in ("biomass_1", "biomass_2", "density_1", "stock_1_t", "stock_2_t", "variance_1", "variance_2"):
            assert (np.asarray(found[name]) >= 0).all(), name
        gained = found["stock_2_t"].sum() - found["stock_1_t"].sum()
        assert np.isclose(found["change_tree"], gained, rtol=1e-9, atol=1e-6)

    @given(forests(), st.randoms(use_true_random=False))
    @settings(max_examples=60, deadline=None)
    def test_is_the_same_in_any_order_of_its_plots(self, forest, dice):
        order = np.array(dice.sample(range(len(forest["stratum"])), len(forest["stratum"])))
        shuffled = {name: forest[name][order] for name in ("species_group", "stratum", "volume_1", "volume_2")}
        try:
            one, other = certain(forest), certain(forest | shuffled)
        except Refusal:
            assume(False)

        assert np.isclose(one["removal"], other["removal"], rtol=1e-9, atol=1e-6)
        assert np.allclose(one["variance_change"], other["variance_change"], rtol=1e-9, atol=1e-9)

    @given(forests(), st.sampled_from(["leakage", "fire_emissions", "baseline_change"]), st.floats(0, 1e5))
    @settings(max_examples=60, deadline=None)
    def test_never_earns_by_what_it_loses(self, forest, name, amount):
        try:
            one, other = certain(forest), certain(forest, **{name: amount})
        except Refusal:
            assume(False)

        assert other["removal"] <= one["removal"] + 1e-9

    @given(forests(), st.floats(0, 30), st.floats(0, 30))
    @settings(max_examples=60, deadline=None)
    def test_never_earns_by_being_less_certain(self, forest, one, other):
        low, high = sorted((one, other))
        try:
            sure, unsure = certain(forest, uncertainty_2=low), certain(forest, uncertainty_2=high)
        except Refusal:
            assume(False)

        assert unsure["removal"] <= sure["removal"] + 1e-9
        assert sure["removal"] <= max(sure["change_net"], 0) + 1e-9

    @given(forests(), st.integers(2, 50))
    @settings(max_examples=40, deadline=None)
    def test_grows_with_its_area_and_no_faster(self, forest, times):
        try:
            one, other = certain(forest), certain(forest, stratum_area=forest["stratum_area"] * times)
        except Refusal:
            assume(False)

        assert np.isclose(other["removal"], one["removal"] * times, rtol=1e-9, atol=1e-6)


class TestAnEnormousNumber:
    @pytest.mark.parametrize("number", ["1e999999999", "-1e400", "1e-999999999"])
    def test_is_not_written_out(self, number):
        assert len(numbers.plain(Decimal(number))) < 20
        assert numbers.plain(Decimal("1e30")) == "1" + "0" * 30


class TestTheRecordedNumber:
    @given(
        st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=6), st.sampled_from(["t", "kg", "g"])
    )
    def test_is_floored_once_and_loses_nothing(self, amount, unit):
        result = record.result(str(amount), unit)
        kilograms = amount * {"t": 1000, "kg": 1, "g": 1}[unit] / (1000 if unit == "g" else 1)

        assert result["kg"] <= kilograms < result["kg"] + 1
        assert result["tonnes"] * 1000 + result["residual_kg"] == result["kg"]
        assert result["tonnes"] >= 0
        assert result["kg"] < 0 or 0 <= result["residual_kg"] < 1000

    @given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
    def test_is_written_as_it_reads_back(self, value):
        text = numbers.text(value)

        assert float(text) == pytest.approx(value, rel=1e-11, abs=1e-300)
        assert numbers.text(float(text)) == text
        assert "e" not in text.lower()
        assert text != "-0"
