"""What tests of land hand in: files of parcels in every format, and a county's company that imports them."""

import io
import json
import zipfile

import numpy as np
import pyogrio
import pyproj
import shapefile
import shapely
import xlsxwriter
from tests import world

from tanhui.files.acts import receiving
from tanhui.projects import columns
from tanhui.projects.acts import land
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

AT = world.NOON
ZONE_40 = "EPSG:4528"  # CGCS2000, 3°, zone 40 in the easting
WEST, SOUTH = 40_400_000.0, 4_670_000.0  # Songshan, Chifeng


def rules():
    people = world.party("REG").signatures.people
    activation.activate(pack=packs.ship("demo-local"), mode="demonstration", at=AT, **people)


def squares(number, *, side=200.0, west=WEST, south=SOUTH):
    """Squares beside each other in zone 40, with the attributes of a sub-compartment survey."""
    across = 25
    for one in range(number):
        x, y = west + side * (one % across), south + side * (one // across)
        yield shapely.box(x, y, x + side, y + side), {
            "xiao_ban": f"{one + 1:05d}", "xian": "150404", "cun": "150404102203", "di_lei": "0301",
            "you_shi_sz": "油松", "xbmj": 4.0, "pingjun_nl": 12, "qlr": "张三",
            "lqzh": f"松林证字（2019）第{one + 1:05d}号",
        }  # fmt: skip


def shape(rows, *, encoding="gbk", cpg=False, crs=ZONE_40, fields=None):
    """A zipped shapefile; ``crs`` an EPSG name, WKT, or nothing."""
    rows = list(rows)
    parts = {one: io.BytesIO() for one in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, encoding=encoding, shapeType=shapefile.POLYGON) as writer:
        for name, value in (fields or rows[0][1]).items():
            if isinstance(value, float):
                writer.field(name, "N", 18, 4)
            elif isinstance(value, int):
                writer.field(name, "N", 10)
            else:
                writer.field(name, "C", 120)
        for outline, values in rows:
            writer.record(*values.values())
            if outline is None:
                writer.null()
            else:
                writer.shape(shapely.geometry.mapping(outline))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, part in parts.items():
            archive.writestr(f"小班.{one}", part.getvalue())
        if crs:
            archive.writestr("小班.prj", pyproj.CRS(crs).to_wkt("WKT1_ESRI") if crs.startswith("EPSG") else crs)
        if cpg:
            archive.writestr("小班.cpg", {"gbk": "GBK", "utf-8": "UTF-8"}[encoding])
    return content.getvalue()


def degrees(outline, crs=ZONE_40):
    change = pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
    return shapely.transform(outline, change.transform, interleaved=False)


def geojson(rows):
    features = [
        {"type": "Feature", "properties": values, "geometry": shapely.geometry.mapping(degrees(outline))}
        for outline, values in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def geojson_of_nothing(rows):
    """Features without outlines but for one that is a point."""
    features = [{"type": "Feature", "properties": values, "geometry": None} for _outline, values in rows]
    features[-1]["geometry"] = {"type": "Point", "coordinates": [118.9, 42.2]}
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def geopackage(rows, path, *, layer="小班", crs=ZONE_40):
    rows = list(rows)
    names = list(rows[0][1])
    outlines = np.array([shapely.to_wkb(outline) for outline, _values in rows], dtype=object)
    values = [np.array([one[name] for _outline, one in rows]) for name in names]
    cells = [one.astype(object) if one.dtype.kind == "U" else one for one in values]
    pyogrio.raw.write(
        path, outlines, cells, names, geometry_type="Polygon", crs=crs, driver="GPKG", layer=layer, append=path.exists()
    )
    return path.read_bytes()


def workbook(rows, heading="WKT", text=lambda outline: outline.wkt):
    rows, content = list(rows), io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*rows[0][1], heading])
        for number, (outline, values) in enumerate(rows, 1):
            sheet.write_row(number, 0, [*values.values(), text(outline)])
    return content.getvalue()


class Company:
    """The city's company with one source; takes surveys over as the pages and the worker do."""

    def __init__(self):
        rules()
        self.party = world.party("OWN", name="演示农投集团")
        self.source = land.open_source(name="松山区小班", kind="SUBCOMPARTMENT", mandate=self.party.initiator, at=AT)

    @property
    def person(self):
        return self.party.initiator.membership.person

    def upload(self, content, name="小班.zip", *, encoding="gb18030"):
        made = receiving.receive(stream=io.BytesIO(content), name=name, person=self.person, kind=land.SUBJECT, at=AT)
        if made.facts.get("previews"):
            made.encoding = encoding
            made.save(update_fields=["encoding"])
        return made

    def ask(self, content, name="小班.zip", *, year=2024, crs="", mapping=None, encoding="gb18030"):
        upload = self.upload(content, name, encoding=encoding)
        guessed = columns.guess(names(upload), {}) | (mapping or {})
        return land.ask(
            source=self.source, upload=upload, year=year, mapping=guessed, crs=crs, mandate=self.party.initiator, at=AT
        )

    def take(self, content, name="小班.zip", **how):
        """Asked, then done as the worker does it."""
        return land.carry_out(key=self.ask(content, name, **how).pk, at=AT, told=lambda: AT)


def names(upload):
    from tanhui.files import store
    from tanhui.projects import reading

    with store.as_file(upload.sha256, upload.size_bytes) as path:
        return list(reading.read(path, upload.name, upload.format, encoding=upload.encoding, most=5).columns)
