"""A panel of the expert committee on a project or its reductions: convened, declared, voted, concluded.

The same steps as the review of a methodology (``library.acts.panel``), about another matter.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import reviews
from tanhui.projects.acts import experts, reviewing
from tanhui.projects.models import Development, Expert, Minutes, Monitoring, Panel, Seat, Vote

QUORUM, MAJORITY, EMPLOYMENT = "project_panel_quorum", "project_panel_majority", "project_panel_employment"
LONGEST = 2000
CLAUSE = "《四川深入推进林草碳普惠机制建设的指导意见》三（三）"
RECUSAL = "rules R-07: recusal for conflict of interest"
CONVENERS = (Organisation.Role.AUTHORITY, Organisation.Role.EXPERTS, Organisation.Role.TECHNICAL)
STAGE = "EXPERT_REVIEW"


class NotAConvener(Refusal):
    code = "projects.not_a_convener"
    sentence = gettext_noop(
        "The competent authority, its technical body or the expert committee convenes a panel; you act for "
        "%(organisation)s."
    )
    clause = CLAUSE
    status = 403


class NotAtThePanel(Refusal):
    code = "projects.not_at_the_panel"
    sentence = gettext_noop("“%(name)s” is at “%(state)s”. Experts are convened while it stands at expert review.")
    clause = CLAUSE


class TooFewExperts(Refusal):
    code = "projects.too_few_experts"
    sentence = gettext_noop(
        "Appoint at least %(quorum)s different experts: fewer cannot reach the quorum. %(named)s were named."
    )
    clause = CLAUSE
    status = 422


class ExpertNotListed(Refusal):
    code = "projects.expert_not_listed"
    sentence = gettext_noop("%(person)s is not on the roster on %(day)s. Choose from its members.")
    clause = CLAUSE
    status = 422


class ExpertBarred(Refusal):
    code = "projects.expert_barred"
    sentence = gettext_noop(
        "%(person)s works for %(organisation)s, or did in the last %(years)s years, and cannot judge this matter. "
        "Appoint somebody else."
    )
    clause = RECUSAL


class PanelRunning(Refusal):
    code = "projects.panel_running"
    sentence = gettext_noop("A panel is already at “%(name)s”. Conclude it first.")
    clause = CLAUSE


class PanelClosed(Refusal):
    code = "projects.panel_closed"
    sentence = gettext_noop("The panel on “%(name)s” is concluded. Nothing is declared or voted any more.")
    clause = CLAUSE


class NotYourSeat(Refusal):
    code = "projects.not_your_seat"
    sentence = gettext_noop("Only %(expert)s can do this. Sign in as yourself.")
    clause = RECUSAL
    status = 403


class DeclaredAlready(Refusal):
    code = "projects.declared_already"
    sentence = gettext_noop("You have declared “%(declared)s” on %(at)s; a conflict of interest is not taken back.")
    clause = RECUSAL


class ConflictUnstated(Refusal):
    code = "projects.conflict_unstated"
    sentence = gettext_noop("Say in a sentence what the conflict of interest is: the minutes record it.")
    clause = RECUSAL
    status = 422


class Undeclared(Refusal):
    code = "projects.undeclared"
    sentence = gettext_noop("Declare first whether you have a conflict of interest; then you may vote.")
    clause = RECUSAL


class Recused(Refusal):
    code = "projects.recused"
    sentence = gettext_noop("You are recused and have no vote on “%(name)s”.")
    clause = RECUSAL
    status = 403


class VotedAlready(Refusal):
    code = "projects.voted_already"
    sentence = gettext_noop("You voted on %(at)s. A vote is cast once and stands.")
    clause = "ARCHITECTURE.md §6.5"


class VoteIncomplete(Refusal):
    code = "projects.vote_incomplete"
    sentence = gettext_noop("Choose a vote and give your reasons, in at most 2,000 characters.")
    clause = CLAUSE
    status = 422


class TooFewVotes(Refusal):
    code = "projects.too_few_votes"
    sentence = gettext_noop(
        "%(cast)s votes are cast and the quorum is %(quorum)s. Wait for the others or appoint more."
    )
    clause = CLAUSE


class MinutesEmpty(Refusal):
    code = "projects.minutes_empty"
    sentence = gettext_noop("Write the minutes, and the day of the meeting, not later than today.")
    clause = CLAUSE
    status = 422


@transaction.atomic
def convene(*, subject: Development | Monitoring, people: Sequence[Person], mandate: Mandate, at: datetime) -> Panel:
    """Appoint the experts who judge a matter. Quorum, majority and years of employment are those of the rule pack today
    and stay with the panel.

    Refuses with ``NotAConvener``, ``NotAtThePanel``, ``PanelRunning``, ``TooFewExperts``, ``ExpertNotListed``,
    ``ExpertBarred`` or ``numbers.NumberMissing``.
    """
    body = mandate.membership.organisation
    convener(mandate, at=at)
    reviewing.lock(subject)
    subject.refresh_from_db(fields=["state"])
    if isinstance(subject, Development) and subject.state != STAGE:
        label = reviews.machine_of(subject).of(subject.state).label
        raise NotAtThePanel(name=str(subject), state=str(label))
    where = reviews.which(subject)
    rules = {key: reviews.number(subject, key) for key in (QUORUM, MAJORITY, EMPLOYMENT)}
    if Panel.objects.filter(**where, state=Panel.State.RUNNING).exists():
        raise PanelRunning(name=str(subject))
    named = {one.pk: one for one in people}
    if len(named) < whole(rules, QUORUM):
        raise TooFewExperts(quorum=rules[QUORUM]["value"], named=len(named))
    last = Panel.objects.filter(**where).aggregate(last=Max("number"))["last"] or 0
    made = Panel.objects.create(
        **where, number=last + 1, convener=body, rules=rules, by=mandate.membership.person, at=at
    )
    record(
        kind="projects.panel_convened",
        fact={"subject": subject.code, "panel": made.number, "experts": len(named), "convener": body.name},
        private={"panel": str(made.pk), "people": sorted(named)},
        at=at,
        by=mandate.membership.person_id,
    )
    for one in named.values():
        seat(made, one, mandate.membership.person, at)
    return made


@transaction.atomic
def appoint(*, panel: Panel, person: Person, mandate: Mandate, at: datetime) -> Seat:
    """Appoint one more expert, say in place of one who was recused. Refuses as ``convene``, or ``PanelClosed``."""
    held = running(panel)
    convener(mandate, at=at, organisation=held.convener)
    return seat(held, person, mandate.membership.person, at)


def convener(mandate: Mandate, *, at: datetime, organisation: Organisation | None = None) -> None:
    body = mandate.membership.organisation
    if body.role not in CONVENERS or (organisation is not None and organisation.pk != body.pk):
        raise NotAConvener(organisation=body.name)
    if mandate.capacity not in reviewing.SIGNING:
        raise instruction.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=body.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=body.pk, at=at)


def seat(held: Panel, person: Person, by: Person, at: datetime) -> Seat:
    expert = listed(person, at=at)
    if expert is None:
        raise ExpertNotListed(person=person.name, day=clock.day(at).isoformat())
    years = whole(held.rules, EMPLOYMENT)
    if met := experts.conflict(expert, parties(held), years=years, at=at):
        raise ExpertBarred(person=person.name, organisation=met, years=years)
    made, _new = Seat.objects.get_or_create(panel=held, expert=expert, defaults={"by": by, "at": at})
    return made


def listed(person: Person, *, at: datetime) -> Expert | None:
    """The person as the roster has them today, if they still belong to their committee."""
    today = clock.day(at)
    found = Expert.objects.select_related("person", "committee").filter(person=person, since__lte=today).first()
    if found is None or (found.until is not None and found.until <= today) or not person.is_active:
        return None
    still = person.memberships.filter(organisation=found.committee_id, until_at__isnull=True).exists()
    return found if still else None


def parties(panel: Panel) -> list[Organisation]:
    """Whose interests an expert must not share: the owner, the validator, and the verifier of the period."""
    verifier = panel.monitoring.verifier if panel.monitoring else None
    of = panel.development
    return [one for one in (of.owner, of.validator, verifier) if one is not None]


@transaction.atomic
def declare(*, seat: Seat, conflict: bool, statement: str, by: Person, at: datetime) -> Seat:
    """Declare one's interests. A conflict takes the vote away; found later, it may still be declared before one votes.

    Refuses with ``NotYourSeat``, ``PanelClosed``, ``ConflictUnstated`` or ``DeclaredAlready``.
    """
    panel, held = mine(seat, by)
    declared = Seat.Declared.CONFLICT if conflict else Seat.Declared.NONE
    if held.declared == declared:
        return held
    if held.declared == Seat.Declared.CONFLICT or Vote.objects.filter(seat=held).exists():
        since = clock.for_people(held.declared_at) if held.declared_at else "—"
        raise DeclaredAlready(declared=str(held.get_declared_display()), at=since)
    if conflict and not statement.strip():
        raise ConflictUnstated
    held.declared, held.statement, held.declared_at = declared, statement.strip().replace("\x00", "")[:500], at
    held.save(update_fields=["declared", "statement", "declared_at"])
    record(
        kind="projects.expert_recused" if conflict else "projects.expert_declared",
        fact={"subject": matter(panel).code, "panel": panel.number},
        private={"panel": str(panel.pk), "seat": held.pk, "statement": held.statement},
        at=at,
        by=by.pk,
    )
    return held


@transaction.atomic
def vote(*, seat: Seat, choice: str, reason: str, by: Person, at: datetime) -> Vote:
    """Cast one's vote; cast again with the same words it is the same vote.

    Refuses with ``NotYourSeat``, ``PanelClosed``, ``Undeclared``, ``Recused`` (also where an interest came to light
    after the appointment), ``VoteIncomplete`` or ``VotedAlready``.
    """
    panel, held = mine(seat, by)
    late = experts.conflict(held.expert, parties(panel), years=whole(panel.rules, EMPLOYMENT), at=at)
    if held.declared == Seat.Declared.CONFLICT or late:
        raise Recused(name=str(matter(panel)))
    if not held.declared:
        raise Undeclared
    said = reason.strip().replace("\x00", "")
    if not said or len(said) > LONGEST or choice not in Vote.Choice.values:
        raise VoteIncomplete
    if earlier := Vote.objects.filter(seat=held).first():
        if (earlier.choice, earlier.reason) == (choice, said):
            return earlier
        raise VotedAlready(at=clock.for_people(earlier.at))
    entry = record(
        kind="projects.panel_voted",
        fact={"subject": matter(panel).code, "panel": panel.number},
        private={"panel": str(panel.pk), "seat": held.pk, "vote": choice},
        at=at,
        by=by.pk,
    )
    return Vote.objects.create(seat=held, choice=choice, reason=said, entry=entry, at=at)


@transaction.atomic
def conclude(*, panel: Panel, text: str, held_on: date, mandate: Mandate, at: datetime) -> Minutes:
    """Count the votes against the panel's quorum and majority, and keep the minutes; they are public from now on.

    Refuses with ``PanelClosed``, ``NotAConvener``, ``MinutesEmpty`` or ``TooFewVotes``.
    """
    held = running(panel)
    convener(mandate, at=at, organisation=held.convener)
    said = text.strip().replace("\x00", "")
    if not said or len(said) > 5000 or held_on > clock.day(at) or held_on < clock.day(held.at):
        raise MinutesEmpty
    seats = list(held.seats.select_related("vote"))
    choices = [one.vote.choice for one in seats if hasattr(one, "vote")]
    if len(choices) < whole(held.rules, QUORUM):
        raise TooFewVotes(cast=len(choices), quorum=held.rules[QUORUM]["value"])
    counts = {name.lower(): choices.count(name) for name in Vote.Choice.values}
    numbers = counts | {
        "appointed": len(seats), "recused": sum(one.declared == Seat.Declared.CONFLICT for one in seats)
    }  # fmt: skip
    outcome = decided(counts["approve"], len(choices), whole(held.rules, MAJORITY))
    entry = record(
        kind="projects.panel_concluded",
        fact={"subject": matter(held).code, "panel": held.number, "outcome": outcome, **numbers},
        private={"panel": str(held.pk)},
        at=at,
        by=mandate.membership.person_id,
    )
    held.state = Panel.State.CONCLUDED
    held.save(update_fields=["state"])
    try:
        return Minutes.objects.create(
            panel=held, held_on=held_on, text=said, outcome=outcome, by=mandate.membership.person, entry=entry, at=at,
            **numbers,
        )  # fmt: skip
    except IntegrityError:
        raise PanelClosed(name=str(matter(held))) from None


def decided(approve: int, cast: int, percent: int) -> str:
    """What follows from the votes: approved where so many percent of all that were cast approve."""
    passed = cast > 0 and 100 * approve >= percent * cast
    return Minutes.Outcome.APPROVED.value if passed else Minutes.Outcome.REJECTED.value


def matter(panel: Panel) -> Development | Monitoring:
    return panel.monitoring or panel.development


def running(panel: Panel) -> Panel:
    """The panel, locked, while experts may declare and vote. Refuses with ``PanelClosed``."""
    rows = Panel.objects.select_for_update(of=("self",)).select_related(
        "development__owner", "development__validator", "monitoring__verifier", "convener"
    )
    held = rows.get(pk=panel.pk)
    if held.state != Panel.State.RUNNING:
        raise PanelClosed(name=str(matter(held)))
    return held


def mine(seat: Seat, by: Person) -> tuple[Panel, Seat]:
    """The running panel and the seat, both locked. Refuses with ``NotYourSeat`` or ``PanelClosed``."""
    panel = running(seat.panel)
    held = Seat.objects.select_for_update(of=("self",)).select_related("expert__person").get(pk=seat.pk)
    if held.expert.person_id != by.pk:
        raise NotYourSeat(expert=held.expert.person.name)
    return panel, held


def whole(rules: Any, key: str) -> int:
    return int(rules[key]["value"])
