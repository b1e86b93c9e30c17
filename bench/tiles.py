"""Map tiles of a raster on file: ``python bench/tiles.py [--json] [--quick]``.

A raster of 4,096 × 4,096 values (``--quick``: 1,024) as offices hand it in (geographic coordinates, strips, no
overviews) is put on file and converted; then eight clients ask the real server (two worker processes) for its tiles at
every level. 95 of 100 must come within 100 ms (E-17). The same tiles are drawn, in one process, from the file as it was
handed in, which says what the conversion is worth.
"""

import argparse
import io
import itertools
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import _base as base
import pages
import web

EXTENT = (116.0, 28.0, 123.0, 34.0)


def handed_in(size: int) -> bytes:
    import rasterio
    from rasterio.transform import from_bounds

    noise = np.random.default_rng(7).normal(0, 20, (size, size))
    values = (np.add.outer(np.linspace(0, 500, size), np.linspace(0, 300, size)) + noise).astype("float32")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "raster.tif"
        with rasterio.open(
            path, "w", driver="GTiff", width=size, height=size, count=1, dtype="float32", crs="EPSG:4490",
            transform=from_bounds(*EXTENT, size, size), nodata=-9999,
        ) as file:  # fmt: skip
            file.write(values, 1)
        return path.read_bytes()


def furnish(content: bytes) -> tuple[str, list[str], str, list[tuple[int, int, int]]]:
    """The raster on file; the address of its tiles, those there are, a session, and the tiles' numbers."""
    import morecantile
    from django.test import Client
    from django.utils import timezone

    import _world as worlds
    from tanhui.files.acts import filing, mapping, receiving
    from tanhui.registry.models import Project

    world = worlds.make(10)
    person = world.signatures[0].initiator.membership.person
    project = Project.objects.values_list("number", flat=True)[0]
    now = timezone.now()
    upload = receiving.receive(stream=io.BytesIO(content), name="raster.tif", person=person, kind="any", at=now)
    subject = f"registry.project:{project:06d}"
    document = filing.file(subject=subject, kind="any", title="raster", upload=upload, by=person, at=now)
    raster = document.versions.get().raster
    mapping.make(key=raster.pk, at=now)
    raster.refresh_from_db()
    low, high = raster.facts["levels"]
    grid = morecantile.tms.get("WebMercatorQuad")
    tiles = [
        (one.z, one.x, one.y)
        for level in range(low, high + 1)
        for one in itertools.islice(grid.tiles(*raster.facts["bounds"], [level]), 40)
    ]
    client = Client()
    client.force_login(person)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return f"/files/{document.pk}/map/1", [f"/{z}/{x}/{y}.png" for z, x, y in tiles], cookie, tiles


def unconverted(content: bytes, tiles: list[tuple[int, int, int]]) -> float:
    """Milliseconds a tile, drawn from the file as it came; the median."""
    from rio_tiler.io import Reader

    took = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "raster.tif"
        path.write_bytes(content)
        for z, x, y in tiles[:: max(1, len(tiles) // 20)]:
            begun = time.perf_counter()
            with Reader(str(path)) as reader:
                reader.tile(x, y, z).render(img_format="PNG")
            took.append((time.perf_counter() - begun) * 1000)
    return base.median(took)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="1,024 × 1,024 values instead of 4,096 × 4,096")
    args = parser.parse_args()
    content = handed_in(1024 if args.quick else 4096)
    port = web.free_port()
    with base.server():
        from tanhui.site import preparation

        preparation.prepare()
        address, names, cookie, tiles = furnish(content)
        plain = unconverted(content, tiles)
        with web.serving(port):
            asked = [pages.get(f"{address}{name}", cookie) for name in names]

            def client(number: int, until: float) -> list[float]:
                caller, took = web.Caller(port), []
                for request in itertools.cycle(asked[number:] + asked[:number]):
                    begun = time.monotonic()
                    caller.call(request)
                    took.append(time.monotonic() - begun)
                    if time.monotonic() > until:
                        return took
                return took

            rate, took = base.together(client, seconds=pages.SECONDS * 3)
            _, alone = base.together(lambda number, until: client(number, until), seconds=pages.SECONDS, clients=1)
    slowest = base.percentile(took, 0.95) * 1000
    single = base.percentile(alone, 0.5) * 1000
    lines = [
        base.Line("a tile, 8 clients: 95 of 100 within", slowest, "ms", 100, 1.0, "less"),
        base.Line("a tile over HTTP against one from the file as handed in", single, "ms", plain, 1.0, "less"),
    ]
    print(f"  {rate:,.0f} tiles/s")
    return base.tell(lines, as_json=args.json)


if __name__ == "__main__":
    sys.exit(main())
