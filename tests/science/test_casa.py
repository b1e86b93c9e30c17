import csv

import numpy as np
import pytest

from tanhui.science import casa, units
from tanhui.science import evapotranspiration as et

TABLE = "data/nep/params/casa_zhu2007_igbp.csv"  # of the shared data

T = [5, 7, 11, 16.5, 21.5, 25, 29, 28.5, 24.5, 19, 13, 7]
R = [80, 85, 140, 120, 125, 230, 150, 170, 120, 70, 75, 60]
NDVI = [0.40, 0.40, 0.45, 0.55, 0.65, 0.70, 0.75, 0.74, 0.70, 0.60, 0.50, 0.42]
SOL = [230, 250, 320, 400, 450, 420, 540, 500, 400, 340, 260, 230]
FOREST = casa.ZHU_2007[4]


def blocks(values, shape=(2, 3)):
    return [np.full(shape, one, dtype=np.float32) for one in values]


def year(kind=2, *, table=casa.ZHU_2007, **changes):
    layers = {"ndvi": NDVI, "t": T, "p": R, "sol": SOL} | changes
    ndvi, t, p, sol = (blocks(layers[name]) for name in ("ndvi", "t", "p", "sol"))
    light = casa.lookup(table).take(np.full((2, 3), kind, dtype=np.uint8))
    warmth = casa.warm(t, ndvi)
    return sum(float(casa.month(*one, light=light, warmth=warmth)[0, 0]) for one in zip(ndvi, t, p, sol, strict=True))


class TestTemperatureScalars:
    def test_meet_their_check_values(self):
        assert float(casa.t1(25.0)) == pytest.approx(0.9875, rel=1e-12)
        assert float(casa.t2(25.0, 25.0)) == pytest.approx(0.993405, abs=5e-7)
        assert abs(casa.OPTIMUM_T2 - 0.993405) < 5e-7

    def test_fall_off_on_both_sides_of_the_optimum(self):
        found = casa.t2(np.array([13.0, 20.0, 25.0, 30.0, 34.9]), 25.0)

        assert np.argmax(found) == 2
        assert found == pytest.approx([0.4745, 0.8561, 0.9934, 0.9221, 0.5899], abs=5e-5)

    def test_are_halved_far_from_the_optimum(self):
        assert casa.t2(np.array([35.1, 11.9]), 25.0) == pytest.approx(casa.OPTIMUM_T2 / 2)
        assert float(casa.t2(12.1, 25.0)) != pytest.approx(casa.OPTIMUM_T2 / 2)


class TestLightAbsorbed:
    def test_is_the_mean_of_ndvi_and_simple_ratio(self):
        ndvi = 0.6
        by_ndvi = (ndvi - 0.023) / (0.747 - 0.023) * 0.949 + 0.001
        by_ratio = ((1 + ndvi) / (1 - ndvi) - 1.05) / (6.91 - 1.05) * 0.949 + 0.001

        assert float(casa.fpar(ndvi, FOREST)) == pytest.approx((by_ndvi + by_ratio) / 2)
        assert float(casa.fpar(ndvi, FOREST, share=1.0)) == pytest.approx(by_ndvi)

    def test_stays_within_its_bounds(self):
        assert casa.fpar(np.array([-1.0, 0.0, 0.95, 1.0]), FOREST) == pytest.approx([0.001, 0.001, 0.95, 0.95])

    def test_is_refused_an_index_scaled_by_ten_thousand(self):
        with pytest.raises(units.OutOfRange, match="scaled"):
            casa.fpar(np.full(9, 6500.0), FOREST)


class TestNpp:
    def test_is_light_times_efficiency(self):
        eps = casa.epsilon(0.9875, 0.993405, 0.9, 0.985)

        assert float(casa.npp(450.0, 0.7, eps)) == pytest.approx(450 * 0.5 * 0.7 * 0.9875 * 0.993405 * 0.9 * 0.985)

    def test_of_a_month_is_the_product_of_its_parts(self):
        t, ndvi = blocks(T), blocks(NDVI)
        warmth = casa.warm(t, ndvi)
        light = casa.lookup().take(np.full((2, 3), 2, dtype=np.uint8))
        found = casa.month(ndvi[5], t[5], *blocks([R[5], SOL[5]]), light=light, warmth=warmth)

        index = sum((one / 5) ** 1.514 for one in T)
        potential = et.thornthwaite(T[5], index, et.exponent(index))
        w = et.water(et.actual(R[5], et.net_radiation(potential, R[5])), potential)
        eps = casa.epsilon(casa.t1(29.0), casa.t2(T[5], 29.0), w, 0.985)
        assert found == pytest.approx(float(casa.npp(SOL[5], casa.fpar(NDVI[5], casa.ZHU_2007[2]), eps)), rel=1e-5)

    def test_of_a_subtropical_year_is_of_the_right_size(self):
        assert 900 < year(kind=2) < 1300  # evergreen broadleaf; needleleaf has two fifths of its efficiency
        assert year(kind=1) / year(kind=2) == pytest.approx(0.389 / 0.985, rel=0.2)
        assert year(kind=12) == pytest.approx(650, rel=0.1)

    def test_depends_on_the_table_as_much_as_on_the_land(self):
        assert year(kind=1, table=casa.BIOME_BGC) / year(kind=1) == pytest.approx(1.008 / 0.389, rel=1e-4)

    def test_grows_with_light_and_greenness(self):
        assert year(sol=[1.1 * one for one in SOL]) == pytest.approx(1.1 * year(), rel=1e-5)
        assert year(ndvi=[one - 0.05 for one in NDVI]) < year()

    def test_keeps_winter(self):
        frost = [-4, *T[1:]]

        assert 0 < year(t=frost) < year()
        assert year(t=[-11, *T[1:]]) < year(t=frost)

    def test_is_no_number_where_an_input_or_the_class_is_none(self):
        assert np.isnan(year(kind=15))
        for name in ("ndvi", "t", "p", "sol"):
            layer = {"ndvi": NDVI, "t": T, "p": R, "sol": SOL}[name]
            assert np.isnan(year(**{name: [np.nan, *layer[1:]]})), name

    def test_takes_rooms_it_is_given_for_every_block(self):
        t, ndvi, p, sol = blocks(T), blocks(NDVI), blocks(R), blocks(SOL)
        warmth, light = casa.warm(t, ndvi), casa.lookup().take(np.full((2, 3), 4, dtype=np.uint8))
        out, rooms = np.empty((2, 3), np.float32), casa.rooms(t[0])
        fresh = [casa.month(*one, light=light, warmth=warmth) for one in zip(ndvi, t, p, sol, strict=True)]

        for one, wanted in zip(zip(ndvi, t, p, sol, strict=True), fresh, strict=True):
            assert casa.month(*one, light=light, warmth=warmth, out=out, scratch=rooms) is out
            assert (out == wanted).all()


class TestWarmthOfTheYear:
    def test_finds_the_month_with_the_highest_ndvi(self):
        late = [*NDVI[:8], 0.9, *NDVI[9:]]

        assert (casa.warm(blocks(T), blocks(NDVI)).optimum == 29).all()
        assert (casa.warm(blocks(T), blocks(late)).optimum == 24.5).all()

    def test_needs_twelve_months(self):
        with pytest.raises(ValueError, match="twelve"):
            casa.warm(blocks(T[:11]), blocks(NDVI[:11]))

    def test_leaves_the_months_as_they_were(self):
        t, ndvi = blocks(T), blocks(NDVI)
        casa.warm(t, ndvi)

        assert [float(one[0, 0]) for one in t] == pytest.approx(T)
        assert [float(one[0, 0]) for one in ndvi] == pytest.approx(NDVI, rel=1e-6)


class TestTables:
    def test_have_ratios_that_follow_from_their_ndvi(self):
        for one in casa.ZHU_2007.values():
            assert (1 + one.ndvi_max) / (1 - one.ndvi_max) == pytest.approx(one.sr_max, abs=0.15)

    def test_stand_for_types_by_a_class_each(self):
        row = casa.lookup(types=True).rows[0]

        assert row[1:6] == pytest.approx([0.728, 0.429, 0.542, 0.542, 0.542])
        assert np.isnan(row[[0, 6, 7, 8]]).all()

    def test_agree_with_the_collected_coefficients(self, shared):
        for row in csv.DictReader((shared / TABLE).read_text(encoding="utf-8").splitlines()):
            one = casa.ZHU_2007[int(row["igbp_code"])]
            assert one.eps_max == float(row["eps_max_gc_mj"])
            if row["ndvi_max"]:
                assert (one.ndvi_min, one.ndvi_max) == (float(row["ndvi_min"]), float(row["ndvi_max"]))
                assert (one.sr_min, one.sr_max) == (float(row["sr_min"]), float(row["sr_max"]))
