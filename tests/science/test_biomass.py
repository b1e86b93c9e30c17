import numpy as np
import pytest

from tanhui.science import biomass


class TestBiomass:
    def test_follows_the_volume_path(self):
        found = biomass.from_volume(np.array([0.0, 20.0, 65.0]), np.array(0.307), np.array(1.634), np.array(0.246))

        assert found == pytest.approx([0, 12.50081896, 40.62766162], rel=1e-9)

    def test_follows_the_linear_path_and_weighs_an_empty_plot(self):
        found = biomass.from_volume_linear(np.array([0.0, 100.0]), np.array(0.4652), np.array(19.141))

        assert found == pytest.approx([19.141, 65.661])

    def test_becomes_carbon_dioxide_by_the_ratio_of_molar_masses(self):
        assert biomass.carbon_dioxide(biomass.carbon(np.array(12.0), np.array(0.5))) == pytest.approx(22.0, rel=1e-15)

    def test_is_taken_per_hectare_of_the_plot(self):
        assert biomass.per_hectare(np.array([4.816]), 0.0667) == pytest.approx([72.2038981], rel=1e-9)
