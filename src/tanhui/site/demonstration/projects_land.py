"""Land of the demonstration: a made-up county's sub-compartments in two years, and a survey with faults.

Everything is invented; outlines lie on real ground near Chifeng only so that the map and the zone mean something.
"""

import io
import zipfile
from datetime import datetime
from typing import Any

from django.utils import timezone

from tanhui.files.acts import encoding, receiving
from tanhui.files.models import Upload
from tanhui.identity.models import Mandate
from tanhui.projects import columns
from tanhui.projects.acts import land
from tanhui.projects.models import Source
from tanhui.site.demonstration.stage import Stage

WEST, SOUTH, WIDE = 40_412_000.0, 4_672_000.0, 9_000.0  # zone 40 of CGCS2000, metres
ACROSS, DOWN = 8, 6
VILLAGES = ("150404102201", "150404102203", "150404105206", "150428101202")
# Land of each parcel, row by row from the south: P planted forest, N natural forest, B bare hill set aside for trees,
# G grass, S shrub, C cropland, W wetland.
LAND = "PPBBGGCWPBBBGGCCPPBNNGGCSPBBNNGGSSBBPNNGSBBPPPNN"
CLASSES = {"P": "0301", "N": "0301", "B": "171", "G": "0404", "S": "0305", "C": "0103", "W": "0402"}
SPECIES = ("油松", "落叶松", "樟子松", "山杏")
HOLDERS = ("演示国有林场", "演示嘎查集体", "演示户甲", "演示户乙", "演示户丙")


def load(stage: Stage) -> None:
    """Two surveys of one source, taken over; and one of another source that waits for corrections."""
    at = timezone.now()
    mandate = stage.signatures["owner"].initiator
    if Source.objects.filter(organisation=mandate.membership.organisation).exists():
        return
    source = land.open_source(name="演示·松山区森林小班", kind="SUBCOMPARTMENT", mandate=mandate, at=at)
    for year in (2021, 2024):
        take(source, shapefile(records(year)), year, mandate, at)
    other = land.open_source(name="演示·喀喇沁旗国土调查图斑", kind="LAND_SURVEY", mandate=mandate, at=at)
    take(other, shapefile(faulty(records(2024)[-16:])), 2024, mandate, at)


def take(source: Source, content: bytes, year: int, mandate: Mandate, at: datetime) -> None:
    person = mandate.membership.person
    name = f"{source.name}{year}.zip".replace("·", "")
    upload: Upload = receiving.receive(stream=io.BytesIO(content), name=name, person=person, kind=land.SUBJECT, at=at)
    if not upload.encoding:
        upload = encoding.choose(upload=upload, encoding="gb18030")
    mapping = columns.guess(FIELDS, source.mapping) | {"unit": "ha"}
    asked = land.ask(source=source, upload=upload, year=year, mapping=mapping, crs="", mandate=mandate, at=at)
    land.carry_out(key=asked.pk, at=at, told=lambda: at)


FIELDS = {
    "xian": 6, "cun": 12, "lin_ban": 4, "xiao_ban": 5, "di_lei": 6, "you_shi_sz": 16, "xbmj": 0.0, "pingjun_nl": 0,
    "zao_lin_nd": 0, "yu_bi_du": 0.0, "sthx": 4, "lqzh": 60, "qlr": 60, "qsdwmc": 60, "htbh": 40, "bz": 40,
}  # fmt: skip


def records(year: int) -> list[tuple[list[Any], list[Any]]]:
    """The corners and the attributes of every parcel in a year; hills planted in 2022 were bare in 2021."""
    found = []
    for one, (corners, hectares) in enumerate(outlines()):
        sign, village = LAND[one], VILLAGES[one * len(VILLAGES) // (ACROSS * DOWN)]
        planted = {"P": 2014 + one % 6, "N": 0}.get(sign, 0)
        if sign == "B" and one % 7 == 3 and year > 2022:
            sign, planted = "P", 2022
        forest = sign in "PN"
        age = year - planted if planted else 46 + one % 30 if sign == "N" else 0
        if planted > year:
            sign, planted, age, forest = "B", 0, 0, False
        found.append((corners, [
            village[:6], village, f"{one // ACROSS + 1:04d}", f"{one + 1:05d}", CLASSES[sign],
            SPECIES[one % 3] if forest else "", round(hectares * (1.08 if one == 19 else 1.002), 2), age, planted,
            round(0.3 + one % 5 / 10, 2) if forest else 0.0, "是" if sign == "W" or one % 17 == 0 else "否",
            f"演示林证字（2019）第{one + 1:04d}号" if one % 4 else "", HOLDERS[one % 5], "演示嘎查村民委员会",
            f"演示承包〔2018〕{one + 1}号" if one % 5 == 2 else "", "演示数据，非真实地块",
        ]))  # fmt: skip
    return found


def outlines() -> list[tuple[list[Any], float]]:
    """Parcels that share their borders: a bent lattice over the hills; corners and hectares of each."""
    import numpy as np
    import shapely

    draw = np.random.default_rng(59)
    seeds = [
        (WEST + (column + 0.5 + shift[0]) * WIDE / ACROSS, SOUTH + (row + 0.5 + shift[1]) * WIDE / ACROSS)
        for row in range(DOWN)
        for column, shift in enumerate(draw.uniform(-0.3, 0.3, (ACROSS, 2)))
    ]
    frame = shapely.box(WEST, SOUTH, WEST + WIDE, SOUTH + WIDE * DOWN / ACROSS).buffer(250)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=frame, ordered=True).geoms
    kept = [cell.intersection(frame) for cell in cells]
    return [([list(corner) for corner in one.exterior.coords], one.area / 10_000) for one in kept]


def faulty(rows: list[tuple[list[Any], list[Any]]]) -> list[tuple[list[Any], list[Any]]]:
    """A survey as it comes from the field: one outline that crosses itself, one that lies over its neighbours and one
    that does so by half a metre, a number twice, a code that ended."""
    ring, values = rows[3]
    rows[3] = ([ring[0], ring[2], ring[1], *ring[3:]], values)
    rows[6][1][:4] = rows[5][1][:4]
    rows[8][1][0:2] = ["330682", "330682101202"]
    rows[11][1][7] = 4600
    for place, metres in ((9, 40.0), (14, 0.5)):
        corners, values = rows[place]
        rows[place] = ([[x + metres, y] for x, y in corners], values)
    return rows


def shapefile(rows: list[tuple[list[Any], list[Any]]]) -> bytes:
    """The rows as a zipped Shapefile in GBK, as survey programs write it."""
    import pyproj
    import shapefile as pyshp  # type: ignore[import-untyped]

    parts = {one: io.BytesIO() for one in ("shp", "shx", "dbf")}
    with pyshp.Writer(**parts, encoding="gbk", shapeType=pyshp.POLYGON) as writer:
        for name, kind in FIELDS.items():
            if kind == 0:
                writer.field(name, "N", 16, 2 if isinstance(kind, float) else 0)
            else:
                writer.field(name, "C", int(kind))
        for corners, values in rows:
            writer.poly([corners])
            writer.record(*values)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, part in parts.items():
            archive.writestr(f"演示小班.{one}", part.getvalue())
        archive.writestr("演示小班.prj", pyproj.CRS("EPSG:4528").to_wkt("WKT1_ESRI"))
    return content.getvalue()
