import json
import resource
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from tests.nep import zone_files
from tests.nep.zone_files import SIDE, SOUTH, TOWNS, WEST

from tanhui.kernel.refusal import Refusal
from tanhui.nep import cutting, polygons, refusals, zonefile, zones
from tanhui.nep.grid import Grid

NAMED = {"level": "township", "code_field": "代码", "name_field": "名称"}
PLAIN = {"level": "township", "code_field": "code", "name_field": "name"}
GRID = Grid("EPSG:4490", (0.002, 0, WEST - 0.02, 0, -0.002, SOUTH + 0.22), 120, 120)


def read(path: Path, **said: object) -> zones.Zones:
    return zones.read(path, **{**NAMED, **said})  # type: ignore[arg-type]


def refusal(path: Path, **said: object) -> Refusal:
    with pytest.raises(Refusal) as met:
        read(path, **said)
    return met.value


class TestAShapefile:
    def test_of_gbk_without_a_cpg_is_read_and_says_so(self, tmp_path: Path) -> None:
        found = read(zone_files.as_shapefile(tmp_path / "乡镇.shp"))
        assert found.codes == tuple(code for code, _ in TOWNS)
        assert found.names == tuple(name for _, name in TOWNS)
        assert (found.encoding, found.encoding_from) == ("gb18030", "tried")

    def test_of_utf8_without_a_cpg_is_read(self, tmp_path: Path) -> None:
        found = read(zone_files.as_shapefile(tmp_path / "a.shp", encoding="utf-8"))
        assert found.names[0] == "曹娥街道"
        assert (found.encoding, found.encoding_from) == ("utf-8", "tried")

    @pytest.mark.parametrize(("encoding", "cpg"), [("gbk", "GBK"), ("gbk", "936"), ("utf-8", "UTF-8")])
    def test_follows_its_cpg(self, tmp_path: Path, encoding: str, cpg: str) -> None:
        found = read(zone_files.as_shapefile(tmp_path / "a.shp", encoding=encoding, cpg=cpg))
        assert found.names[3] == "章镇镇"
        assert found.encoding_from == "cpg"

    def test_whose_cpg_lies_is_refused_and_can_be_declared(self, tmp_path: Path) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp", cpg="UTF-8")
        met = refusal(path)
        assert met.code == "nep.zones_encoding_unclear"
        assert met.facts["tried"] == "UTF-8"
        assert read(path, encoding="GBK").names[1] == "百官街道"

    def test_that_no_encoding_fits_is_refused(self, tmp_path: Path) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp")
        table = path.with_suffix(".dbf").read_bytes()
        path.with_suffix(".dbf").write_bytes(table.replace("曹娥".encode("gbk"), b"\xff\xfe\xff\xfe"))
        met = refusal(path)
        assert met.code == "nep.zones_encoding_unclear"
        assert "utf-8 / gb18030" in str(met)

    def test_whose_field_is_not_there_lists_those_that_are(self, tmp_path: Path) -> None:
        met = refusal(zone_files.as_shapefile(tmp_path / "a.shp"), name_field="乡镇名")
        assert (met.code, met.facts["fields"]) == ("nep.zones_field_missing", "代码、名称")

    def test_that_lost_its_table_is_refused(self, tmp_path: Path) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp")
        path.with_suffix(".shx").unlink()
        path.write_bytes(path.read_bytes()[:60])
        assert refusal(path).code == "nep.zones_unreadable"

    @pytest.mark.parametrize("inside", ["a", "边界/乡镇街道"])
    def test_in_a_zip_is_read_wherever_it_lies(self, tmp_path: Path, inside: str) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp", cpg="GBK")
        packed(path, tmp_path / "a.zip", inside, (".shp", ".shx", ".DBF", ".prj", ".cpg"))
        found = read(tmp_path / "a.zip")
        assert found.names == tuple(name for _, name in TOWNS)
        assert (found.file, found.encoding_from) == ("a.zip", "cpg")

    def test_in_a_zip_that_lacks_a_part_is_broken_or_unpacks_to_too_much_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp")
        packed(path, tmp_path / "part.zip", "a", (".shx", ".dbf"))
        assert refusal(tmp_path / "part.zip").code == "nep.zones_unreadable"
        (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
        assert refusal(tmp_path / "broken.zip").code == "nep.zones_unreadable"
        packed(path, tmp_path / "a.zip", "a", (".shp", ".shx", ".dbf", ".prj"))
        monkeypatch.setattr(zonefile, "MOST_UNPACKED", 100)
        assert refusal(tmp_path / "a.zip").code == "nep.zones_too_large"

    def test_in_a_zip_with_another_asks_for_one(self, tmp_path: Path) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp")
        packed(path, tmp_path / "a.zip", "a", (".shp", ".shx", ".dbf"))
        packed(path, tmp_path / "a.zip", "b", (".shp", ".shx", ".dbf"))
        assert refusal(tmp_path / "a.zip").facts["layers"] == "a.shp、b.shp"


def packed(path: Path, archive: Path, inside: str, suffixes: tuple[str, ...]) -> None:
    with zipfile.ZipFile(archive, "a") as file:
        for suffix in suffixes:
            file.write(path.with_suffix(suffix.lower()), inside + suffix)


class TestCoordinates:
    @pytest.mark.parametrize(
        "crs",
        [
            "EPSG:4490",  # degrees
            "EPSG:4529",  # three-degree strip 41, its number before the easting
            "EPSG:4550",  # the same strip without
            "EPSG:4499",  # six-degree strip 21
            "EPSG:4510",  # six-degree strip without a number
        ],
    )
    def test_in_each_system_of_cgcs2000_are_the_same_place(self, tmp_path: Path, crs: str) -> None:
        found = read(zone_files.as_shapefile(tmp_path / "a.shp", crs=crs))
        bounds = shapely.total_bounds(found.within("EPSG:4490"))
        assert bounds == pytest.approx([WEST, SOUTH, WEST + 2 * SIDE, SOUTH + 2 * SIDE], abs=1e-8)
        assert found.areas_m2()[0] == pytest.approx(106_911_000, rel=2e-3)

    def test_without_a_system_are_refused_with_a_guess_and_read_once_declared(self, tmp_path: Path) -> None:
        path = zone_files.as_shapefile(
            tmp_path / "a.shp", zone_files.moved(zone_files.squares(), "EPSG:4529"), crs=None
        )
        met = refusal(path)
        assert met.code == "nep.zones_without_crs"
        assert "EPSG:4529" in str(met.facts["looks"])
        assert read(path, crs="EPSG:4529").crs == "EPSG:4529"

    def test_in_degrees_without_a_system_are_refused_too(self, tmp_path: Path) -> None:
        met = refusal(zone_files.as_shapefile(tmp_path / "a.shp", crs=None))
        assert "EPSG:4490" in str(met.facts["looks"])

    def test_with_a_strip_number_the_system_does_not_have_are_refused(self, tmp_path: Path) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp", crs="EPSG:4529")
        met = refusal(path, crs="EPSG:4550")
        assert met.code == "nep.zones_off_their_crs"
        assert "EPSG:4529" in str(met.facts["looks"])

    def test_in_metres_called_degrees_are_refused(self, tmp_path: Path) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp", crs="EPSG:4550")
        assert refusal(path, crs="EPSG:4490").code == "nep.zones_off_their_crs"

    @pytest.mark.parametrize(("crs", "datum"), [("EPSG:2385", "西安80"), ("EPSG:2437", "北京54")])
    def test_of_an_old_datum_are_refused_by_name(self, tmp_path: Path, crs: str, datum: str) -> None:
        met = refusal(zone_files.as_shapefile(tmp_path / "a.shp", crs=crs))
        assert (met.code, met.facts["datum"]) == ("nep.zones_old_datum", datum)

    def test_in_a_system_nobody_knows_are_refused(self, tmp_path: Path) -> None:
        met = refusal(zone_files.as_shapefile(tmp_path / "a.shp"), crs="EPSG:999999")
        assert met.code == "nep.zones_off_their_crs"


class TestOtherFormats:
    @pytest.mark.parametrize("name", ["a.gpkg", "a.geojson"])
    def test_are_read_with_their_text(self, tmp_path: Path, name: str) -> None:
        crs = "EPSG:4326" if name.endswith("json") else "EPSG:4490"
        path = zone_files.as_file(tmp_path / name, zone_files.squares(), TOWNS, crs)
        found = zones.read(path, **PLAIN)
        assert found.names == tuple(name for _, name in TOWNS)
        assert found.encoding_from == "format"

    def test_with_several_layers_ask_for_one(self, tmp_path: Path) -> None:
        path = zone_files.as_file(tmp_path / "a.gpkg", zone_files.squares(), TOWNS)
        import pyogrio.raw

        meta, _, wkb, columns = pyogrio.raw.read(path)
        pyogrio.raw.write(
            path, wkb, columns, meta["fields"], layer="红线", geometry_type="Polygon", crs="EPSG:4490", append=True
        )
        with pytest.raises(zonefile.ZonesLayerUnclear, match="红线"):
            zones.read(path, **PLAIN)
        assert zones.read(path, layer="红线", **PLAIN).codes[0] == TOWNS[0][0]

    @pytest.mark.parametrize("content", [b"", b"{}", b"no boundaries at all", b'{"type": "FeatureCollection"'])
    def test_that_are_none_are_refused(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.geojson").write_bytes(content)
        with pytest.raises(Refusal) as met:
            zones.read(tmp_path / "a.geojson", **PLAIN)
        assert met.value.code in ("nep.zones_unreadable", "nep.no_zones")

    def test_that_are_not_there_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(zonefile.ZonesUnreadable):
            zones.read(tmp_path / "none.gpkg", **PLAIN)


BOW = shapely.Polygon([(WEST, SOUTH), (WEST + 0.1, SOUTH + 0.1), (WEST + 0.1, SOUTH), (WEST, SOUTH + 0.1)])


class TestABrokenPolygon:
    def test_that_crosses_itself_is_refused_with_the_place(self, tmp_path: Path) -> None:
        met = refusal(zone_files.as_shapefile(tmp_path / "a.shp", [BOW], [("1", "章镇镇")]))
        assert met.code == "nep.zone_crosses_itself"
        assert met.facts["place"] == "120.85, 29.95"
        assert "章镇镇（1）" in str(met)

    def test_is_mended_only_when_the_plan_says_so_and_what_changed_is_kept(self, tmp_path: Path) -> None:
        found = read(zone_files.as_shapefile(tmp_path / "a.shp", [BOW], [("1", "章镇镇")]), repair=True)
        (mended,) = found.repaired
        assert shapely.is_valid(found.geometries).all()
        assert mended.zone == "1"
        assert mended.area_after_m2 == pytest.approx(found.areas_m2()[0], abs=1)
        assert mended.area_before_m2 < mended.area_after_m2 / 100  # the lobes of a bow cancel

    def test_of_another_kind_is_refused_with_its_reason(self, tmp_path: Path) -> None:
        hole = [(WEST + 0.2, SOUTH), (WEST + 0.3, SOUTH), (WEST + 0.3, SOUTH + 0.1), (WEST + 0.2, SOUTH + 0.1)]
        shape = shapely.Polygon(shapely.box(WEST, SOUTH, WEST + 0.1, SOUTH + 0.1).exterior, [hole])
        path = zone_files.as_file(tmp_path / "a.gpkg", [shape], [("1", "a")])
        with pytest.raises(polygons.ZoneBroken, match="a hole lies outside"):
            zones.read(path, **PLAIN)

    @pytest.mark.parametrize(
        ("shape", "kind"),
        [(shapely.Point(WEST, SOUTH), "Point"), (shapely.Polygon(), "∅"), (shapely.MultiPolygon(), "∅")],
    )
    def test_that_is_no_polygon_is_refused(self, tmp_path: Path, shape: object, kind: str) -> None:
        path = zone_files.as_file(tmp_path / "a.gpkg", [zone_files.squares()[0], shape], TOWNS[:2])
        with pytest.raises(polygons.ZoneNotAPolygon) as met:
            zones.read(path, **PLAIN)
        assert (met.value.facts["row"], met.value.facts["kind"]) == (2, kind)


class TestCodes:
    def test_used_twice_are_refused_with_their_rows(self, tmp_path: Path) -> None:
        path = zone_files.as_shapefile(tmp_path / "a.shp", towns=[*TOWNS[:3], TOWNS[1]])
        met = refusal(path)
        assert (met.code, met.facts["rows"]) == ("nep.zone_code_twice", "2、4")

    def test_that_are_missing_are_refused(self, tmp_path: Path) -> None:
        met = refusal(zone_files.as_shapefile(tmp_path / "a.shp", towns=[*TOWNS[:3], ("", "无码")]))
        assert (met.code, met.facts["row"]) == ("nep.zone_code_missing", 4)

    @pytest.mark.parametrize(
        ("cell", "text"), [(330604.0, "330604"), (330604, "330604"), (None, ""), (float("nan"), ""), (" 7 ", "7")]
    )
    def test_of_number_columns_are_read_as_they_were_meant(self, cell: object, text: str) -> None:
        assert zones.text(cell) == text


class TestOverlap:
    def test_is_refused_with_the_pair_and_its_area(self, tmp_path: Path) -> None:
        shapes = zone_files.squares()
        shapes[0] = shapely.box(WEST, SOUTH, WEST + SIDE * 1.01, SOUTH + SIDE)
        met = refusal(zone_files.as_shapefile(tmp_path / "a.shp", shapes))
        assert met.code == "nep.zones_overlap"
        assert {met.facts["first"], met.facts["second"]} == {"曹娥街道（330604001）", "道墟街道（330604100）"}
        assert int(met.facts["area"].replace(",", "")) == pytest.approx(1_069_000, rel=0.01)

    def test_of_a_sliver_is_allowed(self, tmp_path: Path) -> None:
        shapes = zone_files.squares()
        shapes[0] = shapely.box(WEST, SOUTH, WEST + SIDE + 5e-6, SOUTH + SIDE)  # half a metre over eleven kilometres
        assert len(read(zone_files.as_shapefile(tmp_path / "a.shp", shapes)).codes) == 4


class TestCutByAnotherLevel:
    """What of each town lies within the red line, and what does not."""

    @pytest.fixture
    def cut(self, tmp_path: Path) -> zones.Zones:
        # the whole of the first town, a quarter of the second, half a square metre or so of the third
        lines = [
            shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE * 1.25),
            shapely.box(WEST + SIDE, SOUTH, WEST + SIDE * 1.00001, SOUTH + SIDE / 1000),
        ]
        named = [("HX-1", "北片"), ("HX-2", "南片")]
        line = zones.read(zone_files.as_file(tmp_path / "line.geojson", lines, named), **PLAIN | {"level": "red_line"})
        return cutting.cut(read(zone_files.as_shapefile(tmp_path / "a.shp")), line)

    def test_is_a_partition_with_codes_and_names_that_say_which_side(self, cut: zones.Zones) -> None:
        assert cut.codes == ("330604001-in", "330604002-in", "330604002-out", "330604100-out", "330604101-out")
        assert cut.names[1:3] == ("百官街道（生态保护红线内）", "百官街道（生态保护红线外）")
        assert float(shapely.area(shapely.union_all(cut.geometries))) == pytest.approx(4 * SIDE**2)
        assert shapely.area(cut.geometries).sum() == pytest.approx(4 * SIDE**2)

    def test_adds_up_and_tells_the_share_of_each_zone(self, tmp_path: Path, cut: zones.Zones) -> None:
        for one in (cut, read(zone_files.as_shapefile(tmp_path / "a.shp"))):
            zones.burn(replace(one, level="cut" if one is cut else "township"), GRID, tmp_path)
        inside = zones.Zones(
            level="red_line", codes=("1",), names=("1",), geometries=np.array([shapely.union_all(cut.geometries[:2])]),
            crs=cut.crs, file="", encoding="", encoding_from="",
        )  # fmt: skip
        zones.burn(inside, GRID, tmp_path)
        assert cutting.shares(tmp_path, "township", "red_line") == pytest.approx(
            {"330604001": 1, "330604002": 0.25, "330604100": 0, "330604101": 0}, abs=1e-4
        )
        assert cutting.shares(tmp_path, "cut", "red_line")["330604002-out"] == 0


class TestBurning:
    @pytest.fixture
    def towns(self, tmp_path: Path) -> zones.Zones:
        return read(zone_files.as_shapefile(tmp_path / "a.shp", crs="EPSG:4529"))

    def test_numbers_each_cell_by_its_centre_and_leaves_the_rest_outside(
        self, tmp_path: Path, towns: zones.Zones
    ) -> None:
        burnt = zones.burn(towns, GRID, tmp_path / "run", exact=False)
        with rasterio.open(tmp_path / "run/zones/township.tif") as file:
            numbers = file.read(1)
        assert np.bincount(numbers.ravel()).tolist() == [4400, 2500, 2500, 2500, 2500]
        assert numbers[-11, 10] == 1  # the south-west corner
        assert burnt.numbers == {0: "", **dict(enumerate(towns.codes, 1))}

    def test_is_done_once_for_the_same_boundaries_and_grid(self, tmp_path: Path, towns: zones.Zones) -> None:
        first = zones.burn(towns, GRID, tmp_path, exact=False)
        written = (tmp_path / "zones/township.tif").stat().st_mtime_ns
        assert zones.burn(towns, GRID, tmp_path, exact=False) == first
        assert (tmp_path / "zones/township.tif").stat().st_mtime_ns == written
        assert zones.burn(towns, replace(GRID, width=119), tmp_path, exact=False).digest != first.digest

    def test_is_done_again_where_a_file_was_touched(self, tmp_path: Path, towns: zones.Zones) -> None:
        first = zones.burn(towns, GRID, tmp_path, exact=False)
        (tmp_path / "zones/township.tif").write_bytes(b"")
        assert zones.burn(towns, GRID, tmp_path, exact=False).files == first.files
        with rasterio.open(tmp_path / "zones/township.tif") as file:
            assert file.read(1).any()

    def test_cuts_exactly_where_a_zone_is_small(self, tmp_path: Path, towns: zones.Zones) -> None:
        assert not zones.burn(towns, GRID, tmp_path).exact
        coarse = Grid("EPSG:4490", (0.02, 0, WEST - 0.02, 0, -0.02, SOUTH + 0.22), 12, 12)
        assert zones.burn(towns, coarse, tmp_path / "coarse").exact

    def test_does_not_depend_on_the_tiles(self, tmp_path: Path, towns: zones.Zones) -> None:
        wide = Grid("EPSG:4490", (0.0002, 0, WEST - 0.02, 0, -0.0002, SOUTH + 0.22), 1200, 1200)
        one = zones.burn(towns, wide, tmp_path / "one", exact=False)
        other = zones.burn(towns, replace(wide, tile=1024), tmp_path / "other", exact=False)
        with (
            rasterio.open(tmp_path / "one/zones/township.tif") as a,
            rasterio.open(tmp_path / "other/zones/township.tif") as b,
        ):
            assert np.array_equal(a.read(1), b.read(1))
        assert one.codes == other.codes

    def test_refuses_a_zone_outside_the_grid_by_name(self, tmp_path: Path, towns: zones.Zones) -> None:
        with pytest.raises(zones.ZoneOutsideRaster) as met:
            zones.burn(towns, replace(GRID, width=70), tmp_path)
        assert met.value.facts["zone"] == "道墟街道（330604100）"
        assert met.value.facts["share"] == "80.0"
        assert not (tmp_path / "zones").exists()

    def test_leaves_nothing_half_written_on_a_full_disk(self, tmp_path: Path, towns: zones.Zones) -> None:
        noise = Grid("EPSG:4490", (0.0005, 0, WEST - 0.02, 0, -0.0005, SOUTH + 0.22), 480, 480)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400, hard))
        try:
            with pytest.raises(refusals.CannotWrite, match="township"):
                zones.burn(towns, noise, tmp_path / "run")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert not [one for one in (tmp_path / "run").rglob("*") if one.is_file()]
        assert zones.burn(towns, noise, tmp_path / "run").codes == towns.codes

    @pytest.mark.parametrize("level", ["area", "Statistics"])
    def test_refuses_a_level_whose_name_is_taken(self, tmp_path: Path, level: str) -> None:
        path = zone_files.as_shapefile(tmp_path / "b.shp")
        assert refusal(path, level=level).code == "nep.zone_level_taken"

    def test_keeps_names_and_outlines_in_the_folder(self, tmp_path: Path, towns: zones.Zones) -> None:
        burnt = zones.burn(towns, GRID, tmp_path)
        assert zones.levels(tmp_path) == [burnt]
        told = json.loads((tmp_path / "zones/township.json").read_text("utf-8"))
        assert told["zones"][3] == {"number": 4, "code": "330604101", "name": "章镇镇", "area_m2": burnt.areas_m2[3]}
        drawn = json.loads((tmp_path / "zones/township.geojson").read_text("utf-8"))
        shape = shapely.geometry.shape(drawn["features"][3]["geometry"])
        assert shape.bounds == pytest.approx((WEST + SIDE, SOUTH + SIDE, WEST + 2 * SIDE, SOUTH + 2 * SIDE), abs=1e-8)


def test_a_cell_of_a_twentieth_degree_at_thirty_north_has_its_area_on_the_ellipsoid(tmp_path: Path) -> None:
    cell = shapely.box(120, 30, 120.05, 30.05)
    found = read(zone_files.as_shapefile(tmp_path / "a.shp", [cell], [("1", "a")]))
    assert found.areas_m2()[0] == pytest.approx(26_732_700, abs=50)
    grid = Grid("EPSG:4490", (0.05, 0, 120, 0, -0.05, 30.05), 1, 1)
    assert grid.areas_m2(next(grid.windows()))[0, 0] == pytest.approx(found.areas_m2()[0], rel=1e-7)
