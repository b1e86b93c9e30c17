"""What pages, papers and tasks ask about proposals."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from tanhui.identity.models import Decision, Instruction, Mandate, Organisation, Person
from tanhui.identity.powers import Powers
from tanhui.identity.roster import standing
from tanhui.kernel import clock
from tanhui.library.models import Comment, Minutes, Panelist, Proposal, Round, Step, Vote
from tanhui.rulepacks import calendar

State = Proposal.State
HANDLERS = (Organisation.Role.AUTHORITY, Organisation.Role.PLATFORM)  # who takes proposals (rules M-03; Shanghai §2)
ENTER, STAND, FILE = "library.enter", "library.stand", "library.file"  # what two people of an authority sign
SUPERVISORS = (
    Organisation.Role.AUTHORITY,
    Organisation.Role.LOCAL_AUTHORITY,
    Organisation.Role.REGISTRY,
    Organisation.Role.AUDITOR,
)  # who reads every proposal that was submitted
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a limit, and the working days left; ``stopped`` while the proposer corrects."""

    on: date
    left: int
    announced: bool
    stopped: bool = False


def due(proposal: Proposal, *, today: date) -> Due | None:
    """How much time is left for whoever has the proposal."""
    if proposal.due_on is None:
        return None
    return left(proposal.due_on, today=today, stopped=proposal.state == State.RETURNED)


def left(until: date, *, today: date, stopped: bool = False) -> Due:
    """The working days left until a day, negative once it has passed."""
    known = calendar.announced()
    first, last = min(today, until), max(today, until)
    count = known.count(first, last)
    days = count.workdays if today <= until else -max(1, count.workdays)  # overdue at once, though a weekend follows
    return Due(until, days, not count.provisional, stopped)


def rows() -> QuerySet[Proposal]:
    return Proposal.objects.select_related(
        "proposer", "organisation", "authority", "handler", "revises__methodology", "published__methodology",
        "instruction__initiator",
    )  # fmt: skip


def of_person(person: Person) -> QuerySet[Proposal]:
    """The proposals a person started, the latest changed first."""
    return rows().filter(proposer=person).order_by("-changed_at")


def public() -> QuerySet[Proposal]:
    """Every proposal that was opened to comment, the latest first; withdrawn and rejected ones stay."""
    return rows().filter(disclosed_at__isnull=False).order_by("-disclosed_at")


def bodies(person: Person, *, at: datetime) -> list[Mandate]:
    """The person's mandates to sign for a body that takes proposals."""
    found = standing(at).filter(
        membership__person=person, membership__organisation__role__in=HANDLERS, capacity__in=SIGNING
    )
    return list(found.select_related("membership__person", "membership__organisation"))


def supervises(person: Person, *, at: datetime) -> bool:
    """Whether a person works for a body that reads every proposal."""
    found = standing(at).filter(membership__person=person, membership__organisation__role__in=SUPERVISORS)
    return found.exists()


def at_desk(person: Person, *, at: datetime) -> QuerySet[Proposal]:
    """What a person reads at the desk: proposals to their own bodies, and every submitted one for supervisors."""
    seen = rows().exclude(state=State.DRAFT).filter(number__isnull=False)
    if not supervises(person, at=at):
        seen = seen.filter(authority__in=[one.membership.organisation_id for one in bodies(person, at=at)])
    return seen


QUEUES = {
    "new": Q(state=State.SUBMITTED),
    "check": Q(state=State.FORM_CHECK),
    "comment": Q(state=State.COMMENT),
    "review": Q(state=State.REVIEW),
    "filed": Q(state=State.APPROVED),
    "done": Q(state__in=[State.PUBLISHED, State.REJECTED, State.WITHDRAWN]),
    "returned": Q(state=State.RETURNED),
}


def queue(person: Person, name: str, *, at: datetime, searched: str = "") -> QuerySet[Proposal]:
    """One tab of the desk: the nearest deadline first, what is done by its last change."""
    found = at_desk(person, at=at).filter(QUEUES[name])
    if searched:
        wanted = Q(name__icontains=searched) | Q(organisation__name__icontains=searched)
        digits = searched.upper().removeprefix("F").lstrip("0")
        if digits.isascii() and digits.isdigit() and len(digits) < 18:
            wanted |= Q(number=int(digits))
        found = found.filter(wanted)
    return found.order_by("-changed_at") if name == "done" else found.order_by("due_on", "number")


def counts(person: Person, *, at: datetime) -> dict[str, int]:
    """How many stand in each queue; one statement."""
    sums = {name: Count("pk", filter=wanted) for name, wanted in QUEUES.items()}
    return at_desk(person, at=at).order_by().select_related(None).aggregate(**sums)


def waiting_for(held: Powers) -> QuerySet[Proposal]:
    """What a person of an authority should do now: take, check, moderate and answer, convene, minute, sign, publish."""
    person, at, today = held.person, held.at, clock.day(held.at)
    own = rows().filter(authority__in=held.bodies(HANDLERS, *SIGNING))
    over = Q(state=State.COMMENT, comment_until__lt=today)
    unanswered = Q(pk__in=Comment.objects.filter(
        answered_at__isnull=True, proposal__state=State.COMMENT,
    ).exclude(state=Comment.State.HIDDEN).values("proposal"))  # fmt: skip
    mine = Q(handler=person) & (Q(state=State.FORM_CHECK) | over | unanswered)
    sign = Q(state=State.REVIEW, instruction__isnull=False, instruction__decision__isnull=True,
             instruction__expires_at__gt=at) & ~Q(instruction__initiator=person)  # fmt: skip
    found = own.filter(Q(state=State.SUBMITTED) | mine | sign | Q(state=State.APPROVED))
    return found.exclude(proposer=person).distinct()


def panels_of(person: Person) -> QuerySet[Panelist]:
    """The reviews a person sits in, the running ones first."""
    return (
        Panelist.objects.filter(person=person)
        .select_related("proposal__organisation", "proposal__proposer", "proposal__authority", "vote", "round")
        .order_by("-appointed_at")
    )


def to_vote(person: Person) -> QuerySet[Panelist]:
    """The seats in which a person has still to declare or to vote."""
    return (
        panels_of(person)
        .filter(proposal__state=State.REVIEW, vote__isnull=True, round__minutes__isnull=True)
        .exclude(declared=Panelist.Declared.CONFLICT)
    )


def rounds(proposal: Proposal) -> list[Round]:
    return list(proposal.rounds.select_related("by").order_by("number"))


def steps(proposal: Proposal) -> list[Step]:
    return list(proposal.steps.select_related("by", "organisation", "round").order_by("number"))


def comments(proposal: Proposal, *, everything: bool = False) -> list[Comment]:
    """The comments in order: those shown, and of those hidden that there was one and why; ``everything`` also those
    that wait and what hidden ones say."""
    found = proposal.comments.select_related("person", "answered_by", "round").order_by("number")
    return list(found if everything else found.exclude(state=Comment.State.WAITING))


def panel(proposal: Proposal) -> list[Panelist]:
    """The experts of the latest round that had any, with their votes."""
    seats = Panelist.objects.select_related("person", "committee", "vote", "round").order_by("appointed_at", "pk")
    found = list(seats.filter(proposal=proposal))
    newest = max((one.round.number for one in found), default=0)
    return [one for one in found if one.round.number == newest]


def vote_of(panelist: Panelist) -> Vote | None:
    return getattr(panelist, "vote", None)


def minutes(proposal: Proposal) -> list[Minutes]:
    """The minutes of every review, the latest first."""
    return list(proposal.minutes.select_related("round", "by").order_by("-round__number"))


def experts(*, at: datetime) -> QuerySet[Person]:
    """Whoever can be appointed: the members of the expert committees, by name."""
    members = Q(
        memberships__organisation__role=Organisation.Role.EXPERTS, memberships__since_at__lte=at,
        memberships__until_at__isnull=True,
    )  # fmt: skip
    return Person.objects.filter(members, is_active=True).distinct().order_by("name", "pk")


def organisations_of(person: Person, *, at: datetime) -> QuerySet[Organisation]:
    """The organisations a person may propose for."""
    found = standing(at).filter(membership__person=person).values("membership__organisation")
    return Organisation.objects.filter(pk__in=found).order_by("name")


def organisation(code: str) -> Organisation | None:
    """An organisation by its code, as a draft names it."""
    return Organisation.objects.filter(uscc=code).first() if code and "\x00" not in code else None


def desk_instructions(person: Person, *, at: datetime) -> list[Instruction]:
    """What was asked at the person's desk about versions and waits for a second signature, the oldest first."""
    held = [one.membership.organisation_id for one in bodies(person, at=at)]
    found = Instruction.objects.filter(
        act__in=[ENTER, STAND], organisation__in=held, decision__isnull=True, expires_at__gt=at
    )
    return list(found.select_related("initiator", "organisation").order_by("at"))


def decision(asked: Instruction | None) -> Decision | None:
    return Decision.objects.select_related("by").filter(pk=asked.pk).first() if asked else None
