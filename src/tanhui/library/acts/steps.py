"""One step of a proposal: the table is asked, the clock is set, the fact is told, and the step is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library.models import TRANSITIONS, Proposal, Round, Step, Transition
from tanhui.rulepacks import calendar

State = Proposal.State
LONGEST = 1000  # characters of a reason


class MovedOn(Refusal):
    code = "library.moved_on"
    sentence = gettext_noop(
        "The proposal is now at “%(state)s”, by %(by)s at %(at)s, and this cannot be done from there. Look at it again."
    )
    clause = "rules §3.1: states of a methodology"


class ChangedSince(Refusal):
    code = "library.changed_since"
    sentence = gettext_noop(
        "The proposal was changed after you opened it: you have revision %(given)s, the present one is %(current)s. "
        "Look at it again, then decide."
    )
    clause = "RFC 9110 §13.1.1"
    status = 412


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a step: a reason, what to correct by point, the points found in order, the round handed in."""

    reason: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)
    checklist: Sequence[str] = ()
    round: Round | None = None
    fact: Mapping[str, object] = field(default_factory=dict)  # what the log says besides


NOTHING = Said()
Prepare = Callable[[Proposal, Transition], Said]


def step(
    *,
    proposal: Proposal,
    act: str,
    by: Person,
    organisation: Organisation | None = None,
    said: Said = NOTHING,
    revision: int | None = None,
    reference: str,
    at: datetime,
    prepare: Prepare | None = None,
) -> Step:
    """Take one step of the table, once however often it is asked under the same reference.

    ``revision`` is the one the person decided on. ``prepare`` does what belongs to the step, after the row is locked
    and before it is told, and may say more. Refuses with ``MovedOn``, ``ChangedSince``, ``identity.reference_taken``
    or as ``prepare`` does.
    """
    instruction.check_reference(reference)
    body = canonical.sha256({
        "proposal": str(proposal.pk), "act": act, "reason": said.reason, "remarks": dict(said.remarks),
        "checklist": list(said.checklist),
    })  # fmt: skip
    try:
        with transaction.atomic():
            return taken(proposal, act, by, organisation, said, revision, reference, body, at, prepare)
    except (Refusal, IntegrityError):
        earlier = Step.objects.filter(by=by, reference=reference).select_related("proposal").first()
        if earlier is None:
            raise
        if earlier.body_sha256 != body:
            raise instruction.ReferenceTaken(reference=reference) from None
        return earlier


def taken(
    proposal: Proposal, act: str, by: Person, organisation: Organisation | None, said: Said, revision: int | None,
    reference: str, body: str, at: datetime, prepare: Prepare | None,
) -> Step:  # fmt: skip
    held = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    row = looked_up(held, act)
    if revision is not None and revision != held.revision:
        raise ChangedSince(given=revision, current=held.revision)
    if prepare is not None:
        said = prepare(held, row)
    latest = held.steps.order_by("-number").first()
    set_clock(held, row, at)
    held.state, held.revision, held.changed_at = row.after, held.revision + 1, at
    held.save()
    of_round = said.round or (latest.round if latest else None)
    entry = record(
        kind=row.fact,
        fact={
            "proposal": held.code, "state": row.after,
            **({"round": of_round.number, "sha256": of_round.sha256} if of_round and held.disclosed_at else {}),
            **({"name": held.name, "scheme": held.scheme} if held.disclosed_at else {}), **said.fact,
        },
        private={
            "id": str(held.pk), "proposer": held.proposer_id, "reason": said.reason, "remarks": dict(said.remarks),
            "checklist": list(said.checklist), "organisation": organisation.uscc if organisation else "",
            **({"round_sha256": of_round.sha256} if of_round else {}),
        },
        at=at,
        by=by.pk,
    )  # fmt: skip
    return Step.objects.create(
        proposal=held, number=latest.number + 1 if latest else 1, act=act, before=row.before, after=row.after,
        round=of_round, by=by, organisation=organisation, reason=said.reason, remarks=dict(said.remarks),
        checklist=list(said.checklist), reference=reference, body_sha256=body, entry=entry, at=at,
    )  # fmt: skip


def looked_up(held: Proposal, act: str) -> Transition:
    """The row of the table for an act from here. Refuses with ``MovedOn``."""
    for row in TRANSITIONS:
        if (row.act, row.before) == (act, held.state):
            return row
    latest = held.steps.select_related("by", "organisation").order_by("-number").first()
    raise MovedOn(
        state=held.get_state_display(),
        by=str((latest.organisation or latest.by) if latest else held.proposer),
        at=clock.for_people(latest.at if latest else held.created_at),
    )


def set_clock(held: Proposal, row: Transition, at: datetime) -> None:
    """The form check's working days run from the day after submission, stand still while the proposer corrects, and go
    on. The starting day is not counted (Civil Code, article 201). Without a limit in a rule pack there is no due day.
    """
    today = clock.day(at)
    match row.act:
        case "submit" if row.before == State.RETURNED:
            held.stage_since, held.due_on = at, due(held, "FORM_CHECK", today, held.used_days)
        case "submit":
            held.stage_since, held.used_days, held.due_on = at, 0, due(held, "FORM_CHECK", today)
        case "return":
            counts = row.before == State.FORM_CHECK and held.stage_since is not None
            if counts and held.stage_since:
                held.used_days += calendar.announced().count(clock.day(held.stage_since), today).workdays
            else:
                held.used_days = 0  # what comes back after comments or a review is checked anew
            held.stage_since, held.due_on = at, due(held, "CORRECTION", today)
        case "publicise":
            held.stage_since, held.due_on = at, held.comment_until
        case "convene":
            held.stage_since, held.due_on = at, due(held, "REVIEW", today)
        case "take":
            pass
        case _:
            held.due_on = None


def due(held: Proposal, what: str, today: date, used: int = 0) -> date | None:
    """The last day of a limit of which so many working days are used; an overdrawn one ends on the next working day."""
    limit = held.limits.get(what)
    return calendar.announced().add(today, max(1, limit["value"] - used)).day if limit else None
