import hashlib
import json
import shutil
from pathlib import Path

import pystac
import pytest
from pystac.validation.stac_validator import JsonSchemaSTACValidator
from tests.nep import builders

from tanhui.nep import catalogue, statistics, workbook
from tanhui.nep.grid import Grid


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = builders.small_run(tmp_path_factory.mktemp("catalogue"), years=(2022, 2023))
    statistics.compute(place)
    workbook.write(place)
    catalogue.write(place)
    return place


@pytest.fixture(scope="module")
def collection(folder: Path) -> pystac.Collection:
    return pystac.Collection.from_file(str(folder / "archive/stac/collection.json"))


class TestTheCollection:
    @pytest.mark.parametrize(
        ("file", "kind"),
        [
            ("collection.json", pystac.STACObjectType.COLLECTION),
            ("2022.json", pystac.STACObjectType.ITEM),
            ("2023.json", pystac.STACObjectType.ITEM),
        ],
    )
    def test_is_valid_stac(self, folder: Path, file: str, kind: pystac.STACObjectType) -> None:
        said = json.loads((folder / "archive/stac" / file).read_bytes())
        JsonSchemaSTACValidator().validate_core(said, kind, said["stac_version"])
        assert said["stac_version"] == "1.1.0"

    def test_is_walked_from_its_file_alone(self, collection: pystac.Collection) -> None:
        items = list(collection.get_items())
        assert [one.properties["title"] for one in items] == ["2022年", "2023年"]
        assert all(one.get_collection() is collection for one in items)

    def test_covers_area_and_years(self, collection: pystac.Collection) -> None:
        assert collection.extent.spatial.bboxes == [[120.5, 30.0, 121.1, 30.4]]
        (span,) = collection.extent.temporal.intervals
        assert span[0] is not None
        assert span[1] is not None
        assert (span[0].isoformat()[:10], span[1].isoformat()[:10]) == ("2022-01-01", "2023-12-31")

    def test_offers_the_files_of_the_archive(self, collection: pystac.Collection) -> None:
        assert {"statistics.xlsx", "statistics.csv", "statistics.json", "record.json"} <= set(collection.assets)
        assert "zones.gpkg" not in collection.assets  # it was not written

    def test_says_sources_and_that_it_is_no_reduction(self, collection: pystac.Collection) -> None:
        assert "不是减排量" in collection.description
        assert {"layer": "npp", "source": "made up for tests", "licence": "CC0"} in collection.extra_fields[
            "tanhui:sources"
        ]


class TestAnItem:
    @pytest.fixture
    def item(self, collection: pystac.Collection) -> pystac.Item:
        return list(collection.get_items())[1]

    def test_names_each_layer_with_scale_unit_and_nodata(self, item: pystac.Item) -> None:
        (band,) = item.assets["nep"].extra_fields["bands"]
        assert band == {
            "name": "nep", "data_type": "int16", "nodata": -32768, "unit": "gC m-2 a-1", "raster:scale": 0.1,
            "raster:offset": 0.0,
        }  # fmt: skip
        assert set(item.assets) == {"nep", "npp", "rh", "spread", "flags", "landcover", "zones-town"}
        assert item.assets["rh"].media_type == "image/tiff; application=geotiff; profile=cloud-optimized"

    def test_carries_checksums_of_what_stands_there(self, folder: Path, item: pystac.Item) -> None:
        for one in item.assets.values():
            path = folder / "archive/stac" / one.href
            content = path.read_bytes()
            assert one.extra_fields["file:size"] == len(content)
            assert one.extra_fields["file:checksum"] == "1220" + hashlib.sha256(content).hexdigest()

    def test_knows_its_grid(self, item: pystac.Item) -> None:
        assert item.properties["proj:code"] == "EPSG:4490"
        assert item.properties["proj:shape"] == [40, 60]
        assert item.properties["proj:transform"] == pytest.approx([0.01, 0, 120.5, 0, -0.01, 30.4, 0, 0, 1])

    def test_never_tells_the_sink_without_its_interval(self, folder: Path, item: pystac.Item) -> None:
        whole = statistics.read(folder).row(2023)
        assert whole
        for name in ("nep_kg_co2", "lower_kg_co2", "upper_kg_co2", "conservative_kg_co2"):
            assert item.properties[f"tanhui:{name}"] == getattr(whole, name)


def test_the_catalogue_offers_the_maps_and_papers_that_were_drawn(folder: Path) -> None:
    atlas = folder / "archive/atlas"
    atlas.mkdir()
    sheet = {"name": "2023-nep-all", "year": 2023, "page": "2023-nep-all.png", "title_zh": "2023年固碳量分布图"}
    (atlas / "index.json").write_text(json.dumps({"maps": [sheet]}), "utf-8")
    (atlas / sheet["page"]).write_bytes(b"a map")  # type: ignore[operator]
    (atlas / "atlas.pdf").write_bytes(b"an atlas")
    try:
        path = catalogue.write(folder)
        year = json.loads((path.parent / "2023.json").read_bytes())["assets"]
        assert year["map-2023-nep-all"]["title"] == "2023年固碳量分布图"
        assert year["map-2023-nep-all"]["roles"] == ["overview"]
        assert "map-2023-nep-all" not in json.loads((path.parent / "2022.json").read_bytes())["assets"]
        assert json.loads(path.read_bytes())["assets"]["atlas.pdf"]["href"] == "../../archive/atlas/atlas.pdf"
    finally:
        shutil.rmtree(atlas)
        catalogue.write(folder)


def test_the_catalogue_is_the_same_bytes_each_time_and_holds_no_path_of_this_machine(folder: Path) -> None:
    files = sorted((folder / "archive/stac").iterdir())
    before = [path.read_bytes() for path in files]
    catalogue.write(folder)
    assert [path.read_bytes() for path in files] == before
    assert not any(str(folder).encode() in content for content in before)


def test_a_projected_grid_is_placed_in_degrees() -> None:
    grid = Grid("EPSG:32651", (500.0, 0, 300_000, 0, -500.0, 3_340_000), 20, 20)
    west, south, east, north = catalogue.bounds(grid)
    assert 120 < west < east < 121.1
    assert 30.0 < south < north < 30.3
