from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.nep import zone_files
from tests.nep.zone_files import SIDE, SOUTH, WEST

from tanhui.nep import coverage, zones
from tanhui.nep.grid import Grid

GRID = Grid("EPSG:4490", (0.02, 0, WEST - 0.05, 0, -0.02, SOUTH + 0.25), 15, 15)
ALL = (0, 0, 15, 15)


def made(shapes: list[object]) -> zones.Zones:
    codes = tuple(f"{number:03d}" for number in range(len(shapes)))
    drawn = np.array(shapes, dtype=object)
    return zones.Zones("plot", codes, codes, drawn, "EPSG:4490", "plots.gpkg", "utf-8", "format")


def cut(folder: Path, shapes: list[object], grid: Grid = GRID) -> tuple[np.ndarray, coverage.Coverage]:
    zones.burn(made(shapes), grid, folder, exact=True)
    with rasterio.open(folder / "zones/plot.tif") as file:
        numbers = file.read(1)
    return numbers, coverage.read(folder / "zones/plot.npz")


def areas(grid: Grid) -> np.ndarray:
    rows = grid.row_areas_m2()
    return np.broadcast_to(rows, (grid.height, grid.width))


def sums(values: np.ndarray, numbers: np.ndarray, table: coverage.Coverage, count: int) -> np.ndarray:
    by_centre = np.bincount(numbers.ravel(), weights=np.nan_to_num(values).ravel(), minlength=count + 1)
    return by_centre + table.sums(values, count, (0, 0, *values.shape))


class TestExactCoverage:
    def test_gives_each_zone_its_area_on_the_ellipsoid(self, tmp_path: Path) -> None:
        circles = [shapely.Point(WEST + 0.03 + 0.06 * n, SOUTH + 0.1).buffer(0.021) for n in range(3)]
        numbers, table = cut(tmp_path, circles)
        found = sums(areas(GRID), numbers, table, 3)
        assert found[1:] == pytest.approx(made(circles).areas_m2(), rel=2e-4)  # a cell is taken for evenly large
        assert found.sum() == pytest.approx(areas(GRID).sum(), rel=1e-12)

    def test_agrees_with_shapely_cell_by_cell(self, tmp_path: Path) -> None:
        plot = shapely.Polygon([(WEST, SOUTH), (WEST + 0.07, SOUTH + 0.011), (WEST + 0.033, SOUTH + 0.09)])
        numbers, table = cut(tmp_path, [plot])
        share = (numbers == 1).astype(float)
        mine = table.number == 1
        np.add.at(share.reshape(-1), table.cell[mine], table.share[mine])
        a, _, c, _, e, f = GRID.transform
        for row, column in np.ndindex(share.shape):
            cell = shapely.box(c + a * column, f + e * (row + 1), c + a * (column + 1), f + e * row)
            assert share[row, column] == pytest.approx(plot.intersection(cell).area / cell.area, abs=1e-6)

    def test_is_nothing_where_borders_follow_the_cells(self, tmp_path: Path) -> None:
        grid = Grid("EPSG:4490", (0.025, 0, WEST, 0, -0.025, SOUTH + 0.2), 8, 8)
        _, table = cut(tmp_path, zone_files.squares(), grid)
        assert np.abs(table.share).max(initial=0) < 1e-6

    def test_is_the_same_asked_window_by_window(self, tmp_path: Path) -> None:
        numbers, table = cut(tmp_path, [shapely.Point(WEST + 0.1, SOUTH + 0.1).buffer(0.07)])
        values = np.random.default_rng(1).normal(size=(15, 15))
        whole = table.sums(values, 1, ALL)
        parts = sum(
            table.sums(
                values[top : top + 4, left : left + 6], 1, (top, left, *values[top : top + 4, left : left + 6].shape)
            )
            for top in range(0, 15, 4)
            for left in range(0, 15, 6)
        )
        assert parts == pytest.approx(whole, abs=1e-12)
        assert numbers.any()

    def test_takes_cells_without_value_for_nothing(self, tmp_path: Path) -> None:
        _, table = cut(tmp_path, [shapely.Point(WEST + 0.1, SOUTH + 0.1).buffer(0.07)])
        assert table.sums(np.full((15, 15), np.nan), 1, ALL).tolist() == [0, 0]

    def test_shares_out_what_slivers_give_to_two(self, tmp_path: Path) -> None:
        left = shapely.box(WEST, SOUTH, WEST + 0.06 + 1e-5, SOUTH + SIDE)
        right = shapely.box(WEST + 0.06, SOUTH, WEST + 0.13, SOUTH + SIDE)
        numbers, table = cut(tmp_path, [left, right])
        assert sums(np.ones((15, 15)), numbers, table, 2).sum() == pytest.approx(225, abs=1e-9)
        per_cell = np.bincount(table.cell, weights=table.share)
        assert np.abs(per_cell).max() < 1e-12

    def test_finds_a_plot_smaller_than_a_cell(self, tmp_path: Path) -> None:
        plot = shapely.box(WEST + 0.003, SOUTH + 0.002, WEST + 0.006, SOUTH + 0.004)
        numbers, table = cut(tmp_path, [plot])
        assert not numbers.any()
        assert sums(areas(GRID), numbers, table, 1)[1] == pytest.approx(made([plot]).areas_m2()[0], rel=1e-3)

    def test_is_kept_in_the_same_bytes(self, tmp_path: Path) -> None:
        plot = [shapely.Point(WEST + 0.1, SOUTH + 0.1).buffer(0.07)]
        first, second = (zones.burn(made(plot), GRID, tmp_path / name, exact=True) for name in "ab")
        assert first.files == second.files


radius = st.floats(0.001, 0.06)
place = st.tuples(st.floats(0.0, 0.2), st.floats(0.0, 0.2), radius)


class TestZonesAndOutside:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(places=st.lists(place, min_size=1, max_size=4))
    def test_hold_every_cell_once_whatever_the_polygons(
        self, tmp_path_factory: pytest.TempPathFactory, places: list[tuple[float, float, float]]
    ) -> None:
        shapes: list[object] = []
        for x, y, size in places:
            left = (
                shapely.Point(WEST + x, SOUTH + y)
                .buffer(size, quad_segs=3)
                .intersection(shapely.box(WEST - 0.05, SOUTH - 0.05, WEST + 0.25, SOUTH + 0.25))
            )
            for other in shapes:
                left = left.difference(other)  # zones of a level do not overlap
            if left.area > 1e-8:
                shapes.append(left)
        numbers, table = cut(tmp_path_factory.mktemp("cut"), shapes)
        values = np.random.default_rng(7).normal(300, 50, (15, 15)) * areas(GRID)
        found = sums(values, numbers, table, len(shapes))
        assert found.sum() == pytest.approx(values.sum(), rel=1e-12)
        assert np.abs(np.bincount(table.cell, weights=table.share)).max(initial=0) < 1e-12
        covered = sums(np.ones((15, 15)), numbers, table, len(shapes))
        cell = 0.02 * 0.02
        assert covered[1:] == pytest.approx([one.area / cell for one in shapes], abs=1e-4)
