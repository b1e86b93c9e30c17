import csv
import os
from pathlib import Path

import numpy as np
import pytest

from tanhui.science import biomass

SHARED = Path(os.environ.get("TANHUI_SHARED", Path(__file__).resolve().parents[3] / "shared"))


class TestBiomass:
    def test_follows_the_volume_path(self):
        found = biomass.from_volume(np.array([0.0, 20.0, 65.0]), np.array(0.307), np.array(1.634), np.array(0.246))

        assert found == pytest.approx([0, 12.50081896, 40.62766162], rel=1e-9)

    def test_follows_the_factors_of_the_growing_stock(self):
        found = biomass.from_growing_stock(np.array([30.0, 90.0]), np.array([1.0, 0.75]), np.array([0.4, 0.29]))

        assert found == pytest.approx([42, 87.075])

    def test_follows_the_linear_path_and_weighs_an_empty_plot(self):
        found = biomass.from_volume_linear(np.array([0.0, 100.0]), np.array(0.4652), np.array(19.141))

        assert found == pytest.approx([19.141, 65.661])

    def test_becomes_carbon_dioxide_by_the_ratio_of_molar_masses(self):
        assert biomass.carbon_dioxide(biomass.carbon(np.array(12.0), np.array(0.5))) == pytest.approx(22.0, rel=1e-15)

    def test_is_taken_per_hectare_of_the_plot(self):
        assert biomass.per_hectare(np.array([4.816]), 0.0667) == pytest.approx([72.2038981], rel=1e-9)


class TestPublishedPlots:
    """320 birch-broadleaf plots with volume and biomass, as the Chinese Academy of Forestry published them."""

    @pytest.fixture
    def plots(self):
        file = SHARED / "data/forest/forestat_forestData.csv"
        if not file.is_file():
            pytest.skip(f"the published birch plots are not at {file}")
        rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
        return tuple(np.array([float(row[name]) for row in rows]) for name in ("V_ha", "Bio"))

    def test_weigh_somewhat_more_than_the_volume_path_says(self, plots):
        volume, published = plots
        by_volume = biomass.from_volume(volume, 0.541, 1.424, 0.248)  # 桦木

        assert np.corrcoef(by_volume, published)[0, 1] > 0.95
        assert by_volume.sum() / published.sum() == pytest.approx(0.833, abs=0.001)  # on the safe side

    def test_weigh_what_the_line_of_mixed_broadleaves_says_within_a_tenth(self, plots):
        volume, published = plots
        by_line = biomass.from_volume_linear(volume, 0.9788, 5.3764)

        assert by_line.sum() / published.sum() == pytest.approx(0.908, abs=0.001)
