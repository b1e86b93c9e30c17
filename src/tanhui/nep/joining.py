"""Joins the tiles of a year into one cloud-optimised raster per quantity: the same bytes for the same tiles."""

import os
from pathlib import Path

import rasterio
from rasterio.errors import RasterioError
from rasterio.shutil import copy
from rasterio.windows import Window

from tanhui.nep import refusals, store
from tanhui.nep.grid import Grid

NAMES = ("nep", "npp", "rh", "spread", "flags")


def join(folder: Path, year: int, name: str, grid: Grid) -> str:
    """Write ``layers/<year>/<name>.tif``; returns its SHA-256. Overviews are averages, of flags the nearest cell."""
    encoding = store.QUANTITIES[name]
    out = folder / "layers" / str(year) / f"{name}.tif"
    out.parent.mkdir(parents=True, exist_ok=True)
    whole, finished = (out.with_name(f".{out.name}.{kind}.{os.getpid()}.tif") for kind in ("whole", "cog"))
    shape = store.profile(encoding, width=grid.width, height=grid.height, count=1, crs=grid.crs, transform=grid.affine)
    try:
        with rasterio.open(whole, "w", **shape) as file:
            for tile in grid.windows():
                with rasterio.open(folder / "tiles" / str(year) / tile.name / f"{name}.tif") as part:
                    file.write(part.read(1), 1, window=Window(tile.left, tile.top, tile.width, tile.height))
            store.tag(file, encoding, [name])
        copy(
            whole, finished, driver="COG", compress="ZSTD", level=store.ARCHIVE, predictor="YES", blocksize=store.BLOCK,
            overview_resampling="NEAREST" if encoding.classes else "AVERAGE", bigtiff="IF_SAFER", num_threads=1,
        )  # fmt: skip
        with finished.open("rb") as made:
            os.fsync(made.fileno())
        store.settle(finished, out)
    except (RasterioError, OSError) as problem:
        raise refusals.CannotWrite(path=f"{year}/{out.name}", problem=str(problem).splitlines()[0]) from problem
    finally:
        whole.unlink(missing_ok=True)
        finished.unlink(missing_ok=True)
    return store.digest(out)
