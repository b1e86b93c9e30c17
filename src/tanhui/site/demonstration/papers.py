"""The papers of the demonstration's project: published ones with versions, and withheld ones with their reasons."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta

import shapefile  # type: ignore[import-untyped]
from django.utils import timezone

from tanhui.files.acts import encoding, exporting, filing, receiving
from tanhui.files.models import Document, Upload
from tanhui.identity.models import Person
from tanhui.registry.doors import PROJECT
from tanhui.registry.models import Project
from tanhui.site.demonstration.stage import Stage
from tanhui.ui import paper

PLOTS = [("1", "油松", 12.6), ("2", "油松", 8.4), ("3", "落叶松", 15.1), ("4", "樟子松", 6.9), ("5", "山杏", 4.2)]
CORNER = (118.93, 42.26)  # somewhere in the hills; made up


@dataclass
class Desk:
    """Whoever hands papers in for a project."""

    person: Person
    subject: str
    at: datetime

    def upload(self, name: str, content: bytes) -> Upload:
        self.at += timedelta(minutes=1)
        return receiving.receive(stream=io.BytesIO(content), name=name, person=self.person, at=self.at)

    def file(self, title: str, kind: str, name: str, content: bytes, withheld: str = "") -> Document:
        taken = self.upload(name, content)
        return filing.file(
            subject=self.subject, kind=kind, title=title, upload=taken, by=self.person, at=self.at,
            withheld_reason=withheld,
        )  # fmt: skip

    def better(self, document: Document, name: str, content: bytes) -> None:
        taken = self.upload(name, content)
        filing.replace(document=document, upload=taken, by=self.person, at=self.at)

    def boundary(self, title: str, name: str, content: bytes) -> Document:
        """A shapefile that does not say how its words are written: somebody looked, and chose."""
        chosen = encoding.choose(upload=self.upload(name, content), encoding="gb18030")
        return filing.file(
            subject=self.subject, kind="boundary", title=title, upload=chosen, by=self.person, at=self.at
        )


def load(stage: Stage) -> None:
    """File the papers of the first project, as its owner did."""
    project = Project.objects.order_by("number").first()
    if project is None or Document.objects.filter(subject=f"{PROJECT}:{project.number:06d}").exists():
        return
    at = timezone.now()
    owner = stage.signatures["owner"].initiator.membership.person
    desk = Desk(owner, f"{PROJECT}:{project.number:06d}", at - timedelta(hours=1))
    design = desk.file("项目设计文件", "report", "项目设计文件（公示稿）.pdf", drawn("项目设计文件（公示稿）", at))
    desk.better(design, "项目设计文件（修订稿）.pdf", drawn("项目设计文件（修订稿）：已吸收公示意见", at))
    desk.file("审定报告", "report", "审定报告.pdf", drawn("审定报告", at))
    desk.file("监测报告（第一监测期）", "report", "监测报告.pdf", drawn("监测报告（第一监测期）", at))
    desk.file("核查报告（第一监测期）", "report", "核查报告.pdf", drawn("核查报告（第一监测期）", at))
    desk.file("样地清查记录表", "sheet", "样地清查记录表.csv", table())
    desk.boundary("项目边界矢量", "小班边界.zip", boundary())
    desk.file("林木生物量分布图（虚构数据）", "raster", "生物量分布.tif", raster())
    points = "珍稀植物样点.geojson"
    desk.file("珍稀植物样点坐标", "boundary", points, sample_points(), Document.Withheld.SPECIES)
    desk.file("联合开发协议", "paper", "联合开发协议.pdf", drawn("联合开发协议", at), Document.Withheld.TRADE_SECRET)
    people = "村民代表会议决议与签名册"
    desk.file(people, "paper", f"{people}.pdf", drawn(people, at), Document.Withheld.PERSONAL)
    desk.file("1:1万地形图", "report", "地形图.pdf", drawn("1:1万地形图", at), Document.Withheld.SURVEY)
    exporting.ask(person=owner, name="portal.retirements", parameters={}, form="xlsx", language="zh-hans", at=at)


def raster() -> bytes:
    """Made-up biomass (t d.m./ha) of the hills around the corner, as an office would hand it in."""
    import numpy as np
    import rasterio
    from rasterio.io import MemoryFile

    size, (west, south) = 240, CORNER
    across, down = np.meshgrid(np.linspace(0, 6, size), np.linspace(0, 5, size))
    hills = np.sin(across) * np.cos(down * 1.3) + np.sin(across * 2.1 + down) / 2
    biomass = np.where(hills > -0.9, 45 + 30 * hills, -9999).astype("float32")
    with MemoryFile() as kept:
        with kept.open(
            driver="GTiff", width=size, height=size, count=1, dtype="float32", crs="EPSG:4490", nodata=-9999,
            transform=rasterio.transform.from_bounds(west, south, west + 0.06, south + 0.05, size, size),
        ) as file:  # fmt: skip
            file.write(biomass, 1)
        return bytes(kept.read())


def drawn(title: str, at: datetime) -> bytes:
    return paper.render(template="site/demonstration/paper.typ", data={"title": title}, at=at)


def table() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["小班号", "优势树种", "面积（公顷）"])
    writer.writerows(PLOTS)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def boundary() -> bytes:
    """A shapefile as a survey office sends it: GBK, without a .cpg."""
    parts = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, encoding="gbk", shapeType=shapefile.POLYGON) as layer:
        for name, length, places in (("小班号", 8, 0), ("树种", 20, 0), ("面积", 12, 2)):
            layer.field(name, "N" if places else "C", length, places)
        for number, plot in enumerate(PLOTS):
            west, south = CORNER[0] + number * 0.004, CORNER[1]
            ring = [(west, south), (west, south + 0.003), (west + 0.003, south + 0.003), (west + 0.003, south)]
            layer.poly([[*ring, ring[0]]])
            layer.record(*plot)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix, part in parts.items():
            archive.writestr(f"小班边界.{suffix}", part.getvalue())
        archive.writestr("小班边界.prj", PRJ)
    return out.getvalue()


def sample_points() -> bytes:
    places = [(CORNER[0] + number * 0.002, CORNER[1] + 0.001) for number in range(3)]
    features = [
        {"type": "Feature", "properties": {"种名": "（演示）"}, "geometry": {"type": "Point", "coordinates": list(one)}}
        for one in places
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


PRJ = (
    'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)
