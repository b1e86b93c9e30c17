import numpy as np
import pytest

from tanhui.science import footprint, nep, units


class TestNep:
    def test_is_what_grows_less_what_is_respired(self):
        assert nep.net(np.array([700.0]), np.array([363.0])) == pytest.approx([337])

    def test_works_in_place(self):
        npp = np.array([700, 600], dtype=np.float32)

        assert nep.net(npp, np.array([363, 700], dtype=np.float32), npp) is npp
        assert npp.tolist() == [337, -100]

    def test_of_a_thousand_square_kilometres_meets_its_check_value(self):
        assert float(nep.tonnes_carbon(250.0, 1e9)) == pytest.approx(250_000)
        assert float(nep.tonnes_co2(250.0, 1e9)) == pytest.approx(916_666.667, abs=0.001)
        assert float(nep.tonnes_carbon(100.0, 1e4)) == pytest.approx(1)

    def test_on_hectares_is_the_arithmetic_of_the_stock_sink_package(self):
        flux, area = np.array([337.0, 270.0, -12.5]), np.array([60_000.0, 45_000.0, 0.3])

        assert footprint.stock_sink(flux, area) == pytest.approx(nep.tonnes_co2(flux, 10_000 * area), rel=1e-15)
        assert footprint.stock_sink(flux, area) == pytest.approx(flux * area / 100 * 44 / 12, rel=1e-14)

    def test_in_dry_matter_with_a_scale_left_out_is_refused(self):
        with pytest.raises(units.OutOfRange, match="dry matter"):
            nep.tonnes_co2(np.full(9, 25_000.0), 1.0)


class TestEnsemble:
    def members(self, *values):
        return [np.full((2, 3), one, dtype=np.float32) for one in values]

    @pytest.mark.parametrize("values", [(363, 506), (363, 506, 420), (100, 200, 300, 600)])
    def test_tells_mean_lowest_highest_and_spread(self, values):
        found = nep.ensemble(self.members(*values))

        assert found.mean == pytest.approx(np.mean(values), rel=1e-6)
        assert found.low == pytest.approx(min(values))
        assert found.high == pytest.approx(max(values))
        assert found.spread == pytest.approx(np.std(values, ddof=1), rel=1e-6)

    def test_of_one_has_no_spread(self):
        assert (nep.ensemble(self.members(363)).spread == 0).all()

    def test_needs_a_member(self):
        with pytest.raises(ValueError, match="at least one"):
            nep.ensemble([])

    def test_writes_where_it_is_told(self):
        room = nep.Ensemble(*self.members(0, 0, 0, 0))

        assert nep.ensemble(self.members(1, 3), room) is room
        assert room.mean[0, 0] == 2
