import csv
import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tanhui.science import trees

SHARED = Path(os.environ.get("TANHUI_SHARED", Path(__file__).resolve().parents[3] / "shared"))
PINE = {  # 油松, Huang et al. 2016, appendix 1: a·(D²H)^b
    "leaf": trees.of_diameter_and_height(0.0134, 0.8539),
    "branch": trees.of_diameter_and_height(0.0017, 1.1515),
    "stem": trees.of_diameter_and_height(0.0475, 0.8539),
    "root": trees.of_diameter_and_height(0.0027, 1.0917),
}
SPRUCE = {  # 云杉, the same: exp(a + b·ln(D²H))
    "leaf": trees.log_of_diameter_and_height(-5.94, 0.96),
    "branch": trees.log_of_diameter_and_height(-4.64, 0.93),
    "stem": trees.log_of_diameter_and_height(-3.97, 0.94),
    "root": trees.log_of_diameter_and_height(-5.28, 0.95),
}
MANGROVE = trees.komiyama(0.5)
FIR = (0.307, 1.634, 0.246)  # 杉木: wood density, expansion factor, root to shoot ratio


def one(species, diameter, height=1.0):
    models = trees.models({"it": species})
    found = trees.biomass(np.array([diameter]), np.array([height]), np.array([0]), models)
    return float(found.above[0]), float(found.below[0])


class TestTree:
    def test_weighs_what_its_equations_say(self):
        x = 12**2 * 9
        above, below = one(PINE, 12, 9)

        assert above == pytest.approx(0.0134 * x**0.8539 + 0.0017 * x**1.1515 + 0.0475 * x**0.8539, rel=1e-12)
        assert below == pytest.approx(0.0027 * x**1.0917, rel=1e-12)

    def test_reads_the_logarithmic_form_as_the_power_it_is(self):
        x = np.log(12**2 * 9)
        above, below = one(SPRUCE, 12, 9)

        assert above == pytest.approx(sum(np.exp([-5.94 + 0.96 * x, -4.64 + 0.93 * x, -3.97 + 0.94 * x])), rel=1e-12)
        assert below == pytest.approx(np.exp(-5.28 + 0.95 * x), rel=1e-12)

    def test_of_the_mangrove_follows_komiyama(self):
        above, below = one(MANGROVE, 10)

        assert above == pytest.approx(0.251 * 0.5 * 10**2.46, rel=1e-12)
        assert below == pytest.approx(0.199 * 0.5**0.899 * 10**2.22, rel=1e-12)

    def test_of_any_species_follows_the_general_model(self):
        assert one(trees.general(0.5), 20)[0] == pytest.approx(0.3 * 0.5 * 20 ** (7 / 3), rel=1e-12)

    def test_adds_the_two_coefficients_of_a_decimal_logarithm_and_never_multiplies_them(self):
        # A copied table multiplies them and finds 0.083 kg for an Avicennia of 10 cm.
        above, _ = one({"aboveground": trees.decimal_log_of_diameter(-0.511, 2.113)}, 10)

        assert above == pytest.approx(10 ** (-0.511 + 2.113), rel=1e-12)
        assert 39 < above < 41

    def test_that_goes_by_volume_expands_its_stem(self):
        models = trees.models({}, {"杉木": FIR})
        found = trees.biomass(np.array([15.0]), np.array([12.0]), np.array([0]), models, np.array([0.1]))

        assert found.above == pytest.approx([1000 * 0.1 * 0.307 * 1.634], rel=1e-12)
        assert found.total == pytest.approx([1000 * 0.1 * 0.307 * 1.634 * 1.246], rel=1e-12)


class TestTrees:
    def mixed(self, count=100_000):
        dice = np.random.default_rng(5)
        models = trees.models({"油松": PINE, "云杉": SPRUCE, "红树": MANGROVE}, {"杉木": FIR})
        columns = dice.uniform(5, 40, count), dice.uniform(3, 25, count), dice.integers(0, 4, count)
        return models, *columns, dice.uniform(0.01, 1, count)

    def test_of_mixed_species_weigh_what_each_weighs_alone(self):
        models, diameter, height, species, volume = self.mixed()
        together = trees.biomass(diameter, height, species, models, volume)

        for place in (0, 1, 2, 49_999, trees.CHUNK - 1, trees.CHUNK, 99_999):
            at = slice(place, place + 1)
            alone = trees.biomass(diameter[at], height[at], species[at], models, volume[at])
            assert (together.above[place], together.below[place]) == (alone.above[0], alone.below[0])

    def test_need_little_memory_beside_their_columns(self):
        models, *columns, volume = self.mixed(500_000)
        tracemalloc.start()
        try:
            trees.biomass(*columns, models, volume)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert peak < sum(column.nbytes for column in (*columns, volume))  # four times is allowed; most is the result

    def test_need_a_volume_where_a_species_goes_by_it(self):
        models, diameter, height, species, _ = self.mixed(10)

        with pytest.raises(ValueError, match="no volume is given"):
            trees.biomass(diameter, height, np.full(10, 3), models)
        assert len(trees.biomass(diameter, height, species % 3, models).above) == 10

    def test_of_no_number_weigh_nothing(self):
        models, *_ = self.mixed(1)

        assert len(trees.biomass(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.intp), models).total) == 0

    def test_are_found_by_the_name_of_their_species(self):
        models, *_ = self.mixed(1)

        assert models.places(["杉木", "油松", "杉木"]).tolist() == [3, 0, 3]
        with pytest.raises(KeyError, match="胡杨"):
            models.places(["油松", "胡杨"])

    def test_of_a_plot_add_up_per_hectare(self):
        found = trees.density(np.array([100.0, 50.0, 30.0]), np.array([0, 0, 2]), np.array([0.06, 0.06, 0.05]))

        assert found == pytest.approx([2.5, 0, 0.6])


class TestModels:
    def test_are_refused_when_biomass_does_not_rise_with_the_diameter(self):
        with pytest.raises(ValueError, match="夏栎 does not rise"):
            trees.models({"夏栎": {"stem": trees.power_of_diameter(3.2, -1.4)}})
        with pytest.raises(ValueError, match="does not rise"):
            trees.models({"x": PINE | {"root": trees.Component(1, 2, -0.2)}})


class TestNouragues:
    """Measured trees of another continent, as the paths meet them: mixed species, some undetermined."""

    @pytest.fixture
    def plots(self):
        folder = SHARED / "data/forest"
        if not (folder / "biomass_NouraguesTrees.csv").is_file():
            pytest.skip(f"the Nouragues trees are not at {folder}")
        with (folder / "biomass_NouraguesTrees.csv").open(encoding="utf-8") as file:
            measured = list(csv.DictReader(file))
        with gzip.open(folder / "biomass_wsg_estimates.csv.gz", "rt", encoding="utf-8") as file:
            densities = {(row["genus"], row["species"]): float(row["wsg"]) for row in csv.DictReader(file)}
        known = [densities.get((row["Genus"], row["Species"]), densities.get((row["Genus"], ""))) for row in measured]
        mean = float(np.mean([one for one in known if one is not None]))
        every = np.array(list(densities.values()))
        return measured, np.array([mean if one is None else one for one in known]), every

    def test_carry_the_biomass_of_a_tropical_forest_by_the_general_model(self, plots):
        measured, density, _ = plots
        names = sorted({f"{one:.6f}" for one in density})
        models = trees.models({name: trees.general(float(name)) for name in names})
        diameter = np.array([float(row["D"]) for row in measured])
        places, plot = np.unique([row["Plot"] for row in measured], return_inverse=True)
        species = models.places(np.array([f"{one:.6f}" for one in density]))
        found = trees.biomass(diameter, np.ones(len(diameter)), species, models)
        per_hectare = trees.density(found.above, plot, np.ones(len(places)))

        assert len(places) == 4
        assert ((per_hectare > 150) & (per_hectare < trees.ABOVE_GROUND[1])).all()
        assert found.above.sum() / 1000 == pytest.approx(per_hectare.sum(), rel=1e-12)

    def test_have_densities_of_which_the_gate_finds_the_odd(self, plots):
        _, density, every = plots
        low, high = trees.WOOD_DENSITY

        assert ((density >= low) & (density <= high)).all()
        assert 0 < ((every < low) | (every > high)).sum() < 0.05 * len(every)
