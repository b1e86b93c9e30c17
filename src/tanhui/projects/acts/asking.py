"""Steps that give status or value take two people of one organisation: one asks, another confirms, and only then the
step is taken. What was asked for is judged twice: guards and papers hold when it is asked and when it is confirmed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.identity import access
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import sides
from tanhui.projects.acts import steps
from tanhui.projects.acts.steps import Said
from tanhui.projects.models import Development
from tanhui.projects.queries import cycle
from tanhui.projects.sides import Subject

ACT = cycle.ACT
OPEN_FOR = timedelta(days=14)  # how long it waits for the second signature


class AskedAlready(Refusal):
    code = "projects.asked_already"
    sentence = gettext_noop(
        "%(initiator)s has already asked for “%(act)s” here, and a second person must decide. Confirm or reject that "
        "first."
    )
    clause = "ARCHITECTURE.md §6.3"


class AskedOtherwise(Refusal):
    code = "projects.asked_otherwise"
    sentence = gettext_noop(
        "%(what)s was changed after %(initiator)s asked for this, so that two people would sign two different things. "
        "Turn it down, and have it asked for anew."
    )
    clause = "ARCHITECTURE.md §6.3"


class NothingAsked(Refusal):
    code = "projects.nothing_asked"
    sentence = gettext_noop("Nothing waits for a second signature here, or it was decided already. Ask for it first.")
    clause = "ARCHITECTURE.md §6.3"


@transaction.atomic
def ask(
    *, subject: Subject, act: str, mandate: Mandate, reference: str, at: datetime, said: Said = steps.NOTHING,
    revision: int | None = None,
) -> Instruction:  # fmt: skip
    """Ask for a step under the first signature. Refuses with ``AskedAlready`` or as ``steps.step`` would."""
    held = steps.locked(subject)
    steps.check_revision(held, revision)
    body = {
        "machine": "development" if isinstance(held, Development) else "monitoring", "subject": str(held.pk),
        "act": act, "reason": said.reason.strip(), "details": dict(said.details),
        "papers": papers(held), "content": content(held),
    }  # fmt: skip

    def prepare(asked: Instruction) -> None:
        steps.settle(held, at)
        row = steps.looked_up(held, act)
        if waiting(held, at=at) is not None:
            raise asked_already(held)
        steps.allowed(held, row, mandate, None, said, at=at, second=False)
        held.instruction = asked
        steps.touch(held, at)

    return instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + OPEN_FOR, prepare=prepare
    )


def confirm(*, subject: Subject, mandate: Mandate, at: datetime) -> Decision:
    """The second signature: the step is taken. Asked twice it is taken once.

    Refuses with ``NothingAsked``, ``identity.one_person_twice``, ``identity.already_decided``,
    ``identity.instruction_expired``, ``AskedOtherwise`` where what was asked for has changed since, or as
    ``steps.step``.
    """
    asked = latest(subject)
    if asked is None:
        raise NothingAsked
    return instructions.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda one: carry_out(subject, one, mandate, at)
    )


def carry_out(subject: Subject, asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    initiating = access.initiating(asked)
    if initiating is None:
        raise instructions.WrongMandate(
            needed=Mandate.Capacity.INITIATE.value, organisation=asked.organisation.name
        )  # fmt: skip
    held = steps.locked(subject)
    if (asked.body.get("papers"), asked.body.get("content")) != (papers(held), content(held)):
        raise AskedOtherwise(what=held.code, initiator=asked.initiator.name)
    said = Said(asked.body["reason"], asked.body["details"])
    made = steps.step(
        subject=subject, act=asked.body["act"], mandate=mandate, reference=f"i{asked.pk.hex}", at=at, said=said,
        initiating=initiating,
    )  # fmt: skip
    return {"step": made.pk, "state": made.after}


@transaction.atomic
def drop(*, subject: Subject, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person says no, or the first takes it back; the case stands where it stood.

    Refuses with ``NothingAsked``, ``identity.wrong_mandate`` or ``identity.already_decided``.
    """
    held = steps.locked(subject)
    asked = held.instruction
    if asked is None or waiting(held, at=at) is None:
        raise NothingAsked
    if mandate.membership.person_id == asked.initiator_id:
        outcome = Decision.Outcome.WITHDRAWN
    else:
        outcome = Decision.Outcome.REJECTED
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=asked.organisation_id, at=at)
    decision = instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason[:200], undo=lambda one: None
    )
    held.instruction = None
    steps.touch(held, at)
    return decision


def waiting(held: Subject, *, at: datetime) -> Instruction | None:
    """What was asked for here and awaits its second signature."""
    asked = held.instruction
    if asked is None or asked.expires_at <= at or instructions.decision_of(asked) is not None:
        return None
    return asked


def latest(subject: Subject) -> Instruction | None:
    """The instruction that waits, or the one that was confirmed last, so that confirming twice is confirming once."""
    held = type(subject).objects.select_related("instruction").get(pk=subject.pk)
    if held.instruction is not None:
        return held.instruction
    one = "development" if isinstance(subject, Development) else "monitoring"
    found = Instruction.objects.filter(act=ACT, body__machine=one, body__subject=str(subject.pk))
    return found.filter(decision__outcome=Decision.Outcome.CONFIRMED).order_by("-at").first()


def content(held: Subject) -> str:
    """What both people sign besides the papers: the SHA-256 of what is filled in, its land and meters; or of the run,
    what is applied for, and the report it stands on."""
    if isinstance(held, Development):
        land = sorted(held.boundaries.values_list("name", "geometry_sha256"))
        meters = sorted(held.facilities.values_list("kind", "key"))
        return canonical.sha256({"draft": held.draft, "land": list(map(list, land)), "meters": list(map(list, meters))})
    report = held.verifications.order_by("-number").first()
    return canonical.sha256({
        "plan": held.plan, "verifier": held.verifier_id, "run": held.bundle_sha256, "applied_t": held.applied_t,
        "report": [report.number, report.verified_kg] if report else [],
    })  # fmt: skip


def papers(held: Subject) -> dict[str, str]:
    """What both people sign: the hash of each paper as it stands."""
    rows = sides.current_papers(held).order_by("edition").values_list("kind", "sha256")
    return dict(rows)


def asked_already(held: Subject) -> AskedAlready:
    asked = held.instruction
    assert asked is not None
    row = steps.looked_up(held, asked.body["act"])
    return AskedAlready(initiator=asked.initiator.name, act=str(row.label))
