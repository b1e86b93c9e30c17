"""Land and projects: ``python bench/projects.py [--json] [--quick] [--only import,…]``.

``import``: 100,000 parcels (``--quick``: 10,000) of 12 corners in a zipped Shapefile in GBK, of zone 40 of CGCS2000,
are taken over as the worker does it: read, placed, checked against every rule and stored by COPY in one transaction.
Asked for: 60 s on two cores. The limit it is compared with is the bare reading of the same file by pyogrio with the
validity of every polygon by shapely, in the same run.

``overlap``: 100,000 polygons against 100,000 (``_overlaps``). Asked for: 30 s, and three times the bare STR tree.

``list``: the public list of 100,000 developments (``_developments``). Asked for: 95 of 100 pages within 100 ms, warm.
"""

import argparse
import io
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import _base as base
import _developments
import _overlaps

PARCELS, ACROSS = 100_000, 400
SIDE = 60.0  # metres between the corners of neighbouring parcels
WEST, SOUTH = 40_400_000.0, 4_650_000.0
SPECIES = ("油松", "落叶松", "樟子松", "山杏", "杨树", "")
SECONDS = 60.0


def parcels(number: int, *, seed: int = 7) -> Iterator[tuple[list[list[float]], int]]:
    """Parcels that share their borders, each of 12 corners, in zone 40; with the number of each."""
    draw = np.random.default_rng(seed)
    down = -(-number // ACROSS)
    jitter = draw.uniform(-12, 12, (down + 1, ACROSS + 1, 2))
    bends = draw.uniform(-6, 6, (down + 1, ACROSS + 1, 2, 2, 2))  # along the lower and the left border of each corner

    def corner(row: int, column: int) -> Any:
        return np.array([WEST + column * SIDE, SOUTH + row * SIDE]) + jitter[row, column]

    def border(row: int, column: int, way: int) -> list[Any]:
        """From a corner to its neighbour, to the east (0) or north (1), with two bends between."""
        start, end = corner(row, column), corner(row + way, column + 1 - way)
        third, (one, other) = (end - start) / 3, bends[row, column, way]
        return [start, start + third + one, end - third + other, end]

    for one in range(number):
        row, column = divmod(one, ACROSS)
        south, east = border(row, column, 0), border(row, column + 1, 1)
        north, west = border(row + 1, column, 0)[::-1], border(row, column, 1)[::-1]
        yield [point.tolist() for point in [*south[:-1], *east[:-1], *north[:-1], *west]], one


def written(number: int) -> bytes:
    """The parcels as a zipped Shapefile in GBK without .cpg, with the attributes of a sub-compartment survey."""
    import pyproj
    import shapefile

    parts = {one: io.BytesIO() for one in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, encoding="gbk", shapeType=shapefile.POLYGON) as writer:
        for name, size in (
            ("xian", 6),
            ("cun", 12),
            ("lin_ban", 4),
            ("xiao_ban", 6),
            ("di_lei", 6),
            ("you_shi_sz", 16),
        ):
            writer.field(name, "C", size)
        writer.field("xbmj", "N", 12, 4)
        writer.field("pingjun_nl", "N", 4)
        for name, size in (("qi_yuan", 2), ("lqzh", 40), ("qlr", 40)):
            writer.field(name, "C", size)
        for ring, one in parcels(number):
            writer.poly([ring])
            writer.record(
                "150404", f"150404{one // 20_000:03d}{one // 1000 % 20:03d}", f"{one // 100 % 10:04d}", f"{one:06d}",
                "0301" if one % 5 else "0404", SPECIES[one % 6], 0.36, one % 60, "20", f"松林证字（2019）第{one:06d}号",
                f"户{one % 900}",
            )  # fmt: skip
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for one, part in parts.items():
            archive.writestr(f"小班.{one}", part.getvalue())
        archive.writestr("小班.prj", pyproj.CRS("EPSG:4528").to_wkt("WKT1_ESRI"))
    return content.getvalue()


def importing(number: int) -> list[base.Line]:
    """The import against the bare reading of the same file."""
    from django.utils import timezone

    from tanhui.files import store
    from tanhui.files.acts import receiving
    from tanhui.projects import columns, reading
    from tanhui.projects.acts import land
    from tanhui.projects.models import ParcelVersion

    now = timezone.now()
    mandate = company(now)
    content = written(number)
    source = land.open_source(name="小班", kind="SUBCOMPARTMENT", mandate=mandate, at=now)
    upload = receiving.receive(
        stream=io.BytesIO(content), name="小班.zip", person=mandate.membership.person, kind=land.SUBJECT, at=now
    )
    upload.encoding = "gb18030"
    upload.save(update_fields=["encoding"])
    with store.as_file(upload.sha256, upload.size_bytes) as path:
        bare = base.median([bare_read(path) for _ in range(base.ROUNDS)])
        headings = list(reading.read(path, "小班.zip", "shape", encoding="gb18030", most=5).columns)
    asked = land.ask(
        source=source, upload=upload, year=2024, mapping=columns.guess(headings), crs="", mandate=mandate, at=now
    )
    begun = time.monotonic()
    taken = land.carry_out(key=asked.pk, at=now, told=timezone.now)
    took = time.monotonic() - begun
    if taken.state != "TAKEN" or ParcelVersion.objects.count() != number:
        raise RuntimeError(f"{taken.state}: {taken.refusal or taken.counts}")
    print(f"  {took / bare:.1f} times the bare reading and validity of the same file ({bare:.2f} s)")
    return [
        base.Line(f"{number:,} parcels read, checked and stored", took, "s", SECONDS * number / PARCELS, 1.0, "less")
    ]


def bare_read(path: Path) -> float:
    import pyogrio
    import shapely

    from tanhui.projects import reading

    begun = time.monotonic()
    _about, _numbers, outlines, _values = pyogrio.raw.read(reading.inside(path), encoding="gb18030", force_2d=True)
    shapely.is_valid(shapely.from_wkb(outlines)).all()
    return time.monotonic() - begun


def company(now: Any) -> Any:
    """Somebody who may import for a company, with the rules in force."""
    import _world as worlds
    from tanhui.identity.models import Organisation
    from tanhui.rulepacks import packs
    from tanhui.rulepacks.acts import activation

    _, operators = worlds.body(1, Organisation.Role.REGISTRY)
    activation.activate(pack=packs.ship("demo-local"), mode="demonstration", at=now, **operators.people)
    return worlds.body(2, Organisation.Role.OWNER)[1].initiator


SECTIONS: dict[str, Callable[[int], list[base.Line]]] = {
    "import": importing, "overlap": _overlaps.overlaps, "list": _developments.listed,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, by comma")
    args = parser.parse_args()
    number = PARCELS // 10 if args.quick else PARCELS
    with base.server():
        from tanhui.site import preparation

        preparation.prepare()
        lines = [line for name in args.only.split(",") for line in SECTIONS[name](number)]
    return base.tell(lines, as_json=args.json)


if __name__ == "__main__":
    sys.exit(main())
