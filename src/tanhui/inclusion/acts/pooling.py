"""From people to units (汇集): unclaimed days of one scenario become whole tonnes of a project's period, once for ever.

A gram granted as points is never gathered, and one gathered never granted: both are claims on the same behaviour-day,
and the database takes only one (``Claim``; rules C-06, C-07). A settlement that changes pooled days later changes no
claim: the difference, and user-days that came late, go into the next pool of the scenario.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Sum

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.inclusion import numbers, roles
from tanhui.inclusion.acts import points, scenarios
from tanhui.inclusion.models import Pool, PoolDay, PoolDifference, Proceeds, Scenario, Settlement
from tanhui.inclusion.queries import pools as queries
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.period import Period as Days
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.acts import project as projects
from tanhui.registry.models import Project

ACT, EARN = "inclusion.gather_pool", "inclusion.enter_proceeds"
RULE = "rules C-06, C-07"
TONNE_G = 1_000_000
LONGEST = 366  # days of one pool
DAY = timedelta(days=1)


class PoolSpan(Refusal):
    code = "inclusion.pool_span"
    sentence = gettext_noop(
        "A pool is of past days, at most %(most)s of them, the first not after the last. Correct the period."
    )
    clause = RULE
    status = 422


class NotPooled(Refusal):
    code = "inclusion.not_pooled"
    sentence = gettext_noop(
        "“%(scenario)s” is counted in points. Only scenarios that were published for pooling are gathered into units."
    )
    clause = RULE


class DayNotSettled(Refusal):
    code = "inclusion.day_not_settled"
    sentence = gettext_noop("%(day)s is being settled, or was never settled. Gather once every day of the period is.")
    clause = RULE


class PoolTooSmall(Refusal):
    code = "inclusion.pool_too_small"
    sentence = gettext_noop(
        "%(grams)s g are free to gather, less than one tonne. Take a longer period: units are whole tonnes."
    )
    clause = RULE


class PoolMovedOn(Refusal):
    code = "inclusion.pool_moved_on"
    sentence = gettext_noop("The pool is “%(state)s”, and this cannot be done from there. Look at it again.")
    clause = RULE


class MoreThanPooled(Refusal):
    code = "inclusion.more_than_pooled"
    sentence = gettext_noop("Of the %(tonnes)s t of this pool %(sold)s t are entered as sold. That leaves too few.")
    clause = RULE


class EnteredAlready(Refusal):
    code = "inclusion.proceeds_entered"
    sentence = gettext_noop("The sale %(sale)s is entered already. A sale is entered once.")
    clause = RULE


def ask(
    *, scenario: Scenario, project: Project, first: date, last: date, mandate: Mandate, reference: str, at: datetime
) -> Pool:
    """The first signature under a pool of a scenario's days, ``first`` and ``last`` included.

    Refuses with ``scenarios.NotYours``, ``NotPooled``, ``PoolSpan``, ``DayNotSettled`` or ``PoolTooSmall``.
    """
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    if not scenario.pooled:
        raise NotPooled(scenario=scenario.name)
    if not first <= last < clock.day(at) or (last - first).days >= LONGEST:
        raise PoolSpan(most=LONGEST)
    check_settled(scenario, first, last)
    free = queries.free_g(scenario, first, last) + queries.outstanding_g(scenario, first, last)
    if free < TONNE_G:
        raise PoolTooSmall(grams=free)
    body = {"scenario": scenario.pk, "project": project.pk, "first": first.isoformat(), "last": last.isoformat()}
    open_for = timedelta(days=numbers.whole("inclusion_publish_open", clock.day(at)))

    def prepare(asked: Instruction) -> None:
        number = (Pool.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        Pool.objects.create(
            number=number, scenario=scenario, project=project, operator=mandate.membership.organisation,
            first_day=first, last_day=last, instruction=asked, asked_at=at,
        )  # fmt: skip

    asked = instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + open_for, prepare=prepare
    )
    return Pool.objects.get(instruction=asked)


def confirm(*, pool: Pool, mandate: Mandate, at: datetime) -> Decision:
    """The second signature: every free day is claimed for the pool, what changed in pools before is carried, and its
    tonnes stand.

    Refuses with ``PoolMovedOn``, ``DayNotSettled``, ``PoolTooSmall``, ``points.ClaimedAlready`` or as identity does.
    """
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=Mandate.Capacity.CONFIRM)

    def carry_out(one: Instruction) -> Mapping[str, Any]:
        return {"pool": gather(pool, mandate, at).code}

    return instructions.confirm(instruction=pool.instruction, mandate=mandate, at=at, carry_out=carry_out)


@transaction.atomic
def gather(pool: Pool, mandate: Mandate, at: datetime) -> Pool:
    with connection.cursor() as cursor:  # no settlement is posted meanwhile
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", points.TURN)
    Scenario.objects.select_for_update().get(pk=pool.scenario_id)  # one pool of a scenario at a time
    held = Pool.objects.select_for_update(of=("self",)).select_related("scenario", "project").get(pk=pool.pk)
    if held.state != Pool.State.ASKED:
        raise PoolMovedOn(state=held.get_state_display())
    check_settled(held.scenario, held.first_day, held.last_day)
    held.brought = queries.latest(held.scenario)
    evidence: list[list[Any]] = []
    claims = []
    again = queries.again(held.scenario)
    for day in sorted({*days(held.first_day, held.last_day), *again}):
        if (made := gather_day(held, day, at)) is not None:
            evidence.append([day.isoformat(), str(made.settlement_id), made.results_sha256, made.grams])
            claims.append([day.isoformat(), made.grant.sha256, made.grams])
            held.days += made.people
            held.grams += made.grams
    for day in again:
        if (carried := carry(held, day)) is not None:
            evidence.append(
                [day.isoformat(), str(carried.settlement_id), carried.results_sha256, carried.grams, "difference"]
            )
            held.grams += carried.grams
    held.grams += held.brought.left_g if held.brought else 0
    held.tonnes, held.left_g = divmod(held.grams, TONNE_G)
    if held.tonnes <= 0:
        raise PoolTooSmall(grams=held.grams)
    held.people = queries.people(held)
    held.evidence_sha256, held.claims_sha256 = canonical.sha256(evidence), canonical.sha256(claims)
    held.entry = record(
        kind="inclusion.pool_gathered",
        fact={
            "pool": held.code, "scenario": held.scenario.code, "project": f"{held.project.number:06d}",
            "period": [held.first_day.isoformat(), held.last_day.isoformat()], "people": held.people,
            "grams": held.grams, "tonnes": held.tonnes, "left_g": held.left_g,
            "brought": held.brought.code if held.brought else "", "evidence_sha256": held.evidence_sha256,
            "claims_sha256": held.claims_sha256,
        },
        at=at, by=mandate.membership.person_id,
    )  # fmt: skip
    held.state, held.gathered_at = Pool.State.GATHERED, at
    held.save()
    return held


def gather_day(pool: Pool, day: date, at: datetime) -> PoolDay | None:
    """Claim what is free of a day; nothing where nothing is."""
    import numpy as np

    accounts, grams = queries.unclaimed(pool.scenario, day)
    if not len(accounts):
        return None
    given = points.pool(
        reference=f"pool:{pool.pk.hex}:{day.isoformat()}", day=day, accounts=accounts,
        scenarios=np.full(len(accounts), pool.scenario_id, dtype=np.int64), grams=grams, at=at,
    )  # fmt: skip
    settled = settlement_of(day)
    return PoolDay.objects.create(
        pool=pool, day=day, grant=given, settlement=settled, results_sha256=settled.results_sha256,
        people=len(accounts), grams=int(grams.sum()),
    )  # fmt: skip


def carry(pool: Pool, day: date) -> PoolDifference | None:
    """What late and corrected events changed in a day that an earlier pool claimed; nothing where nothing is."""
    grams = queries.difference_g(pool.scenario, day)
    if not grams:
        return None
    settled = settlement_of(day)
    return PoolDifference.objects.create(
        pool=pool, day=day, settlement=settled, results_sha256=settled.results_sha256, grams=grams
    )


def drop(*, pool: Pool, reason: str, mandate: Mandate, at: datetime) -> Decision:
    """The first person takes it back, or the second does not sign; nothing was claimed. Refuses as identity does."""
    own = mandate.membership.person_id == pool.instruction.initiator_id
    capacity = Mandate.Capacity.INITIATE if own else Mandate.Capacity.CONFIRM
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=capacity)

    def undo(one: Instruction) -> None:
        Pool.objects.filter(pk=pool.pk, state=Pool.State.ASKED).update(state=Pool.State.DROPPED)

    outcome = Decision.Outcome.WITHDRAWN if own else Decision.Outcome.REJECTED
    return instructions.drop(
        instruction=pool.instruction, outcome=outcome, at=at, by=mandate, reason=reason.strip()[:200], undo=undo
    )


@transaction.atomic
def verify(*, pool: Pool, report_sha256: str, verifier: Mandate, at: datetime, demonstration: bool = False) -> Pool:
    """A verification body signs for the tonnes: they become a period of the project, to be issued as any other.

    Refuses with ``PoolMovedOn`` or as ``registry.acts.project.verify``.
    """
    held = Pool.objects.select_for_update(of=("self",)).select_related("project").get(pk=pool.pk)
    if held.state != Pool.State.GATHERED:
        raise PoolMovedOn(state=held.get_state_display())
    held.period = projects.verify(
        project=held.project, span=Days.inclusive(held.first_day, held.last_day), verified_kg=held.tonnes * 1_000,
        verifier=verifier, report_sha256=report_sha256, inputs_sha256=held.evidence_sha256,
        trace_sha256=held.claims_sha256, at=at, demonstration=demonstration,
    )  # fmt: skip
    held.state = Pool.State.VERIFIED
    held.save(update_fields=["period", "state"])
    return held


# -- proceeds ----------------------------------------------------------------------------------------------------------


def ask_earned(
    *, pool: Pool, sale: str, tonnes: int, fen: int, mandate: Mandate, reference: str, at: datetime
) -> Instruction:
    """The first signature under what a sale of a pool's units earned. Refuses with ``MoreThanPooled`` and the like."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    check_earned(pool, sale, tonnes)
    body = {"pool": pool.pk.hex, "sale": sale, "tonnes": tonnes, "fen": fen}
    open_for = timedelta(days=numbers.whole("inclusion_publish_open", clock.day(at)))
    return instructions.initiate(
        act=EARN, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + open_for,
        prepare=lambda asked: None,
    )  # fmt: skip


def confirm_earned(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """The second: the money is in the budget of rewards. Refuses as ``ask_earned`` and as identity does."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=Mandate.Capacity.CONFIRM)

    @transaction.atomic
    def carry_out(one: Instruction) -> Mapping[str, Any]:
        body = one.body
        pool = Pool.objects.select_for_update(of=("self",)).get(pk=body["pool"])
        check_earned(pool, body["sale"], body["tonnes"])
        entry = record(
            kind="inclusion.proceeds_entered",
            fact={"pool": pool.code, "tonnes": body["tonnes"], "fen": body["fen"]},
            private={"sale": body["sale"]}, at=at, by=mandate.membership.person_id,
        )  # fmt: skip
        made = Proceeds.objects.create(
            pool=pool, sale=body["sale"], tonnes=body["tonnes"], fen=body["fen"], by_id=one.initiator_id,
            confirmed_by=mandate.membership.person, entry=entry, at=at,
        )  # fmt: skip
        return {"proceeds": made.pk.hex}

    return instructions.confirm(instruction=asked, mandate=mandate, at=at, carry_out=carry_out)


def check_earned(pool: Pool, sale: str, tonnes: int) -> None:
    if pool.state != Pool.State.VERIFIED:
        raise PoolMovedOn(state=pool.get_state_display())
    if Proceeds.objects.filter(sale=sale).exists():
        raise EnteredAlready(sale=sale)
    sold = pool.proceeds.aggregate(all=Sum("tonnes"))["all"] or 0
    if sold + tonnes > pool.tonnes:
        raise MoreThanPooled(tonnes=pool.tonnes, sold=sold)


# -- days --------------------------------------------------------------------------------------------------------------


def check_settled(scenario: Scenario, first: date, last: date) -> None:
    """Refuse with ``DayNotSettled`` where a day with grams is being settled anew."""
    waiting = Settlement.objects.filter(day__range=(first, last), state__in=Settlement.OPEN).order_by("day").first()
    if waiting is not None:
        raise DayNotSettled(day=waiting.day.isoformat())


def settlement_of(day: date) -> Settlement:
    """The last settlement of a day. Refuses with ``DayNotSettled``."""
    found = Settlement.objects.filter(day=day, state=Settlement.State.DONE).order_by("-run").first()
    if found is None:
        raise DayNotSettled(day=day.isoformat())
    return found


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY
