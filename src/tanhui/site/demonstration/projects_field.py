"""The field of the demonstration: devices with six weeks of readings, one of them drifting, and plots with visits.

All numbers are made by formula; nothing was measured.
"""

import io
import json
import math
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tanhui.files.acts import receiving
from tanhui.identity.models import Mandate
from tanhui.kernel import clock
from tanhui.projects import surveys
from tanhui.projects.acts import devices, drafting, late, plots, readings, stamping
from tanhui.projects.models import Development, Device
from tanhui.projects.queries import field as queries
from tanhui.site.demonstration.stage import Stage

DAYS = 42
HOUR = timedelta(hours=1)
NAMESPACE = uuid.UUID("2d1d6e0c-2f36-4c8e-9d6c-7f1a1f5d0a11")
SPECIES = ("油松", "油松", "油松", "山杏", "榆树")


def load(stage: Stage) -> None:
    """A rice project with water level gauges and a pump meter, and an afforestation project with plots."""
    if Device.objects.exists():
        return
    at = timezone.now()
    owner = stage.signatures["owner"].initiator
    rice = project("演示·青浦区练塘镇水稻间歇灌溉减排项目", "CMS-017-V01", "310118", owner, at)
    trees = project("演示·松山区退化林地造林项目", "AR-CM-001-V01", "150404", owner, at)
    measure(rice, owner, at)
    walk(trees, owner, at)


def project(name: str, methodology: str, division: str, owner: Mandate, at: datetime) -> Development:
    """The owner's development under that methodology, or a new one."""
    body = owner.membership.organisation
    for found in Development.objects.filter(owner=body, methodology=methodology).order_by("number"):
        return found
    return drafting.open_development(
        name=name, profile="local", scheme="DEMO", methodology=methodology, division_code=division, mandate=owner, at=at
    )


# -- devices -----------------------------------------------------------------------------------------------------------


def measure(rice: Development, owner: Mandate, at: datetime) -> None:
    today, long_ago = clock.day(at), at - timedelta(days=DAYS + 3)
    level: dict[str, Any] = {
        "kind": "WATER_LEVEL",
        "unit": "cm",
        "interval_s": 3600,
        "low": Decimal(-40),
        "high": Decimal(40),
    }
    first = enter(rice, owner, long_ago, code="DEMO-WL-01", name="演示·北一田水位计", place="北一田进水口", **level)
    second = enter(
        rice, owner, long_ago, reference=first, code="DEMO-WL-02", name="演示·北一田水位计（备用）",
        place="北一田中央", **level,
    )  # fmt: skip
    pump = enter(
        rice, owner, long_ago, code="DEMO-PM-01", name="演示·灌溉泵站电能表", place="练塘灌溉站", kind="POWER",
        unit="kWh", interval_s=3600, low=Decimal(0), high=Decimal(1_000_000), counter=True,
    )  # fmt: skip
    enter(
        rice, owner, long_ago, code="DEMO-SOIL-01", name="演示·北二田土壤水分仪", place="北二田", kind="SOIL",
        unit="%", interval_s=3600, low=Decimal(0), high=Decimal(100),
    )  # fmt: skip
    for device, ends in ((first, 240), (second, 300), (pump, 25)):
        devices.certify(
            device=device, number=f"演示检-{device.code}", laboratory="演示市计量检定所", mandate=owner,
            since=today - timedelta(days=365 - ends), until=today + timedelta(days=ends),
            permissible=Decimal("1.0"), at=long_ago,
        )  # fmt: skip
    hours = range(DAYS * 24)
    start = at.replace(minute=0, second=0, microsecond=0) - (DAYS * 24 - 1) * HOUR
    send(first, at, [(start + one * HOUR, flooded(one)) for one in hours if not 300 <= one < 309])
    send(second, at, [(start + one * HOUR, flooded(one) + 0.006 * one + 0.3 * math.sin(one / 31)) for one in hours])
    send(pump, at, [(start + one * HOUR, pumped(one)) for one in hours if one % 97 and not 700 <= one < 726])
    stamp(rice, owner, at)
    make_up(first, owner, at, [(start + one * HOUR, flooded(one)) for one in range(302, 309)])
    stamp(rice, owner, at)


def enter(rice: Development, owner: Mandate, at: datetime, reference: Device | None = None, **about: Any) -> Device:
    values = {"longitude": Decimal("121.035120"), "latitude": Decimal("31.021450")} | about
    made, _ = devices.register(
        about=devices.About(**values), development=rice, mandate=owner, at=at, reference=reference
    )  # fmt: skip
    return made


def flooded(hour: int) -> float:
    """Water over the field in cm under alternate wetting and drying: filled every eight days, falling in between."""
    return round(6 - 18 * (hour % 192) / 192 + 0.4 * math.sin(hour / 3.8), 1)


def pumped(hour: int) -> float:
    """The counter of a pump that runs on the days of filling."""
    full, rest = divmod(hour, 192)
    return round(1520 + full * 96 + min(rest, 12) * 8, 1)


def send(device: Device, at: datetime, rows: list[tuple[datetime, float]]) -> None:
    lines = [
        json.dumps({"at": when.isoformat(), "value": value, "unit": device.unit}) for when, value in rows if when <= at
    ]
    readings.take(device=device, body="\n".join(lines).encode(), at=at, source="HTTP")


def stamp(rice: Development, owner: Mandate, at: datetime) -> None:
    """Last month's readings are stamped, where the project is registered already; again where some came late."""
    last = (clock.day(at).replace(day=1) - timedelta(days=1)).replace(day=1)
    if rice.registered is None:
        return
    content = queries.manifest(rice, last)
    stamping.stamp(
        development=rice, month=last, sha256=stamping.digest(content), name=f"监测数据{last:%Y-%m}.json",
        size_bytes=len(content), mandate=owner, at=at, note="演示",
    )  # fmt: skip


def make_up(device: Device, owner: Mandate, at: datetime, rows: list[tuple[datetime, float]]) -> None:
    """A sheet of late readings for hours the device could not send: all but two of them, and a row that is none."""
    lines = [f"{when.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M},{value},cm" for when, value in rows]
    content = "\n".join(["时间,读数,单位", *lines, "断电,—,cm"]).encode()
    person = owner.membership.person
    late.take(
        device=device, note="演示：进水口记录仪断网 9 小时，次日由管护员现场读出内存补录，前两小时内存已覆盖。",
        upload=receiving.receive(
            stream=io.BytesIO(content), name="演示·水位计补录.csv", person=person, at=at, kind=late.SUBJECT
        ),
        mandate=owner, reference="demo-late-1", at=at,
    )  # fmt: skip


# -- plots -------------------------------------------------------------------------------------------------------------


def walk(trees: Development, owner: Mandate, at: datetime) -> None:
    today = clock.day(at)
    for number in range(1, 9):
        plots.lay_out(
            development=trees, code=f"P-{number:02d}", area_m2=600, stratum="油松幼林" if number < 6 else "山杏灌丛",
            longitude=Decimal("118.930000") + Decimal(number) / 200, latitude=Decimal("42.110000"),
            mandate=owner, at=at,
        )  # fmt: skip
    for number in range(1, 6):
        visit(trees, owner, at, f"P-{number:02d}", today - timedelta(days=3), "王芳、李强", number)
    visit(trees, owner, at, "P-03", today - timedelta(days=1), "赵敏、孙磊（复测）", 3, more=4)


def visit(
    trees: Development, owner: Mandate, at: datetime, plot: str, day: date, team: str, seed: int, more: int = 0
) -> None:
    grown = tuple(
        surveys.Tree(
            SPECIES[(seed + one) % 5], 38 + (seed * 37 + one * 53) % 90 + more, 22 + (seed * 11 + one * 17) % 30
        )
        for one in range(14)
    )
    where = surveys.Position(Decimal("118.930210") + Decimal(seed) / 200, Decimal("42.110090"), 6)
    key = uuid.uuid5(NAMESPACE, f"{plot}|{team}")
    plots.keep(
        development=trees, mandate=owner, at=at,
        visit=surveys.Visit(key, plot, day, team, grown, note="演示数据，由公式生成。", position=where),
    )  # fmt: skip
