"""Map tiles of a published layer, read from its cloud-optimised GeoTIFF and coloured by ``drawn``.

A tile reads one overview level and a few blocks of it, however large the raster is, and becomes a PNG with a palette: a
byte a pixel, from file to browser.
"""

import io
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tanhui.inventory.drawn import LAYERS, Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rasterio.crs import CRS

SIZE = 256  # pixels
DEEPEST = 18  # the level beyond which a map does not go
GRID = "EPSG:3857"
CGCS2000 = re.compile(r"CGCS.?2000|China.?2000|China Geodetic Coordinate System 2000")
SAFE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64,  # MB, for the whole process
    "GDAL_NUM_THREADS": 1,
    "PROJ_NETWORK": "OFF",
}


def possible(level: int, column: int, row: int) -> bool:
    """Whether the Web-Mercator grid has such a tile, on a level a map goes to."""
    return 0 <= level <= DEEPEST and 0 <= column < 1 << level and 0 <= row < 1 << level


def draw(path: Path, layer: Layer, level: int, column: int, row: int) -> bytes | None:
    """A tile of 256 × 256 pixels as PNG; nothing where the layer has no data or the grid no such tile.

    Cells are never blended: a pixel is one cell, or one cell of an overview. Raises ``rasterio.errors.RasterioIOError``
    for a file that is no raster.
    """
    import morecantile
    import rasterio
    from rasterio.crs import CRS
    from rasterio.transform import from_bounds
    from rio_tiler import reader

    if not possible(level, column, row):
        return None
    bounds = morecantile.tms.get("WebMercatorQuad").xy_bounds(morecantile.Tile(column, row, level))
    with rasterio.Env(**SAFE):
        facts = look(path)
        if facts.apart(bounds):
            return None
        with rasterio.open(path, **facts.overview(bounds)) as dataset:
            wanted = {
                "src_crs": facts.crs, "crs": CRS.from_user_input(GRID),
                "transform": from_bounds(*bounds, SIZE, SIZE), "width": SIZE, "height": SIZE,
            }  # fmt: skip
            found: Any = reader.read(dataset, indexes=1, vrt_options=wanted)
    places = classes(found.array.data[0], layer, scale=facts.scale, offset=facts.offset)
    places[np.broadcast_to(found.array.mask, found.array.shape)[0]] = 0
    return png(places, layer) if places.any() else None


@dataclass(frozen=True)
class Facts:
    """What need not be read anew for each tile. ``extent``: west, south, east, north in metres of Web Mercator;
    ``cell``: metres there of one cell; ``overviews``: how many cells, along a side, one of an overview stands for."""

    crs: "CRS"
    extent: tuple[float, float, float, float]
    cell: float
    overviews: tuple[int, ...]
    scale: float
    offset: float

    def apart(self, bounds: tuple[float, float, float, float]) -> bool:
        west, south, east, north = self.extent
        return bounds[0] >= east or bounds[2] <= west or bounds[1] >= north or bounds[3] <= south

    def overview(self, bounds: tuple[float, float, float, float]) -> dict[str, int]:
        """The coarsest overview that still has a cell for each pixel, as rasterio asks for it; none for the raster."""
        wanted = (bounds[2] - bounds[0]) / SIZE / self.cell
        place = sum(factor <= wanted * 1.0001 for factor in self.overviews) - 1
        return {"overview_level": place} if place >= 0 else {}


@lru_cache(maxsize=256)
def look(path: Path) -> Facts:
    """The facts of a raster. A content never changes under its name, so they are read once."""
    import rasterio
    from rasterio.warp import transform_bounds

    with rasterio.open(path) as found:
        crs = plainly(found.crs)
        extent = transform_bounds(crs, GRID, *found.bounds)
        return Facts(
            crs, extent, (extent[2] - extent[0]) / found.width, tuple(found.overviews(1)),
            float(found.scales[0]), float(found.offsets[0]),
        )  # fmt: skip


def plainly(crs: "CRS") -> "CRS":
    """The same projection on WGS 84 where it lies on CGCS2000. The two differ by centimetres, and PROJ would search its
    catalogue of transformations for each tile: 20 ms instead of one."""
    from rasterio.crs import CRS

    told = crs.to_dict()
    if not CGCS2000.search(crs.to_wkt()) or "proj" not in told:
        return crs
    return CRS.from_dict({name: value for name, value in told.items() if name != "ellps"} | {"datum": "WGS84"})


def classes(values: "NDArray[Any]", layer: Layer, *, scale: float, offset: float) -> "NDArray[np.uint8]":
    """The class of each cell, from 1; 0 stays clear. ``values`` are as stored: value = stored × scale + offset."""
    match layer.kind:
        case "steps":
            edges = np.round((np.asarray(layer.edges) - offset) / scale, 6)
            return (np.digitize(values, edges) + 1).astype(np.uint8)
        case "codes":
            return np.where(values <= len(layer.colours), values, 0).astype(np.uint8)
        case "bits":
            return several(len(layer.colours) - 1)[values.astype(np.uint8)]


@cache
def several(bits: int) -> "NDArray[np.uint8]":
    """For each byte: the place of its only bit among the first ``bits``, or one more where several of them are set."""
    table = np.zeros(256, np.uint8)
    for value in range(256):
        there = [place for place in range(bits) if value >> place & 1]
        table[value] = 0 if not there else there[0] + 1 if len(there) == 1 else bits + 1
    return table


def png(places: "NDArray[np.uint8]", layer: Layer) -> bytes:
    """Class numbers as a picture with the layer's palette, 0 clear."""
    from PIL import Image

    picture = Image.fromarray(places)
    picture = picture.convert("P") if picture.mode != "P" else picture
    picture.putpalette(palette(layer.name))
    kept = io.BytesIO()
    picture.save(kept, "PNG", transparency=0, compress_level=1)
    return kept.getvalue()


@cache
def palette(name: str) -> bytes:
    return b"\0\0\0" + b"".join(bytes.fromhex(colour[1:]) for colour in LAYERS[name].colours)


@cache
def clear() -> bytes:
    """The tile of a place without data."""
    return png(np.zeros((SIZE, SIZE), np.uint8), LAYERS["nep"])
