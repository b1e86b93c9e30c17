"""Tiles of a map from a layer's GeoTIFF: where, in which colour, and what is no tile."""

import io

import morecantile
import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.enums import Resampling
from rasterio.errors import RasterioIOError
from rasterio.transform import from_origin

from tanhui.inventory import drawn, tiles

GRID = morecantile.tms.get("WebMercatorQuad")
NODATA = -32768
WEST, NORTH, CELL = 120.5, 30.1, 0.001  # degrees


@pytest.fixture(scope="module")
def raster(tmp_path_factory):
    """A raster of 1200 × 800 cells that stores tenths: source in the west, sink in the east, nothing in the south."""
    values = np.full((800, 1200), -3000, np.int16)
    values[:, 600:] = 2500
    values[600:] = NODATA
    return written(tmp_path_factory.mktemp("layer") / "nep.tif", values, scale=0.1)


def written(path, values, *, scale=1.0, nodata=NODATA, crs="EPSG:4490", transform=None):
    profile = {
        "driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": values.dtype,
        "crs": crs, "transform": transform or from_origin(WEST, NORTH, CELL, CELL), "nodata": nodata, "tiled": True,
        "blockxsize": 256, "blockysize": 256, "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as made:
        made.write(values, 1)
        made.scales = (scale,)
    with rasterio.open(path, "r+") as made:
        made.build_overviews([2, 4], Resampling.nearest)
    return path


def colour(path, layer, lon, lat, level):
    """The colour a map shows at a place, or nothing."""
    place = GRID.tile(lon, lat, level)
    drawn_tile = tiles.draw(path, layer, level, place.x, place.y)
    if drawn_tile is None:
        return None
    west, south, east, north = GRID.bounds(place)
    picture = Image.open(io.BytesIO(drawn_tile)).convert("RGBA")
    found = picture.getpixel((int((lon - west) / (east - west) * 256), int((north - lat) / (north - south) * 256)))
    return "#{:02x}{:02x}{:02x}".format(*found[:3]) if found[3] else None


class TestATile:
    @pytest.mark.parametrize("level", [9, 11, 13, 16])
    def test_shows_the_class_of_a_place_at_every_level(self, raster, level):
        assert colour(raster, drawn.NEP, WEST + 0.3, NORTH - 0.2, level) == drawn.NEP.colours[0]  # −300
        assert colour(raster, drawn.NEP, WEST + 0.9, NORTH - 0.2, level) == drawn.NEP.colours[5]  # 250

    def test_is_clear_where_there_is_no_data(self, raster):
        assert colour(raster, drawn.NEP, WEST + 0.3, NORTH - 0.7, 11) is None

    def test_is_a_small_picture_with_a_palette(self, raster):
        place = GRID.tile(WEST + 0.6, NORTH - 0.3, 9)
        found = tiles.draw(raster, drawn.NEP, 9, place.x, place.y)
        picture = Image.open(io.BytesIO(found))
        assert (picture.size, picture.mode, len(found) < 4000) == ((256, 256), "P", True)

    @pytest.mark.parametrize("place", [(0, 1, 0), (5, 40, 3), (5, 3, 40), (30, 1, 1), (-1, 0, 0), (3, -1, 2)])
    def test_outside_the_grid_is_none(self, raster, place):
        assert tiles.draw(raster, drawn.NEP, *place) is None

    def test_of_another_place_on_earth_is_none(self, raster):
        place = GRID.tile(-70, 10, 9)
        assert tiles.draw(raster, drawn.NEP, 9, place.x, place.y) is None

    def test_of_a_damaged_file_is_an_error_that_names_it(self, tmp_path):
        path = tmp_path / "nep.tif"
        path.write_bytes(b"II*\0 no raster")
        with pytest.raises(RasterioIOError):
            tiles.draw(path, drawn.NEP, 1, 1, 0)

    def test_lies_where_the_projection_of_china_2000_says(self, tmp_path):
        """EPSG:4527, zone 39: a cell of 100 m about 118.5° E, 29.8° N, the rest without data."""
        with rasterio.Env():
            from rasterio.warp import transform

            (east,), (north,) = transform("EPSG:4326", "EPSG:4527", [118.5], [29.8])
        values = np.full((200, 200), NODATA, np.int16)
        values[100, 100] = 350
        path = written(
            tmp_path / "nep.tif", values, crs="EPSG:4527",
            transform=from_origin(east - 100 * 100 - 50, north + 100 * 100 + 50, 100, 100),
        )  # fmt: skip
        assert colour(path, drawn.NEP, 118.5, 29.8, 16) == drawn.NEP.colours[6]
        assert colour(path, drawn.NEP, 118.5 + 0.0008, 29.8, 16) is None


class TestClasses:
    def test_begin_at_their_edge(self):
        stored = np.array([[-2001, -2000, -1, 0, 999, 1000, 6000, 30000]], np.int16)
        assert tiles.classes(stored, drawn.NEP, scale=0.1, offset=0).tolist() == [[1, 2, 3, 4, 4, 5, 9, 9]]

    def test_count_the_offset_in(self):
        assert tiles.classes(np.array([[0, 50]], np.uint16), drawn.NEP, scale=1, offset=-100).tolist() == [[2, 3]]

    def test_of_codes_are_the_codes(self):
        stored = np.array([[0, 1, 8, 9, 255]], np.uint8)
        assert tiles.classes(stored, drawn.TYPES, scale=1, offset=0).tolist() == [[0, 1, 8, 0, 0]]

    def test_of_flags_tell_one_bit_from_several(self):
        stored = np.array([[0, 1, 2, 4, 3, 7, 8, 9]], np.uint8)
        assert tiles.classes(stored, drawn.FLAGS, scale=1, offset=0).tolist() == [[0, 1, 2, 3, 4, 4, 0, 1]]


class TestLayers:
    @pytest.mark.parametrize("layer", drawn.LAYERS.values(), ids=drawn.LAYERS.keys())
    def test_name_every_colour_once(self, layer):
        said = [str(words) for _colour, words in layer.legend()]
        assert len(set(said)) == len(said) == len(set(layer.colours)) == len(layer.colours)

    def test_stand_on_rising_edges_with_zero_between_source_and_sink(self):
        for layer in drawn.LAYERS.values():
            assert list(layer.edges) == sorted(set(layer.edges))
        assert drawn.NEP.edges[len(drawn.palette.SOURCES) - 1] == 0
