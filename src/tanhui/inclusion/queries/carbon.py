"""What a resident's pages show, each in a constant number of statements whatever the history."""

import calendar
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Max, Min, Prefetch, Sum
from django.utils.translation import get_language, pgettext

from tanhui.inclusion import numbers
from tanhui.inclusion.models import (
    Account,
    Claim,
    Consent,
    Day,
    DayChange,
    Entry,
    Month,
    Objection,
    Pseudonym,
    Ruling,
    Scenario,
    Statistic,
    Suspicion,
)
from tanhui.methods.engine import shelf
from tanhui.tally import reasons

LATEST = 5  # days at the head of the home page


@dataclass(slots=True)
class Level:
    """How far somebody is: ``number`` from 1, from ``start`` kg on; ``next`` is the start of the next, or none."""

    number: int
    start: int
    next: int | None
    percent: int


@dataclass(slots=True)
class Sums:
    """All of an account's months added up: whole grams, days on which something counted, by scenario and by month."""

    grams: int = 0
    days: int = 0
    scenarios: dict[int, tuple[int, int]] = field(default_factory=dict)
    months: dict[date, int] = field(default_factory=dict)


def sums(account: int, since: date | None = None, until: date | None = None) -> Sums:
    """The account's months, one row a scenario and month."""
    rows = Month.objects.filter(account=account)
    rows = rows.filter(month__gte=since) if since else rows
    rows = rows.filter(month__lt=until) if until else rows
    found = Sums()
    by_scenario: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    by_month: dict[date, int] = defaultdict(int)
    for scenario, month, grams, days in rows.values_list("scenario_id", "month", "grams", "days"):
        found.grams, found.days = found.grams + grams, found.days + days
        by_scenario[scenario] = (by_scenario[scenario][0] + grams, by_scenario[scenario][1] + days)
        by_month[month] += grams
    found.scenarios = dict(sorted(by_scenario.items(), key=lambda item: -item[1][0]))
    found.months = dict(sorted(by_month.items()))
    return found


def level(grams: int, on: date) -> Level:
    starts: Any = numbers.parameter("levels_kg", on).value
    kilograms = grams / 1_000
    number = max(1, sum(kilograms >= start for start in starts))
    start, following = starts[number - 1], starts[number] if number < len(starts) else None
    share = 100 if following is None else int(100 * (kilograms - start) / (following - start))
    return Level(number, start, following, max(0, min(100, share)))


def names() -> dict[int, Scenario]:
    """Every scenario by its id: some dozens."""
    return {one.pk: one for one in Scenario.objects.defer("exclusions", "asks")}


def purse(account: int, on: date) -> list[tuple[date, int]]:
    """Points an account can use, by the day on which they run out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires_on, points FROM inclusion_points(%s, %s)", [account, on])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def recent(account: int) -> list[Day]:
    """The latest days on which something counted."""
    rows = Day.objects.filter(account=account, grams__gt=0).order_by("-day", "scenario_id")
    return list(rows[:LATEST])


def switched(account: int) -> dict[int, set[str]]:
    """Which switches are on, by scenario: the latest word of each kind."""
    rows = (
        Consent.objects.filter(account=account, scenario__isnull=False)
        .order_by("scenario", "kind", "-id")
        .distinct("scenario", "kind")
        .values_list("scenario_id", "kind", "given")
    )
    found: dict[int, set[str]] = defaultdict(set)
    for scenario, kind, given in rows:
        if given:
            found[scenario].add(kind)
    return found


@dataclass(slots=True)
class Cell:
    """One day of a calendar; ``weight`` from 0 to 4 is how much of the month's best day it was."""

    day: date
    grams: int = 0
    weight: int = 0
    inside: bool = True


def month(account: int, first: date) -> tuple[list[list[Cell]], int]:
    """A month's weeks from Monday on, and its grams."""
    rows = (
        Day.objects.filter(account=account, day__gte=first, day__lt=after(first))
        .values("day").annotate(sum=Sum("grams")).values_list("day", "sum")
    )  # fmt: skip
    grams = dict(rows)
    best = max(grams.values(), default=0) or 1
    weeks = [
        [Cell(day, grams.get(day, 0), -(-4 * grams.get(day, 0) // best), day.month == first.month) for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    return weeks, sum(grams.values())


def after(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=32)).replace(day=1)


@dataclass(slots=True)
class Explained:
    """Why a day has the grams it has."""

    day: Day
    scenario: Scenario
    factor: str
    quantity: str
    exact: int | None
    capped: bool
    claim: Claim | None
    changes: list[DayChange]
    objection: Objection | None
    about: dict[str, Any]


def explained(account: int, day: date) -> list[Explained]:
    """Each scenario of a day with its factor, quantity, baseline, caps, methodology and source."""
    rows = list(Day.objects.filter(account=account, day=day).order_by("-grams"))
    known = names()
    claims = {
        one.scenario_id: one
        for one in Claim.objects.filter(account=account, day=day).select_related(Claim.grant.field.name)
    }
    changes: dict[int, list[DayChange]] = defaultdict(list)
    for one in DayChange.objects.filter(account=account, day=day).order_by("id"):
        changes[one.scenario_id].append(one)
    said = {one.scenario_id: one for one in Objection.objects.filter(account=account, day=day).order_by("at")}
    return [
        explain(row, known[row.scenario_id], claims.get(row.scenario_id), changes[row.scenario_id],
                said.get(row.scenario_id))
        for row in rows
    ]  # fmt: skip


def explain(
    row: Day, scenario: Scenario, claim: Claim | None, changes: list[DayChange], objection: Objection | None
) -> Explained:
    factors = scenario.rule.get("factors", {})
    own = factors.get("mode_factor", factors.get("own_factor", ""))
    factor = f"{factors['baseline_factor']} − {own} {factors.get('unit', '')}" if "baseline_factor" in factors else ""
    about = shelf.load(scenario.methodology).metadata if scenario.methodology in shelf.names() else {}
    return Explained(
        day=row, scenario=scenario, factor=factor, quantity=measured(row.quantity, scenario.unit),
        exact=row.uncapped, capped=row.uncapped is not None and row.uncapped > row.grams, claim=claim, changes=changes,
        objection=objection, about={"baseline": factors.get("baseline_zh", ""), **about},
    )  # fmt: skip


def measured(quantity: int | None, unit: str) -> str:
    """A quantity as people say it: metres become kilometres."""
    if quantity is None:
        return ""
    large = {"m": "km", "Wh": "kWh", "g": "kg"}.get(unit)
    if large and quantity >= 1_000:
        return f"{quantity / 1_000:,.2f}".rstrip("0").rstrip(".") + f" {large}"
    counted = {"step": pgettext("inclusion", "steps"), "piece": pgettext("inclusion", "times")}
    return f"{quantity:,} {counted.get(unit, unit)}"


def waiting(account: int) -> list[Suspicion]:
    """Behaviour a published rule holds back, or that was decided lately."""
    return list(Suspicion.objects.filter(account=account).select_related("scenario").order_by("-day")[:20])


@dataclass(slots=True)
class Held:
    """What a rule holds or held back on a day: which rule, what was decided, and what the holder said."""

    suspicion: Suspicion
    sentence: str
    quantity: str
    began: datetime | None
    rulings: list[Ruling]
    objection: Objection | None


def held(account: int, day: date) -> list[Held]:
    """Everything of a day that a rule held back; three statements."""
    rows = list(
        Suspicion.objects.filter(account=account, day=day).select_related("scenario").prefetch_related(
            Prefetch("rulings", Ruling.objects.order_by("number"))
        ).order_by("at", "pk")
    )  # fmt: skip
    said = {one.scenario_id: one for one in Objection.objects.filter(account=account, day=day).order_by("at")}
    language = get_language() or "zh-hans"
    return [
        Held(
            suspicion=one, sentence=reasons.say(one.rule, one.facts, language),
            quantity=measured(one.facts.get("quantity"), one.scenario.unit),
            began=datetime.fromisoformat(one.facts["began_at"]) if one.facts else None,
            rulings=list(one.rulings.all()), objection=said.get(one.scenario_id),
        )
        for one in rows
    ]  # fmt: skip


def answered(account: int, since: datetime) -> list[date]:
    """Days about which something was answered or decided since a moment, the latest first."""
    days = set(Objection.objects.filter(account=account, answered_at__gte=since).values_list("day", flat=True))
    days |= set(
        Ruling.objects.filter(suspicion__account=account, at__gte=since).values_list("suspicion__day", flat=True)
    )
    return sorted(days, reverse=True)


def marks(account: int) -> dict[int, str]:
    """What each provider calls the account's holder, by the provider's id."""
    return dict(Pseudonym.objects.filter(account=account).values_list("provider_id", "value"))


def mark(account: int, uscc: str) -> str:
    """What the provider that an organisation is calls the account's holder; empty where it is none, or none asked."""
    rows = (
        Pseudonym.objects.filter(account=account, provider__organisation__uscc=uscc)
        if uscc
        else Pseudonym.objects.none()
    )
    return rows.order_by("at", "pk").values_list("value", flat=True).first() or ""


def entries(account: int, before: int | None = None, most: int = 30) -> list[Entry]:
    """Movements of points, the latest first."""
    rows = Entry.objects.filter(account=account).order_by("-id")
    return list((rows.filter(pk__lt=before) if before else rows)[:most])


def granted(account: int, since: date) -> list[dict[str, Any]]:
    """Points granted lately, by day."""
    rows = Claim.objects.filter(account=account, day__gte=since, points__gt=0).values("day")
    summed = rows.annotate(sum=Sum("points"), grams_=Sum("grams")).order_by("-day")
    return [dict(one) for one in summed]


@dataclass(slots=True)
class Place:
    """One line of a ranking."""

    place: int
    name: str
    grams: int
    mine: bool


def ranking(account: Account, first: date, *, teams: bool, most: int) -> list[Place]:
    """The month's ranking of those who wished to be ranked: of one's district, or of teams."""
    rows = Month.objects.filter(month=first, account__state=Account.State.ACTIVE).exclude(account__shows="")
    if teams:
        counted = rows.filter(account__team__isnull=False).values("account__team", name=F("account__team__name"))
        found = [
            (one["name"], one["sum"], one["account__team"] == account.team_id)
            for one in counted.annotate(sum=Sum("grams")).order_by("-sum", "account__team")[:most]
        ]
    elif not account.region:
        found = []
    else:
        near = rows.filter(account__region__startswith=account.region[:6]).values("account", name=F("account__shows"))
        found = [
            (one["name"], one["sum"], one["account"] == account.pk)
            for one in near.annotate(sum=Sum("grams")).order_by("-sum", "account")[:most]
        ]
    return [Place(number, *one) for number, one in enumerate(found, 1)]


def statistics(least: int, since: date, until: date) -> dict[str, Any]:
    """Public figures by scenario of the months from ``since`` that were over before ``until``: a cell of fewer than
    ``least`` people is not shown, nor is another that would let it be found by subtraction. A month that goes on would
    tell by its next figure what one newcomer did."""
    rows = (
        Statistic.objects.filter(month__gte=since, month__lt=until).values("month", "scenario__name", "scenario__code")
        .annotate(people_=Sum("people"), grams_=Sum("grams"), counted=Max("counted_at"), districts=Count("district"))
        .order_by("-month", "-grams_")
    )  # fmt: skip
    months: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for one in rows:
        months[one["month"]].append({**one})
    for cells in months.values():
        hide(cells, least)
    counted = max((one["counted"] for cells in months.values() for one in cells), default=None)
    return {"months": dict(months), "counted_at": counted}


def hide(cells: list[dict[str, Any]], least: int) -> None:
    """Mark what is not shown of one month. With what is too small the smallest of the others is hidden, however many
    are too small: whoever knows the total then finds no sum of fewer than ``least`` people."""
    for one in cells:
        one["shown"] = one["people_"] >= least
    shown = [one for one in cells if one["shown"]]
    if shown and len(shown) < len(cells):
        min(shown, key=lambda one: one["people_"])["shown"] = False


def first_day(account: int) -> date | None:
    found: date | None = Month.objects.filter(account=account).aggregate(first=Min("month"))["first"]
    return found


def streak(account: int, until: date) -> int:
    """How many days in a row, up to ``until`` or the day before, something counted; at most a year is looked at."""
    rows = Day.objects.filter(account=account, day__gt=until - timedelta(days=366), day__lte=until, grams__gt=0)
    days = set(rows.values_list("day", flat=True).distinct())
    at = until if until in days else until - timedelta(days=1)
    count = 0
    while at in days:
        count, at = count + 1, at - timedelta(days=1)
    return count
