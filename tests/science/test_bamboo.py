import numpy as np
import pytest

from tanhui.science import bamboo

# Cao et al. 2017: moso of one, three and five years at Taojiang (case M16)
CULMS = np.array([1250.0, 1300.0, 2400.0])
CULM = np.array([16.204, 19.258, 23.202])
CARBON = np.array([10.490, 11.802, 28.226])  # printed, tC/ha


class TestCulm:
    def test_of_ten_centimetres_lies_among_the_measured(self):
        found = float(bamboo.moso_culm(np.array(10.0), np.array(2.0)))

        assert found == pytest.approx(13.8, abs=0.05)
        assert 10.44 < found < 23.202  # Zhejiang's mean and Taojiang's oldest

    def test_is_heavier_when_thicker_or_older(self):
        diameters, ages = np.linspace(4, 16, 25), np.array([1.0, 2, 3, 4])
        table = bamboo.moso_culm(diameters[:, None], ages)

        assert (np.diff(table, axis=0) > 0).all()
        assert (np.diff(table, axis=1) > 0).all()

    def test_ages_by_two_years_a_degree_after_the_first(self):
        assert bamboo.degrees(np.array([1, 2, 3, 4, 5])).tolist() == [1, 2, 2, 3, 3]


class TestStand:
    def test_weighs_its_culms(self):
        """M16: 20.255, 25.035 and 55.685 t/ha."""
        assert bamboo.stand(CULMS, CULM) == pytest.approx([20.255, 25.035, 55.685], abs=1e-3)

    def test_is_credited_up_to_its_target_density_only(self):
        assert bamboo.creditable(np.array([1500.0, 2700, 4000]), np.array(2700.0)).tolist() == [1500, 2700, 2700]


class TestPublishedStorage:
    def test_is_the_yearly_uptake_of_six_years(self):
        assert pytest.approx([1.748, 1.967, 4.704], abs=5e-4) == CARBON / 6

    def test_does_not_follow_from_the_carbon_content_printed_for_the_culms(self):
        """The column heads of branches and leaves are exchanged; the implied fractions betray it."""
        implied = CARBON / bamboo.stand(CULMS, CULM)
        printed = np.array([0.476, 0.466, 0.483])

        assert (np.abs(implied / printed - 1) > 0.01).all()
        # With the columns exchanged the storage comes out within half a percent.
        assert np.array([10.520, 11.796, 28.095]) == pytest.approx(CARBON, rel=0.005)
