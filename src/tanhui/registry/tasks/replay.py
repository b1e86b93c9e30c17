"""Replays another registry's published history through the register's own acts.

Nothing is known here about single ids. A step that an act refuses leaves the refusal as the cause of the difference;
where only part of what is asked for is held, that part is asked for again, so that the difference is exactly what the
source says beyond what it issued.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction

from tanhui.kernel import canonical, clock, serials
from tanhui.kernel.period import Period
from tanhui.kernel.refusal import Refusal
from tanhui.ledger.acts.refusals import NotEnoughHeld
from tanhui.registry import models
from tanhui.registry.acts import cancellation, clawback, issuance, project, restriction, retirement, reversal, transfer
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.tasks import planning
from tanhui.registry.tasks.carb import BUFFER_POOL, COLUMNS, INTENTIONAL, VOLUNTARY, Row, Tables
from tanhui.registry.tasks.causes import Cause
from tanhui.registry.tasks.parties import Parties, Party

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
SCHEME = "CARB"
RULE_PACK = "carb-cap-and-trade"
NO_LIMIT = issuance.Window()  # the source's programme sets no age after which a period cannot be issued
NOBODY = retirement.Beneficiary(models.Retirement.Beneficiary.ORGANISATION, "Not named by the source")
PURPOSES = {
    INTENTIONAL: models.Retirement.Purpose.REPLACEMENT,
    "replaced": models.Retirement.Purpose.REPLACEMENT,
    VOLUNTARY: models.Retirement.Purpose.PUBLIC_GOOD,
}  # every other reason is compliance


@dataclass(slots=True)
class Replayed:
    """What was done: the plan, the causes found on the way, and which batch is which issuance of the source."""

    tables: Tables
    plan: planning.Plan
    causes: list[Cause]
    batches: dict[str, models.Batch] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def replay(tables: Tables, progress: Progress = lambda step, done, total: None) -> Replayed:
    """Repeat everything the tables state, in the order of its days."""
    plan = planning.plan(tables)
    done = Replayed(tables, plan, plan.causes)
    worker = Worker(done)
    for count, step in enumerate(plan.steps):
        progress(str(step.on), count, len(plan.steps))
        worker.do(step)
        done.steps[type(step).__name__] += 1
    progress(str(tables.snapshot), len(plan.steps), len(plan.steps))
    return done


class Worker:
    """Carries out the steps and keeps at hand what they made."""

    def __init__(self, done: Replayed) -> None:
        self.done = done
        self.rows = done.plan.rows
        first = min([*done.plan.issued_on.values(), done.tables.snapshot])
        self.parties = Parties(at(first) - timedelta(days=1))
        self.authority = self.parties.authority
        self.names = {one.entity: one.name for one in done.tables.surrenders}  # the latest report's spelling
        self.projects: dict[str, models.Project] = {}
        self.owners: dict[str, Party] = {}
        self.places: dict[str, tuple[Party, models.SubAccount]] = {}
        self.clawbacks: dict[str, models.Clawback] = {}
        self.of_project: dict[str, list[Row]] = defaultdict(list)
        for row in done.tables.rows:
            self.of_project[row.project].append(row)

    def do(self, step: planning.Step) -> None:
        match step:
            case planning.Issue():
                self.issue(step)
            case planning.Nothing():
                self.issue_nothing(step)
            case planning.Reverse():
                self.reverse(step)
            case planning.FromPool():
                self.from_pool(step)
            case planning.Invalidate():
                self.invalidate(step)
            case planning.Retire():
                self.retire(step)

    # -- issuing -------------------------------------------------------------------------------------------------------

    def project(self, number: str) -> models.Project | None:
        """The project, registered when first met; ``None`` where no row of it has a period."""
        if number not in self.projects:
            rows = [row for row in self.of_project.get(number, []) if row.span]
            if not rows:
                return None
            first = min(rows, key=lambda row: self.done.plan.issued_on.get(row.id, date.max))
            owner = self.parties.operator(first.operator)
            spans = [row.span for row in rows if row.span]
            self.owners[number] = owner
            self.projects[number] = project.register(
                number=int(number[4:]), name=first.name[:120], kind=first.kind, owner=owner.organisation,
                scheme=SCHEME, province=serials.ABROAD, region=first.state,
                methodology=f"{first.programme}-{first.kind}".upper(), methodology_version="not stated",
                rule_pack=RULE_PACK, crediting=Period(min(span.start for span in spans),
                max(span.closed() for span in spans)), validator=self.parties.listing(first.listed_as).organisation,
                signatures=self.authority.signatures, at=self.parties.at,
            )  # fmt: skip
        return self.projects[number]

    def verified(self, rows: tuple[Row, ...], on: date) -> models.Period | None:
        """The verified quantity of the rows' period; ``None`` where they name no period or no verifier.

        The source publishes the quantity and not what it was computed from: all three digests are of the rows.
        """
        first, last = rows[0], rows[-1]
        of = self.project(first.project)
        if of is None or first.span is None or not last.verifier:
            return None
        digest = canonical.sha256([dict(row.cells) for row in rows])
        return project.verify(
            project=of, span=first.span, verified_kg=sum(row.issued_t or 0 for row in rows) * 1000,
            verifier=self.parties.verifier(last.verifier).signatures.initiator, report_sha256=digest,
            inputs_sha256=digest, trace_sha256=digest, at=at(on), demonstration=True,
        )  # fmt: skip

    def issue(self, step: planning.Issue) -> None:
        rows = step.rows
        try:
            period = self.verified(rows, step.on)
            if period is None:
                raise issuance.QuantityDiffers(asked=sum(row.issued_t or 0 for row in rows), verified=0, residual_kg=0)
            made = self.ask(period, [lot(row) for row in rows], rows[0], step.on)
        except Refusal as refusal:
            for row in rows:
                self.refused(row, "issued", row.issued_t or 0, refusal)
                if row.buffer_t:
                    self.refused(row, "buffer", row.buffer_t, refusal)
            return
        found = made.batches.select_related("asset", "project__owner", "issuance__period").order_by("number")
        for row, batch in zip(rows, found, strict=True):
            self.done.batches[row.id] = batch
            self.hand_over(row, batch, step.on)

    def ask(self, period: models.Period, lots: list[issuance.Lot], row: Row, on: date) -> models.Issuance:
        owner = self.owners[row.project]
        return issuance.issue(
            period=period, account=of(owner.account), buffer=of(self.authority.account), lots=lots, window=NO_LIMIT,
            reference=f"issuance-{row.line}", signatures=self.authority.signatures, at=at(on),
        )  # fmt: skip

    def hand_over(self, row: Row, batch: models.Batch, on: date) -> None:
        """To the operator the row names, where that is not who has the project here."""
        owner, operator = self.owners[row.project], self.parties.operator(row.operator)
        self.places[row.id] = owner, of(owner.issued)
        free_t = (row.issued_t or 0) - row.buffer_t
        if operator is not owner and free_t:
            self.move(owner, of(owner.issued), operator, batch, free_t, f"hand-over-{row.line}", on)
            self.places[row.id] = operator, of(operator.home)
            facts = {"owner": owner.organisation.name, "operator": operator.organisation.name}
            self.done.causes.append(Cause("other_operator", row.id, "issued", free_t, facts=facts))

    def issue_nothing(self, step: planning.Nothing) -> None:
        row = step.row
        try:
            period = self.verified((row,), step.on)
            if period:
                self.ask(period, [], row, step.on)
            facts, refusal = {"stated": row.stated}, None
        except Refusal as caught:
            facts, refusal = {"stated": row.stated}, caught
        code = "nothing_to_issue" if refusal else "no_period"
        self.done.causes.append(Cause(code, row.id, "issued", 0, facts=facts, refusal=refusal))

    # -- the buffer pool -----------------------------------------------------------------------------------------------

    def reverse(self, step: planning.Reverse) -> None:
        reversed_project = self.project(step.project)
        named = [(row, tonnes) for row, tonnes in step.uses if self.batch(row, BUFFER_POOL, tonnes)]
        if reversed_project is None:
            for row, tonnes in named:
                self.from_pool(planning.FromPool(step.on, row, tonnes, returned=False))
            return
        try:
            made = reversal.reverse(
                project=reversed_project, quantity_t=step.quantity_t, cause=f"Reversal verified on {step.on}",
                intentional=step.intentional, buffer=of(self.authority.account),
                from_buffer=[Wanted(self.done.batches[row.id], tonnes) for row, tonnes in named],
                reference=f"reversal-{step.project}-{step.on}-{'i' if step.intentional else 'u'}",
                signatures=self.authority.signatures, at=at(step.on),
            )  # fmt: skip
        except Refusal as refusal:
            for row, tonnes in named:
                self.refused(row, BUFFER_POOL, tonnes, refusal)
            return
        issued_t = sum(row.issued_t or 0 for row in self.of_project[step.project])
        if step.quantity_t > issued_t:
            facts = {"on": str(step.on), "issued": issued_t, "owed": made.owed_t}
            self.done.causes.append(Cause("reversal_beyond_issued", step.project, "", step.quantity_t, facts=facts))

    def from_pool(self, step: planning.FromPool) -> None:
        row = step.row
        if not (batch := self.batch(row, BUFFER_POOL, step.quantity_t)):
            return
        kind = models.Cancellation.Kind.FORCED if step.returned else models.Cancellation.Kind.REVERSAL
        why = "Returned to the Early Action Offset Program" if step.returned else "Reversal not named by the source"

        def perform(tonnes: int) -> None:
            cancellation.cancel(
                kind=kind, source=of(self.authority.home), wanted=[Wanted(batch, tonnes)], reason=why,
                reference=f"pool-{row.line}-{step.on}", signatures=self.authority.signatures, at=at(step.on),
            )  # fmt: skip

        self.as_far_as_held(row, BUFFER_POOL, step.quantity_t, perform)

    # -- invalid credits -----------------------------------------------------------------------------------------------

    def invalidate(self, step: planning.Invalidate) -> None:
        """Order the owner to make good, cancel what was not retired, and lift the suspension."""
        row = step.row
        if not (batch := self.batch(row, "invalidated", step.cancelled_t)):
            return
        reference = f"invalid-{row.line}"
        ordered = clawback.order(
            project=batch.project, quantity_t=step.quantity_t, deadline_date=step.on,
            authority=self.authority.organisation, document=f"Determination that credits of {row.id} are invalid",
            document_sha256=digest(row.comment), reference=reference, signatures=self.authority.signatures,
            at=at(step.on),
        )  # fmt: skip
        self.clawbacks[row.id] = ordered

        def perform(tonnes: int) -> None:
            clawback.comply(
                clawback=ordered, source=self.places[row.id][1], wanted=[Wanted(batch, tonnes)],
                reference=f"{reference}-cancelled", signatures=self.authority.signatures, at=at(step.on),
            )  # fmt: skip

        if step.cancelled_t:
            self.as_far_as_held(row, "invalidated", step.cancelled_t, perform)
        if ordered.restriction:
            restriction.lift(
                restriction=ordered.restriction, authority=self.authority.organisation,
                reason="Invalid units cancelled", reference=f"{reference}-lifted",
                signatures=self.authority.signatures, at=at(step.on),
            )  # fmt: skip

    # -- retiring ------------------------------------------------------------------------------------------------------

    def retire(self, step: planning.Retire) -> None:
        row, by = step.row, step.surrender
        entity = by.entity if by else ""
        if not (batch := self.batch(row, step.reason, step.quantity_t, entity)):
            return
        holder, place = self.places[row.id]
        reference = f"surrender-{by.line}" if by else f"{step.reason}-{row.line}-{step.replaces or 'own'}"

        @transaction.atomic
        def perform(tonnes: int) -> None:
            owner, source = holder, place
            if by:
                owner = self.parties.entity(by.entity, self.names[by.entity])
                source = of(owner.home)
                self.move(holder, place, owner, batch, tonnes, f"to-{reference}", step.on)
            self.end(step, owner, source, Wanted(batch, tonnes), reference)

        self.as_far_as_held(row, step.reason, step.quantity_t, perform, entity)

    def end(
        self, step: planning.Retire, owner: Party, source: models.SubAccount, wanted: Wanted, reference: str
    ) -> None:
        """Take the units out of circulation; where they make invalid ones good, under that order."""
        if ordered := self.clawbacks.get(step.replaces):
            clawback.replace(
                clawback=ordered, source=source, wanted=[wanted], reference=reference, signatures=owner.signatures,
                at=at(step.on),
            )  # fmt: skip
            return
        body = owner.organisation
        own = step.surrender or step.reason in (VOLUNTARY, INTENTIONAL)
        retirement.retire(
            source=source, wanted=[wanted],
            purpose=PURPOSES.get(step.reason, models.Retirement.Purpose.ETS),
            beneficiary=retirement.Beneficiary(NOBODY.kind, body.name, body.uscc) if own else NOBODY,
            reference=reference, signatures=owner.signatures, at=at(step.on),
            statement=COLUMNS.get(step.reason, "Replacement of invalid credits"),
        )  # fmt: skip

    def move(
        self, giver: Party, source: models.SubAccount, taker: Party, batch: models.Batch, tonnes: int, reference: str,
        on: date,
    ) -> None:  # fmt: skip
        transfer.transfer(
            source=source, target=of(taker.home), wanted=[Wanted(batch, tonnes)], reference=reference,
            signatures=giver.signatures, at=at(on),
        )  # fmt: skip

    # -- refusals ------------------------------------------------------------------------------------------------------

    def batch(self, row: Row, reason: str, tonnes: int, entity: str = "") -> models.Batch | None:
        """The row's units, or the cause of there being none."""
        if found := self.done.batches.get(row.id):
            return found
        self.done.causes.append(Cause("not_issued", row.id, reason, tonnes, -tonnes, entity))
        return None

    def as_far_as_held(
        self, row: Row, reason: str, tonnes: int, perform: Callable[[int], None], entity: str = ""
    ) -> None:
        """Ask for all of it; where less is held, for that. What was refused becomes a cause."""
        try:
            perform(tonnes)
        except NotEnoughHeld as refusal:
            there = int(refusal.facts["available"])
            free_t = (row.issued_t or 0) - row.buffer_t
            retired_t = sum(column for name, column in row.retired.items() if name != BUFFER_POOL)
            if reason != BUFFER_POOL and retired_t > free_t:
                facts = {"retired": retired_t, "issued": free_t}
                short = tonnes - there
                self.done.causes.append(
                    Cause("retired_beyond_issued", row.id, reason, short, -short, entity, facts, refusal)
                )
            else:
                self.refused(row, reason, tonnes - there, refusal, entity)
            if there:
                perform(there)
        except Refusal as refusal:
            self.refused(row, reason, tonnes, refusal, entity)

    def refused(self, row: Row, reason: str, tonnes: int, refusal: Refusal, entity: str = "") -> None:
        self.done.causes.append(Cause("refused", row.id, reason, tonnes, -tonnes, entity, refusal=refusal))


def lot(row: Row) -> issuance.Lot:
    return issuance.Lot(row.vintage or 0, row.issued_t or 0, row.buffer_t)


def at(on: date) -> datetime:
    """The beginning of a day where this register stands."""
    return datetime(on.year, on.month, on.day, tzinfo=clock.SHANGHAI)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def of(found: T | None) -> T:
    assert found is not None
    return found
