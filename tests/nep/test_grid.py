"""The grid of a run: its tiles and the true areas of its cells."""

import numpy as np
import pytest
from pyproj import Geod

from tanhui.nep.grid import Grid, Tile

MODIS = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"


class TestAreas:
    def test_agree_with_the_ellipsoid_from_30_to_30_05_degrees(self):
        grid = Grid.over("EPSG:4326", (120, 30, 120.05, 30.05), (0.05, 0.05), 512)
        assert grid.areas_m2(next(grid.windows()))[0, 0] / 1e6 == pytest.approx(26.7327, abs=5e-5)

    @pytest.mark.parametrize(
        ("crs", "origin", "side"),
        [
            ("EPSG:4549", (500_000, 3_320_000), 10),
            ("EPSG:3857", (13_400_000, 3_500_000), 30),
            ("EPSG:32650", (300_000, 4_700_000), 1000),
        ],
    )
    def test_of_a_projected_grid_equal_the_geodesic_areas_of_its_cells(self, crs, origin, side):
        from pyproj import Transformer

        grid = Grid(crs, (side, 0, origin[0], 0, -side, origin[1]), 300, 200, 512)
        areas = grid.areas_m2(next(grid.windows()))
        back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        for row, column in ((0, 0), (117, 33), (199, 299)):
            x, y = origin[0] + column * side, origin[1] - row * side
            lon, lat = back.transform([x, x + side, x + side, x], [y, y, y - side, y - side])
            exact, _ = Geod(ellps="WGS84").polygon_area_perimeter(lon, lat)
            assert areas[row, column] == pytest.approx(abs(exact), rel=2e-6)

    def test_of_a_sinusoidal_sphere_are_read_on_the_ellipsoid(self):
        side = 463.3127165
        grid = Grid(MODIS, (side, 0, -1_000_000, 0, -side, 1_900_000), 64, 64, 512)
        areas = grid.areas_m2(next(grid.windows()))
        assert areas.mean() == pytest.approx(side * side, rel=0.005)
        assert areas.mean() != pytest.approx(side * side, rel=1e-5)

    def test_do_not_depend_on_the_tiles(self):
        whole = Grid("EPSG:32650", (30, 0, 300_000, 0, -30, 4_700_000), 100, 90, 512)
        parts = np.zeros((90, 100))
        small = Grid(whole.crs, whole.transform, 100, 90, 37)
        for tile in small.windows():
            parts[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width] = small.areas_m2(tile)
        assert np.allclose(parts, whole.areas_m2(Tile(0, 0, 0, 0, 90, 100)), rtol=1e-14)


class TestWindows:
    def test_cover_every_cell_once(self):
        grid = Grid("EPSG:4326", (0.1, 0, 0, 0, -0.1, 10), 1100, 600, 512)
        seen = np.zeros((600, 1100), int)
        for tile in grid.windows():
            seen[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width] += 1
        assert (seen == 1).all()
        assert [tile.name for tile in grid.windows()][-1] == "001-002"
