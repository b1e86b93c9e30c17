import numpy as np
import pytest

from tanhui.science import ecosystems, plausible


def cells(*values):
    return np.array(values, dtype=np.float32)


class TestFlagsOfCells:
    def test_stay_away_from_an_ordinary_forest(self):
        assert plausible.flags(cells(700), cells(363), cells(337), cells(1400), cells(300)).tolist() == [0]

    def test_mark_soil_that_respires_more_than_the_whole(self):
        rh = cells(700, 700)

        found = plausible.flags(cells(600, 600), rh, cells(-100, -100), respiration=cells(650, 900))

        assert found.tolist() == [plausible.RH_ABOVE_RESPIRATION, 0]

    def test_take_what_the_plants_fixed_where_respiration_is_unknown(self):
        npp, rh = cells(300, 300), cells(550, 610)

        assert plausible.flags(npp, rh, npp - rh).tolist() == [0, 1]
        assert plausible.flags(npp, rh, npp - rh, gpp=cells(500, 640)).tolist() == [1, 0]

    def test_mark_what_lies_outside_the_plausible_range(self):
        nep = cells(-601, -600, 1200, 1201)

        assert plausible.flags(nep + 900, cells(900, 900, 900, 900), nep, gpp=cells(9e3, 9e3, 9e3, 9e3)).tolist() == [
            2,
            0,
            0,
            2,
        ]

    def test_mark_a_jump_up_and_down_but_not_a_ripple(self):
        before, nep = cells(300, 300, 300, 20, np.nan), cells(421, 419, 179, 60, 500)

        found = plausible.flags(nep + 300, np.full(5, 300, np.float32), nep, previous=before)

        assert found.tolist() == [4, 0, 4, 0, 0]

    def test_say_only_no_data_where_there_is_none(self):
        assert plausible.flags(cells(np.nan), cells(5000), cells(np.nan), previous=cells(1)).tolist() == [8]

    def test_add_up_in_one_cell_and_are_counted_by_name(self):
        found = plausible.flags(cells(100, 100), cells(900, 50), cells(-800, 50), previous=cells(100, 50))

        assert found.tolist() == [7, 0]
        assert plausible.counts(found) == {"rh_above_respiration": 1, "implausible": 1, "jump": 1, "nodata": 0}

    def test_are_written_where_they_are_told(self):
        out = np.full(1, 255, dtype=np.uint8)

        assert plausible.flags(cells(700), cells(363), cells(337), out=out) is out
        assert out.tolist() == [0]


class TestBoundsOfTypes:
    @pytest.mark.parametrize(
        ("kind", "mean", "plausible_"),
        [
            (ecosystems.FOREST, 113, False),
            (ecosystems.FOREST, 114, True),
            (ecosystems.FOREST, 1136, False),
            (ecosystems.CROP, 192, True),
            (ecosystems.SHRUB, 91, False),
            (ecosystems.SHRUB, 1130, True),
            (ecosystems.WATER, 4000, True),
        ],
    )
    def test_are_a_third_to_thrice_the_delta_s(self, kind, mean, plausible_):
        assert plausible.type_is_plausible(kind, float(mean)) is plausible_

    def test_of_a_year_are_two_fifths_of_the_last(self):
        assert plausible.jumped([100, 100, 100, np.nan], [139, 141, 59, 10]).tolist() == [False, True, True, False]
