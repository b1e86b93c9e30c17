"""One step of a development or a monitoring period: the table is asked, the guards are heard, the clock is set, the
fact is told, and the step is kept. Nothing else changes a state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import deadlines, guards, machine, numbers, sides
from tanhui.projects.acts import effects
from tanhui.projects.machine import Machine, Transition
from tanhui.projects.models import Development, Monitoring, Step
from tanhui.projects.refusals import ORDER_31
from tanhui.projects.sides import Subject

LONGEST = 1000  # characters of a reason
FACTS = {"development": "projects.development_moved", "monitoring": "projects.monitoring_moved"}


class MovedOn(Refusal):
    code = "projects.moved_on"
    sentence = gettext_noop(
        "%(what)s is now at “%(state)s”, by %(by)s at %(at)s, and this cannot be done from there. Look at it again."
    )
    clause = ORDER_31 + "第十一条至第二十二条"


class ChangedSince(Refusal):
    code = "projects.changed_since"
    sentence = gettext_noop(
        "It was changed after you opened it: you have revision %(given)s, the present one is %(current)s. Look at it "
        "again, then decide."
    )
    clause = "RFC 9110 §13.1.1"
    status = 412


class NotYourTurn(Refusal):
    code = "projects.not_your_turn"
    sentence = gettext_noop(
        "At “%(state)s” this is for %(needed)s to do, and you act for %(organisation)s. Leave it to them."
    )
    clause = ORDER_31 + "第四条至第七条"
    status = 403


class ReasonMissing(Refusal):
    code = "projects.reason_missing"
    sentence = gettext_noop("Say why, in at most 1000 characters: whoever is concerned reads it.")
    clause = ORDER_31 + "第十五条、第二十二条"
    status = 422


class PaperMissing(Refusal):
    code = "projects.paper_missing"
    sentence = gettext_noop("These papers are missing: %(papers)s. Hand them in first.")
    clause = ORDER_31 + "第十一条至第二十二条"
    status = 422


class SecondPersonNeeded(Refusal):
    code = "projects.second_person_needed"
    sentence = gettext_noop("“%(act)s” takes two people: one asks, another confirms. Ask for it first.")
    clause = "account-opening notice of 2023-08-18: initiating and confirming representatives (rules R-05)"


class StillNotice(Refusal):
    code = "projects.still_notice"
    sentence = gettext_noop("The public notice runs to the end of %(until)s and cannot be ended earlier.")
    clause = ORDER_31 + "第十二条、第十九条"


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a step: a reason, and what else was stated (what to correct by field, a quantity)."""

    reason: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


NOTHING = Said()


def step(
    *,
    subject: Subject,
    act: str,
    mandate: Mandate | None,
    reference: str,
    at: datetime,
    said: Said = NOTHING,
    revision: int | None = None,
    initiating: Mandate | None = None,
) -> Step:
    """Take one step of the table, once however often it is asked under the same reference.

    ``mandate`` is who acts, or who confirms what ``initiating`` asked for; nobody where time itself acts. ``revision``
    is the one the person decided on. Refuses with ``MovedOn``, ``ChangedSince``, ``NotYourTurn``, ``ReasonMissing``,
    ``SecondPersonNeeded``, ``PaperMissing``, ``StillNotice``, ``identity.reference_taken``, as the guards of the row
    and as what belongs to the step (``effects``).
    """
    body = canonical.sha256({
        "subject": str(subject.pk), "act": act, "reason": said.reason, "details": dict(said.details),
    })  # fmt: skip
    if mandate is not None:
        instruction.check_reference(reference)
    try:
        with transaction.atomic():
            return taken(subject, act, mandate, initiating, said, revision, reference, body, at)
    except (Refusal, IntegrityError):
        if mandate is None:
            raise
        by = mandate.membership.person_id
        earlier = Step.objects.filter(by=by, reference=reference).select_related("development", "monitoring").first()
        if earlier is None:
            raise
        if earlier.body_sha256 != body:
            raise instruction.ReferenceTaken(reference=reference) from None
        return earlier


def taken(
    subject: Subject, act: str, mandate: Mandate | None, initiating: Mandate | None, said: Said, revision: int | None,
    reference: str, body: str, at: datetime,
) -> Step:  # fmt: skip
    held = locked(subject)
    check_revision(held, revision)
    if mandate is not None:
        settle(held, at)
    row = looked_up(held, act)
    allowed(held, row, mandate, initiating, said, at=at)
    effects.before(held, row, said.details, mandate, initiating, at)
    return kept(held, row, mandate, initiating, said, reference, body, at)


def allowed(
    held: Subject, row: Transition, mandate: Mandate | None, initiating: Mandate | None, said: Said, *, at: datetime,
    second: bool = True,
) -> None:  # fmt: skip
    """Refuse a row whose side, signatures, reason, papers or guards are not there. ``second``: both have signed."""
    check_side(held, row, mandate, initiating, at=at, second=second)
    if row.side == "SYSTEM" and not deadlines.over(held, at=at):
        raise StillNotice(until=held.due_on.isoformat() if held.due_on else "—")
    if (row.reason and not said.reason.strip()) or len(said.reason) > LONGEST or "\x00" in said.reason:
        raise ReasonMissing
    if missing := papers_missing(held, row):
        raise PaperMissing(papers="、".join(missing))
    effects.check(held, row, said.details, at)
    for name in row.guards:
        guards.named(name)(held, mandate, at)


def kept(
    held: Subject, row: Transition, mandate: Mandate | None, initiating: Mandate | None, said: Said, reference: str,
    body: str, at: datetime,
) -> Step:  # fmt: skip
    one = deadlines.of(held)
    spent = deadlines.worked(held.stage_since, at)
    set_clock(held, one, row, spent, at)
    held.instruction = None
    touch(held, at)
    development = numbers.development_of(held)
    organisation = mandate.membership.organisation if mandate else None
    entry = record(
        kind=FACTS[one.name],
        fact={
            one.name: held.code, "act": row.act, "state": row.after,
            **({"due": held.due_on.isoformat()} if held.due_on and one.of(row.after).comment else {}),
        },
        private={
            one.name: str(held.pk), "reason": said.reason, "details": dict(said.details),
            "organisation": organisation.uscc if organisation else "", "before": row.before,
        },
        at=at,
        by=mandate.membership.person_id if mandate else None,
    )  # fmt: skip
    latest = sides.steps_of(held).order_by("-number").first()
    made = Step.objects.create(
        development=development, monitoring=held if isinstance(held, Monitoring) else None,
        number=latest.number + 1 if latest else 1, act=row.act, before=row.before, after=row.after, side=row.side,
        by=mandate.membership.person if mandate else None,
        initiator=initiating.membership.person if initiating else None, organisation=organisation,
        reason=said.reason.strip(), details=dict(said.details), days=spent, reference=reference, body_sha256=body,
        entry=entry, at=at,
    )  # fmt: skip
    effects.after(held, row, made, at)
    return made


def set_clock(held: Subject, one: Machine, row: Transition, spent: int, at: datetime) -> None:
    """A state's working days run from the day after it began, stand still while the owner corrects, and go on."""
    after = one.of(row.after)
    if after.stops:
        held.stage, held.used_days = row.before, held.used_days + spent
    elif row.again:
        held.stage = ""
    else:
        held.stage, held.used_days = "", 0
    held.state, held.stage_since = row.after, at
    held.limit = numbers.limit(held, after.limit)
    deadlines.set_limit(held)


def settle(held: Subject, at: datetime) -> None:
    """Let time act first: a notice that is over has ended, whoever comes next."""
    row = deadlines.of(held).timer(held.state)
    if row is not None and deadlines.over(held, at=at):
        reference = f"time:{held.pk}:{held.revision}"
        kept(held, row, None, None, NOTHING, reference, canonical.sha256({"time": reference}), at)


def locked(subject: Subject) -> Subject:
    """The row, locked, with what guards read of it."""
    if isinstance(subject, Development):
        return Development.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    Development.objects.select_for_update(of=("self",)).get(pk=subject.development_id)
    found: Monitoring = (
        Monitoring.objects.select_for_update(of=("self",)).select_related("development").get(pk=subject.pk)
    )
    return found


def touch(held: Subject, at: datetime) -> None:
    """Keep the row, which counts its changes."""
    held.revision, held.changed_at = held.revision + 1, at
    held.save()


def check_revision(held: Subject, revision: int | None) -> None:
    if revision is not None and revision != held.revision:
        raise ChangedSince(given=revision, current=held.revision)


def looked_up(held: Subject, act: str) -> Transition:
    """The row of the table for an act from here. Refuses with ``MovedOn``."""
    row = deadlines.of(held).row(act, held.state, held.stage)
    if row is None:
        raise moved_on(held)
    return row


def moved_on(held: Subject) -> MovedOn:
    latest = sides.steps_of(held).select_related("by", "organisation").order_by("-number").first()
    return MovedOn(
        what=held.code, state=str(deadlines.state(held).label),
        by=str((latest.organisation or machine.side("SYSTEM")) if latest else numbers.development_of(held).owner),
        at=clock.for_people(latest.at if latest else held.opened_at),
    )  # fmt: skip


def only_at(held: Subject, *states: str) -> None:
    """Refuse with ``MovedOn`` unless it is at one of these states."""
    if held.state not in states:
        raise moved_on(held)


def check_side(
    held: Subject, row: Transition, mandate: Mandate | None, initiating: Mandate | None, *, at: datetime, second: bool
) -> None:
    """Refuse unless it is this organisation's turn and its mandates stand: one, or two of different people."""
    if row.side == "SYSTEM" or mandate is None:
        if row.side != "SYSTEM" or mandate is not None:
            raise moved_on(held)
        return
    body = mandate.membership.organisation
    if not sides.is_side(held, row.side, body):
        raise NotYourTurn(
            state=str(deadlines.state(held).label), needed=str(machine.side(row.side)), organisation=body.name
        )
    if row.two and second:
        if initiating is None:
            raise SecondPersonNeeded(act=str(row.label))
        instruction.two_people(initiating, mandate, organisation=body.pk, at=at)
    else:
        instruction.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body.pk, at=at)


def papers_missing(held: Subject, row: Transition) -> list[str]:
    """The labels of the papers a row demands that nobody handed in."""
    profile = machine.profile(numbers.development_of(held).profile)
    here = set(sides.current_papers(held).values_list("kind", flat=True))
    return [str(profile.papers[kind].label) for kind in row.papers if kind not in here]
