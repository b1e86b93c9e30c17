"""What to ask of the register, in which order, to repeat what the tables state. Asks nothing itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from tanhui.kernel.period import Period
from tanhui.registry.tasks import remarks
from tanhui.registry.tasks.carb import (
    BUFFER_POOL,
    INTENTIONAL,
    PERIODS,
    QUEBEC,
    VOLUNTARY,
    Row,
    Surrender,
    Tables,
)
from tanhui.registry.tasks.causes import Cause
from tanhui.registry.tasks.matching import match


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to ask, on a day. Of one day, issuances come first."""

    rank: ClassVar[int] = 1
    on: date


@dataclass(frozen=True, slots=True)
class Issue(Step):
    """One period's issuance: a batch for each row."""

    rank: ClassVar[int] = 0
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Nothing(Step):
    """A row that states no quantity. Asked last, so that its period never stands in the way of one that has some."""

    rank: ClassVar[int] = 3
    row: Row


@dataclass(frozen=True, slots=True)
class Reverse(Step):
    """A reversal of a project with the buffer units that paid for it, or an intentional one that the owner owes."""

    project: str
    quantity_t: int
    intentional: bool
    uses: tuple[tuple[Row, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FromPool(Step):
    """Buffer units that ended otherwise: given back to another programme, or for a reversal nobody names."""

    row: Row
    quantity_t: int
    returned: bool


@dataclass(frozen=True, slots=True)
class Invalidate(Step):
    """Credits declared invalid; ``cancelled_t`` of them were still held, the others had to be replaced."""

    row: Row
    quantity_t: int
    cancelled_t: int


@dataclass(frozen=True, slots=True)
class Retire(Step):
    """Units to retire under a reason: by the entity of ``surrender``, or by the operator when nobody is named."""

    rank: ClassVar[int] = 2
    row: Row
    reason: str
    quantity_t: int
    surrender: Surrender | None = None
    replaces: str = ""  # the invalid issuance these make good


@dataclass(slots=True)
class Plan:
    """The steps in order, and what was noticed on the way.

    ``surrendered`` is what the reports say by issuance and reason, without what replaced invalid credits: that is
    ``replaced``. ``invalidated`` is what was cancelled of invalid ones.
    """

    steps: list[Step] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    surrendered: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    replaced: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    invalidated: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rows: dict[str, Row] = field(default_factory=dict)
    issued_on: dict[str, date] = field(default_factory=dict)


def plan(tables: Tables) -> Plan:
    """Everything the tables state, as steps."""
    made = Plan()
    made.causes += [
        Cause(f"report_{why}", "", "", 0, facts={"report": name}) for name, why in sorted(tables.left_out.items())
    ]
    made.rows = {row.id: row for row in tables.rows if row.issued_t}
    made.steps += issuing(tables, made)
    made.steps += [Nothing(tables.snapshot, row) for row in tables.rows if not row.issued_t]
    made.steps += buffering(tables, made)
    made.steps += invalidating(tables, made)
    made.steps += surrendering(tables, made)
    made.steps += retiring(tables, made)
    made.steps.sort(key=lambda step: (step.on, step.rank))
    return made


# -- issuances ---------------------------------------------------------------------------------------------------------


def issuing(tables: Tables, made: Plan) -> Iterator[Issue]:
    """One issuance for each period of a project: the register credits the same days once, the source in parts."""
    periods: dict[tuple[str, Period | None], list[Row]] = defaultdict(list)
    for row in made.rows.values():
        periods[row.project, row.span].append(row)
    for rows in periods.values():
        last = max(row.issued_on or tables.snapshot for row in rows)
        made.issued_on |= {row.id: last for row in rows}
        if len(rows) > 1:
            days = ", ".join(str(row.issued_on) for row in rows)
            made.causes += [
                Cause("issued_in_parts", row.id, "issued", row.issued_t or 0, facts={"days": days})
                for row in rows
                if row.issued_on != last
            ]
        yield Issue(last, tuple(rows))


# -- the buffer pool ---------------------------------------------------------------------------------------------------


def buffering(tables: Tables, made: Plan) -> Iterator[Step]:
    """Reversals with what paid for them, and what else left the pool."""
    uses: dict[tuple[str, date], list[tuple[Row, int]]] = defaultdict(list)
    for row in tables.rows:
        named = [one for one in row.said if isinstance(one, remarks.BufferUse)]
        returned = [one for one in row.said if isinstance(one, remarks.Returned)]
        column_t = row.retired[BUFFER_POOL]
        told_t = sum(one.quantity_t for one in named) + sum(one.quantity_t for one in returned)
        if told_t > column_t:
            facts = {"told": told_t, "column": column_t}
            made.causes.append(Cause("remark_contradicts", row.id, BUFFER_POOL, told_t - column_t, facts=facts))
            named, returned, told_t = [], [], 0
        for use in named:
            uses[use.project, use.on].append((row, use.quantity_t))
        for back in returned:
            yield FromPool(max(back.on, made.issued_on[row.id]), row, back.quantity_t, returned=True)
        if told_t < column_t:
            made.causes.append(Cause("pool_event_unknown", row.id, BUFFER_POOL, column_t - told_t))
            yield FromPool(tables.snapshot, row, column_t - told_t, returned=False)
    yield from reversing(tables, uses, made)


def reversing(tables: Tables, uses: dict[tuple[str, date], list[tuple[Row, int]]], made: Plan) -> Iterator[Reverse]:
    """Each reversal verified, with the uses of the pool made for it; the uses nobody verified anything for, after."""
    verified: dict[tuple[str, date], list[remarks.Reversed]] = defaultdict(list)
    for row in tables.rows:
        for one in row.said:
            if isinstance(one, remarks.Reversed):
                verified[row.project, one.on].append(one)
    for (project, on), found in verified.items():
        unintended = sum(one.unintentional_t for one in found)
        if intended := sum(one.intentional_t for one in found):
            yield Reverse(on, project, intended, intentional=True)
        if unintended:
            paid = uses.pop((project, on), None) or adopted(uses, verified, on, sum(one.paid_t for one in found))
            yield paid_reversal(on, project, unintended, paid, made)
    for (project, on), paid in uses.items():
        yield paid_reversal(on, project, sum(quantity for _, quantity in paid), paid, made)


def paid_reversal(on: date, project: str, quantity_t: int, paid: list[tuple[Row, int]], made: Plan) -> Reverse:
    day = max([on, *(made.issued_on[row.id] for row, _ in paid)])
    return Reverse(day, project, quantity_t, intentional=False, uses=tuple(paid))


def adopted(
    uses: dict[tuple[str, date], list[tuple[Row, int]]],
    verified: Iterable[tuple[str, date]],
    on: date,
    paid_t: int,
) -> list[tuple[Row, int]]:
    """The uses of the same day and of exactly the stated amount that name a project with no reversal of its own: an
    early-action project and its successor are one forest under two ids."""
    for key, found in uses.items():
        if key[1] == on and key not in verified and sum(quantity for _, quantity in found) == paid_t:
            return uses.pop(key)
    return []


# -- invalid credits ---------------------------------------------------------------------------------------------------


def invalidating(tables: Tables, made: Plan) -> Iterator[Invalidate]:
    replaced: dict[str, int] = defaultdict(int)
    for row in tables.rows:
        for one in row.said:
            if isinstance(one, remarks.Replacement):
                replaced[one.issuance] += one.quantity_t
    for row in tables.rows:
        for said in row.said:
            if isinstance(said, remarks.Invalidated) and said.issuance in made.rows:
                bad = made.rows[said.issuance]
                cancelled_t = max(said.quantity_t - replaced[bad.id], 0)
                made.invalidated[bad.id] += cancelled_t
                yield Invalidate(max(said.on, made.issued_on[bad.id]), bad, said.quantity_t, cancelled_t)


# -- surrenders and other retirements ----------------------------------------------------------------------------------


def surrendering(tables: Tables, made: Plan) -> Iterator[Retire]:
    """Each entity's surrenders, those that replaced invalid credits apart."""
    matched: list[tuple[Surrender, Row]] = []
    for one in tables.surrenders:
        row, cause = match(one, made.rows, tables.reports[one.report].reason)
        made.causes += [cause] if cause else []
        if row:
            matched.append((one, row))
    replacing: dict[int, remarks.Replacement] = {}
    for row in tables.rows:
        for said in row.said:
            if isinstance(said, remarks.Replacement):
                exactly = [one for one, of in matched if of.id == row.id and one.quantity_t == said.quantity_t]
                by = exactly[0] if len(exactly) == 1 else None
                made.replaced[row.id] += said.quantity_t
                if by:
                    replacing[by.line] = said
                on = max(said.on, made.issued_on[row.id])
                yield Retire(on, row, "replaced", said.quantity_t, by, replaces=said.issuance)
    for one, row in matched:
        if one.line not in replacing:
            report = tables.reports[one.report]
            made.surrendered[row.id, report.reason] += one.quantity_t
            yield Retire(max(report.due_on, made.issued_on[row.id]), row, report.reason, one.quantity_t, one)


def retiring(tables: Tables, made: Plan) -> Iterator[Retire]:
    """What the columns state beyond the surrenders: other reasons, and compliance by nobody named."""
    reported = {report.reason for report in tables.reports.values()}
    replaced_for: dict[str, int] = defaultdict(int)
    for row in tables.rows:
        for said in row.said:
            if isinstance(said, remarks.Replacement):
                replaced_for[said.issuance] += said.quantity_t
    for row in made.rows.values():
        for reason in (VOLUNTARY, QUEBEC):
            if row.retired[reason]:
                yield Retire(tables.snapshot, row, reason, row.retired[reason])
        if row.retired[INTENTIONAL]:
            days = [said.on for said in row.said if isinstance(said, remarks.Compensation)]
            on = max([*days, made.issued_on[row.id]]) if days else tables.snapshot
            yield Retire(on, row, INTENTIONAL, row.retired[INTENTIONAL])
        for reason, (_, last) in PERIODS.items():
            on = max(min(date(last + 1, 11, 1), tables.snapshot), made.issued_on[row.id])
            missing_t = row.retired[reason] - made.surrendered.get((row.id, reason), 0)
            if reason not in reported:
                if row.retired[reason]:
                    made.causes.append(Cause("nobody_named", row.id, reason, row.retired[reason]))
                    yield Retire(on, row, reason, row.retired[reason])
            elif missing_t > 0 and missing_t == replaced_for[row.id]:
                made.causes.append(Cause("invalid_after_retirement", row.id, reason, missing_t))
                yield Retire(on, row, reason, missing_t)
