"""A developer, a bank and a county, with parcels: what the tests of the pool and of agreements stand on."""

import datetime as dt
import io

from tests import world
from tests.library import proposing
from tests.projects.sharing import NOON

from tanhui.files.acts import receiving
from tanhui.projects.acts import agreement as acts
from tanhui.projects.acts import pool
from tanhui.projects.models import Agreement, Parcel, Source
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

PACK = "demo-local"
MARKS = {"site": 80, "ease": 70, "air": 20, "resources": 40, "circular": 30, "ecology": 90}


class Case:
    def __init__(self, password=None):
        self.operator = world.operator()
        self.city = world.party("OWN", name="演示市农投集团", password=password)
        self.bank = world.party("PLED", name="演示银行", password=password)
        self.county = world.party("AUTHL", name="演示旗林草局", password=password)
        activation.activate(pack=packs.ship(PACK), mode="demonstration", at=NOON, **self.operator.signatures.people)
        source = Source.objects.create(
            organisation=self.city.organisation, name="小班", kind="SUBCOMPARTMENT", by=self.person, at=NOON
        )
        self.parcels = [
            Parcel.objects.create(
                organisation=self.city.organisation, source=source, division_code="150404", code=f"XB-{n}"
            )
            for n in range(3)
        ]

    @property
    def person(self):
        return self.city.initiator.membership.person

    def values(self, **overrides):
        return {
            "name": "敖汉旗黄羊洼造林碳汇", "kind": "FOREST", "mechanism": "CCER", "methodology": "CCER-14-001-V01",
            "division_code": "150430", "place": "赤峰市敖汉旗", "state_farm": False, "revitalisation": True,
            "area_m2": 10_000_000, "annual_t": 3000, "measures": MARKS, "note": "",
        } | overrides  # fmt: skip

    def enter(self, reference="c-1", mandate=None, parcels=(), **overrides):
        return pool.enter(
            values=self.values(**overrides), parcels=parcels, mandate=mandate or self.city.initiator,
            reference=reference, at=NOON,
        )  # fmt: skip

    def scored(self, **overrides):
        made = self.enter(**overrides)
        pool.score(candidate=made, pack=PACK, mandate=self.city.initiator, at=NOON)
        return made

    def pick(self, one, reason="地力条件好、碳汇价值高"):
        return pool.pick(candidate=one, reason=reason, mandate=self.city.initiator, at=NOON)

    def scan(self):
        stream = io.BytesIO(proposing.pdf(400))
        return receiving.receive(stream=stream, name="协议.pdf", person=self.person, at=NOON, kind=acts.SUBJECT)

    def terms(self, **overrides):
        values = {
            "kind": "JOINT", "partner": self.county.organisation.pk, "partner_name": "演示旗林场",
            "title": "生态碳汇联合开发协议", "terms": "收益按三七分配", "since": dt.date(2026, 1, 1),
            "until": dt.date(2045, 12, 31),
            "parcels": tuple(str(one.pk) for one in self.parcels[:2]),
        }  # fmt: skip
        return acts.Terms(**values | overrides)

    def propose(self, reference="x-1", **overrides):
        terms = self.terms(**overrides)
        return acts.propose(terms=terms, scan=self.scan(), mandate=self.city.initiator, reference=reference, at=NOON)

    def agreed(self, **overrides):
        acts.confirm(asked=self.propose(**overrides), mandate=self.city.confirmer, at=NOON)
        return Agreement.objects.latest("number")
