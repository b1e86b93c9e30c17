import numpy as np
import pytest

from tanhui.science import respiration, units

# a year like Shaoxing's
T = np.array([5, 7, 11, 16.5, 21.5, 25, 29, 28.5, 24.5, 19, 13, 7])
R = np.array([80, 85, 140, 120, 125, 230, 150, 170, 120, 70, 75, 60], dtype=float)
MONTH = 365 / 12


def block(value, shape=(3, 4)):
    return np.full(shape, value, dtype=np.float32)


class TestPei:
    def test_meets_its_check_values(self):
        assert float(respiration.pei(20.0, 100.0)) == pytest.approx(29.696552, abs=5e-7)
        assert float(respiration.pei(0.0, 0.0)) == pytest.approx(3.069, rel=1e-12)
        assert respiration.pei(T, R).sum() == pytest.approx(362.7, abs=0.05)

    def test_of_annual_means_comes_out_a_seventh_lower(self):
        careless = 12 * float(respiration.pei(T.mean(), R.mean()))

        assert careless / respiration.pei(T, R).sum() == pytest.approx(0.86, abs=0.005)

    def test_takes_thirty_days_for_a_month_as_published(self):
        assert respiration.pei(20.0, 100.0, 31.0) == pytest.approx(respiration.pei(20.0, 100.0) * 31 / 30)

    def test_keeps_float32_and_writes_where_it_is_told(self):
        out, scratch = block(0), block(0)
        found = respiration.pei(block(20), block(100), 30.0, out, scratch)

        assert found is out
        assert found.dtype == np.float32
        assert found == pytest.approx(29.696552, rel=1e-6)

    def test_leaves_its_arguments_as_they_were(self):
        warm, wet = block(20), block(100)
        respiration.pei(warm, wet)

        assert (warm == 20).all()
        assert (wet == 100).all()

    def test_carries_no_data_through(self):
        assert np.isnan(respiration.pei(block(np.nan), block(100))).all()
        assert np.isnan(respiration.pei(block(20), block(np.nan))).all()

    def test_grows_with_warmth_and_with_rain(self):
        assert (np.diff(respiration.pei(np.linspace(-30, 40), 50.0)) > 0).all()
        assert (np.diff(respiration.pei(15.0, np.linspace(0, 900))) > 0).all()


class TestRaichPotterAndBondLamberty:
    def test_meet_their_check_values(self):
        assert respiration.bond_lamberty(np.array([300.0, 600.0, 900.0])) == pytest.approx([218, 361, 486], abs=0.5)
        rs = sum(float(respiration.raich_potter(t, p, MONTH)) for t, p in zip(T, R / 10, strict=True))
        assert float(respiration.bond_lamberty(rs)) == pytest.approx(506, abs=0.5)

    def test_stand_still_in_frozen_ground_and_above_the_hottest(self):
        assert respiration.raich_potter(np.array([-40.0, -13.31]), 10.0, 30.0) == pytest.approx(0)
        assert respiration.raich_potter(-13.29, 10.0, 30.0) > 0
        assert respiration.raich_potter(45.0, 10.0, 30.0) == respiration.raich_potter(33.5, 10.0, 30.0)

    def test_give_nothing_without_rain(self):
        assert float(respiration.raich_potter(25.0, 0.0, 30.0)) == 0
        assert float(respiration.bond_lamberty(0.0)) == 0

    def test_want_centimetres_of_rain(self):
        with pytest.raises(units.OutOfRange, match="millimetres"):
            respiration.raich_potter(block(20), block(1500), 30.0)

    def test_carry_no_data_through(self):
        assert np.isnan(respiration.raich_potter(block(np.nan), block(10), 30.0)).all()
        assert np.isnan(respiration.bond_lamberty(block(np.nan))).all()

    def test_work_in_place(self):
        whole = block(600)
        assert respiration.bond_lamberty(whole, whole) is whole
        assert whole == pytest.approx(361.318, rel=1e-5)


class TestQ10:
    def test_doubles_for_ten_degrees_at_two(self):
        assert respiration.q10(np.array([10.0, 20.0, 30.0]), 1.5, 2.0, 30.0) == pytest.approx([45, 90, 180])

    def test_takes_its_parameters_cell_by_cell(self):
        found = respiration.q10(block(20), block(1.0), np.array([[1.1], [2.0], [2.4]], dtype=np.float32), 1.0)

        assert found[:, 0] == pytest.approx([1.1, 2.0, 2.4])


class TestGsmsr:
    def test_follows_its_formula(self):
        t, p, soc = 15.0, 8.0, 5.0
        wanted = (0.588 + 0.118 * soc) * np.exp(np.log(1.83 * np.exp(-0.006 * t)) * t / 10) * (p + 2.972) / (p + 5.657)

        assert float(respiration.gsmsr(t, p, soc, 30.0)) == pytest.approx(30 * wanted, rel=1e-12)

    def test_respires_more_on_richer_soil(self):
        assert (np.diff(respiration.gsmsr(15.0, 8.0, np.linspace(0, 20), 30.0)) > 0).all()


class TestModels:
    def test_say_what_they_need_and_how_well_they_are_known(self):
        assert respiration.MODELS["gsmsr"].grade == "D"
        assert set(respiration.MODELS["pei"].needs) == {"t_c", "p_mm"}
