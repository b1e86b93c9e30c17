"""Map tiles of a published year: ``python bench/atlas.py [--json] [--quick]``.

A layer of 10,000 × 10,000 cells (``--quick``: 2,000) in a projection on CGCS2000, written as a run writes it, is
published; then the real server (two worker processes) is asked for its tiles over HTTP, each of them once before it
counts. Of the zoomed-out ones, which show the whole layer on a screen and cost most, 95 of 100 must come within 50 ms
when one client asks. An empty answer of the same server is the limit it is compared with.
"""

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import _base as base
import pages
import web

NODATA, WEST, NORTH = -32768, 39_600_000.0, 3_340_000.0
ON_A_SCREEN = 24  # tiles of 256 × 256 pixels


def written(path: Path, size: int) -> Path:
    """A layer as it is published: int16 with its scale, overviews by means, in blocks."""
    import rasterio
    from rasterio.transform import from_origin
    from rio_cogeo.cogeo import cog_translate
    from rio_cogeo.profiles import cog_profiles

    draw = np.random.default_rng(7)
    source = path.with_suffix(".plain.tif")
    with rasterio.open(
        source, "w", driver="GTiff", width=size, height=size, count=1, dtype="int16", crs="EPSG:4527", nodata=NODATA,
        transform=from_origin(WEST, NORTH, 10, 10), tiled=True, blockxsize=512, blockysize=512, compress="zstd",
    ) as file:  # fmt: skip
        for row in range(0, size, 1000):
            strip = draw.normal(2500, 900, (1000, size)).astype("int16")
            strip[:, : size // 8] = NODATA
            file.write(strip, 1, window=((row, row + 1000), (0, size)))
        file.scales = (0.1,)
    profile = cog_profiles.get("deflate") | {"predictor": 2}
    cog_translate(source, path, profile, overview_resampling="average", in_memory=False, quiet=True)
    source.unlink()
    return path


def publish(path: Path) -> tuple[str, str]:
    """The address of the tiles of the layer, which stands in a published year; and somebody's cookie."""
    from django.test import Client
    from django.utils import timezone

    import _world as worlds
    from tanhui.files.acts import made
    from tanhui.identity.models import Organisation
    from tanhui.inventory import shown
    from tanhui.inventory.models import AccountingYear, Computation, Item, Publication

    authority, signs = worlds.body(1, Organisation.Role.NATURAL_RESOURCES)
    one, two = signs.initiator.membership.person, signs.confirmer.membership.person
    now, digest = timezone.now(), "0" * 64
    common = {"by": one}
    year = AccountingYear.objects.create(
        organisation=authority, area_name="演示区", division_code="330604", year=2024, state="ARCHIVED", opened_by=one,
        opened_at=now, changed_at=now,
    )  # fmt: skip
    run = Computation.objects.create(
        accounting_year=year, number=1, plan="", plan_sha256=digest, state="DONE", record_sha256=digest,
        statistics_sha256=digest, asked_at=now, finished_at=now, reference="bench", **common,
    )  # fmt: skip
    Publication.objects.create(
        accounting_year=year, computation=run, statistics_sha256=digest, licence="CC BY 4.0", initiator=one,
        confirmer=two, at=now, entry=1,
    )  # fmt: skip
    version = made.put(
        subject=f"inventory.year:{year.pk}", kind="inventory.year", title="NEP", path=path, name="2024-nep.tif",
        format="geotiff", at=now, **common,
    )  # fmt: skip
    Item.objects.create(
        accounting_year=year, computation=run, category="SPATIAL", name="2024-nep.tif", document=version.document_id,
        sha256=version.sha256, size_bytes=version.size_bytes, media_type="image/tiff", access="PUBLIC", at=now, entry=1,
        **common,
    )  # fmt: skip
    client = Client()
    client.force_login(one)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return shown.layers([year])[2024]["nep"].tiles, cookie


def tiles(path: Path) -> dict[str, list[tuple[int, int, int]]]:
    """Numbers of tiles that show the whole layer on a screen, and of those close to its own cells."""
    import morecantile
    import rasterio
    from rasterio.warp import transform_bounds

    with rasterio.open(path) as file:
        bounds = transform_bounds(file.crs, "EPSG:4326", *file.bounds)
    grid = morecantile.tms.get("WebMercatorQuad")
    found: dict[str, list[tuple[int, int, int]]] = {"zoomed out": [], "close": []}
    for level in range(5, 14):
        there = [(one.z, one.x, one.y) for one in itertools.islice(grid.tiles(*bounds, [level]), 400)]
        found["zoomed out" if len(there) <= ON_A_SCREEN else "close"] += there
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="2,000 × 2,000 cells instead of 10,000 × 10,000")
    args = parser.parse_args()
    port = web.free_port()
    with base.server(), tempfile.TemporaryDirectory() as folder:
        from tanhui.site import preparation

        preparation.prepare()
        path = written(Path(folder) / "nep.tif", 2000 if args.quick else 10_000)
        address, cookie = publish(path)
        numbers = tiles(path)
        with web.serving(port, application="_empty:application"):
            took = {name: asked(port, address, some) for name, some in numbers.items()}
            empty = base.median(times(port, [pages.get("/bench/empty", cookie)] * 200))
    slowest = {name: base.percentile(some, 0.95) for name, some in took.items()}
    lines = [
        base.Line("a zoomed-out tile, warm: 95 of 100 within", slowest["zoomed out"], "ms", 50, 1.0, "less"),
        base.Line("a close tile, warm: 95 of 100 within", slowest["close"], "ms", 100, 1.0, "less"),
    ]
    ratio = base.median(took["zoomed out"]) / empty
    print(f"  a zoomed-out tile takes {ratio:.1f} times an answer without content ({empty:.1f} ms)")
    return base.tell(lines, as_json=args.json)


def asked(port: int, address: str, some: list[tuple[int, int, int]]) -> list[float]:
    """Milliseconds for each of these tiles, the third time it is asked for: both worker processes know it by then."""
    requests = [pages.get(address.format(z=z, x=x, y=y), "") for z, x, y in some[:200]]
    for _ in range(2):
        times(port, requests)
    return times(port, requests)


def times(port: int, requests: list[bytes]) -> list[float]:
    caller, took = web.Caller(port), []
    for request in requests:
        begun = time.monotonic()
        caller.call(request)
        took.append((time.monotonic() - begun) * 1000)
    return took


if __name__ == "__main__":
    sys.exit(main())
