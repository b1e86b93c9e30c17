import resource
import sqlite3
from pathlib import Path

import numpy as np
import pyogrio
import pyogrio.raw
import pytest
import shapely
from tests.nep import builders

from tanhui.nep import geopackage, refusals, statistics


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = builders.small_run(tmp_path_factory.mktemp("geopackage"), years=(2022, 2023))
    statistics.compute(place)
    geopackage.write(place)
    return place


@pytest.fixture(scope="module")
def path(folder: Path) -> Path:
    return folder / "archive/zones.gpkg"


class TestTheGeopackage:
    def test_has_a_layer_for_each_level_and_the_whole_table(self, path: Path) -> None:
        assert pyogrio.list_layers(path).tolist() == [["town", "MultiPolygon"], ["statistics", None]]

    def test_draws_zones_in_cgcs2000_with_each_year_in_columns(self, folder: Path, path: Path) -> None:
        meta, _, wkb, columns = pyogrio.raw.read(path, layer="town")
        assert meta["crs"] == "EPSG:4490"
        told = dict(zip(meta["fields"], columns, strict=True))
        assert told["name"].tolist() == ["百官街道", "曹娥街道"]
        found = statistics.read(folder)
        for year in (2022, 2023):
            rows = [found.row(year, code, level="town") for code in ("330604001", "330604002")]
            assert told[f"y{year}_nep_kg_co2"].tolist() == [one.nep_kg_co2 for one in rows if one]
            assert told[f"y{year}_lower_kg_co2"].dtype == np.int64
        assert shapely.from_wkb(wkb[0]).bounds == pytest.approx((120.52, 30.02, 120.8, 30.38))

    def test_leaves_empty_what_a_zone_does_not_have(self, path: Path) -> None:
        meta, _, _, columns = pyogrio.raw.read(path, layer="town")
        told = dict(zip(meta["fields"], columns, strict=True))
        assert np.isnan(told["y2022_change_kg_co2"].astype(float)).all()  # there is no year before
        assert np.isnan(told["y2023_forest_kg_co2"].astype(float)).tolist() == [False, True]
        assert "y2023_water_kg_co2" not in told

    def test_holds_every_row_of_the_statistics(self, folder: Path, path: Path) -> None:
        meta, _, _, columns = pyogrio.raw.read(path, layer="statistics", read_geometry=False)
        told = dict(zip(meta["fields"], columns, strict=True))
        found = statistics.read(folder)
        assert told["nep_kg_co2"].tolist() == [row.nep_kg_co2 for row in found.rows]
        assert told["zone"].tolist() == [row.zone for row in found.rows]
        assert told["sigma_rh_model_kg_co2"].tolist() == [row.sigma_kg_co2["rh_model"] for row in found.rows]

    def test_describes_layers_and_columns_in_chinese(self, path: Path) -> None:
        with sqlite3.connect(path) as book:
            titles = dict(book.execute("SELECT table_name, identifier FROM gpkg_contents").fetchall())
            columns = dict(
                book.execute("SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'town'").fetchall()
            )
            extensions = book.execute("SELECT extension_name FROM gpkg_extensions").fetchall()
            whole = book.execute("PRAGMA integrity_check").fetchone()
        book.close()
        assert titles == {"town": "乡镇（街道）", "statistics": "统计表"}
        assert columns["y2023_conservative_kg_co2"] == "2023年保守下限"
        assert columns["y2023_forest_kg_co2"] == "2023年森林固碳量"
        assert ("gpkg_schema",) in extensions
        assert whole == ("ok",)

    def test_is_the_same_bytes_each_time(self, folder: Path, path: Path) -> None:
        before = path.read_bytes()
        assert geopackage.write(folder) == path
        assert path.read_bytes() == before

    def test_leaves_nothing_else_behind(self, folder: Path) -> None:
        assert [one.name for one in (folder / "archive").iterdir()] == ["zones.gpkg"]
        assert not [one for one in folder.iterdir() if one.name.startswith("tmp")]


def test_a_full_disk_leaves_the_file_as_it_was(folder: Path, path: Path) -> None:
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))  # a file may grow no further, as on a full disk
    try:
        with pytest.raises(refusals.CannotWrite):
            geopackage.write(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert not [one for one in folder.iterdir() if one.name.startswith("tmp")]


def test_a_run_without_zones_has_the_table_alone(tmp_path: Path) -> None:
    zones = builders.PLAN[builders.PLAN.index("[[zones]]") :]
    folder = builders.small_run(tmp_path, changes={zones: ""})
    found = statistics.compute(folder)
    assert [one.zone for one in found.of(2023)] == ["all"]
    path = geopackage.write(folder)
    assert pyogrio.list_layers(path).tolist() == [["statistics", None]]
