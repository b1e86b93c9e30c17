"""Stock sinks of a made-up district: one year that is published and archived, the next one before its verifier, and an
earlier one tried by the rates of a norm."""

import io
from datetime import date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from tanhui.files.acts import receiving
from tanhui.identity.models import Mandate, Organisation
from tanhui.inventory import queries
from tanhui.inventory.acts import archiving, cataloguing, computing, opening, publishing, verifying
from tanhui.inventory.models import AccountingYear, Dataset
from tanhui.site.demonstration import inventory_land as land
from tanhui.site.demonstration.library import body
from tanhui.site.demonstration.opening import someone
from tanhui.site.demonstration.stage import Stage, given

DAY = timedelta(days=1)
AUTHORITY = ("10000041", "演示市自然资源和规划局")
HANDLERS = [("nature-a", "程青山", "INITIATE"), ("nature-b", "秦望舒", "CONFIRM")]
AREA, DIVISION = "演示市东湖区", "330699"
METHOD = {
    "coefficients": "2025 年版", "npp": "raster", "like": "landcover",
    "respiration": ["pei", "raich_potter_bond_lamberty"],
}  # fmt: skip
BY_RATES = {"norm": "GB/T 46869-2025", "way": "rate", "coefficients": "演示-2025", "like": "landcover"}
RATES = {"forest": 1.6, "shrub": 0.9, "grass": 0.5, "wetland": 1.1, "crop": 0.4, "urban": 0.2}  # made up
HEAD = "norm,quantity,version,unit,type,region,value,beta,source,grade\n"
ROW = "GB/T 46869-2025,rate,演示-2025,tC ha-1 a-1,{kind},,{rate},,演示取值（非规范原文）,D\n"
MADE_UP = "由程序生成的演示数据，不对应任何真实地点；取值范围参照长三角同类区域的公开文献。"
SOURCES = {  # layer: kind, title, agency, unit, access
    "npp": ("NPP", "净初级生产力栅格", "演示省生态遥感中心", "gC m-2 a-1", "PUBLIC"),
    "temperature": ("TEMPERATURE", "逐月平均气温栅格", "演示市气象局", "degC", "INTERNAL"),
    "precipitation": ("PRECIPITATION", "逐月降水量栅格", "演示市气象局", "mm month-1", "INTERNAL"),
    "landcover": ("LAND_COVER", "生态系统类型图", "演示市自然资源监测中心", "", "PUBLIC"),
    "zones.township": ("ZONES", "乡镇（街道）界线", "演示市自然资源监测中心", "", "PUBLIC"),
    "zones.red_line": ("ZONES", "生态保护红线（演示政发〔2018〕30号）", "演示市自然资源和规划局", "", "PUBLIC"),
}  # fmt: skip
GRADES = {"npp": "P"}  # the others are an office's own data
NAMED = {"code": "code", "name": "name"}
OPTIONS = {"zones.township": NAMED, "zones.red_line": NAMED, "landcover": {"scheme": "tanhui"}}
TOWERS = (
    "全区无通量塔，取同一气候区 3 个森林、农田站点的公开观测。偏差为正，主要因为裴志永模型的土壤呼吸偏低；"
    "区间已包含这一差异。"
)
OPINION = (
    "核对了数据来源与许可、计算方案、运行记录和统计表；在独立环境重跑全部瓦片，结果逐字节一致。"
    "与通量塔、土壤呼吸实测和第二模型比较，偏差均在公布的 90% 区间之内。同意发布。"
)


def load(stage: Stage) -> None:
    """Bring both years to their stations, by the acts people use. What is there already stays as it is."""
    if not AccountingYear.objects.exists():
        Scene(stage, timezone.now()).play()


class Scene:
    def __init__(self, stage: Stage, at: datetime) -> None:
        self.at = at
        self.authority = body(*AUTHORITY, Organisation.Role.NATURAL_RESOURCES, at)
        long_ago = at - 500 * DAY
        self.technician, self.chief = (
            given(someone(username, name, at), self.authority, capacity, long_ago)
            for username, name, capacity in HANDLERS
        )
        self.verifying_body = stage.bodies["verifier"]
        self.verifier = given(someone("verifier-a", "周核查", at), self.verifying_body, Mandate.Capacity.INITIATE, at)

    def ago(self, days: int) -> datetime:
        return self.at - days * DAY

    def play(self) -> None:
        self.published(2024)
        self.before_its_verifier(2025)
        self.by_rates(2023)

    # -- the stations

    def published(self, number: int) -> None:
        year = self.computed(number, "DB33/T 2274-2025", opened=75, computed=62)
        at = self.ago(55)
        towers = {"站点数": "3", "偏差": "+62 gC m-2 a-1", "RMSE": "118 gC m-2 a-1"}
        self.compare(year, "FLUX", "EXPLAINED", towers, at, TOWERS)
        self.compare(
            year, "SOIL", "AGREES", {"记录数": "12", "Rh 偏差": "−9 %"}, at, "与省内林地土壤呼吸实测记录比较。"
        )
        self.compare(year, "SECOND", "AGREES", {"集合均值与 RPBL 之差": "+23 %"}, at, "差异已计入 Rh 模型分量。")
        verifying.sign(
            year=fresh(year), outcome="CONFIRMED", opinion=OPINION, revision=fresh(year).revision,
            mandate=self.verifier, reference=f"demo-sign-{number}", at=self.ago(50),
        )  # fmt: skip
        person = self.technician.membership.person_id
        row = archiving.ask_draft(
            year=fresh(year), map_approval="", revision=fresh(year).revision, mandate=self.technician, at=self.ago(46)
        )
        archiving.carry_out(key=row.pk, person=person, job=archiving.DRAFT_JOB, at=self.ago(46))
        publishing.propose(
            year=fresh(year), licence="CC BY 4.0（署名：演示市自然资源和规划局）", revision=fresh(year).revision,
            mandate=self.technician, reference=f"demo-publish-{number}", at=self.ago(42),
        )  # fmt: skip
        publishing.confirm(year=fresh(year), mandate=self.chief, at=self.ago(40))
        row = archiving.ask_archive(
            year=fresh(year), revision=fresh(year).revision, mandate=self.technician, at=self.ago(38)
        )
        archiving.carry_out(key=row.pk, person=person, job=archiving.ARCHIVE_JOB, at=self.ago(38))

    def before_its_verifier(self, number: int) -> None:
        year = self.computed(number, "GB/T 46869-2025", opened=30, computed=6)
        before = queries.in_force().get(division_code=DIVISION, year=number - 1)
        now, then = (self.whole(one) for one in (year, before))
        change = {"上年发布值": f"{then / 1e6:,.1f} 千吨", "较上年": f"{(now - then) / then:+.1%}"}
        self.compare(year, "PREVIOUS", "AGREES", change, self.ago(2), "格网与方法同上年，变化主要来自气温与降水。")

    def by_rates(self, number: int) -> None:
        """An earlier year tried by the sequestration rates of a norm, whose table was handed in like any data."""
        year = opening.open_year(
            area_name=AREA, division_code=DIVISION, year=number, method=BY_RATES, due_on=None, mandate=self.technician,
            at=self.ago(20),
        )  # fmt: skip
        opening.appoint(year=year, verifier=self.verifying_body, mandate=self.technician, at=self.ago(20))
        held = {one.layer: one for one in AccountingYear.objects.get(year=number + 1).uses.all()}
        described = cataloguing.Description(
            kind="COEFFICIENTS", title="演示 · 固碳速率系数表", agency=AUTHORITY[1], licence="仅供演示",
            access="PUBLIC", provenance="为演示编写的取值，不是规范原文；正式核算须按规范文本逐项录入。", grade="D",
            bounds=land.BOUNDS, first_day=date(number, 1, 1), last_day=date(number, 12, 31), unit="tC ha-1 a-1",
        )  # fmt: skip
        path = cataloguing.data_folder() / "demo-rates.csv"
        path.write_text(HEAD + "".join(ROW.format(kind=kind, rate=rate) for kind, rate in RATES.items()), "utf-8")
        table = self.hand_in(described, path, self.ago(19))
        told = {name: (held[name].dataset, held[name].options) for name in ("landcover", "zones.township")}
        for layer, (dataset, options) in (told | {"coefficients": (table, {})}).items():
            cataloguing.use(
                year=fresh(year), dataset=dataset, layer=layer, options=options, mandate=self.technician,
                at=self.ago(18),
            )  # fmt: skip
        self.run(year, number, computed=15)

    def whole(self, year: AccountingYear) -> int:
        """The stock sink of the whole area, kg CO₂."""
        done = queries.finished(year)
        assert done is not None
        return queries.figures(done, year=year.year, level="area").get(type="all").nep_kg_co2

    def computed(self, number: int, norm: str, *, opened: int, computed: int) -> AccountingYear:
        year = opening.open_year(
            area_name=AREA, division_code=DIVISION, year=number, method=METHOD | {"norm": norm},
            due_on=(self.ago(0) + 40 * DAY).date() if opened < 40 else None, mandate=self.technician,
            at=self.ago(opened),
        )  # fmt: skip
        opening.appoint(year=year, verifier=self.verifying_body, mandate=self.technician, at=self.ago(opened - 1))
        self.enter_data(year, self.ago(opened - 3))
        return self.run(year, number, computed=computed)

    def run(self, year: AccountingYear, number: int, *, computed: int) -> AccountingYear:
        at = self.ago(computed + 1)
        computing.collect(
            year=fresh(year), revision=fresh(year).revision, mandate=self.technician,
            reference=f"demo-collect-{number}", at=at,
        )  # fmt: skip
        asked = computing.ask(
            year=fresh(year), mandate=self.technician, reference=f"demo-compute-{number}", at=self.ago(computed)
        )
        computing.carry_out(key=asked.pk, at=self.ago(computed), told=lambda: self.ago(computed), workers=1)
        return fresh(year)

    def enter_data(self, year: AccountingYear, at: datetime) -> None:
        folder = f"demo-{year.year}"
        for layer, path in land.lay(cataloguing.data_folder() / folder, year.year).items():
            kind, title, agency, unit, access = SOURCES[layer]
            described = cataloguing.Description(
                kind=kind, title=f"演示 · {title}" if layer.startswith("zones") else f"演示 · {title}（{year.year}）",
                agency=agency, provenance=MADE_UP, licence="CC BY 4.0" if access == "PUBLIC" else "仅限本局使用",
                access=access, bounds=land.BOUNDS, first_day=date(year.year, 1, 1), last_day=date(year.year, 12, 31),
                unit=unit, resolution="" if layer.startswith("zones") else "100 m", grade=GRADES.get(layer, "A"),
            )  # fmt: skip
            known = Dataset.objects.filter(organisation=self.authority, sha256=cataloguing.measured(path)[0]).first()
            if known is None and layer.startswith("zones"):
                known = self.hand_in(described, path, at)
            elif known is None:
                known = cataloguing.add_path(
                    described=described, path=f"{folder}/{path.name}", mandate=self.technician, at=at
                )
            cataloguing.use(
                year=fresh(year), dataset=known, layer=layer, options=OPTIONS.get(layer, {}), mandate=self.technician,
                at=at,
            )  # fmt: skip

    def hand_in(self, described: cataloguing.Description, path: Path, at: datetime) -> Dataset:
        upload = receiving.receive(
            stream=io.BytesIO(path.read_bytes()), name=path.name, person=self.technician.membership.person, at=at,
            kind=cataloguing.SUBJECT,
        )  # fmt: skip
        return cataloguing.add_file(described=described, upload=upload, mandate=self.technician, at=at)

    def compare(
        self, year: AccountingYear, kind: str, verdict: str, result: dict[str, str], at: datetime, note: str
    ) -> None:
        verifying.compare(
            year=fresh(year), kind=kind, verdict=verdict, result=result, note=note, upload=None, mandate=self.verifier,
            at=at,
        )  # fmt: skip


def fresh(year: AccountingYear) -> AccountingYear:
    return queries.rows().get(pk=year.pk)
