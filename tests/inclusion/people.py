"""Residents, scenarios in operation and settled days, for the tests of accounts and points."""

import datetime as dt
import itertools

import numpy as np
import pyarrow as pa
from tests import world

from tanhui.inclusion import consent_texts
from tanhui.inclusion.acts import accounts, days
from tanhui.inclusion.models import Provider, Scenario, Settlement
from tanhui.kernel import clock
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation
from tanhui.rulepacks.queries import in_force

NOON = world.NOON
TODAY = dt.date(2026, 6, 5)
NUMBERS = itertools.count(1)
VERSION = consent_texts.CURRENT


def rules():
    """The platform's own numbers in force, if they are not yet: databases of races are shared."""
    if in_force("demo-local", clock.day(NOON)) is None:
        who = {"initiator_id": world.person().pk, "confirmer_id": world.person().pk}
        activation.activate(pack=packs.ship("demo-local"), mode="demonstration", at=NOON, **who)


def scenario(code="metro", **overrides):
    number = next(NUMBERS)
    operator = overrides.pop("organisation", None) or world.organisation("OPER")
    values = {
        "code": f"{code}-{number}", "name": f"场景{number}", "field": "TRAVEL", "organisation": operator,
        "methodology": "metro/v01", "division_code": "150402", "region_name": "演示市红山区", "unit": "m",
        "state": "OPERATING", "reassess_by": dt.date(2027, 6, 5), "opened_by": world.person(), "opened_at": NOON,
        "changed_at": NOON,
    } | overrides  # fmt: skip
    return Scenario.objects.create(**values)


def provider(*scenarios, **overrides):
    number = next(NUMBERS)
    values = {
        "code": f"provider-{number}", "name": f"数据方{number}", "organisation": world.organisation("SCEN"),
        "operator": world.organisation("OPER"), "agreement": "A-1", "purpose": "核算", "kinds": "行程",
        "retention_days": 30, "since": dt.date(2026, 1, 1), "until": dt.date(2027, 1, 1), "state": "LIVE",
        "opened_by": world.person(), "opened_at": NOON, "changed_at": NOON,
    } | overrides  # fmt: skip
    made = Provider.objects.create(**values)
    made.scenarios.set(scenarios)
    return made


def resident(**overrides):
    """An account and the person it belongs to."""
    who = overrides.pop("person", None) or world.person()
    phone = overrides.pop("phone", f"138{next(NUMBERS):08d}")
    values = {
        "way": "PHONE", "subject": f"phone:{phone}", "name": who.name, "phone": phone, "text_version": VERSION,
        "at": NOON,
    } | overrides  # fmt: skip
    return accounts.open_account(person=who, **values), who


def settlement(day, run=1):
    return Settlement.objects.create(
        day=day, run=run, state="DONE", asked_at=NOON, done_at=NOON, entry=1, results_sha256="0" * 64
    )


def table(*rows):
    """``(account, scenario, grams)`` each, as the settlement of a day writes them."""
    accounts_, scenarios, grams = zip(*rows, strict=True) if rows else ((), (), ())
    numbers = [getattr(one, "pk", one) for one in accounts_]
    return pa.table(
        {
            "account": pa.array(numbers, pa.int64()),
            "scenario": pa.array([one.code for one in scenarios], pa.string()).dictionary_encode(),
            "grams": pa.array(grams, pa.int64()), "uncapped": pa.array(grams, pa.int64()),
            "quantity": pa.array([g * 10 for g in grams], pa.int64()), "events": pa.array([1] * len(grams), pa.int32()),
            "evidence": pa.array([bytes(32)] * len(grams), pa.binary(32)),
        }
    )  # fmt: skip


def post(day, *rows, run=1, at=NOON):
    return days.post(settlement=settlement(day, run), day=day, tables=[table(*rows)], at=at)


def ints(*values):
    return np.array(values, dtype=np.int64)
