"""What the authority does with a proposal until the experts have it: take it, open it to comment, send it back, turn it
down."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Person
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import rules
from tanhui.library.acts import standing, steps
from tanhui.library.models import Proposal, Step, Transition
from tanhui.rulepacks import calendar

State = Proposal.State
LONGEST = 500


class OwnProposal(Refusal):
    code = "library.own_proposal"
    sentence = gettext_noop(
        "%(person)s proposes this or belongs to %(proposer)s and cannot decide on it. A colleague without a part in it "
        "must."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十七条（rules R-05, R-07）"
    status = 403


class TakenByAnother(Refusal):
    code = "library.taken_by_another"
    sentence = gettext_noop("%(handler)s has this proposal in hand. Take it over first if that is agreed.")
    clause = "rules §3.1: one handler at a time"


class ChecklistOpen(Refusal):
    code = "library.checklist_open"
    sentence = gettext_noop(
        "%(count)s points of the form check are not ticked yet. Look at each and tick it, or send the proposal back."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第八条（rules M-01, M-04, M-05）"
    status = 422


class RemarksMissing(Refusal):
    code = "library.remarks_missing"
    sentence = gettext_noop("Say why, or at which point what is to be corrected: the proposer works from it.")
    clause = "rules M-03"
    status = 422


class Proposed(Refusal):
    code = "library.filing_proposed"
    sentence = gettext_noop(
        "%(initiator)s has already asked for this proposal to be filed, and a second person must decide. Confirm or "
        "reject that first."
    )
    clause = "ARCHITECTURE.md §6.3"


def take(*, proposal: Proposal, mandate: Mandate, reference: str, at: datetime) -> Step:
    """Begin the form check, or take it over from a colleague. Refuses with ``standing.NotTheAuthority``,
    ``OwnProposal`` or ``steps.MovedOn``."""

    def prepare(held: Proposal, row: Transition) -> steps.Said:
        held.handler = may_handle(held, mandate, at=at)
        return steps.NOTHING

    return by_authority("take", proposal, mandate, prepare, None, reference, at)


def publicise(
    *, proposal: Proposal, checklist: Sequence[str], revision: int, mandate: Mandate, reference: str, at: datetime
) -> Step:
    """The form is in order: open the proposal to public comment for the rule pack's working days.

    ``checklist`` names every point that was looked at (``rules.POINTS``). Refuses with ``ChecklistOpen``,
    ``TakenByAnother``, ``rules.RuleMissing``, ``steps.ChangedSince`` or as ``take``.
    """
    said = steps.Said(checklist=sorted(set(checklist) & set(rules.POINTS)))
    if left := set(rules.POINTS) - set(checklist):
        raise ChecklistOpen(count=len(left))

    def prepare(held: Proposal, row: Transition) -> steps.Said:
        by = in_hand(held, mandate, at=at)
        days = rules.needed(held.scheme, rules.LIMITS["COMMENT"], clock.day(at))
        held.limits |= {"COMMENT": days}
        held.comment_until = calendar.announced().add(clock.day(at), days["value"]).day
        held.disclosed_at = held.disclosed_at or at
        standing.revision_began(held, by=by, at=at)
        return steps.Said(checklist=said.checklist, fact={"until": held.comment_until.isoformat()})

    return by_authority("publicise", proposal, mandate, prepare, revision, reference, at, said)


def send_back(
    *, proposal: Proposal, reason: str, remarks: Mapping[str, str], revision: int, mandate: Mandate, reference: str,
    at: datetime,
) -> Step:  # fmt: skip
    """Return a proposal for correction, with reasons; what comes back is checked and opened to comment again.

    ``remarks`` says what to correct, by point of the form check. Refuses with ``RemarksMissing``, ``Proposed``,
    ``TakenByAnother``, ``steps.ChangedSince`` or as ``take``.
    """
    told = {point: text.strip()[:LONGEST] for point, text in remarks.items() if text.strip()}
    if not set(told) <= set(rules.POINTS) or not (told or reason.strip()):
        raise RemarksMissing
    said = steps.Said(reason=reason.strip()[: steps.LONGEST], remarks=told)
    return decide("return", proposal, said, revision, mandate, reference, at)


def reject(*, proposal: Proposal, reason: str, revision: int, mandate: Mandate, reference: str, at: datetime) -> Step:
    """Turn a proposal down for good. Refuses with ``RemarksMissing`` or as ``send_back``."""
    if not reason.strip():
        raise RemarksMissing
    said = steps.Said(reason=reason.strip()[: steps.LONGEST])
    return decide("reject", proposal, said, revision, mandate, reference, at)


def decide(
    act: str, proposal: Proposal, said: steps.Said, revision: int, mandate: Mandate, reference: str, at: datetime
) -> Step:
    def prepare(held: Proposal, row: Transition) -> steps.Said:
        by = in_hand(held, mandate, at=at)
        nothing_proposed(held, at=at)
        standing.revision_ended(held, by=by, at=at)
        return said

    return by_authority(act, proposal, mandate, prepare, revision, reference, at, said)


def by_authority(
    act: str, proposal: Proposal, mandate: Mandate, prepare: steps.Prepare, revision: int | None, reference: str,
    at: datetime, said: steps.Said = steps.NOTHING,
) -> Step:  # fmt: skip
    return steps.step(
        proposal=proposal, act=act, by=mandate.membership.person, organisation=mandate.membership.organisation,
        said=said, revision=revision, reference=reference, at=at, prepare=prepare,
    )  # fmt: skip


def in_hand(held: Proposal, mandate: Mandate, *, at: datetime) -> Person:
    """The person, who has the proposal in hand. Refuses with ``TakenByAnother`` or as ``may_handle``."""
    person = may_handle(held, mandate, at=at)
    if held.handler_id != person.pk:
        raise TakenByAnother(handler=held.handler.name if held.handler else "—")
    return person


def may_handle(held: Proposal, mandate: Mandate, *, at: datetime) -> Person:
    """Refuse unless the mandate is of the proposal's authority, stands, and its holder has no part in the proposal."""
    body, person = mandate.membership.organisation, mandate.membership.person
    if held.authority_id != body.pk:
        raise standing.NotTheAuthority(needed=str(held.authority or "—"), organisation=body.name)
    if mandate.capacity not in {Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM}:
        raise instruction.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=body.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=body.pk, at=at)
    if has_part(held, person, at=at):
        raise OwnProposal(person=person.name, proposer=held.by_whom)
    return person


def has_part(held: Proposal, person: Person, *, at: datetime) -> bool:
    """Whether a person proposes it, or works for the organisation that does."""
    if held.proposer_id == person.pk:
        return True
    return (
        bool(held.organisation_id)
        and person.memberships.filter(organisation=held.organisation_id, until_at__isnull=True).exists()
    )


def nothing_proposed(held: Proposal, *, at: datetime) -> None:
    """Refuse while a second signature is awaited."""
    asked = held.instruction
    if asked and instruction.decision_of(asked) is None and asked.expires_at > at:
        raise Proposed(initiator=asked.initiator.name)
