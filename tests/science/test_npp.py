import numpy as np
import pytest

from tanhui.science import npp, units


class TestMod17:
    def test_counts_are_tenths_of_a_gram(self):
        found = npp.from_mod17(np.array([0, 1540, 65_500], dtype=np.uint16))

        assert found == pytest.approx([0, 154, 6550])
        assert found.dtype == np.float32

    def test_fill_values_are_no_data_declared_or_not(self):
        gpp = np.array([65_528, 65_529, 65_533, 65_535], dtype=np.uint16)
        grown = np.array([-30_000, 32_760, 32_761, 32_766, 32_767], dtype=np.int16)

        assert np.isnan(npp.from_mod17(gpp)).tolist() == [False, True, True, True]
        assert np.isnan(npp.from_mod17(grown)).tolist() == [False, False, True, True, True]
        assert float(npp.from_mod17(grown)[0]) == pytest.approx(-3000)

    def test_saved_in_another_type_must_say_its_fills(self):
        saved = np.array([1540, 32_766], dtype=np.int32)

        with pytest.raises(ValueError, match="fill values"):
            npp.from_mod17(saved)
        assert npp.from_mod17(saved, npp.NPP_FILLS).tolist()[0] == pytest.approx(154)

    def test_writes_where_it_is_told(self):
        out = np.empty(1, dtype=np.float32)

        assert npp.from_mod17(np.array([10], dtype=np.int16), out=out) is out


class TestNppFromGpp:
    def test_keeps_the_share_of_its_class(self):
        cue = npp.cue_lookup()

        assert cue[[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]] == pytest.approx(
            [0.546, 0.435, 0.472, 0.465, 0.534, 0.470, 0.519, 0.492, 0.492, 0.523, 0.550], abs=5e-4
        )
        assert float(npp.from_gpp(1400.0, float(cue[2]))) == pytest.approx(608.9, abs=0.05)
        assert np.isnan(cue[[0, 13, 16, 17]]).all()

    def test_is_refused_a_cue_in_per_cent(self):
        with pytest.raises(units.OutOfRange, match="per cent"):
            npp.from_gpp(1400.0, 46.5)


class TestMiami:
    def test_is_the_lesser_of_warmth_and_rain(self):
        assert float(npp.miami(16.5, 1450.0)) == pytest.approx(1350 * (1 - np.exp(-0.000664 * 1450)))
        assert float(npp.miami(-5.0, 1450.0)) == pytest.approx(1350 / (1 + np.exp(1.315 + 0.595)))

    def test_has_no_data_where_climate_has_none(self):
        assert np.isnan(npp.miami(np.array([np.nan]), np.array([900.0]))).all()


class TestUnitsOfARaster:
    @pytest.mark.parametrize(("unit", "value"), [("kgC m-2 a-1", 0.7), ("tC ha-1 a-1", 7), ("gC m-2 a-1", 700)])
    def test_of_carbon_become_grams(self, unit, value):
        assert value * npp.factor(unit) == pytest.approx(700)

    def test_of_dry_matter_are_not_taken_for_carbon(self):
        with pytest.raises(npp.NotCarbon, match="gDM m-2 a-1"):
            npp.factor("gDM m-2 a-1")

    def test_of_carbon_are_not_taken_for_dry_matter(self):
        with pytest.raises(npp.NotCarbon, match="gC m-2 a-1"):
            npp.dry_factor("gC m-2 a-1")

    def test_make_a_factor_of_two_and_a_quarter(self):
        assert abs(2.25 * npp.DRY_TO_CARBON - 1) < 1e-12
        assert float(npp.alpha_nep(1575.0, 0.4)) == pytest.approx(0.4 * 700)
