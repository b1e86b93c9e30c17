"""A tile task: its files, its sums, and that it is done once or not at all."""

import dataclasses
import shutil

import numpy as np
import pytest
import rasterio

from nep import builders
from tanhui.nep import run, store, tiles
from tanhui.science import ecosystems


def tasks(folder):
    return [one for chain in run.chains(folder, run.read_record(folder)) for one in chain]


@pytest.fixture
def prepared(tmp_path):
    """A run of which no tile is computed yet."""
    data = builders.small_data(tmp_path / "data")
    run.prepare(builders.small_plan(data), tmp_path / "run")
    return tmp_path / "run"


class TestSums:
    def test_are_those_of_the_rasters_and_the_cell_areas(self, finished):
        rows = run.totals(finished)[2023]["town"]
        record = run.read_record(finished)
        grid = run.grid_of(record)
        place = finished / "layers/2023"
        nep, npp, rh = (store.read(place / f"{name}.tif", store.QUANTITIES[name])[0] for name in ("nep", "npp", "rh"))
        with rasterio.open(finished / "inputs/landcover.tif") as file:
            types = file.read(1)
        with rasterio.open(finished / "zones/town.tif") as file:
            zones = file.read(1)
        areas = np.broadcast_to(grid.areas_m2(next(grid.windows())), types.shape)
        assert sum(row.cells for row in rows) == types.size
        for row in rows:
            here = (zones == row.zone) & (types == row.type)
            assert row.cells == here.sum()
            assert row.area_m2 == pytest.approx(areas[here].sum(), rel=1e-12)
            valid = here & ~np.isnan(nep)
            assert row.valid == valid.sum()
            if row.valid:
                for name, values in (("nep", nep), ("npp", npp), ("rh", rh)):
                    rounding = 0.05 * areas[valid].sum()
                    assert getattr(row, name) == pytest.approx((values * areas)[valid].sum(), abs=rounding / 5)

    def test_give_npp_less_respiration(self, finished):
        for row in run.totals(finished)[2023]["town"]:
            assert row.nep == pytest.approx(row.npp - row.rh, rel=1e-9, abs=1e-6)
            assert row.rh == pytest.approx(sum(row.models) / len(row.models))

    def test_give_no_sink_to_water_and_built_up_land(self, finished):
        rows = [row for row in run.totals(finished)[2023]["town"] if row.type in (ecosystems.URBAN, ecosystems.WATER)]
        assert len(rows) >= 2
        assert all(row.cells and not row.valid and row.nep == 0 and not any(row.flags) for row in rows)

    def test_count_what_has_no_data(self, finished):
        rows = run.totals(finished)[2023]["town"]
        nodata = tiles.FLAGS.index("nodata")
        assert sum(row.flags[nodata] for row in rows) == 60 + 9  # a row without land cover, a corner without NPP

    def test_count_a_declared_rate(self, tmp_path):
        rate = '[rates.urban]\nvalue = 50\nsource = "a table"\n[landcover]'
        folder = builders.small_run(tmp_path, changes={"[landcover]": rate})
        row = next(row for row in run.totals(folder)[2023]["town"] if row.type == ecosystems.URBAN)
        assert row.nep == pytest.approx(50 * row.area_m2)
        assert (row.valid, row.npp, row.models) == (row.cells, 0, (0, 0))

    @pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4549"])
    def test_do_not_depend_on_the_size_of_the_tiles(self, prepared, crs):
        one = tasks(prepared)[0]
        grid = one.grid
        if crs != grid.crs:
            grid = dataclasses.replace(grid, crs=crs, transform=(1000, 0, 300_000, 0, -1000, 3_400_000))
        whole = tiles.carry_out(dataclasses.replace(one, grid=grid))
        parts = []
        small = dataclasses.replace(grid, tile=16)
        for tile in small.windows():
            parts.append(tiles.carry_out(dataclasses.replace(one, grid=small, tile=tile, plan="small", year=2000)))
        for row, other in zip(tiles.total([whole])["town"], tiles.total(parts)["town"], strict=True):
            for name in tiles.COLUMNS:
                assert getattr(row, name) == pytest.approx(
                    getattr(other, name), rel=1e-9 if crs == "EPSG:4490" else 1e-5
                )

    def test_come_out_the_same_in_any_order(self, finished):
        results = [one for by_tile in run.results(finished).values() for one in by_tile.values()]
        assert tiles.total(results) == tiles.total(reversed(results))


class TestTile:
    def test_is_done_once(self, prepared):
        one = tasks(prepared)[0]
        tiles.carry_out(one)
        before = {path: path.stat().st_mtime_ns for path in one.place.iterdir()}
        tiles.carry_out(one)
        assert {path: path.stat().st_mtime_ns for path in one.place.iterdir()} == before

    @pytest.mark.parametrize("harm", ["cut", "gone", "half a result", "another task"])
    def test_is_done_again_when_anything_is_not_whole(self, prepared, harm):
        one = tasks(prepared)[0]
        good = tiles.carry_out(one)
        path = one.place / "nep.tif"
        if harm == "cut":
            path.write_bytes(path.read_bytes()[:-100])
        elif harm == "gone":
            path.unlink()
        elif harm == "half a result":
            result = one.place / "result.json"
            result.write_bytes(result.read_bytes()[:200])
        else:
            one = dataclasses.replace(one, plan="another")
        assert tiles.finished(one) is None
        again = tiles.carry_out(one)
        assert again.files == good.files
        assert tiles.finished(one) == again

    def test_says_the_same_wherever_its_folder_lies(self, prepared, tmp_path):
        here = tiles.carry_out(tasks(prepared)[0])
        shutil.copytree(prepared, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("tiles"))
        assert tiles.carry_out(tasks(tmp_path / "elsewhere")[0]) == here

    def test_reads_back_exactly_what_it_wrote(self, prepared):
        result = tiles.carry_out(tasks(prepared)[0])
        assert tiles.TileResult.of_json(result.as_json()) == result

    def test_fits_the_memory_of_a_worker_whatever_it_reads(self, prepared):
        one = dataclasses.replace(tasks(prepared)[0], tile=tasks(prepared)[0].tile._replace(height=2048, width=2048))
        for per_cell in (11, 120):
            parts = list(tiles.parts(one, per_cell))
            assert sum(height * width for _, _, height, width in parts) == 2048 * 2048
            assert max(height * width * per_cell for _, _, height, width in parts) <= 40_000_000
            assert all(top % 512 == left % 512 == 0 for top, left, _, _ in parts)
        assert sum(rows for _, rows in tiles.blocks(500, 700)) == 500
        assert all(16 <= rows <= 64 for _, rows in tiles.blocks(512, 1024))
