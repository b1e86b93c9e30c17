"""What the exchange and the registry do with an application until it is opened: take it, pass it on, send it back,
turn it down."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.acts.opening import content, seats, steps
from tanhui.registry.models import Application, Paper, Step, Transition

ROLES = {"EXCHANGE": Organisation.Role.EXCHANGE, "REGISTRY": Organisation.Role.REGISTRY}
LONGEST = 500
REMARKABLE = {"exchange", *(field for fields in content.FIELDS.values() for field in fields), *Paper.Kind.values}


class NotTheReviewer(Refusal):
    code = "registry.not_the_reviewer"
    sentence = gettext_noop(
        "At “%(state)s” this is for %(needed)s to do, and you act for %(organisation)s. Leave it to them."
    )
    clause = "account-opening notice of 2023-08-18: preliminary and final review (rules A-01)"
    status = 403


class OwnApplication(Refusal):
    code = "registry.own_application"
    sentence = gettext_noop(
        "%(person)s is named in this application and cannot review it. A colleague who has no part in it must."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十七条（rules R-05, R-07）"
    status = 403


class TakenByAnother(Refusal):
    code = "registry.opening_taken_by_another"
    sentence = gettext_noop("%(reviewer)s has this application in hand. Take it over first if that is agreed.")
    clause = "rules §3.5: one reviewer at a time"


class ReasonMissing(Refusal):
    code = "registry.opening_reason_missing"
    sentence = gettext_noop(
        "Say why: the applicant reads it. To have something corrected, also write what at the field concerned."
    )
    clause = "account-opening notice of 2023-08-18: correction of a returned application (rules A-01)"
    status = 422


class ChecklistOpen(Refusal):
    code = "registry.opening_checklist_open"
    sentence = gettext_noop(
        "%(count)s papers are not checked yet. Look at each and tick it, or send the application back for what is "
        "missing."
    )
    clause = "rules A-07: papers of the application"
    status = 422


class OpeningProposed(Refusal):
    code = "registry.opening_proposed"
    sentence = gettext_noop(
        "%(initiator)s has already asked for the account to be opened, and a second person must decide. Confirm or "
        "reject that first."
    )
    clause = "ARCHITECTURE.md §6.3"


def take(*, application: Application, mandate: Mandate, reference: str, at: datetime) -> Step:
    """Take an application in hand, also over from a colleague. Refuses with ``NotTheReviewer``, ``OwnApplication`` or
    ``steps.MovedOn``."""
    return review("take", application, mandate, steps.NOTHING, None, reference, at)


def pass_on(
    *, application: Application, checklist: Sequence[str], version: int, mandate: Mandate, reference: str, at: datetime
) -> Step:
    """The exchange finds everything in order and hands the application to the registry.

    ``checklist`` names every kind of paper that was looked at. Refuses with ``ChecklistOpen``, ``TakenByAnother``,
    ``steps.ChangedSince`` or as ``take``.
    """
    complete(checklist)
    said = steps.Said(checklist=sorted(checklist))
    return review("pass", application, mandate, said, version, reference, at)


def send_back(
    *,
    application: Application,
    reason: str,
    remarks: Mapping[str, str],
    version: int,
    mandate: Mandate,
    reference: str,
    at: datetime,
) -> Step:
    """Return an application for correction; the clock stands still until it comes back.

    ``remarks`` says what to correct, by field or kind of paper. Refuses with ``ReasonMissing``, ``OpeningProposed``,
    ``TakenByAnother``, ``steps.ChangedSince`` or as ``take``.
    """
    told = {field: text.strip()[:LONGEST] for field, text in remarks.items() if text.strip()}
    if not told or not set(told) <= REMARKABLE:
        raise ReasonMissing
    said = steps.Said(reason=reason.strip()[:LONGEST], remarks=told)
    return review("return", application, mandate, said, version, reference, at)


def reject(
    *, application: Application, reason: str, version: int, mandate: Mandate, reference: str, at: datetime
) -> Step:
    """Turn an application down for good. Refuses with ``ReasonMissing`` or as ``send_back``."""
    if not reason.strip():
        raise ReasonMissing
    said = steps.Said(reason=reason.strip()[:LONGEST])
    return review("reject", application, mandate, said, version, reference, at)


@transaction.atomic
def look(*, application: Application, mandate: Mandate, at: datetime) -> None:
    """Open the numbers that are kept sealed, for checking; who did is recorded. Refuses as ``take`` does."""
    held = Application.objects.select_for_update().get(pk=application.pk)
    may_review(held, steps.looked_up(held, "take", None), mandate, at=at)
    record(
        kind="registry.opening_particulars_seen",
        fact={"application": held.code},
        private={"id": str(held.pk), "organisation": mandate.membership.organisation.uscc},
        at=at,
        by=mandate.membership.person_id,
    )


def complete(checklist: Sequence[str]) -> None:
    if left := set(Paper.Kind.values) - set(checklist):
        raise ChecklistOpen(count=len(left))


def review(
    act: str, application: Application, mandate: Mandate, said: steps.Said, version: int | None, reference: str,
    at: datetime,
) -> Step:  # fmt: skip
    def prepare(held: Application, row: Transition) -> steps.Said:
        may_review(held, row, mandate, at=at)
        person = mandate.membership.person
        if act == "take":
            held.reviewer = person
        elif held.reviewer_id != person.pk:
            raise TakenByAnother(reviewer=held.reviewer.name if held.reviewer else "—")
        else:
            nothing_proposed(held, at=at)
        return said

    return steps.step(
        application=application, act=act, by=mandate.membership.person, organisation=mandate.membership.organisation,
        said=said, version=version, reference=reference, at=at, prepare=prepare,
    )  # fmt: skip


def may_review(held: Application, row: Transition, mandate: Mandate, *, at: datetime) -> None:
    """Refuse unless the mandate is of the body whose turn it is, stands, and its holder has no part in this."""
    body, person = mandate.membership.organisation, mandate.membership.person
    whose = body.pk == held.exchange_id if row.side == "EXCHANGE" else True
    if body.role != ROLES.get(row.side) or not whose:
        needed = ROLES[row.side].label if row.side in ROLES else str(held.applicant)
        raise NotTheReviewer(state=held.get_state_display(), needed=str(needed), organisation=body.name)
    if mandate.capacity not in {Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM}:
        raise instruction.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=body.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=body.pk, at=at)
    if person.pk in seats.involved(held):
        raise OwnApplication(person=person.name)


def nothing_proposed(held: Application, *, at: datetime) -> None:
    """Refuse while a second signature is awaited."""
    asked = held.instruction
    if asked and instruction.decision_of(asked) is None and asked.expires_at > at:
        raise OpeningProposed(initiator=asked.initiator.name)
