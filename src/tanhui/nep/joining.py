"""Joins the tiles of a year into one cloud-optimised raster per quantity: the same bytes for the same tiles.

Beside what was computed stands the year's land cover, so that whoever fetches a map has what its types were.
"""

import os
from pathlib import Path
from typing import Any

import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.shutil import copy

from tanhui.nep import refusals, store
from tanhui.nep.grid import Grid, Tile
from tanhui.nep.wording import why

COVER = "landcover"
NAMES = ("nep", "npp", "rh", "spread", "flags", COVER)
BARE = ("npp", "rh", "spread")  # what a way without NPP and respiration has not
OVERVIEWS = {"flags": "NEAREST", COVER: "MODE"}


def names(*, direct: bool) -> list[str]:
    """The layers of a run."""
    return [name for name in NAMES if not (direct and name in BARE)]


def join(folder: Path, year: int, name: str, grid: Grid) -> str:
    """Write ``layers/<year>/<name>.tif``; returns its SHA-256. Overviews are averages; of land cover the type that most
    cells have, of flags the nearest cell."""
    encoding = store.QUANTITIES[name]
    out = folder / "layers" / str(year) / f"{name}.tif"
    out.parent.mkdir(parents=True, exist_ok=True)
    whole, finished = (out.with_name(f".{out.name}.{kind}.{os.getpid()}.tif") for kind in ("whole", "cog"))
    shape = store.profile(encoding, width=grid.width, height=grid.height, count=1, crs=grid.crs, transform=grid.affine)
    try:
        with rasterio.open(whole, "w", **shape) as file:
            for tile in grid.windows():
                file.write(cells(folder, year, name, tile), 1, window=tile.window)
            store.tag(file, encoding, [name])
        copy(
            whole, finished, driver="COG", compress="ZSTD", level=store.ARCHIVE, predictor="YES", blocksize=store.BLOCK,
            overview_resampling=OVERVIEWS.get(name, "AVERAGE"), bigtiff="IF_SAFER", num_threads=1,
        )  # fmt: skip
        with finished.open("rb") as made:
            os.fsync(made.fileno())
        store.settle(finished, out)
    except (RasterioError, OSError) as problem:
        raise refusals.CannotWrite(path=f"{year}/{out.name}", problem=why(problem)) from problem
    finally:
        whole.unlink(missing_ok=True)
        finished.unlink(missing_ok=True)
    return store.digest(out)


def cells(folder: Path, year: int, name: str, tile: Tile) -> NDArray[Any]:
    """A tile's part of the layer: as it was computed, or of the land cover it was computed with."""
    if name != COVER:
        with rasterio.open(folder / "tiles" / str(year) / tile.name / f"{name}.tif") as part:
            return part.read(1)  # type: ignore[no-any-return]
    with rasterio.open(cover(folder, year)) as whole:
        return whole.read(1, window=tile.window)  # type: ignore[no-any-return]


def cover(folder: Path, year: int) -> Path:
    """The land cover of a year on the run's grid: its own, or the one that serves all years."""
    own = folder / "inputs" / str(year) / f"{COVER}.tif"
    return own if own.is_file() else folder / "inputs" / f"{COVER}.tif"
