"""The three administrators: who holds a duty, and the short sessions in which they exercise it (rules R-06).

A duty is given by two administrators of the registry operator to a third person. It lets its holder do nothing until
they say why they need it, and then for an hour at most.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.identity import access, rules
from tanhui.identity.acts import instruction, membership
from tanhui.identity.models import Decision, Duty, Instruction, Mandate, Organisation, Person, StaffSession
from tanhui.identity.models.duties import LONGEST
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

ACT = "identity.duty"
WAITS = timedelta(days=7)


class DutyHeld(Refusal):
    code = "identity.duty_held"
    sentence = gettext_noop("%(person)s holds a staff duty already, and nobody holds two. End that one first.")
    clause = "GB/T 22239-2019 8.1.4.2 d (rules R-06)"


class OwnDuty(Refusal):
    code = "identity.own_duty"
    sentence = gettext_noop("Nobody gives a staff duty to themselves or takes part in giving it. Ask two colleagues.")
    clause = "GB/T 22239-2019 8.1.4.2 d (rules R-06)"
    status = 403


class NotTheRegistry(Refusal):
    code = "identity.not_the_registry"
    sentence = gettext_noop(
        "%(organisation)s is not the registry operator and gives no staff duties. Ask the operator."
    )
    clause = "GB/T 22239-2019 8.1.4.2 d (rules R-06)"
    status = 403


class DutyMissing(Refusal):
    code = "identity.duty_missing"
    sentence = gettext_noop("You do not hold this staff duty. Ask the registry operator to appoint you.")
    clause = "GB/T 22239-2019 8.1.4.2 d (rules R-06)"
    status = 403


class ReasonMissing(Refusal):
    code = "identity.reason_missing"
    sentence = gettext_noop("Say why in a few words: the reason is kept with what is done.")
    clause = "GB/T 22239-2019 8.1.4.3 b"
    status = 422


class TooLong(Refusal):
    code = "identity.session_too_long"
    sentence = gettext_noop("A staff session lasts from one to %(most)s minutes; %(asked)s were asked for.")
    clause = "GB/T 22239-2019 8.1.4.2 b"
    status = 422


class AlreadyOnDuty(Refusal):
    code = "identity.already_on_duty"
    sentence = gettext_noop("You are on duty until %(until)s. End that session before beginning another.")
    clause = "GB/T 22239-2019 8.1.4.2 b"


# -- who holds a duty --------------------------------------------------------------------------------------------------


def check(*, person: Person, organisation: Organisation, giving: tuple[int, ...], at: datetime) -> None:
    """Refuses with ``NotTheRegistry``, ``OwnDuty``, ``membership.NotAMember``, ``DutyHeld`` or ``rules.DutyAndSigning``
    (who signs holds no duty)."""
    if organisation.role != Organisation.Role.REGISTRY:
        raise NotTheRegistry(organisation=organisation.name)
    if person.pk in giving:
        raise OwnDuty
    membership.current(person, organisation, at=at)
    if Duty.objects.filter(person=person, until_at__isnull=True).exists():
        raise DutyHeld(person=person.name)
    rules.check_duty(person, at=at)


def propose(*, mandate: Mandate, person: Person, kind: str, reference: str, at: datetime) -> Instruction:
    """Ask, under the mandate of an administrator of the registry operator, that one of its members hold a duty.

    Refuses as ``check`` and ``instruction.initiate`` do.
    """
    organisation = membership.managed(mandate, at=at)

    def prepare(asked: Instruction) -> None:
        check(person=person, organisation=organisation, giving=(asked.initiator_id,), at=at)

    return instruction.initiate(
        act=ACT, mandate=mandate, reference=reference, body={"person": person.pk, "kind": Duty.Kind(kind).value}, at=at,
        expires_at=at + WAITS, prepare=prepare, needed=Mandate.Capacity.MANAGE,
    )  # fmt: skip


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """Give the duty, under another administrator's mandate. Refuses as ``instruction.confirm`` and ``check`` do."""
    return instruction.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda found: carry_out(found, mandate, at),
        needed=Mandate.Capacity.MANAGE,
    )  # fmt: skip


def carry_out(asked: Instruction, confirming: Mandate, at: datetime) -> Mapping[str, Any]:
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=asked.organisation_id)
    person = Person.objects.select_for_update(no_key=True).get(pk=asked.body["person"])
    by = confirming.membership.person_id
    check(person=person, organisation=organisation, giving=(asked.initiator_id, by), at=at)
    given = Duty.objects.create(
        person=person, kind=asked.body["kind"], since_at=at, proposed_by_id=asked.initiator_id, confirmed_by_id=by,
        instruction=asked,
    )  # fmt: skip
    record(
        kind="identity.duty_given",
        fact={"duty": given.kind},
        private={"person": person.pk, "proposed_by": asked.initiator_id, "duty": given.pk},
        at=at,
        by=by,
    )
    return {"duty": given.pk}


@transaction.atomic
def dismiss(*, duty: Duty, by: Mandate, at: datetime) -> Duty:
    """Take a duty away, and end its session. One administrator of the registry operator may, and at once.

    Refuses with ``instruction.WrongMandate``, ``access.MandateExpired`` or ``NotTheRegistry``.
    """
    organisation = membership.managed(by, at=at)
    if organisation.role != Organisation.Role.REGISTRY:
        raise NotTheRegistry(organisation=organisation.name)
    found = Duty.objects.select_for_update(of=("self",)).select_related("person").get(pk=duty.pk)
    if found.until_at is not None:
        return found
    for running in StaffSession.objects.filter(duty=found, ended_at__isnull=True, ends_at__gt=at):
        close(running, by.membership.person, at)
    found.until_at, found.ended_by = max(at, found.since_at), by.membership.person
    found.save(update_fields=["until_at", "ended_by"])
    record(
        kind="identity.duty_ended",
        fact={"duty": found.kind},
        private={"person": found.person_id, "duty": found.pk},
        at=at,
        by=by.membership.person_id,
    )
    return found


# -- sessions ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def begin(*, person: Person, duty: str, reason: str, minutes: int, at: datetime) -> StaffSession:
    """Go on duty for a reason. The session ends by itself after ``minutes`` (1 to 60).

    Refuses with ``DutyMissing``, ``ReasonMissing``, ``TooLong`` or ``AlreadyOnDuty``.
    """
    held = (
        Duty.objects.select_for_update(of=("self",))
        .filter(person=person, kind=duty, since_at__lte=at, until_at__isnull=True, person__is_active=True)
        .first()
    )
    if held is None:
        raise DutyMissing
    if not reason.strip():
        raise ReasonMissing
    if not timedelta(0) < timedelta(minutes=minutes) <= LONGEST:
        raise TooLong(most=int(LONGEST.total_seconds()) // 60, asked=minutes)
    if running := access.staff_session(person, at=at):
        raise AlreadyOnDuty(until=f"{running.ends_at:%H:%M} UTC")
    begun = StaffSession.objects.create(
        duty=held, reason=reason.strip(), began_at=at, ends_at=at + timedelta(minutes=minutes)
    )  # fmt: skip
    record(
        kind="identity.staff_session_begun",
        fact={"duty": held.kind, "session": str(begun.pk), "minutes": minutes},
        private={"person": person.pk, "reason": begun.reason},
        at=at,
        by=person.pk,
    )
    return begun


@transaction.atomic
def end(*, session: StaffSession, by: Person, at: datetime) -> StaffSession:
    """End a session before its time: one's own, or anybody's by whoever is on the security duty.

    Refuses with ``access.NotOnDuty``. One that has ended stays as it is.
    """
    found = StaffSession.objects.select_for_update(of=("self",)).select_related("duty").get(pk=session.pk)
    if found.duty.person_id != by.pk:
        access.require_duty(by, Duty.Kind.SECURITY, at=at)
    if found.ended_at is None and at < found.ends_at:
        close(found, by, at)
    return found


def close(session: StaffSession, by: Person, at: datetime) -> None:
    session.ended_at, session.ended_by = max(at, session.began_at), by
    session.save(update_fields=["ended_at", "ended_by"])
    record(
        kind="identity.staff_session_ended",
        fact={"duty": session.duty.kind, "session": str(session.pk)},
        private={"person": session.duty.person_id},
        at=at,
        by=by.pk,
    )
