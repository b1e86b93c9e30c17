"""An accounting year on its way: an authority, its verifier, the data of a made-up district, and a run that is computed
once and is only compared after that."""

import datetime as dt
import itertools
import shutil
from dataclasses import dataclass, field

from tests import world

from tanhui.inventory import runs
from tanhui.inventory.acts import archiving, cataloguing, computing, opening, publishing, verifying
from tanhui.inventory.models import AccountingYear, Computation, Dataset
from tanhui.site.demonstration import inventory_land as land

NOON = world.NOON
DAY = dt.timedelta(days=1)
NUMBERS = itertools.count(1)
METHOD = {
    "norm": "DB33/T 2274-2025", "coefficients": "2025", "npp": "raster", "like": "landcover",
    "respiration": ["pei", "raich_potter_bond_lamberty"],
}  # fmt: skip
NAMED = {"code": "code", "name": "name"}
OPTIONS = {"zones.township": NAMED, "zones.red_line": NAMED, "landcover": {"scheme": "tanhui"}}
KINDS = {
    "npp": "NPP", "temperature": "TEMPERATURE", "precipitation": "PRECIPITATION", "landcover": "LAND_COVER",
    "zones.township": "ZONES", "zones.red_line": "ZONES",
}  # fmt: skip
UNITS = {"npp": "gC m-2 a-1", "temperature": "degC", "precipitation": "mm month-1"}


def described(layer="npp", year=2024, **overrides):
    values = {
        "kind": KINDS[layer], "title": f"{layer} {year}", "agency": "演示省自然资源监测中心", "licence": "CC BY 4.0",
        "provenance": "由程序生成的演示数据。", "access": "PUBLIC", "bounds": land.BOUNDS,
        "first_day": dt.date(year, 1, 1), "last_day": dt.date(year, 12, 31), "unit": UNITS.get(layer, ""), "grade": "A",
        "resolution": "100 m",
    }  # fmt: skip
    return cataloguing.Description(**values | overrides)


@dataclass
class Accounting:
    """Everyone who has to do with one year; ``at`` is now. ``files``: the data by layer; ``ready``: runs by year."""

    authority: world.Party
    body: world.Party
    files: dict
    ready: dict = field(default_factory=dict)
    at: dt.datetime = NOON
    year: AccountingYear | None = None

    @property
    def technician(self):
        return self.authority.initiator

    @property
    def chief(self):
        return self.authority.confirmer

    @property
    def verifier(self):
        return self.body.initiator

    def now(self):
        return self.at

    def later(self, days=1):
        self.at += days * DAY

    def fresh(self):
        self.year = AccountingYear.objects.select_related("organisation", "verifier", "instruction", "revises").get(
            pk=self.year.pk
        )  # fmt: skip
        return self.year

    def named(self):
        return {"revision": self.fresh().revision, "reference": f"t-{next(NUMBERS)}", "at": self.at}

    def open(self, year=2024, **overrides):
        values = {
            "area_name": "演示区", "division_code": "330699", "method": METHOD, "due_on": None,
            "mandate": self.technician, "at": self.at,
        } | overrides  # fmt: skip
        self.year = opening.open_year(year=year, **values)
        opening.appoint(year=self.year, verifier=self.body.organisation, mandate=self.technician, at=self.at)
        return self.fresh()

    def add(self, layer):
        path, year = self.files[self.year.year][layer], self.year.year
        known = Dataset.objects.filter(name=path.name).first()
        if known is None:
            there = cataloguing.data_folder() / path.name
            there.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, there)
            known = cataloguing.add_path(
                described=described(layer, year), path=path.name, mandate=self.technician, at=self.at
            )
        cataloguing.use(
            year=self.year, dataset=known, layer=layer, options=OPTIONS.get(layer, {}), mandate=self.technician,
            at=self.at,
        )  # fmt: skip
        return known

    def collect(self):
        for layer in KINDS:
            self.add(layer)
        computing.collect(year=self.year, mandate=self.technician, **self.named())
        return self.fresh()

    def ask(self):
        named = self.named()
        return computing.ask(year=self.year, mandate=self.technician, reference=named["reference"], at=self.at)

    def compute(self):
        """Ask, and do what the worker does, with a folder that holds the very run already where there is one."""
        asked = self.ask()
        there = self.ready.get(self.year.year)
        if there is not None and there.is_dir():
            shutil.copytree(there, runs.folder(asked))
        computing.carry_out(key=asked.pk, at=self.at, told=self.now, workers=1)
        self.fresh()
        done = Computation.objects.get(pk=asked.pk)
        if done.state == "DONE":
            self.remember(done)
        return done

    def remember(self, done):
        """Keep the run's folder for the tests to come, and once more when its papers are written."""
        there = self.ready.get(self.year.year)
        if there is not None and (not there.is_dir() or not (there / "papers.json").is_file()):
            shutil.copytree(runs.folder(done), there, dirs_exist_ok=True)

    def compare(self, kind, verdict="AGREES", note="", result=None):
        return verifying.compare(
            year=self.fresh(), kind=kind, verdict=verdict, result=result or {"偏差": "+3 %"}, note=note, upload=None,
            mandate=self.verifier, at=self.at,
        )  # fmt: skip

    def verify(self):
        self.compare("FLUX")
        self.compare("SECOND")
        self.sign("CONFIRMED", "已核对通量塔与第二模型，结果一致。")

    def sign(self, outcome, opinion):
        return verifying.sign(year=self.year, outcome=outcome, opinion=opinion, mandate=self.verifier, **self.named())

    def draft(self, map_approval=""):
        row = archiving.ask_draft(
            year=self.fresh(), map_approval=map_approval, revision=self.year.revision, mandate=self.technician,
            at=self.at,
        )  # fmt: skip
        archiving.carry_out(
            key=row.pk, person=self.technician.membership.person_id, job=archiving.DRAFT_JOB, at=self.at
        )
        self.remember(row)
        return self.fresh()

    def propose(self):
        return publishing.propose(year=self.fresh(), licence="CC BY 4.0", mandate=self.technician, **self.named())

    def publish(self):
        self.propose()
        publishing.confirm(year=self.fresh(), mandate=self.chief, at=self.at)
        return self.fresh()

    def archive(self):
        row = archiving.ask_archive(year=self.fresh(), revision=self.year.revision, mandate=self.technician, at=self.at)
        archiving.carry_out(
            key=row.pk, person=self.technician.membership.person_id, job=archiving.ARCHIVE_JOB, at=self.at
        )
        return self.fresh()

    def to(self, state):
        """Bring a planned year so far."""
        for name, act in (
            ("COLLECTED", self.collect), ("COMPUTED", self.compute), ("VERIFIED", self.verify), ("DRAFTED", self.draft),
            ("PUBLISHED", self.publish), ("ARCHIVED", self.archive),
        ):  # fmt: skip
            act()
            if name == state:
                break
        return self.fresh()
