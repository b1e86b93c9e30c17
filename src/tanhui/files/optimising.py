"""The child process that turns a GeoTIFF into one that a map can be drawn from: web-optimised, with overviews.

``python -I -m tanhui.files.optimising SOURCE TARGET`` writes TARGET and prints what a map must know, or why not, as one
line of JSON. What stands in the file is only ever read as GeoTIFF: no other driver, nothing outside of it.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any, cast

SECONDS = 1200  # of computing
MEMORY = 4 << 30  # bytes of address space
MOST_PIXELS = 4_000_000_000
SAFE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 256,
    "GDAL_NUM_THREADS": 1,
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "PROJ_NETWORK": "OFF",
}
NARROW, WIDE = 2, 98  # percentiles of the values between which colours run


class NoMap(Exception):
    """Why no map comes of it."""


def optimise(source: Path, target: Path) -> dict[str, Any]:
    """Convert, and say ``bounds`` (WGS 84), ``levels``, ``bands``, ``span`` (values the colours run between)."""
    import morecantile
    import rasterio
    from rasterio.warp import transform_bounds
    from rio_cogeo.cogeo import cog_translate
    from rio_cogeo.profiles import cog_profiles
    from rio_tiler.io import Reader

    with rasterio.Env(**SAFE):
        with rasterio.open(source, driver="GTiff") as found:
            if found.crs is None:
                raise NoMap("no_reference")
            if found.width * found.height * found.count > MOST_PIXELS:
                raise NoMap("too_large")
            if any(kind.startswith("complex") for kind in found.dtypes):
                raise NoMap("no_numbers")
            classes = found.dtypes[0] in {"uint8", "int8"} and found.count == 1
            predictor = 1 if classes else 3 if found.dtypes[0].startswith("float") else 2
            profile: dict[str, Any] = cast(Any, cog_profiles).get("deflate")
            bounds = transform_bounds(found.crs, "EPSG:4326", *found.bounds)
            cog_translate(
                found, target, profile | {"predictor": predictor},
                tms=morecantile.tms.get("WebMercatorQuad"), in_memory=False, quiet=True,
                resampling="nearest" if classes else "bilinear",
                overview_resampling="mode" if classes else "average",
            )  # fmt: skip
        with Reader(str(target)) as made:
            told = made.statistics(max_size=1024, percentiles=[NARROW, WIDE])
            first = next(iter(told.values()))
            low, high = first.percentile_2, first.percentile_98
            if first.valid_percent == 0 or not low <= high:
                raise NoMap("no_values")
            return {
                "bounds": [round(each, 6) for each in bounds],
                "levels": [made.minzoom, made.maxzoom],
                "bands": len(told),
                "span": [low, high if high > low else low + 1],
            }


def limit() -> None:
    for what, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


def main() -> None:
    limit()
    source, target = sys.argv[1:]
    try:
        said = optimise(Path(source), Path(target))
    except NoMap as why:
        said = {"refused": str(why)}
    except (OSError, ValueError, MemoryError, RuntimeError) as fault:  # what GDAL says of a broken file, many ways
        said = {"refused": "unreadable", "fault": f"{type(fault).__name__}: {fault}"[:200]}
    print(json.dumps(said), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
