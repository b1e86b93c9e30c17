import numpy as np
import pytest

from tanhui.science import sinks


class TestOtherWaysToASink:
    def test_take_a_ratio_of_dry_matter(self):
        # 1,575 g of dry matter are 700 g of carbon; a fifth of it on 1 km2
        assert float(sinks.by_ratio(1575.0, 0.2, 1e6)) == pytest.approx(140)

    def test_take_a_rate_with_the_share_of_the_soil(self):
        assert sinks.by_rate([0.92, 0.92], 1e6, [0.0, 0.5]) == pytest.approx([92, 138])

    def test_take_the_rates_of_fields(self):
        bare = sinks.bare_soil(0.05, 1.3, 20.0)

        assert float(bare) == pytest.approx(0.13)
        assert float(sinks.of_crops(bare, 0.1, 0.8, 0.25, 1e6)) == pytest.approx(43)

    def test_take_the_change_of_biomass(self):
        assert sinks.by_biomass([100.0, 100.0], [110.0, 90.0], 5.0, 0.5, 1e4) == pytest.approx([1, -1])

    @pytest.mark.parametrize("years", [0.0, -1.0])
    def test_need_time_between_two_surveys(self, years):
        with pytest.raises(ValueError, match="apart"):
            sinks.by_biomass(100.0, 110.0, np.array([5.0, years]), 0.5, 1e4)
