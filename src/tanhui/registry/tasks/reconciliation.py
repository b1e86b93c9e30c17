"""Compares the register after a replay with the source, cell by cell, and finds a cause for every difference.

A cell is one issuance under one reason. The register's side is summed from the ledger's postings, the source's side
from its tables; what the acts refused is known already, and what remains must follow from one of the rules below or
stands as unexplained.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from tanhui.ledger.models import Posting
from tanhui.registry import audit
from tanhui.registry.acts import issuance
from tanhui.registry.models import Retirement, SubAccount
from tanhui.registry.tasks.carb import BUFFER_POOL, COLUMNS, INTENTIONAL, PERIODS, Tables
from tanhui.registry.tasks.causes import Cause
from tanhui.registry.tasks.parties import REGISTER, named
from tanhui.registry.tasks.planning import Plan
from tanhui.registry.tasks.replay import Replayed

ENDED = [*COLUMNS, "invalidated", "replaced"]  # every way a unit ends
REASONS = ["issued", "buffer", *ENDED, "held"]
Cell = tuple[str, str]  # issuance, reason
Figures = Mapping[Cell, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One reason, in tonnes. ``held`` is what is left: issued less everything that ended."""

    reason: str
    source_t: int
    registry_t: int

    @property
    def difference_t(self) -> int:
        return self.registry_t - self.source_t


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A difference no rule accounts for, of an issuance's reason or of an account's holdings."""

    where: str
    reason: str
    source_t: int
    registry_t: int
    explained_t: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """How many accounts of one kind agree with the source as they stand, and how many with causes taken in."""

    kind: str
    count: int
    equal: int
    by_causes: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole comparison; ``closed`` when every difference has its cause and the register's own audit is sound."""

    lines: list[Line]
    causes: list[Cause]
    unexplained: list[Unexplained]
    accounts: list[Accounts]
    audit: audit.Report
    steps: dict[str, int]
    facts: int

    @property
    def closed(self) -> bool:
        return not self.unexplained and self.audit.sound

    def plain(self) -> dict[str, Any]:
        """For machines."""
        return {
            "closed": self.closed,
            "reasons": [
                {
                    "reason": line.reason, "source_t": line.source_t, "registry_t": line.registry_t,
                    "difference_t": line.difference_t,
                }
                for line in self.lines
            ],
            "causes": [cause.plain() for cause in self.causes],
            "unexplained": [
                {
                    "where": one.where, "reason": one.reason, "source_t": one.source_t, "registry_t": one.registry_t,
                    "explained_t": one.explained_t,
                }
                for one in self.unexplained
            ],
            "accounts": [
                {"kind": one.kind, "count": one.count, "equal": one.equal, "by_causes": one.by_causes}
                for one in self.accounts
            ],
            "audit": {
                "sound": self.audit.sound, "issued_t": self.audit.issued_t, "held_t": self.audit.held_t,
                "retired_t": self.audit.retired_t, "cancelled_t": self.audit.cancelled_t,
                "findings": [str(one) for one in self.audit.findings],
            },
            "steps": self.steps,
            "facts_in_the_log": self.facts,
        }  # fmt: skip


def reconcile(done: Replayed, *, facts: int = 0) -> Reconciliation:
    """Compare the register with the source after a replay; ``facts`` is how many were published in its log."""
    source = stated(done.tables, done.plan)
    register = posted({batch.pk: name for name, batch in done.batches.items()})
    causes = [*done.causes, *explain(done.tables, done.plan, source, register, effects(done.causes))]
    explained = effects(causes)
    unexplained = [
        Unexplained(name, reason, source[name, reason], register[name, reason], explained[name, reason])
        for name in done.plan.rows
        for reason in REASONS
        if register[name, reason] != source[name, reason] + explained[name, reason]
    ]
    accounts, open_accounts = by_account(done.tables, done.plan, source, causes)
    return Reconciliation(
        lines=[Line(reason, total(source, reason), total(register, reason)) for reason in REASONS],
        causes=causes,
        unexplained=unexplained + open_accounts,
        accounts=accounts,
        audit=audit.audit(log=facts > 0),
        steps=dict(sorted(done.steps.items())),
        facts=facts,
    )


def total(figures: Figures, reason: str) -> int:
    return sum(tonnes for (_, under), tonnes in figures.items() if under == reason)


# -- the two sides -----------------------------------------------------------------------------------------------------


def stated(tables: Tables, plan: Plan) -> dict[Cell, int]:
    """What the source says of each issuance. Invalid credits and their replacements it tells in words only."""
    cells: dict[Cell, int] = defaultdict(int)
    for name, row in plan.rows.items():
        cells[name, "issued"] = row.issued_t or 0
        cells[name, "buffer"] = row.buffer_t
        for reason in COLUMNS:
            cells[name, reason] = row.retired[reason]
        cells[name, "invalidated"] = plan.invalidated.get(name, 0)
        cells[name, "replaced"] = plan.replaced.get(name, 0)
        cells[name, "held"] = cells[name, "issued"] - sum(cells[name, reason] for reason in ENDED)
    return cells


def posted(batches: Mapping[int, str]) -> dict[Cell, int]:
    """What the register's postings say of each issuance."""
    cells: dict[Cell, int] = defaultdict(int)
    statements = {column: reason for reason, column in COLUMNS.items()}
    ends = (
        Posting.objects.filter(account__is_boundary=True)
        .values_list(
            "asset", "account__code", "movement__retirement__purpose", "movement__retirement__statement",
            "movement__cancellation__source__purpose",
        )
        .annotate(tonnes=Sum("quantity"))
        .order_by()
    )  # fmt: skip
    for asset, boundary, purpose, statement, place, tonnes in ends:
        if boundary == issuance.ISSUED:
            cells[batches[asset], "issued"] -= tonnes
        elif boundary.startswith("retired:"):
            own = statement == COLUMNS[INTENTIONAL] or purpose != Retirement.Purpose.REPLACEMENT
            cells[batches[asset], statements[statement] if own else "replaced"] += tonnes
        else:
            pool = place == SubAccount.Purpose.BUFFER
            cells[batches[asset], BUFFER_POOL if pool else "invalidated"] += tonnes
    held = (
        Posting.objects.filter(account__is_boundary=False)
        .values_list("asset")
        .annotate(tonnes=Sum("quantity"))
        .order_by()
    )
    for asset, tonnes in held:
        cells[batches[asset], "held"] += tonnes
    buffered = (
        Posting.objects.filter(
            quantity__gt=0, movement__kind="registry.issued", account__sub_account__purpose=SubAccount.Purpose.BUFFER
        )
        .values_list("asset")
        .annotate(tonnes=Sum("quantity"))
        .order_by()
    )
    for asset, tonnes in buffered:
        cells[batches[asset], "buffer"] += tonnes
    return cells


# -- causes ------------------------------------------------------------------------------------------------------------


def effects(causes: Iterable[Cause]) -> dict[Cell, int]:
    """What the causes add to each cell. What was not issued is not held either; what did not end is."""
    cells: dict[Cell, int] = defaultdict(int)
    for cause in causes:
        if cause.issuance and cause.effect_t:
            cells[cause.issuance, cause.reason] += cause.effect_t
            if cause.reason == "issued":
                cells[cause.issuance, "held"] += cause.effect_t
            elif cause.reason in ENDED:
                cells[cause.issuance, "held"] -= cause.effect_t
    return cells


def explain(tables: Tables, plan: Plan, source: Figures, register: Figures, known: Figures) -> list[Cause]:
    """Causes for what remains between table and reports after the refusals.

    * The column lacks exactly what was surrendered for invalid credits: the table counts that as compliance.
    * The reports have more than the column, and the summaries of every entity concerned say the same as its rows: the
      table lacks that surrender.
    """
    rows_say: dict[str, int] = defaultdict(int)
    for one in tables.surrenders:
        rows_say[one.entity] += one.quantity_t
    entities: dict[Cell, set[str]] = defaultdict(set)
    for one in tables.surrenders:
        entities[one.issuance, tables.reports[one.report].reason].add(one.entity)
    found = []
    for name in plan.rows:
        for reason in PERIODS:
            rest_t = register[name, reason] - source[name, reason] - known.get((name, reason), 0)
            if rest_t < 0 and -rest_t == plan.replaced.get(name, 0):
                found.append(Cause("replacement_in_column", name, reason, -rest_t, rest_t))
            agreed = all(tables.summary.get(entity) == rows_say[entity] for entity in entities[name, reason])
            if 0 < rest_t == plan.surrendered.get((name, reason), 0) - source[name, reason] and agreed:
                found.append(Cause("missing_in_table", name, reason, rest_t, rest_t))
    return found


# -- accounts ----------------------------------------------------------------------------------------------------------


def by_account(
    tables: Tables, plan: Plan, source: Figures, causes: Iterable[Cause]
) -> tuple[list[Accounts], list[Unexplained]]:
    """What each operator still holds, what each entity surrendered, and what lies in the buffer pool."""
    effect = effects(causes)
    operators: dict[str, int] = defaultdict(int)
    of_operators: dict[str, int] = defaultdict(int)
    pool = pool_effect = 0
    for name, row in plan.rows.items():
        code = REGISTER + named("P", row.operator)
        left = source[name, "buffer"] - source[name, BUFFER_POOL]
        lasting = effect.get((name, "buffer"), 0) - effect.get((name, BUFFER_POOL), 0)
        pool, pool_effect = pool + left, pool_effect + lasting
        operators[code] += source[name, "held"] - left
        of_operators[code] += effect.get((name, "held"), 0) - lasting
    entities: dict[str, int] = defaultdict(int)
    of_entities: dict[str, int] = defaultdict(int)
    for one in tables.surrenders:
        entities[REGISTER + one.entity] += one.quantity_t
    entities |= {REGISTER + entity: tonnes for entity, tonnes in tables.summary.items()}
    for cause in causes:
        if cause.entity:
            of_entities[REGISTER + cause.entity] += cause.effect_t
    holdings, surrendered = held_by_organisation(), surrendered_by_organisation()
    pool_held = holdings.pop(REGISTER + "REGISTRY", 0)
    kinds = [
        ("operators", operators, of_operators, {code: holdings.get(code, 0) for code in operators}),
        ("entities", entities, of_entities, surrendered),
        ("buffer_pool", {"pool": pool}, {"pool": pool_effect}, {"pool": pool_held}),
    ]
    tallies, unexplained = [], []
    for kind, says, explained, has in kinds:
        equal = by_causes = 0
        for code in sorted({*says, *has}):
            want, got, part = says.get(code, 0), has.get(code, 0), explained.get(code, 0)
            equal += got == want
            by_causes += got != want == got - part
            if got != want + part:
                unexplained.append(Unexplained(code, kind, want, got, part))
        tallies.append(Accounts(kind, len({*says, *has}), equal, by_causes))
    left_over = {code: tonnes for code, tonnes in holdings.items() if code not in operators and tonnes}
    unexplained += [Unexplained(code, "held", 0, tonnes, 0) for code, tonnes in left_over.items()]
    return tallies, unexplained


def held_by_organisation() -> dict[str, int]:
    found = (
        Posting.objects.filter(account__is_boundary=False)
        .values_list("account__owner__uscc")
        .annotate(tonnes=Sum("quantity"))
        .order_by()
    )
    return dict(found)


def surrendered_by_organisation() -> dict[str, int]:
    """Tonnes each compliance entity retired, replacements included."""
    found = (
        Retirement.objects.filter(source__account__organisation__role="PART")
        .values_list("source__account__organisation__uscc")
        .annotate(tonnes=Sum("quantity_t"))
        .order_by()
    )
    return dict(found)
