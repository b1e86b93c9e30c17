import numpy as np
import pytest

from tanhui.science import nitrous

NITROGEN = np.array([18_200 * (100 * 0.46 + 200 * 0.15) / 1000])  # t; worked example M5


class TestNitrousOxide:
    def test_of_flooded_rice_follows_worked_example_m4(self):
        assert nitrous.direct(np.array([46.0]), np.array([0.003])) == pytest.approx([0.2168571], rel=1e-6)

    def test_of_upland_crops_follows_worked_example_m5(self):
        assert pytest.approx([1383.2], rel=1e-12) == NITROGEN
        direct = nitrous.direct(NITROGEN, np.array(0.016))
        volatilised = nitrous.volatilised(NITROGEN, np.array(0.15), np.array(0.014))
        leached = nitrous.leached(NITROGEN, np.array(0.24), np.array(0.011))

        assert [*direct, *volatilised, *leached] == pytest.approx([34.7776, 4.56456, 5.738304], rel=1e-12)
        assert (direct + volatilised + leached) * 273 == pytest.approx([12306.9667], rel=1e-8)

    def test_differs_when_editions_are_mixed(self):
        new = nitrous.leached(NITROGEN, np.array(0.24), np.array(0.011))
        old = nitrous.leached(NITROGEN, np.array(0.30), np.array(0.0075))
        mixed = nitrous.leached(NITROGEN, np.array(0.30), np.array(0.011))  # a share of 2006 with a factor of 2019

        assert float((mixed / new)[0]) == pytest.approx(1.25)
        assert float((mixed / old)[0]) == pytest.approx(1.4667, rel=1e-4)

    def test_of_drained_rice_is_two_thirds_more(self):
        flooded, drained = (nitrous.direct(np.array([46.0]), np.array([one])) for one in (0.003, 0.005))

        assert drained / flooded == pytest.approx([5 / 3])

    def test_is_counted_by_molar_masses(self):
        assert nitrous.direct(np.array([28.0]), np.array([1.0])) == pytest.approx([44.0], rel=1e-15)
