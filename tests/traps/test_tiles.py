"""E-17: a map is drawn from a web-optimised raster only; what is handed in as something else is converted first."""

import io

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_bounds
from rio_cogeo.cogeo import cog_validate
from tests import world
from tests.files.conftest import filed

from tanhui.files import doors, rasters
from tanhui.files.acts import mapping
from tanhui.files.models import Raster

pytestmark = pytest.mark.django_db
EAST_CHINA = (118.0, 29.0, 122.0, 32.0)


@pytest.fixture
def person(settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    doors.register("test.case", lambda who, key, at: key == "public" or who == asking)
    asking = world.person(name="张三")
    yield asking
    doors._doors.pop("test.case")


def geotiff(tmp_path, *, values=None, size=256, **profile):
    """An ordinary GeoTIFF in geographic coordinates, in strips and without overviews, as offices hand them in."""
    if values is None:
        values = np.add.outer(np.linspace(0, 500, size), np.linspace(0, 300, size)).astype("float32")
    path = tmp_path / "固碳量.tif"
    settings = {
        "driver": "GTiff", "width": values.shape[1], "height": values.shape[0], "count": 1, "dtype": values.dtype,
        "crs": "EPSG:4490", "transform": from_bounds(*EAST_CHINA, values.shape[1], values.shape[0]), "nodata": -9999,
    } | profile  # fmt: skip
    with rasterio.open(path, "w", **settings) as file:
        file.write(values, 1)
    return path.read_bytes()


def mapped(person, content, **more):
    document = filed(person, content, name="固碳量.tif", title="固碳量", **more)
    raster = document.versions.get().raster
    mapping.make(key=raster.pk, at=world.NOON)
    raster.refresh_from_db()
    return raster


class TestAnOrdinaryGeoTiff:
    def test_is_converted_before_a_tile_of_it_is_drawn(self, person, tmp_path):
        raster = mapped(person, geotiff(tmp_path))

        valid, errors, _ = cog_validate(rasters.local(raster))
        with rasterio.open(rasters.local(raster)) as made:
            grid, overviews, blocks = made.crs, made.overviews(1), made.block_shapes

        assert valid, errors
        assert grid.to_epsg() == 3857
        assert overviews
        assert blocks == [(512, 512)]

    def test_has_no_tile_until_then(self, client, person, tmp_path):
        document = filed(person, geotiff(tmp_path), subject="test.case:public")

        assert client.get(f"/files/{document.pk}/map/1").status_code == 200
        assert client.get(f"/files/{document.pk}/map/1/6/53/26.png").status_code == 404

    def test_is_drawn_where_it_lies_and_nowhere_else(self, client, person, tmp_path):
        raster = mapped(person, geotiff(tmp_path), subject="test.case:public")
        address = f"/files/{raster.version.document_id}/map/1"

        inside = client.get(f"{address}/6/53/26.png")
        picture = Image.open(io.BytesIO(inside.content))

        assert inside["Content-Type"] == "image/png"
        assert picture.size == (256, 256)
        assert picture.convert("RGBA").getextrema()[3][1] == 255
        assert client.get(f"{address}/6/10/26.png").status_code == 404
        assert client.get(f"{address}/25/20/52.png").status_code == 404

    def test_is_not_shown_to_whom_the_paper_is_not(self, client, person, tmp_path):
        raster = mapped(person, geotiff(tmp_path))
        address = f"/files/{raster.version.document_id}/map/1"

        assert client.get(address).status_code == 404
        assert client.get(f"{address}/6/53/26.png").status_code == 404
        client.force_login(person)
        assert client.get(address).status_code == 200

    def test_reads_few_bytes_for_a_tile_however_large_it_is(self, person, tmp_path):
        small = mapped(person, geotiff(tmp_path, size=256))
        large = mapped(person, geotiff(tmp_path, size=2048))

        # at the level of the whole raster an overview is read: a tile of the large one costs what one of the small does
        assert blocks_read(large, 5, 26, 13) <= blocks_read(small, 5, 26, 13) + 4


class TestWhatIsNoMap:
    def test_has_complex_numbers(self, person, tmp_path):
        raster = mapped(person, geotiff(tmp_path, values=np.ones((8, 8), dtype="complex64"), nodata=None))

        assert (raster.state, raster.reason) == (Raster.State.REFUSED, "no_numbers")

    def test_is_empty(self, person, tmp_path):
        raster = mapped(person, geotiff(tmp_path, values=np.full((8, 8), -9999, dtype="float32")))

        assert (raster.state, raster.reason) == (Raster.State.REFUSED, "no_values")

    def test_is_broken_in_the_middle(self, person, tmp_path):
        whole = geotiff(tmp_path, compress="deflate")
        raster = mapped(person, whole[: len(whole) // 2])

        assert (raster.state, raster.reason) == (Raster.State.REFUSED, "unreadable")

    def test_made_again_is_the_same(self, person, tmp_path):
        raster = mapped(person, geotiff(tmp_path))

        mapping.make(key=raster.pk, at=world.NOON)

        again = Raster.objects.get(pk=raster.pk)
        assert (again.sha256, again.finished_at) == (raster.sha256, raster.finished_at)


def blocks_read(raster, level, column, row):
    """Blocks of the level that a tile covers."""
    import morecantile

    bounds = morecantile.tms.get("WebMercatorQuad").xy_bounds(column, row, level)
    with rasterio.open(rasters.local(raster)) as found:
        wanted = (bounds.right - bounds.left) / 256
        factor = max((each for each in [1, *found.overviews(1)] if found.res[0] * each <= wanted), default=1)
        pixels = (bounds.right - bounds.left) / (found.res[0] * factor)
    return -((-pixels // 512) ** 2)
