"""Developments with square parcels, as short as they can be made, for what is claimed by shape."""

import datetime as dt
import itertools

import shapely
from tests import world

from tanhui.projects import shapes
from tanhui.projects.models import Boundary, Development, Facility
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

NUMBERS = itertools.count(1)
WEST, SOUTH = 119.0, 42.0
STEP = 0.01  # degrees: a square of some 827 by 1,111 m
METRE = STEP / 827.6  # of longitude there, about
DAYS = (dt.date(2024, 1, 1), dt.date(2044, 1, 1))


def activate(at=world.NOON):
    """The platform's own numbers in force."""
    people = world.party("REG").signatures.people
    activation.activate(pack=packs.ship("demo-local"), mode="demonstration", at=at, **people)


def square(column, row=0, *, wide=1.0, high=1.0):
    """A square of the grid, or some of it from its south-western corner on."""
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(west, south, west + wide * STEP, south + high * STEP)


def development(owner, *outlines, meters=(), facilities=(), days=DAYS, name="退化林地造林", **values):
    number = next(NUMBERS)
    made = Development.objects.create(
        number=number, name=f"{name}{number}", profile="local", scheme=values.pop("scheme", "DEMO"),
        rule_pack="demo-local", methodology=values.pop("methodology", "NO-SUCH-V01"), owner=owner.organisation,
        division_code="150404", crediting=days, state="DRAFT", stage_since=world.NOON, changed_at=world.NOON,
        opened_by=owner.initiator.membership.person, opened_at=world.NOON, **values,
    )  # fmt: skip
    Boundary.objects.bulk_create(
        Boundary(
            development=made, name=f"小班{place}", geometry=shapes.wkb(one), box=shapes.box(one),
            area_m2=shapes.area_m2(one), geometry_sha256=shapes.digest(one),
        )
        for place, one in enumerate(outlines, 1)
    )  # fmt: skip
    for kind, keys in (("METER", meters), ("FACILITY", facilities)):
        for one in keys:
            Facility.objects.create(development=made, kind=kind, key=one)
    return Development.objects.get(pk=made.pk)
