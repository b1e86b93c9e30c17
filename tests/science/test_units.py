import numpy as np
import pytest

from tanhui.science import respiration, units


class TestUnits:
    def test_of_a_function_are_recorded_for_documents(self):
        assert respiration.pei.units["t_c"] == "degC"
        assert respiration.pei.returns == "gC m-2 month-1"

    @pytest.mark.parametrize(
        ("unit", "value", "hint"),
        [
            ("degC", 293.0, "kelvin"),
            ("degC", -9999.0, "kelvin"),
            ("NDVI", 6500.0, "scaled"),
            ("fraction", 55.0, "per cent"),
            ("mm month-1", -3.4e38, "fill"),
            ("cm month-1", 1800.0, "millimetres"),
            ("MJ m-2 month-1", 6e8, "joules"),
            ("gC m-2 a-1", 65533.0, "scale"),
            ("gC m-2 a-1", np.inf, "scale"),
        ],
    )
    def test_out_of_range_name_the_argument_and_what_it_may_be(self, unit, value, hint):
        with pytest.raises(units.OutOfRange, match=hint) as refused:
            units.check("layer", unit, np.full((40, 50), value, dtype=np.float32))

        assert (refused.value.name, refused.value.unit) == ("layer", unit)

    def test_pass_over_cells_without_data(self):
        units.check("t_c", "degC", np.full((4, 4), np.nan, dtype=np.float32))
        units.check("t_c", "degC", np.empty((0, 7)))

    def test_are_checked_whether_named_or_in_place(self):
        for call in (lambda: respiration.pei(290.0, 10.0), lambda: respiration.pei(p_mm=10.0, t_c=290.0)):
            with pytest.raises(units.OutOfRange, match="t_c has 290"):
                call()

    @pytest.mark.parametrize("order", ["C", "F"])
    def test_are_looked_at_all_over_a_block(self, order):
        kelvin_below = np.asarray(np.full((64, 512), 15, dtype=np.float32), order=order)
        kelvin_below[40:] = 288

        with pytest.raises(units.OutOfRange):
            units.check("t_c", "degC", kelvin_below)
        with pytest.raises(units.OutOfRange):
            units.check("t_c", "degC", kelvin_below[:, ::2])

    def test_must_exist_where_a_function_is_declared(self):
        with pytest.raises(ValueError, match="furlong"):
            units.of(t="furlong", returns="1")(lambda t: t)
        with pytest.raises(ValueError, match="speed"):
            units.of(speed="1", returns="1")(lambda t: t)

    def test_of_a_whole_layer_betray_metres_and_kilograms(self):
        assert units.suspect("mm a-1", 1.9) == "metres"
        assert units.suspect("gC m-2 a-1", 1.2) == "kilograms of carbon"
        assert not units.suspect("mm a-1", 1900)
        assert not units.suspect("degC", 0.1)
