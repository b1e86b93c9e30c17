from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.nep import builders

from tanhui.nep import parcels, refusals, run, statistics, zones

YEARS = (2022, 2023)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = builders.small_run(tmp_path_factory.mktemp("parcels"), years=YEARS)
    statistics.compute(place)
    return place


def made(*shapes: object) -> zones.Zones:
    codes = tuple(f"{number:02d}" for number in range(len(shapes)))
    drawn = np.array(shapes, dtype=object)
    return zones.Zones("plot", codes, codes, drawn, "EPSG:4490", "plots.gpkg", "utf-8", "format")


class TestParcels:
    def test_that_are_the_towns_come_to_what_the_run_says_of_them(self, folder: Path) -> None:
        towns = [
            shapely.geometry.shape(one["geometry"])
            for one in builders.towns()["features"]  # type: ignore[attr-defined]
        ]
        found = {(one.year, one.zone, one.type): one for one in parcels.rows(folder, made(*towns))}
        told = statistics.read(folder)
        for year in YEARS:
            for mine, code in (("00", "330604001"), ("01", "330604002")):
                own, same = found[year, mine, "all"], told.row(year, code)
                assert same
                for name in ("nep_kg_co2", "npp_kg_c", "area_m2", "lower_kg_co2", "conservative_kg_co2"):
                    assert getattr(own, name) == pytest.approx(getattr(same, name), abs=9, rel=1e-7)
                assert own.flags == same.flags
                assert own.change_kg_co2 == pytest.approx(same.change_kg_co2, abs=9) if year == 2023 else True

    def test_smaller_than_a_cell_get_their_share_of_it(self, folder: Path) -> None:
        cell = shapely.box(120.70, 30.10, 120.71, 30.11)
        quarter = shapely.box(120.70, 30.10, 120.705, 30.105)
        whole, part = (parcels.rows(folder, made(one))[-1] for one in (cell, quarter))
        assert part.cells == pytest.approx(0.25)
        assert part.nep_kg_co2 == pytest.approx(whole.nep_kg_co2 / 4, abs=1)
        assert part.lower_kg_co2 < part.nep_kg_co2 < part.upper_kg_co2

    def test_may_overlap_as_each_stands_by_itself(self, folder: Path) -> None:
        plot = shapely.Point(120.65, 30.2).buffer(0.03)
        alone = parcels.rows(folder, made(plot))
        over = parcels.rows(folder, made(plot, shapely.box(120.64, 30.1, 120.7, 30.25)))
        assert [one.nep_kg_co2 for one in over if one.zone == "00"] == [one.nep_kg_co2 for one in alone]

    def test_leave_the_run_as_it_was(self, folder: Path) -> None:
        before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file())
        parcels.rows(folder, made(shapely.Point(120.65, 30.2).buffer(0.03)))
        assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()) == before

    def test_outside_the_grid_are_refused(self, folder: Path) -> None:
        with pytest.raises(zones.ZoneOutsideRaster):
            parcels.rows(folder, made(shapely.Point(121.1, 30.2).buffer(0.03)))

    def test_as_large_as_a_run_are_refused(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parcels, "MOST_CELLS", 100)
        with pytest.raises(parcels.ParcelsTooLarge, match="hold 900 cells"):
            parcels.rows(folder, made(shapely.box(120.6, 30.1, 120.9, 30.4)))

    def test_of_an_unfinished_run_are_refused(self, tmp_path: Path) -> None:
        run.prepare(builders.small_plan(builders.small_data(tmp_path / "data")), tmp_path / "run")
        with pytest.raises(refusals.NotFinished):
            parcels.rows(tmp_path / "run", made(shapely.Point(120.65, 30.2).buffer(0.03)))
