"""A published year with its figures, and the people who use its sinks: what the tests of articles 11 to 15 stand on."""

from tests import world

from tanhui.inventory.acts import second
from tanhui.inventory.models import AccountingYear, Computation, Figure, Publication
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

AT = world.NOON
DIVISION = "330604"
METHOD = {"norm": "T", "npp": "product", "respiration": ["pei", "q10"]}


def authority(name="演示区自然资源和规划局"):
    return world.party("NATR", name=name)


def published(party, *, year=2023, edition=1, revises=None, method=None, division=DIVISION, state="PUBLISHED"):
    """A year as it stands once it is published, without the weeks of work before."""
    person = party.initiator.membership.person
    made = AccountingYear.objects.create(
        organisation=party.organisation, area_name="上虞区（演示）", division_code=division, year=year, edition=edition,
        revises=revises, reason="更正" if revises else "", state=state, method=METHOD if method is None else method,
        opened_by=person, opened_at=AT, changed_at=AT,
    )  # fmt: skip
    run = Computation.objects.create(
        accounting_year=made, number=1, plan="", plan_sha256=world.HASH, state="DONE", record_sha256=world.HASH,
        statistics_sha256=world.HASH, by=person, asked_at=AT, finished_at=AT, reference=f"run-{made.pk}",
    )  # fmt: skip
    Publication.objects.create(
        accounting_year=made, computation=run, statistics_sha256=world.HASH, licence="CC BY 4.0",
        initiator=person, confirmer=party.confirmer.membership.person, at=AT, entry=0,
    )  # fmt: skip
    return made


def figure(year, zone="001", *, kg=12_345_678, type="forest", level="township", name="", of=None, sigma=None, area=1e7):
    """A row of the year's statistics; the conservative bound is ``kg``, the middle lies a tenth above it."""
    middle = kg + abs(kg) // 10
    return Figure.objects.create(
        computation=year.publication.computation, year=of or year.year, level=level, zone=zone,
        zone_name=name or f"演示镇{zone}", type=type, cells=1000, area_m2=area, coverage=1, npp_kg_c=0, rh_kg_c=0,
        nep_kg_c=0, nep_kg_co2=middle, lower_kg_co2=kg, upper_kg_co2=middle + abs(kg) // 10, conservative_kg_co2=kg,
        sigma_kg_co2=sigma or {"pixel": 1000},
    )  # fmt: skip


def inside(year, *zones, level="township"):
    """Have zones of a published year lie inside the ecological red line by its boundaries."""
    run = year.publication.computation
    shares = {level: dict.fromkeys(zones, 1.0)}
    run.facts = {"red_line": {"basis": "演示区生态保护红线（演示市自然资源局）", "shares": shares}}
    run.save(update_fields=["facts"])


def rules(*names):
    """Rule packs in force."""
    operator = world.party("REG")
    people = operator.signatures.people
    for name in names or ("cn-shangyu-sinks-2024",):
        activation.activate(pack=packs.ship(name), mode="demonstration", at=AT, **people)


def confirm(asked, party):
    return second.confirm(asked=asked, mandate=party.confirmer, at=AT)
