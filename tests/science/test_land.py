import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.science import land

SQUARE = np.array([[0.0, 0], [1000, 0], [1000, 1000], [0, 1000]])
HOLE = np.array([[400.0, 400], [600, 400], [600, 600], [400, 600]])
ELSEWHERE = SQUARE + np.array([3000.0, 0])
HOLED = [[SQUARE, HOLE], [ELSEWHERE]]


def dice(seed=1):
    return np.random.Generator(np.random.PCG64(seed))


class TestLand:
    def test_has_the_area_of_its_polygons_without_their_holes(self):
        assert land.area(HOLED) == 2_000_000 - 40_000

    def test_contains_what_lies_in_a_polygon_and_in_no_hole(self):
        points = np.array([[10.0, 10], [500, 500], [399, 500], [3500, 500], [2000, 500], [-1, 500], [500, 1001]])

        assert list(land.inside(points, HOLED)) == [True, False, True, True, False, False, False]

    def test_contains_a_point_that_lies_in_two_of_its_polygons(self):
        assert land.inside(np.array([[500.0, 500]]), [[SQUARE], [SQUARE * 0.9]]).all()

    def test_counts_a_corner_beside_a_point_once(self):
        diamond = np.array([[0.0, -1], [1, 0], [0, 1], [-1, 0]])

        assert list(land.inside(np.array([[-0.5, 0.0], [-2.0, 0.0], [-2.0, 1.0]]), [[diamond]])) == [True, False, False]

    def test_knows_how_far_its_edges_are(self):
        points = np.array([[500.0, 10], [390, 500], [3500, 500]])

        assert land.clearance(points, HOLED) == pytest.approx([10, 10, 500])

    def test_is_measured_in_true_areas_wherever_it_lies(self):
        """A cell of one degree between 42° and 43° N: R²·Δλ·(sin φ₂ − sin φ₁) on the sphere, 9,131 km² on WGS 84."""
        cell = np.array([[118.0, 42], [119, 42], [119, 43], [118, 43]])
        exact = land.RADIUS**2 * np.radians(1) * (np.sin(np.radians(43)) - np.sin(np.radians(42)))

        for parallel in (0, 42.5, 60):
            assert land.area([[land.metres(cell, parallel)]]) == pytest.approx(exact, rel=1e-9)
        assert exact / 1e6 == pytest.approx(9131, rel=0.005)

    @given(st.floats(-179, 179), st.floats(-80, 80))
    def test_comes_back_from_the_plane(self, longitude, latitude):
        point = np.array([[longitude, latitude]])

        assert land.degrees(land.metres(point, 30), 30) == pytest.approx(point, abs=1e-9)


@pytest.mark.parametrize("lay", [land.on_grid, land.at_random])
class TestPoints:
    @pytest.mark.parametrize("count", [1, 3, 17, 60])
    def test_are_as_many_as_asked_for_inside_and_away_from_the_edge(self, lay, count):
        points = lay(HOLED, count, dice(), 15.0)

        assert points.shape == (count, 2)
        assert land.inside(points, HOLED).all()
        assert land.clearance(points, HOLED).min() >= 15

    def test_keep_their_distance_from_each_other(self, lay):
        points = lay(HOLED, 60, dice(), 20.0)
        apart = np.hypot(*(points[:, None] - points[None]).T) + np.eye(60) * 1e9

        assert apart.min() >= 40

    def test_are_the_same_for_the_same_generator(self, lay):
        assert np.array_equal(lay(HOLED, 9, dice(), 5.0), lay(HOLED, 9, dice(), 5.0))
        assert not np.array_equal(lay(HOLED, 9, dice(), 5.0), lay(HOLED, 9, dice(2), 5.0))

    def test_fall_on_every_place_equally_often(self, lay):
        """Over many starts, the smaller of two polygons gets its share by area."""
        lands = [[SQUARE], [SQUARE[:, ::-1] * [0.5, 1] + [3000, 0]]]
        found = np.concatenate([lay(lands, 6, dice(seed)) for seed in range(150)])

        assert (found[:, 0] < 2000).mean() == pytest.approx(2 / 3, abs=0.05)

    def test_find_no_room_in_a_strip_narrower_than_a_plot(self, lay):
        strip = [[np.array([[0.0, 0], [1000, 0], [1000, 20], [0, 20]])]]

        with pytest.raises(land.NoRoom):
            lay(strip, 2, dice(), 15.0)

    def test_find_their_way_into_small_parcels_far_apart(self, lay):
        parcels = [[SQUARE / 10 + [1e5 * k, 3e4 * k]] for k in range(40)]
        points = lay(parcels, 30, dice(), 5.0)

        assert land.inside(points, parcels).all()
        assert len({int(x // 1e5) for x in points[:, 0]}) > 15
