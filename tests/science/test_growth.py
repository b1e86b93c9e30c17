import csv
import os
from pathlib import Path

import numpy as np
import pytest

from tanhui.science import biomass, growth

SHARED = Path(os.environ.get("TANHUI_SHARED", Path(__file__).resolve().parents[3] / "shared"))
CURVES = np.array([[172.2, 0.015, 1.1], [240.0, 0.06, 2.1]])
CARBON = np.array([0.32, 0.28])


class TestCurve:
    def test_rises_from_nothing_to_its_asymptote(self):
        ages = np.array([-5.0, 0, 10, 50, 1e4])
        found = growth.richards(ages, 240, 0.06, 2.1)

        assert found[:2].tolist() == [0, 0]
        assert (np.diff(found[1:]) > 0).all()
        assert found[-1] == pytest.approx(240)
        assert found[2] == pytest.approx(240 * (1 - np.exp(-0.6)) ** 2.1, rel=1e-12)

    def test_of_the_published_birch_plots_is_found_again_in_their_ages_and_volumes(self):
        file = SHARED / "data/forest/forestat_forestData.csv"
        if not file.is_file():
            pytest.skip(f"the published birch plots are not at {file}")
        rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
        age, volume = (np.array([float(row[name]) for row in rows]) for name in ("AGE", "V_ha"))

        def misfit(rate, shape):
            form = growth.richards(age, 1, rate, shape)
            best = form @ volume / (form @ form)
            return ((volume - best * form) ** 2).sum(), best

        best, asymptote = misfit(0.015, 1.1)

        assert len(rows) == 320
        assert asymptote == pytest.approx(172.2, abs=0.05)
        assert all(
            best <= misfit(rate, shape)[0] for rate, shape in ((0.014, 1.1), (0.016, 1.1), (0.015, 1.0), (0.015, 1.2))
        )


class TestProjection:
    def test_is_the_curve_times_area_and_carbon_for_every_parcel_and_year(self):
        age, area, curve = np.array([-2.0, 3]), np.array([10.0, 4]), np.array([1, 0])
        found = growth.projection(age, area, curve, CURVES, CARBON, 20)

        assert found.shape == (2, 21)
        assert found[0, :3].tolist() == [0, 0, 0]
        assert found[0, 12] == pytest.approx(10 * 0.28 * 44 / 12 * 240 * (1 - np.exp(-0.6)) ** 2.1, rel=1e-12)
        assert found[1, 0] == pytest.approx(4 * 0.32 * 44 / 12 * 172.2 * (1 - np.exp(-0.045)) ** 1.1, rel=1e-12)

    def test_does_not_depend_on_where_a_chunk_begins(self):
        dice = np.random.default_rng(2)
        count = growth.CHUNK + 7
        columns = dice.uniform(-3, 20, count), dice.uniform(1, 9, count), dice.integers(0, 2, count)
        found = growth.projection(*columns, CURVES, CARBON, 5)
        reverse = growth.projection(*(column[::-1].copy() for column in columns), CURVES, CARBON, 5)

        assert (found == reverse[::-1]).all()


class TestChange:
    def test_parts_into_growth_and_added_land(self):
        area, density = np.array([763_400.0, 833_800.0]), np.array([86.27, 79.12])
        grown = growth.by_density(area[0], *density)
        added = growth.by_area(*area, density[1])

        assert grown + added == pytest.approx(area[1] * density[1] - area[0] * density[0], rel=1e-12)
        assert grown < 0 < added


# Fan et al. 2016, table 2: area 2009 and 2014 (ha), vegetation carbon 2009 and 2014 (tC), published tC/(ha·a), ours to
# four digits (case M12)
JILIN = {
    "阔叶混交林": (3_512_200, 3_535_600, 240.65e6, 253.81e6, 0.75, 0.7464),
    "蒙古栎林": (998_000, 1_004_400, 61.07e6, 78.52e6, 3.48, 3.4836),
    "针阔混交林": (763_400, 833_800, 65.86e6, 65.97e6, 0.03, 0.0273),
    "黄花落叶松林": (569_400, 575_800, 24.97e6, 23.52e6, -0.51, -0.5059),
    "杨树林": (479_800, 520_300, 16.41e6, 18.31e6, 0.75, 0.7538),
    "总计": (7_297_300, 7_580_900, 471.29e6, 505.76e6, 0.92, 0.9232),
}
# Li et al. 2016, table 3: printed storage in Tg (case M13)
ZHEJIANG_TOTAL, ZHEJIANG_TREE = 602.73, 122.88


class TestPublishedRates:
    @pytest.mark.parametrize("forest", JILIN)
    def test_of_jilin_are_reproduced(self, forest):
        area_1, area_2, stock_1, stock_2, printed, ours = JILIN[forest]
        found = growth.published_rate(stock_1, stock_2, area_1, area_2, 5)

        assert found == pytest.approx(ours, abs=5e-5)
        assert found == pytest.approx(printed, abs=0.006)

    def test_credit_land_that_was_only_added(self):
        """A forest whose density fell is given a positive rate: such a rate must never reach a credit."""
        area_1, area_2, stock_1, stock_2, printed, _ = JILIN["针阔混交林"]
        density_1, density_2 = stock_1 / area_1, stock_2 / area_2

        assert (round(density_1, 2), round(density_2, 2)) == (86.27, 79.12)
        assert printed > 0
        assert growth.by_density(area_1, density_1, density_2) < -5e6
        assert growth.by_area(area_1, area_2, density_2) > 5e6

    def test_of_projects_are_plausible_per_hectare(self):
        changlong = 347_000 / 20  # M9: 13,000 mu for 20 years
        guangxi = 773_842 / 30  # M17: about 4,000 ha

        assert changlong == 17_350
        assert changlong / 13_000 == pytest.approx(1.335, abs=5e-4)
        assert changlong / (13_000 / 15) == pytest.approx(20.0, abs=0.05)
        assert guangxi == pytest.approx(25_794.7, abs=0.05)
        assert guangxi / 4_000 == pytest.approx(6.45, abs=5e-3)
        assert changlong / (13_000 / 15) < 30  # tCO₂/(ha·a), the gate of the packages


class TestStand:
    def test_density_index_and_basal_area_follow_the_academy(self):
        """M11: the first row of forestat's potential productivity."""
        stems, diameter = 9830.149, 6.945724

        assert growth.stand_density_index(stems, diameter) == pytest.approx(1800.378, abs=5e-4)
        assert growth.basal_area(stems, diameter) == pytest.approx(37.24646, abs=5e-6)
        assert pytest.approx(3.949820, abs=1.1e-5) == 37.24646 - 33.29664
        # biomass: the difference of the printed stocks is 20.47490, the printed increment 20.47488
        assert pytest.approx(20.47488, abs=3e-5) == 139.9897 - 119.5148


class TestStorageOfZhejiang:
    @pytest.fixture
    def densities(self):
        file = SHARED / "domain/params/stand_carbon_density.csv"
        if not file.is_file():
            pytest.skip(f"the published densities are not at {file}")
        found: dict[str, dict[str, float]] = {}
        for row in csv.DictReader(file.read_text("utf-8").splitlines()):
            if row["province"] == "浙江" and row["pool"] in {"area", "tree", "shrub-herb", "litter", "soil 0-100 cm"}:
                found.setdefault(row["forest_type"], {})[row["pool"]] = float(row["value"])
        return {name: pools for name, pools in found.items() if len(pools) == 5}

    def test_is_density_times_area(self, densities):
        def storage(pools):
            return sum(value for pool, value in pools.items() if pool != "area") * pools["area"] / 1e6

        total = sum(storage(pools) for pools in densities.values())
        tree = sum(pools["tree"] * pools["area"] for pools in densities.values()) / 1e6

        assert len(densities) == 14
        assert storage(densities["杉木林"]) == pytest.approx(103.00, abs=0.005)
        assert storage(densities["阔叶混交林"]) == pytest.approx(138.04, abs=0.005)
        assert total == pytest.approx(ZHEJIANG_TOTAL, abs=0.02)
        assert tree == pytest.approx(ZHEJIANG_TREE, abs=0.015)

    def test_is_contradicted_by_the_means_printed_beside_it(self, densities):
        area = sum(pools["area"] for pools in densities.values())
        soil = sum(pools["soil 0-100 cm"] * pools["area"] for pools in densities.values())

        assert area == pytest.approx(49_841e2, rel=1e-4)
        assert soil / area == pytest.approx(90.64, abs=0.005)  # printed 90.51
        assert ZHEJIANG_TOTAL * 1e6 / area == pytest.approx(120.93, abs=0.005)  # printed 120.80


class TestMolarMasses:
    def test_make_the_rounded_ratio_a_bias_on_every_credit(self):
        assert pytest.approx(0.0009, abs=5e-5) == 3.67 / biomass.CO2_PER_CARBON - 1
