"""A block of a year: what the kernel computes is what the formulas say."""

import numpy as np
import pytest

from nep import builders
from tanhui.nep import store
from tanhui.nep.kernel import Block, Method, absorption, compute
from tanhui.science import casa, ecosystems, npp, plausible, respiration

MODELS = ("pei", "raich_potter_bond_lamberty")
SHAPE = (3, 8)
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def packed(name, values):
    bands = [
        np.full(SHAPE, value, np.float32) if np.isscalar(value) else np.asarray(value, np.float32) for value in values
    ]
    return store.pack(np.stack(bands), store.QUANTITIES[name])


def block(*, kinds=(1, 2, 3, 4, 5, 6, 7, 8), **layers):
    given = {"temperature": builders.TEMPERATURE, "precipitation": builders.RAIN, "npp": [700.0]} | layers
    types = np.tile(np.array(kinds, np.uint8), (SHAPE[0], 1))
    return Block({name: packed(name, values) for name, values in given.items()}, types)


def by_hand(model):
    pairs = zip(builders.TEMPERATURE, builders.RAIN, DAYS, strict=True)
    if model == "pei":
        return sum(float(respiration.pei(t, p)) for t, p, _ in pairs)
    return float(
        respiration.bond_lamberty(sum(float(respiration.raich_potter(t, p / 10, days)) for t, p, days in pairs))
    )


class TestYear:
    def test_is_npp_less_the_mean_of_the_models(self):
        found = compute(Method("raster", MODELS, 2023), block())
        expected = [by_hand(model) for model in MODELS]
        assert [one[0, 0] for one in found.members] == pytest.approx(expected, rel=1e-5)
        assert expected[0] == pytest.approx(362.7, abs=0.05)
        assert found.nep[0, 0] == pytest.approx(700 - np.mean(expected), rel=1e-5)
        assert found.spread[0, 0] == pytest.approx(np.std(expected, ddof=1), rel=1e-4)

    def test_gives_water_built_up_and_bare_land_no_nep(self):
        found = compute(Method("raster", MODELS, 2023), block())
        assert (~found.hole[0]).tolist() == [True] * 5 + [False] * 3
        assert np.isnan(found.nep[0, 5:]).all()
        assert (found.flags[0, 5:] == 0).all()

    def test_counts_built_up_land_by_a_declared_rate_alone(self):
        found = compute(Method("raster", MODELS, 2023, rates=((ecosystems.URBAN, 55.0),)), block())
        assert found.nep[0, 5] == 55
        assert np.isnan(found.nep[0, 6])

    @pytest.mark.parametrize("name", ["npp", "temperature", "precipitation"])
    def test_has_a_hole_where_any_input_has(self, name):
        values = {"npp": [700.0], "temperature": list(builders.TEMPERATURE), "precipitation": list(builders.RAIN)}[name]
        torn = np.full(SHAPE, values[-1], np.float32)
        torn[1, 2] = np.nan
        found = compute(Method("raster", MODELS, 2023), block(**{name: [*values[:-1], torn]}))
        assert np.argwhere(found.hole[:, :5]).tolist() == [[1, 2]]
        assert found.flags[1, 2] == plausible.NODATA

    def test_grows_with_npp_and_falls_with_warmth(self):
        method = Method("raster", MODELS, 2023)
        base = compute(method, block()).nep[0, 0]
        assert compute(method, block(npp=[710.0])).nep[0, 0] > base
        assert compute(method, block(temperature=[t + 1 for t in builders.TEMPERATURE])).nep[0, 0] < base

    def test_from_annual_means_comes_out_lower_by_about_a_seventh(self):
        means = {"temperature": [float(np.mean(builders.TEMPERATURE))], "precipitation": [float(sum(builders.RAIN))]}
        found = compute(Method("raster", ("pei",), 2023, periods=1), block(**means))
        assert found.rh[0, 0] == pytest.approx(311.9, abs=0.3)
        assert found.spread[0, 0] == 0

    def test_flags_a_jump_since_the_year_before(self):
        one = block()
        one.previous = np.full(SHAPE, 1000, np.float32)
        one.previous[0, 0] = np.nan
        found = compute(Method("raster", MODELS, 2023), one)
        assert found.flags[0, 0] == 0
        assert found.flags[1, 1] == plausible.JUMP

    def test_in_float32_stays_within_a_ten_thousandth_of_float64(self):
        rng = np.random.default_rng(2)
        warm = [np.rint(rng.uniform(-15, 33, SHAPE) * 100) / 100 for _ in range(12)]
        rain = [np.rint(rng.uniform(0, 400, SHAPE) * 10) / 10 for _ in range(12)]
        found = compute(Method("raster", MODELS, 2023), block(kinds=(1,) * 8, temperature=warm, precipitation=rain))
        exact = sum(respiration.pei(t, p) for t, p in zip(warm, rain, strict=True))
        assert np.allclose(found.members[0], exact, rtol=1e-5)


class TestSparseBlock:
    """Where few cells are due, these alone are computed."""

    @pytest.mark.parametrize("models", [MODELS, ("pei",)])
    def test_gives_each_cell_what_a_block_of_its_kind_gives(self, models):
        rng = np.random.default_rng(3)
        kinds = rng.integers(0, 9, SHAPE).astype(np.uint8)
        one = block(temperature=[rng.uniform(-5, 30, SHAPE) for _ in range(12)], npp=[rng.uniform(0, 900, SHAPE)])
        one.previous = np.full(SHAPE, 900, np.float32)
        method = Method("raster", models, 2023, rates=((ecosystems.URBAN, 55.0),))
        one.types = kinds
        found = compute(method, one)
        due = (kinds >= ecosystems.FOREST) & (kinds <= ecosystems.CROP)
        alone = Block(one.layers, np.full(SHAPE, ecosystems.FOREST, np.uint8), None, one.previous)
        whole = compute(Method("raster", models, 2023), alone)
        for name in ("npp", "rh", "nep", "spread", "flags", "hole"):
            assert np.array_equal(getattr(found, name)[due], getattr(whole, name)[due]), name
        assert (found.nep[kinds == ecosystems.URBAN] == 55).all()
        assert (found.hole == ~(due | (kinds == ecosystems.URBAN))).all()
        assert (found.flags[kinds == 0] == plausible.NODATA).all()

    def test_of_water_alone_has_no_value(self):
        found = compute(Method("raster", MODELS, 2023), block(kinds=(ecosystems.WATER,) * 8))
        assert found.hole.all()
        assert not found.flags.any()


class TestProduction:
    def test_from_gpp_takes_the_fraction_of_each_class(self):
        one = block(gpp=[1000.0])
        one.classes = np.tile(np.array([4, 6, 10, 11, 12, 13, 17, 16], np.uint8), (3, 1))
        method = Method("gpp_cue", MODELS, 2023, cue=tuple(sorted(npp.CUE.items())))
        assert compute(method, one).npp[0, :5] == pytest.approx([1000 * npp.CUE[code] for code in (4, 6, 10, 11, 12)])

    def test_by_miami_is_the_lesser_of_warmth_and_rain(self):
        found = compute(Method("miami", MODELS, 2023), block())
        exact = npp.miami(float(np.mean(builders.TEMPERATURE)), float(sum(builders.RAIN)))
        assert found.npp[0, 0] == pytest.approx(float(exact), rel=1e-4)

    @pytest.mark.parametrize(("by_type", "kinds"), [(True, casa.TYPE_CLASS), (False, casa.ZHU_2007)])
    def test_looks_absorption_up_to_the_last_bit(self, by_type, kinds):
        table, zeros = absorption("zhu2007", by_type)
        numbers = np.array([-10000, -1, 0, 230, 6340, 10000], np.int16)
        ndvi = np.multiply(numbers, np.float32(0.0001), dtype=np.float32)
        for kind in kinds:
            classes = np.full(numbers.shape, kind, np.uint8)
            exact = casa.fpar(ndvi, casa.lookup(types=by_type).take(classes))
            assert np.array_equal(table[zeros[classes] + numbers], exact)

    def test_by_casa_is_the_sum_of_its_months(self):
        green = [0.2, 0.22, 0.3, 0.45, 0.6, 0.7, 0.75, 0.72, 0.6, 0.45, 0.3, 0.22]
        sun = [250, 270, 350, 430, 500, 480, 560, 520, 400, 350, 280, 250]
        one = block(kinds=(1,) * 8, ndvi=green, solar=sun)
        found = compute(Method("casa", MODELS, 2023, by_type=True), one)
        cells = [np.full(SHAPE, value) for value in green], [np.full(SHAPE, float(t)) for t in builders.TEMPERATURE]
        light = casa.lookup(types=True).take(one.types)
        warmth = casa.warm(cells[1], cells[0])
        months = zip(cells[0], cells[1], builders.RAIN, sun, strict=True)
        exact = sum(
            casa.month(n, t, np.full(SHAPE, float(p)), np.full(SHAPE, float(s)), light=light, warmth=warmth)
            for n, t, p, s in months
        )
        assert found.npp[0, 0] == pytest.approx(exact[0, 0], rel=1e-4)
        assert 300 < exact[0, 0] < 1500
