"""The registry's two signatures, under which organisation, people, mandates and account come into being at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.identity.acts import enrolment
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.acts import account as accounts
from tanhui.registry.acts import desk
from tanhui.registry.acts.opening import content, drafting, reviewing, seats, steps
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Application, Seat, Transition

ACT = "registry.open_account"
OPEN_FOR = timedelta(days=7)  # how long a proposal waits for its second signature


class SeatsOpen(Refusal):
    code = "registry.opening_seats_open"
    sentence = gettext_noop(
        "%(names)s have not agreed yet to sign for the organisation. Wait for them, or return the application so that "
        "others are named."
    )
    clause = "account-opening notice of 2023-08-18: initiating and confirming representatives (rules A-04)"


class NothingProposed(Refusal):
    code = "registry.opening_nothing_proposed"
    sentence = gettext_noop("Nobody has asked for this account to be opened, or the proposal has lapsed. Propose it.")
    clause = "ARCHITECTURE.md §6.3"


@transaction.atomic
def propose(
    *, application: Application, checklist: Sequence[str], version: int, mandate: Mandate, reference: str, at: datetime
) -> Instruction:
    """The registry's reviewer finds everything in order and asks a colleague to sign too.

    Refuses with ``reviewing.ChecklistOpen``, ``SeatsOpen``, a fault of the application as it stands now,
    ``reviewing.OpeningProposed``, ``reviewing.NotTheReviewer``, ``reviewing.OwnApplication`` or ``steps.ChangedSince``.
    """
    reviewing.complete(checklist)
    held = Application.objects.select_for_update().get(pk=application.pk)
    body: Mapping[str, Any] = {"application": str(held.pk), "checklist": sorted(checklist)}

    def prepare(asked: Instruction) -> None:
        row = steps.looked_up(held, "open", None)
        reviewing.may_review(held, row, mandate, at=at)
        if version != held.version:
            raise steps.ChangedSince(given=version, current=held.version)
        if held.reviewer_id != mandate.membership.person_id:
            raise reviewing.TakenByAnother(reviewer=held.reviewer.name if held.reviewer else "—")
        reviewing.nothing_proposed(held, at=at)
        check(held, at=at)
        held.instruction, held.version, held.changed_at = asked, held.version + 1, at
        held.save(update_fields=["instruction", "version", "changed_at"])

    return instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + OPEN_FOR, prepare=prepare
    )


def check(held: Application, *, at: datetime) -> None:
    """Refuse when a seat is open or the application, as it was handed in, would no longer do."""
    if waiting := seats.open_seats(held):
        raise SeatsOpen(names="、".join(one.name for one in waiting))
    submitted = drafting.filled_in(held.rounds.order_by("-number")[0])
    if refusal := content.subject_fault(submitted):
        raise refusal
    for one in seated(held).values():
        if one.person and (refusal := seats.barred(one.person)):
            raise refusal
    for paper in held.papers.all():
        if refusal := content.paper_fault(paper.kind, paper, clock.day(at)):
            raise refusal


def seated(held: Application) -> dict[str, Seat]:
    """The people who agreed to sign, by capacity."""
    found = held.seats.filter(ended_at__isnull=True, accepted_at__isnull=False).select_related("person")
    return {one.capacity: one for one in found}


def proposal(application: Application, *, at: datetime) -> Instruction:
    """The proposal that waits for its second signature. Refuses with ``NothingProposed``."""
    asked = application.instruction
    if asked is None or (instructions.decision_of(asked) is None and asked.expires_at <= at):
        raise NothingProposed
    return asked


def confirm(*, application: Application, mandate: Mandate, at: datetime) -> Decision:
    """Sign second, and open the account; asked again gives the same decision.

    Organisation, memberships, mandates, account and the last step are written in one transaction. Refuses with
    ``NothingProposed``, ``reviewing.OwnApplication``, ``identity.one_person_twice`` and as ``check``.
    """
    asked = proposal(Application.objects.select_related("instruction__initiator").get(pk=application.pk), at=at)

    def carry_out(asked: Instruction) -> Mapping[str, Any]:
        initiating = desk.given_under(asked)
        signatures = Signatures(initiating, mandate)
        opened: dict[str, Any] = {}

        def prepare(held: Application, row: Transition) -> steps.Said:
            reviewing.may_review(held, row, mandate, at=at)
            check(held, at=at)
            held.account = accounts.open_account(organisation=found(held, at), signatures=signatures, at=at)
            install(held, held.account.organisation, mandate, at)
            opened["account"] = held.account.code
            return steps.Said(checklist=asked.body["checklist"])

        steps.step(
            application=application, act="open", by=mandate.membership.person,
            organisation=mandate.membership.organisation, reference=f"open-{asked.pk}", at=at, prepare=prepare,
        )  # fmt: skip
        return opened

    return instructions.confirm(instruction=asked, mandate=mandate, at=at, carry_out=carry_out)


def found(held: Application, at: datetime) -> Organisation:
    """The organisation in the register, entered now unless it is known already."""
    known = Organisation.objects.filter(uscc=held.uscc).first()
    role = held.rounds.order_by("-number")[0].content["role"]
    return known or enrolment.register_organisation(uscc=held.uscc, name=held.name, role=role, at=at)


def install(held: Application, organisation: Organisation, mandate: Mandate, at: datetime) -> None:
    """Give the people who agreed to it their mandates, for as long as their authorisation letters are valid."""
    letters = {one.kind: one for one in held.papers.all()}
    for capacity, seat in seated(held).items():
        assert seat.person is not None
        standing = Mandate.objects.filter(
            membership__person=seat.person, membership__organisation=organisation, capacity=capacity,
            until_at__isnull=True,
        )  # fmt: skip
        if not standing.exists():
            letter = letters.get(capacity)
            enrolment.mandate(
                person=seat.person, organisation=organisation, capacity=capacity, since_at=at,
                until_at=clock.midnight_after(letter.valid_until) if letter and letter.valid_until else None, at=at,
                by=mandate.membership.person, letter=letter.name[:120] if letter else "",
                letter_document=letter.document if letter else None, instruction=held.instruction,
            )  # fmt: skip


def turn_down(*, application: Application, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person does not sign; the application goes back into review with the reason. Refuses with
    ``NothingProposed`` or as ``identity`` does."""
    return drop(application, Decision.Outcome.REJECTED, mandate, reason, at)


def take_back(*, application: Application, mandate: Mandate, at: datetime) -> Decision:
    """The one who proposed it takes the proposal back."""
    return drop(application, Decision.Outcome.WITHDRAWN, mandate, "", at)


def drop(application: Application, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    held = Application.objects.select_related("instruction__initiator", "instruction__organisation").get(
        pk=application.pk
    )
    asked = proposal(held, at=at)
    if outcome == Decision.Outcome.WITHDRAWN and mandate.membership.person_id != asked.initiator_id:
        raise instructions.WrongMandate(
            needed=Mandate.Capacity.INITIATE.value, organisation=str(mandate.membership.organisation)
        )
    if outcome == Decision.Outcome.REJECTED:
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=asked.organisation_id, at=at)

    def undo(asked: Instruction) -> None:
        Application.objects.filter(pk=held.pk).update(version=held.version + 1, changed_at=at)

    return instructions.drop(instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason, undo=undo)
