"""Settling a day: asked for, done by the worker, posted once; late and corrected events settle whom they touch anew."""

import contextlib
import hashlib
import logging
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Max, Q, Sum

from tanhui.identity.models import Mandate
from tanhui.inclusion import forgotten, lakes, numbers, roles, settled
from tanhui.inclusion.acts import batches, days, keeping, scenarios
from tanhui.inclusion.models import Day, Forgetting, Ruling, Scenario, Settlement, Suspicion, Written
from tanhui.journal import jobs
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    import pyarrow as pa

    from tanhui.tally.run import Settlement as Result

JOB = "inclusion.settle"
HOUSE = "docs/algorithms/settlement.md §4"
WORKERS = max(1, min(4, (os.cpu_count() or 2) // 2))
State = Settlement.State
log = logging.getLogger("tanhui.inclusion")


class DayNotOver(Refusal):
    code = "inclusion.day_not_over"
    sentence = gettext_noop("%(day)s is not over yet. A day is settled once it has ended in Beijing.")
    clause = HOUSE
    status = 422


class NoEvents(Refusal):
    code = "inclusion.no_events"
    sentence = gettext_noop("No provider has reported anything of %(day)s. There is nothing to settle.")
    clause = HOUSE
    status = 422


class NothingNew(Refusal):
    code = "inclusion.nothing_new"
    sentence = gettext_noop(
        "%(day)s is settled, and nothing came in, was decided or changed since. It would come out as it is."
    )
    clause = HOUSE


class SettlingAlready(Refusal):
    code = "inclusion.settling_already"
    sentence = gettext_noop("%(day)s is being settled at this moment. Wait until that is finished.")
    clause = HOUSE


class SettlementBroken(Refusal):
    code = "inclusion.settlement_broken"
    sentence = gettext_noop(
        "The settlement ended by a fault that is no rule: %(problem)s. Nothing was posted; the operator finds it in "
        "the log. Ask for it again."
    )
    clause = HOUSE
    status = 500


@transaction.atomic
def ask(*, day: date, mandate: Mandate | None, at: datetime) -> Settlement:
    """Put a day in the queue: as a whole the first time and when its rules changed, else whom late events touch.

    ``mandate`` is none where the worker asks by itself, each night. Refuses with ``DayNotOver``, ``NoEvents``,
    ``NothingNew``, ``SettlingAlready``, ``keeping.DayForgotten``, ``scenarios.NotYours``.
    """
    if mandate is not None:
        scenarios.check_role(mandate, roles.OPERATORS, at=at)
    if day >= clock.day(at):
        raise DayNotOver(day=day.isoformat())
    if not Written.objects.filter(day=day).exists():
        raise NoEvents(day=day.isoformat())
    keeping.check_kept(day)
    rules = settled.rules(day)
    last = Settlement.objects.filter(day=day, state=State.DONE).order_by("-run").first()
    if last is not None and last.rules_sha256 == rules.digest and not news(day, last):
        raise NothingNew(day=day.isoformat())
    run = (Settlement.objects.filter(day=day).aggregate(last=Max("run"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            made = Settlement.objects.create(
                day=day, run=run, rules=rules.value, rules_sha256=rules.digest,
                by=mandate.membership.person if mandate else None, asked_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise SettlingAlready(day=day.isoformat()) from None
    jobs.defer(JOB, key=str(made.pk))
    return made


def news(day: date, last: Settlement) -> bool:
    """Whether there are files that a settlement did not read, however late they were added, or something was decided
    after it was asked for."""
    here = Written.objects.filter(day=day, path__startswith="events/").values_list("path", flat=True)
    ruled = Ruling.objects.filter(suspicion__day=day, at__gte=last.asked_at)
    return not {within(path) for path in here} <= read(day, last.run) or ruled.exists()


def within(path: str) -> str:
    """``bucket=…/<file>`` of ``events/day=…/bucket=…/<file>``."""
    return path.split("/", 2)[2]


def read(day: date, run: int) -> set[str]:
    """The files that a run was begun with, which it still reads when it is taken up again, and no later ones."""
    from tanhui.tally import results

    begun = (results.plan(lakes.folder(), day, run) or {"inputs": {}})["inputs"]
    return {f"bucket={int(bucket):03d}/{name}" for bucket, names in begun.items() for name in names}


def manifest(day: date, run: int | None = None) -> str:
    """The hash over the files of a day, in the order of their paths; of a run over those it was begun with."""
    rows = Written.objects.filter(day=day, path__startswith="events/").order_by("path").values_list("path", "sha256")
    begun = None if run is None else read(day, run)
    return canonical.sha256(
        {"files": [[path, sha256] for path, sha256 in rows if begun is None or within(path) in begun]}
    )


def carry_out(*, key: uuid.UUID, told: Callable[[], datetime], scheduler: str | None = None) -> None:
    """Settle and post, once however often it is asked and whoever died over it.

    A rule that says no stops it; a fault of another kind stops it too, and is raised so that it stands in the log.
    """
    row = Settlement.objects.filter(pk=key).first()
    if row is None:
        return
    with alone(key) as chosen, alone(year(row)) as first:
        row = Settlement.objects.filter(pk=key, state__in=Settlement.OPEN).first()
        if not chosen or row is None:
            return
        row.state = State.RUNNING
        row.save(update_fields=["state"])
        if not first:  # taken up again within the minute
            return
        try:
            batches.sweep()
            finish(row, *computed(row, scheduler), at=told())
        except Refusal as refusal:
            stop(row, refusal)
        except Exception as fault:
            log.exception("settlement=%s", row.pk)
            stop(row, SettlementBroken(problem=type(fault).__name__))
            raise


def year(row: Settlement) -> str:
    """What is settled one after the other: days of a year that share a cap, since each is told what the others have."""
    capped = any(one["cap_year_g"] for one in row.rules["scenarios"])
    return f"year {row.day.year}" if capped else f"day {row.pk}"


def computed(row: Settlement, scheduler: str | None) -> tuple["Result", str, list[int] | None]:
    """Let the room of counting do it; the hash of what it read, and whom it was about (none: everybody)."""
    from tanhui.tally import results, run
    from tanhui.tally.rules import Rules

    rules, folder = Rules.of(row.rules), lakes.folder()
    lakes.opened()
    keeping.check_kept(row.day)
    for number in Settlement.objects.filter(day=row.day, state=State.STOPPED).values_list("run", flat=True):
        results.void(folder, row.day, number)
    last = Settlement.objects.filter(day=row.day, state=State.DONE).order_by("-run").first()
    if last is None or last.rules_sha256 != row.rules_sha256:
        made = run.settle(
            folder, row.day, number=row.run, rules=rules, given=settled.given(row.day), workers=WORKERS,
            scheduler=scheduler,
        )  # fmt: skip
        return made, manifest(row.day, row.run), None
    accounts = sorted(settled.touched(row.day, row.run) | decided(row))
    made = run.resettle(
        folder, row.day, accounts, number=row.run, rules=rules, given=settled.given(row.day), workers=WORKERS,
        scheduler=scheduler,
    )  # fmt: skip
    return made, manifest(row.day, row.run), accounts


def keep_warm(*, key: uuid.UUID) -> int:
    """Lay a settled day's events ready for corrections of a few people; how many. Nothing where a settlement stopped,
    was of a few people only, or its events are forgotten already."""
    from tanhui.tally import results, run

    row = Settlement.objects.filter(pk=key, state=State.DONE).first()
    plan = results.plan(lakes.folder(), row.day, row.run) if row else None
    if row is None or plan is None or plan["partial"] or Forgetting.objects.filter(day=row.day).exists():
        return 0
    return run.keep_warm(lakes.folder(), row.day, row.run, workers=WORKERS)


def decided(row: Settlement) -> set[int]:
    """Accounts of the day about which something was decided since the last settlement was asked for."""
    last = Settlement.objects.filter(day=row.day, state=State.DONE).aggregate(last=Max("asked_at"))["last"]
    rows = Ruling.objects.filter(suspicion__day=row.day, at__gte=last)
    return set(rows.values_list("suspicion__account", flat=True))


@transaction.atomic
def finish(row: Settlement, made: "Result", inputs: str, accounts: list[int] | None, *, at: datetime) -> None:
    """Post the days, keep what waits, and tell what came out; all of it or nothing."""
    held = Settlement.objects.select_for_update().get(pk=row.pk)
    if held.state not in Settlement.OPEN:
        return
    tables = list(forgotten.without(posted(held, made), held.day))
    touched = sorted({one for table in tables for one in table["account"].to_pylist()}) if made.partial else []
    before = summed(held.day, touched)
    days.post(settlement=held, day=held.day, tables=tables, at=at)
    waiting = hold_back(held, accounts, at)
    held.by_scenario = total(held, made, before, summed(held.day, touched))
    held.state, held.done_at, held.results_sha256, held.inputs_sha256 = State.DONE, at, made.sha256, inputs
    held.counts, held.changed_days, held.waiting = made.counts, made.changes, waiting
    held.events = made.counts.get("received", 0)
    held.counted = sum(one["events"] for one in held.by_scenario.values())
    held.people = sum(one["people"] for one in held.by_scenario.values())
    held.grams = sum(one["grams"] for one in held.by_scenario.values())
    held.entry = record(
        kind="inclusion.day_settled",
        fact={
            "day": held.day.isoformat(), "run": held.run, "results_sha256": made.sha256, "inputs_sha256": inputs,
            "rules_sha256": held.rules_sha256,
        } | numbers.of_many({"grams": held.grams, "changed": made.changes}, changed(held), held.day),
        private={"settlement": str(held.pk)}, at=at, by=held.by_id,
    )  # fmt: skip
    held.save()


def changed(row: Settlement) -> int:
    """How many people's grams a settlement changed, as far as that decides whether its figures may be told."""
    from tanhui.tally import run

    least, found = numbers.whole("public_statistics_k", row.day), set[int]()
    for table in run.changes(lakes.folder(), row.day, row.run):
        found.update(table["account"].unique()[:least].to_pylist())
        if len(found) >= least:
            break
    return len(found)


def posted(row: Settlement, made: "Result") -> Iterator["pa.Table"]:
    """The days to post: all of a first settlement; of a later one whom it touched, with 0 where nothing is left."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from tanhui.tally import run, shape

    yield run.days(lakes.folder(), row.day, row.run)
    for table in run.changes(lakes.folder(), row.day, row.run):
        gone = table.filter((pc.field("grams") == 0) & (pc.field("events") == 0))
        if len(gone):
            nothing = pa.array([0] * len(gone), pa.int64())
            columns = {
                "account": gone["account"], "scenario": gone["scenario"], "grams": nothing, "uncapped": nothing,
                "quantity": nothing, "events": gone["events"], "evidence": gone["evidence"],
            }  # fmt: skip
            yield pa.table(columns).cast(shape.DAYS)


def summed(day: date, accounts: list[int]) -> dict[str, dict[str, int]]:
    """Grams, events and people by scenario that some accounts have on a day."""
    if not accounts:
        return {}
    rows = Day.objects.filter(day=day, account__in=accounts).values("scenario__code")
    found = rows.annotate(grams_=Sum("grams"), events_=Sum("events"), people_=Count("account", filter=Q(grams__gt=0)))
    return {
        one["scenario__code"]: {"grams": one["grams_"], "events": one["events_"], "people": one["people_"]}
        for one in found
    }


def total(row: Settlement, made: "Result", before: Any, after: Any) -> dict[str, dict[str, int]]:
    """What the whole day has by scenario: as settled, or the day before it with the differences of those touched."""
    names = ("grams", "events", "people")
    if not made.partial:
        return {code: {name: int(said.get(name, 0)) for name in names} for code, said in made.scenarios.items()}
    last = Settlement.objects.filter(day=row.day, state=State.DONE, run__lt=row.run).order_by("-run")[0]
    codes = {*last.by_scenario, *after}
    nothing = dict.fromkeys(names, 0)
    return {
        code: {
            name: last.by_scenario.get(code, nothing)[name]
            - before.get(code, nothing)[name]
            + after.get(code, nothing)[name]
            for name in names
        }
        for code in sorted(codes)
    }


def hold_back(row: Settlement, accounts: list[int] | None, at: datetime) -> int:
    """Keep every behaviour that waits, with who reported it; what waited before is there already, and what its provider
    took back or corrected since waits no more. How many wait."""
    from tanhui.tally import run

    (table,) = forgotten.without([run.waiting(lakes.folder(), row.day, row.run)], row.day)
    waiting = table.to_pylist()
    gone = Suspicion.objects.filter(day=row.day, state=Suspicion.State.WAITING)
    gone = gone if accounts is None else gone.filter(account__in=accounts)
    gone.exclude(body__in=[one["body"] for one in waiting]).delete()
    ids = dict(Scenario.objects.values_list("code", "pk"))
    sent = reported({(one["account"], one["id"]) for one in waiting}, row.day)
    rows = [
        Suspicion(
            account=one["account"], scenario_id=ids[one["scenario"]], provider_id=provider, day=row.day,
            event=one["id"], body=one["body"], key=key, rule=one["rule"], settlement=row, at=at,
            facts={
                "began_at": clock.for_machines(one["began_at"]), "ended_at": clock.for_machines(one["ended_at"]),
                "quantity": one["quantity"],
            },
        )
        for one in waiting
        for provider, key in [sent[one["id"]]]
    ]  # fmt: skip
    Suspicion.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return Suspicion.objects.filter(day=row.day, state=Suspicion.State.WAITING).count()


def reported(wanted: set[tuple[int, int]], day: date) -> dict[int, tuple[int, str]]:
    """Provider and key of some events of a day, by id: one look into each bucket that has any."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from tanhui.inclusion.models import Provider
    from tanhui.tally import stored

    lake, codes = lakes.opened(), dict(Provider.objects.values_list("code", "pk"))
    ids = pa.array(sorted(event for _, event in wanted), pa.int64())
    found: dict[int, tuple[int, str]] = {}
    for bucket in sorted({lake.bucket(account) for account, _ in wanted}):
        for file in stored.opened(lake.partition(day, bucket)):
            part = file.read(columns=["id", "provider", "key"])
            for one in part.filter(pc.is_in(pc.field("id"), value_set=ids)).to_pylist():
                found[one["id"]] = codes[one["provider"]], one["key"]
    return found


def stop(row: Settlement, refusal: Refusal) -> None:
    """The settlement stopped: why, in both languages. The next one has a number of its own."""
    said = {one: refusal.say(one) for one in ("zh-hans", "en")}
    Settlement.objects.filter(pk=row.pk, state__in=Settlement.OPEN).update(
        state=State.STOPPED, stop={"code": refusal.code, "said": said}
    )


@contextlib.contextmanager
def together(key: uuid.UUID) -> Iterator[None]:
    """Wait for whoever is ``alone`` with the key, and keep them out as long as this lasts; others may join."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [claimed(key)])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [claimed(key)])


def claimed(key: uuid.UUID | str) -> int:
    return int.from_bytes(hashlib.sha256(f"inclusion/settle {key}".encode()).digest()[:8], "big", signed=True)


@contextlib.contextmanager
def alone(key: uuid.UUID | str) -> Iterator[bool]:
    """Whether nobody else does what has this key; the database itself ends the claim of whoever dies."""
    number = claimed(key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        chosen: bool = cursor.fetchone()[0]
    try:
        yield chosen
    finally:
        if chosen:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def take_up() -> int:
    """Have settlements go on whose worker was killed; how many."""
    many = 0
    for row in Settlement.objects.filter(state=State.RUNNING):
        with alone(row.pk) as free:
            if free:
                jobs.defer(JOB, key=str(row.pk))
                many += 1
    return many


def nightly(*, at: datetime) -> int:
    """Put every day in the queue that ended and has something new; how many."""
    many, today = 0, clock.day(at)
    there = Written.objects.filter(day__lt=today).exclude(day__in=Forgetting.objects.values("day"))
    for day in there.order_by("day").values_list("day", flat=True).distinct():
        try:
            ask(day=day, mandate=None, at=at)
        except (NothingNew, SettlingAlready):
            continue
        many += 1
    return many
