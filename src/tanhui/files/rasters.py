"""Map tiles of a raster somebody handed in, read from its web-optimised twin (``optimising``)."""

from pathlib import Path
from typing import TYPE_CHECKING

from tanhui.files import optimising, store
from tanhui.files.models import Raster

if TYPE_CHECKING:
    from rio_tiler.models import ImageData

PALETTE = "viridis"  # even to the eye, also without colour vision
DEEPER = 4  # levels beyond the raster's own that a map may still ask for


def tile(raster: Raster, level: int, column: int, row: int) -> bytes | None:
    """A tile of 256 × 256 pixels in the Web-Mercator grid as PNG; nothing where the raster has none.

    One band is coloured between the 2nd and the 98th percentile of its values, three or four bands are a picture.
    """
    import rasterio
    from rio_tiler.colormap import cmap
    from rio_tiler.errors import TileOutsideBounds
    from rio_tiler.io import Reader

    if not 0 <= level <= min(24, raster.facts["levels"][1] + DEEPER) or max(column, row) >= 1 << level:
        return None
    picture = raster.facts["bands"] in (3, 4)
    try:
        with rasterio.Env(**optimising.SAFE), Reader(str(local(raster))) as reader:
            found: ImageData = reader.tile(column, row, level, tilesize=256, indexes=(1, 2, 3) if picture else 1)
    except TileOutsideBounds:
        return None
    if not picture or raster.facts["span"][1] > 255:
        found.rescale(in_range=[tuple(raster.facts["span"])])
    return bytes(found.render(img_format="PNG", colormap=None if picture else cmap.get(PALETTE), zlevel=1))


def palette(steps: int = 9) -> list[str]:
    """The colours from the lowest to the highest value, for a legend."""
    from rio_tiler.colormap import cmap

    colours = cmap.get(PALETTE)
    return ["#{:02x}{:02x}{:02x}".format(*colours[255 * step // (steps - 1)][:3]) for step in range(steps)]


def local(raster: Raster) -> Path:
    """The raster as a file on this machine."""
    return at_hand(raster.sha256, raster.size_bytes or 0)


def at_hand(sha256: str, size: int) -> Path:
    """A content as a file on this machine; from a bucket it is fetched once."""
    kept = store.store()
    if isinstance(kept, store.Folder):
        return kept.path(sha256)
    target = store.folder("rasters") / sha256
    if not target.exists():
        with store.as_file(sha256, size) as draft:
            draft.rename(target)
            target.touch()
    return target
