"""Regions and what is recognised of them; what we state of a resident, and what others state of theirs."""

from datetime import date
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum

from tanhui.inclusion import lakes, regionfiles
from tanhui.inclusion.models import Account, Day, Mirror, MirrorDay, Region, RegionMapping, RegionStatement
from tanhui.inclusion.queries import carbon

WEEK = 7  # days of a statement whose events are looked through, at most this many times


def open_regions() -> QuerySet[Region]:
    return Region.objects.filter(state="OPEN").order_by("name")


def public() -> QuerySet[Region]:
    """Regions in force with the mappings in force, for everyone."""
    rows = RegionMapping.objects.filter(state="OPEN").select_related("scenario").order_by("theirs", "since")
    return open_regions().prefetch_related(Prefetch("mappings", rows, to_attr="in_force"))


def desk() -> QuerySet[Region]:
    rows = Region.objects.select_related("operator", "instruction__initiator").order_by("-asked_at")
    return rows.annotate(people=Count("mirrors", distinct=True), stated=Count("statements", distinct=True))


def mappings(region: Region) -> dict[tuple[str, str], RegionMapping]:
    """The mappings in force by scenario and methodology there."""
    rows = RegionMapping.objects.filter(region=region, state="OPEN").select_related("scenario")
    return {(one.theirs, one.their_methodology): one for one in rows}


def desk_mappings(region: Region) -> QuerySet[RegionMapping]:
    rows = RegionMapping.objects.filter(region=region).select_related("scenario", "instruction__initiator")
    return rows.order_by("-asked_at")


def statements(region: Region) -> QuerySet[RegionStatement]:
    return region.statements.order_by("-at")


def stated(account: Account, first: date, last: date) -> list[regionfiles.Line]:
    """An account's settled days, both included, as lines of a statement."""
    known = carbon.names()
    rows = Day.objects.filter(account=account.pk, day__range=(first, last), grams__gt=0).order_by("day", "scenario_id")
    return [
        regionfiles.Line(
            known[one.scenario_id].code, known[one.scenario_id].methodology, one.day, one.grams,
            bytes(one.evidence_sha256).hex(),
        )
        for one in rows
    ]  # fmt: skip


def reference(account: Account, region: Region) -> str:
    """The mark a region knows the account by, where it was given one."""
    rows = RegionStatement.objects.filter(account=account, region__code=region.code).order_by("at")
    return rows.values_list("reference", flat=True).first() or ""


def activities(account: int, said: regionfiles.Said) -> frozenset[str]:
    """Of the activity keys a statement names, those that our own lake has of this account already: one behaviour that
    a provider reported both here and there."""
    asked = {line.day: line.activities for line in said.lines if line.activities}
    if not asked:
        return frozenset()
    from tanhui.tally import lake, shape

    opened = lakes.opened()
    found: set[str] = set()
    for day in asked:
        spoken = [key for line in said.lines if line.day == day for key in line.activities]
        ours = set(lake.events(opened, day, account)["activity"].to_pylist())
        hashes = shape.hashed(spoken, opened.secret, b"activity").tolist()
        found.update(key for key, hash_ in zip(spoken, hashes, strict=True) if hash_ in ours)
    return frozenset(found)


def mirror(account: Account) -> Mirror | None:
    return Mirror.objects.filter(account=account).select_related("region").first()


def balance(mirror: Mirror) -> list[dict[str, Any]]:
    """What the home says by scenario: grams there, what they count as here, days; read-only."""
    rows = MirrorDay.objects.filter(mirror=mirror).values("theirs", name=F("scenario__name"))
    summed = rows.annotate(there=Sum("grams_there"), here=Sum("grams"), days=Count("id"))
    return [dict(one) for one in summed.order_by("-here", "theirs")]


def of_person(account: Account) -> QuerySet[RegionStatement]:
    """Every statement about an account, given out or taken in, the earliest first."""
    rows = RegionStatement.objects.filter(Q(account=account) | Q(mirror__account=account))
    return rows.select_related("region").order_by("at", "pk")


def given_out(account: Account) -> QuerySet[RegionStatement]:
    rows = RegionStatement.objects.filter(account=account, way="OUT").select_related("region", "account")
    return rows.order_by("-at")
