"""One step of an application: the table is asked, the clock is set, the fact is told, and the step is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.models import TRANSITIONS, Application, Round, Step, Transition
from tanhui.rulepacks import calendar

State, Stage = Application.State, Application.Stage


class MovedOn(Refusal):
    code = "registry.opening_moved_on"
    sentence = gettext_noop(
        "The application is now at “%(state)s”, by %(by)s at %(at)s, and this cannot be done from there. Look at it "
        "again."
    )
    clause = "rules §3.5: states of an application"


class ChangedSince(Refusal):
    code = "registry.opening_changed_since"
    sentence = gettext_noop(
        "The application was changed after you opened it: you have version %(given)s, the present one is %(current)s. "
        "Compare the two, then decide which to keep."
    )
    clause = "RFC 9110 §13.1.1"
    status = 412


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a step: a reason, what to correct by field, the papers found in order, the round handed in."""

    reason: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)
    checklist: Sequence[str] = ()
    round: Round | None = None


NOTHING = Said()


def step(
    *,
    application: Application,
    act: str,
    after: str | None = None,
    by: Person,
    organisation: Organisation | None = None,
    said: Said = NOTHING,
    version: int | None = None,
    reference: str,
    at: datetime,
    prepare: Callable[[Application, Transition], Said] | None = None,
) -> Step:
    """Take one step of the table, once however often it is asked under the same reference.

    ``version`` is the one the person decided on. ``prepare`` does what belongs to the step, after the row is locked and
    before it is told, and may say more. Refuses with ``MovedOn``, ``ChangedSince``, ``identity.reference_taken`` or as
    ``prepare`` does.
    """
    instruction.check_reference(reference)
    body = canonical.sha256({
        "application": str(application.pk), "act": act, "reason": said.reason, "remarks": dict(said.remarks),
        "checklist": list(said.checklist),
    })  # fmt: skip
    try:
        with transaction.atomic():
            return taken(application, act, after, by, organisation, said, version, reference, body, at, prepare)
    except (Refusal, IntegrityError):
        earlier = Step.objects.filter(by=by, reference=reference).select_related("application").first()
        if earlier is None:
            raise
        if earlier.body_sha256 != body:
            raise instruction.ReferenceTaken(reference=reference) from None
        return earlier


def taken(
    application: Application,
    act: str,
    after: str | None,
    by: Person,
    organisation: Organisation | None,
    said: Said,
    version: int | None,
    reference: str,
    body: str,
    at: datetime,
    prepare: Callable[[Application, Transition], Said] | None,
) -> Step:
    held = Application.objects.select_for_update().get(pk=application.pk)
    row = looked_up(held, act, after)
    if version is not None and version != held.version:
        raise ChangedSince(given=version, current=held.version)
    if prepare is not None:
        said = prepare(held, row)
    latest = held.steps.order_by("-number").first()
    set_clock(held, row, at)
    held.state, held.version, held.changed_at = row.after, held.version + 1, at
    held.save()
    of_round = said.round or (latest.round if latest else None)
    fact: dict[str, object] = {"application": held.code, "state": row.after}
    if of_round:
        fact["round"] = of_round.number
    if row.after == State.OPEN and held.account:
        fact["account"] = held.account.code
    entry = record(
        kind=row.fact,
        fact=fact,
        private={
            "id": str(held.pk), "uscc": held.uscc, "applicant": held.applicant_id, "reason": said.reason,
            "remarks": dict(said.remarks), "checklist": list(said.checklist),
            "organisation": organisation.uscc if organisation else "",
            **({"round_sha256": of_round.sha256} if of_round else {}),
        },
        at=at,
        by=by.pk,
    )  # fmt: skip
    return Step.objects.create(
        application=held, number=latest.number + 1 if latest else 1, act=act, before=row.before, after=row.after,
        round=of_round, by=by, organisation=organisation, reason=said.reason, remarks=dict(said.remarks),
        checklist=list(said.checklist), reference=reference, body_sha256=body, entry=entry, at=at,
    )  # fmt: skip


def looked_up(held: Application, act: str, after: str | None) -> Transition:
    """The row of the table for an act from here. Refuses with ``MovedOn``."""
    for row in TRANSITIONS:
        if (row.act, row.before) == (act, held.state) and after in (None, row.after):
            return row
    latest = held.steps.select_related("by", "organisation").order_by("-number").first()
    raise MovedOn(
        state=held.get_state_display(),
        by=str((latest.organisation or latest.by) if latest else held.applicant),
        at=clock.for_people(latest.at if latest else held.created_at),
    )


def set_clock(held: Application, row: Transition, at: datetime) -> None:
    """A stage's working days run from the day after it began, stand still while the applicant corrects, and go on.

    The starting day is not counted (Civil Code, article 201). Without a limit in a rule pack there is no due day.
    """
    today = clock.day(at)
    if row.after == State.RETURNED:
        if held.stage_since:
            held.used_days += calendar.announced().count(clock.day(held.stage_since), today).workdays
        held.stage_since = at
        held.due_on = due(held, "CORRECTION", today, 0)
    elif row.act in {"submit", "pass"}:
        held.stage = Stage.PRELIMINARY if row.act == "submit" else Stage.FINAL
        held.stage_since, held.used_days, held.reviewer = at, 0, None
        held.due_on = due(held, held.stage, today, 0)
    elif row.act == "resubmit":
        held.stage_since = at
        held.due_on = due(held, held.stage, today, held.used_days)
    elif row.act != "take":
        held.due_on = None


def due(held: Application, what: str, today: date, used: int) -> date | None:
    """The last day of a limit of which so many working days are used; an overdrawn one ends on the next working day."""
    limit = held.limits.get(what)
    return calendar.announced().add(today, max(1, limit["days"] - used)).day if limit else None
