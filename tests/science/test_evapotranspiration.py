import numpy as np
import pytest

from tanhui.science import evapotranspiration

# a year like Shaoxing's
T = np.array([5, 7, 11, 16.5, 21.5, 25, 29, 28.5, 24.5, 19, 13, 7])
R = np.array([80, 85, 140, 120, 125, 230, 150, 170, 120, 70, 75, 60], dtype=float)


def year():
    index = evapotranspiration.heat(T).sum()
    potential = evapotranspiration.thornthwaite(T, index, evapotranspiration.exponent(index))
    radiation = evapotranspiration.net_radiation(potential, R)
    return index, potential, radiation, evapotranspiration.actual(R, radiation)


class TestThornthwaite:
    def test_follows_its_formula(self):
        index, potential, *_ = year()
        a = 6.75e-7 * index**3 - 7.71e-5 * index**2 + 1.792e-2 * index + 0.49239

        assert index == pytest.approx(((T / 5) ** 1.514).sum())
        assert potential == pytest.approx(16 * (10 * T / index) ** a)
        assert 750 < potential.sum() < 950  # the humid subtropics

    def test_stands_still_in_frost(self):
        assert float(evapotranspiration.heat(-5.0)) == 0
        assert float(evapotranspiration.thornthwaite(-5.0, 80.0, 1.7)) == 0
        assert float(evapotranspiration.thornthwaite(-5.0, 0.0, 0.49239)) == 0


class TestActualEvapotranspiration:
    def test_follows_zhou_and_zhang(self):
        _, potential, rn, found = year()

        assert rn == pytest.approx(np.sqrt(potential * R) * (0.369 + 0.598 * np.sqrt(potential / R)))
        assert found == pytest.approx(R * rn * (R**2 + rn**2 + R * rn) / ((R + rn) * (R**2 + rn**2)))

    def test_never_exceeds_rain_or_energy(self):
        rain, energy = np.meshgrid(np.linspace(0, 900, 40), np.linspace(0, 300, 40))
        found = evapotranspiration.actual(rain, energy)

        assert (found <= np.minimum(rain, energy) + 1e-9).all()
        assert not np.isnan(found).any()

    def test_is_nothing_without_rain_even_in_float32(self):
        dry = np.zeros((2, 2), dtype=np.float32)

        assert (evapotranspiration.actual(dry, dry + 100) == 0).all()
        assert (evapotranspiration.actual(dry, dry) == 0).all()

    def test_takes_room_it_is_given(self):
        rain, energy = np.full(4, 100.0), np.full(4, 80.0)
        room = np.empty(4)

        assert evapotranspiration.actual(rain, energy, room) is room
        assert room == pytest.approx(evapotranspiration.actual(rain, energy))


class TestWaterScalar:
    def test_runs_from_a_half_to_one(self):
        _, potential, _, actual = year()
        found = evapotranspiration.water(actual, potential)

        assert found == pytest.approx(np.minimum(0.5 + 0.5 * actual / ((actual + potential) / 2), 1))
        assert float(evapotranspiration.water(0.0, 120.0)) == 0.5
        assert float(evapotranspiration.water(0.0, 0.0)) == 0.5
        assert ((found >= 0.5) & (found <= 1)).all()
