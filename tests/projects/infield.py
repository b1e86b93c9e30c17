"""A project in the field to test with: its owner, its verifier, a device with its token, a plot."""

import datetime as dt
import itertools
import json
from dataclasses import dataclass
from decimal import Decimal

from tests import world

from tanhui.projects.acts import devices, plots, readings
from tanhui.projects.models import Development, Device, Monitoring

NOON = world.NOON  # 2026-06-05 12:00 in Shanghai
MINUTE = dt.timedelta(minutes=1)
NUMBERS = itertools.count(1)


def development(owner, *, validator=None, verifier=None, name="塔山镇退化林地造林项目", at=NOON):
    """As the procedure keeps it; how it gets there is tested where the procedure is."""
    number = next(NUMBERS) + 900_000
    made = Development.objects.create(
        number=number, name=name, profile="local", scheme="DEMO", rule_pack="demo-local", methodology="AR-CM-001-V01",
        owner=owner.organisation, division_code="150404", validator=validator and validator.organisation,
        state="FILED", stage_since=at, changed_at=at, opened_by=owner.initiator.membership.person, opened_at=at,
    )  # fmt: skip
    if verifier is not None:
        Monitoring.objects.create(
            development=made, number=1, span=(dt.date(2026, 1, 1), dt.date(2027, 1, 1)), state="VERIFICATION",
            stage_since=at, changed_at=at, verifier=verifier.organisation, opened_by=made.opened_by, opened_at=at,
        )  # fmt: skip
    return made


def about(**overrides):
    values = {
        "code": f"PV-{next(NUMBERS):04d}", "name": "北坡光伏 1 号表", "kind": "PV", "unit": "kWh", "interval_s": 60,
        "low": Decimal(0), "high": Decimal(1000),
    }  # fmt: skip
    return devices.About(**values | overrides)


@dataclass
class Field:
    owner: world.Party
    development: Development
    device: Device
    token: str

    def take(self, *rows, at=NOON, source="HTTP"):
        return readings.take(device=self.device, body=lines(*rows), at=at, source=source)


def build(**overrides):
    owner = world.party("OWN", name="演示林场")
    made = development(owner)
    device, token = devices.register(
        about=about(**overrides), development=made, mandate=owner.initiator, at=NOON - world.YEAR
    )
    return Field(owner, made, device, token)


def row(minutes=0, value=1.5, unit="kWh", **more):
    """A reading some minutes before noon."""
    return {"at": (NOON - minutes * MINUTE).isoformat(), "value": value, "unit": unit} | more


def lines(*rows):
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in rows)


@dataclass
class Team:
    """The owner of a development and its verifier, with plots P-01 and P-02."""

    owner: world.Party
    verifier: world.Party
    development: Development

    def keep(self, visit, at=NOON):
        return plots.keep(development=self.development, visit=visit, mandate=self.owner.initiator, at=at)


def entered(team):
    return devices.register(about=about(), development=team.development, mandate=team.owner.initiator, at=NOON)
