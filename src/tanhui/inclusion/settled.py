"""What a day is settled by: rules of the scenarios in operation that day, decisions, what projects and pools count, and
what a year has."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tanhui.inclusion import lakes, numbers
from tanhui.inclusion.models import Claim, Grant, Ruling, Scenario, ScenarioStep
from tanhui.inclusion.queries import counting
from tanhui.kernel import clock
from tanhui.methods.engine import shelf
from tanhui.projects.models import Footprint

if TYPE_CHECKING:
    import pyarrow as pa

    from tanhui.tally.given import Given
    from tanhui.tally.rules import Rule, Rules

HOUR = 3_600
DAY = timedelta(days=1)


def operating(day: date) -> list[Scenario]:
    """The scenarios that were in operation at the end of a day, whatever came after."""
    last = (
        ScenarioStep.objects.filter(at__lt=clock.midnight_after(day))
        .order_by("scenario", "-number")
        .distinct("scenario")
        .values_list("scenario", "after")
    )
    chosen = [scenario for scenario, after in last if after == Scenario.State.OPERATING]
    return list(Scenario.objects.filter(pk__in=chosen).select_related("organisation").order_by("code"))


def rules(day: date) -> "Rules":
    """The rules of a day. Refuses with ``numbers.NumberMissing`` or ``tally.rule_wrong``."""
    from tanhui.tally.rules import Rules

    return Rules(
        scenarios=tuple(rule(one) for one in operating(day)),
        device_people=numbers.whole("inclusion_device_people", day),
        payment_people=numbers.whole("inclusion_payment_people", day),
        burst_events=numbers.whole("inclusion_burst_events", day), burst_seconds=HOUR,
        clock_seconds=numbers.whole("inclusion_event_future", day),
    )  # fmt: skip


def rule(scenario: Scenario) -> "Rule":
    """The rule of one scenario as settlement knows it."""
    from tanhui.tally.rules import Rule

    said = scenario.rule
    return Rule(
        scenario=scenario.code, methodology=scenario.methodology, unit=scenario.unit, numerator=said["numerator"],
        denominator=said["denominator"], clause="docs/algorithms/personal-scenarios.md", least=said["least"],
        most=said["most"], slowest=said["slowest_m_per_h"], fastest=said["fastest_m_per_h"],
        exclusive=said["exclusive"], day_events=said["events_a_day"], cap_day_g=scenario.cap_day_g,
        cap_year_g=scenario.cap_year_g,
    )  # fmt: skip


def given(day: date) -> "Given":
    """What a settlement of a day is told beside the events. Consents were asked when the events were taken."""
    import pyarrow as pa

    from tanhui.tally import shape
    from tanhui.tally.given import Given

    return Given(
        claims=table(claimed(day), account=pa.int64(), scenario=pa.string(), since=shape.UTC_MS, until=shape.UTC_MS),
        held=table(held(day), account=pa.int64(), scenario=pa.string()),
        earned=table(counting.earned(day), account=pa.int64(), scenario=pa.string(), grams=pa.int64()),
        decisions=table(decisions(day), account=pa.int64(), body=pa.int64(), allowed=pa.bool_()),
    )


def table(rows: Iterable[tuple[object, ...]], **columns: "pa.DataType") -> "pa.Table | None":
    """Rows as a table; none where there are none."""
    import pyarrow as pa

    found = list(rows)
    if not found:
        return None
    given_ = zip(columns.items(), zip(*found, strict=True), strict=True)
    return pa.table({name: pa.array(list(values), kind) for (name, kind), values in given_})


def claimed(day: date) -> list[tuple[object, ...]]:
    """Scenarios of which nothing counts on a day, since a project does: account (0, everybody), scenario, since, until.

    A project counts the behaviour where its footprint, here or in a list of another mechanism, names an activity of the
    scenario's methodology and its owner is the body whose scenario it is, or every provider of it is such an owner.
    What is pooled becomes a project's own and is held apart by the register.
    """
    rows = [one for one in operating(day) if not one.pooled and one.methodology in shelf.names()]
    done = {one.pk: set(shelf.load(one.methodology).metadata.get("double_count_key", {}).get("activities", ()))
            for one in rows}  # fmt: skip
    names = sorted(set().union(*done.values()))
    footprints = Footprint.objects.filter(state=Footprint.State.LIVE, days__contains=day, activities__overlap=names)
    there = (
        list(footprints.exclude(holder_uscc="").values_list("holder_uscc", "activities").distinct()) if names else []
    )
    found: list[tuple[object, ...]] = []
    for one in rows:
        owners = {uscc for uscc, activities in there if done[one.pk].intersection(activities)}
        reporting = set(one.providers.values_list("organisation__uscc", flat=True))
        if one.organisation.uscc in owners or (reporting and reporting <= owners):
            found.append((0, one.code, clock.midnight_after(day - DAY), clock.midnight_after(day)))
    return found


def held(day: date) -> list[tuple[object, ...]]:
    """Of this day: account and scenario of grams that are pooled, which a correction tells and does not post."""
    rows = Claim.objects.filter(day=day, grant__kind=Grant.Kind.POOL)
    return list(rows.order_by("account_id", "scenario_id").values_list("account_id", "scenario__code"))


def decisions(day: date) -> list[tuple[object, ...]]:
    """The last decision on each behaviour of the day that was held back: account, body, allowed."""
    rows = Ruling.objects.filter(suspicion__day=day).order_by("suspicion", "-number").distinct("suspicion")
    found = rows.values_list("suspicion__account", "suspicion__body", "outcome")
    return sorted((account, body, outcome == "ALLOWED") for account, body, outcome in found)


def touched(day: date, run: int) -> set[int]:
    """Accounts whose events of a day came, or were decided, after its last finished settlement began to read."""
    import pyarrow.parquet as pq

    from tanhui.tally import lake as lakes_
    from tanhui.tally import results
    from tanhui.tally import run as running

    lake = lakes.opened()
    before = [one for one in running.numbers(lake.folder, day) if one < run]
    plan = results.plan(lake.folder, day, before[-1]) if before else None
    then = {bucket: set(names) for bucket, names in (plan or {}).get("inputs", {}).items()}
    found: set[int] = set()
    for bucket in range(lake.buckets):
        new = set(lakes_.inputs(lake, day, bucket)) - then.get(str(bucket), set())
        for name in sorted(new):
            path = lake.partition(day, bucket) / name
            found |= set(pq.ParquetFile(path).read(columns=["account"])["account"].to_pylist())
    return found
