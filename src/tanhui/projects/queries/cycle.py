"""What pages, tellings and the API ask about developments and their monitoring periods."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from tanhui.identity import roster
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation, Person
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.projects import deadlines, machine, numbers, sides
from tanhui.projects.machine import Transition
from tanhui.projects.models import Boundary, Comment, Development, Monitoring, Paper, Step
from tanhui.projects.sides import Subject

ACT = "projects.step"  # of instructions
LOOKS = (
    Organisation.Role.REGISTRY, Organisation.Role.AUTHORITY, Organisation.Role.AUDITOR, Organisation.Role.EXPERTS,
)  # fmt: skip
RELATED = ("owner", "county", "city", "validator", "registered", "instruction__initiator", "instruction__organisation")


def public_states(*, of: str = "development") -> set[str]:
    """The states everyone may see, of any procedure."""
    found = (getattr(one, of) for one in machine.profiles().values())
    return {state.code for one in found for state in one.states.values() if state.public}


def comment_states() -> set[str]:
    """The states in which the public may comment."""
    return {
        state.code
        for one in machine.profiles().values()
        for each in (one.development, one.monitoring)
        for state in each.states.values()
        if state.comment
    }


def rows() -> QuerySet[Development]:
    return Development.objects.select_related(*RELATED)


def periods() -> QuerySet[Monitoring]:
    """Monitoring periods; a run bundle, which may be large, is read when it is asked for."""
    related = [f"development__{name}" for name in ("owner", "validator", "registered")]
    return Monitoring.objects.select_related(*related, "verifier", "period", "instruction__initiator").defer("bundle")


def disclosed() -> QuerySet[Development]:
    """Developments that are or once were public; what was public stays so (rules §12)."""
    once = Step.objects.filter(development=OuterRef("pk"), monitoring=None, after__in=public_states())
    return rows().filter(Exists(once))


def disclosed_periods() -> QuerySet[Monitoring]:
    once = Step.objects.filter(monitoring=OuterRef("pk"), after__in=public_states(of="monitoring"))
    return periods().filter(Exists(once))


def in_notice(*, today: date) -> list[Subject]:
    """What is on public notice now, what ends first first."""
    states = comment_states()
    found: list[Subject] = list(rows().filter(state__in=states))
    found += periods().filter(state__in=states)
    return sorted(found, key=lambda one: (one.due_on or date.max, one.code))


# -- whose ------------------------------------------------------------------------------------------------------------


def organisations(person: Person, *, at: datetime, roles: Iterable[str] = ()) -> set[int]:
    """The organisations a person acts for."""
    held = roster.standing(at).filter(membership__person=person)
    if roles:
        held = held.filter(membership__organisation__role__in=list(roles))
    return set(held.values_list("membership__organisation", flat=True))


def seen_by(person: Person, *, at: datetime) -> QuerySet[Development]:
    """The developments a person has a part in: of their organisations, by whatever side; the registry and the
    authorities see all that has left the draft."""
    mine = organisations(person, at=at)
    part = (
        Q(owner__in=mine) | Q(county__in=mine) | Q(city__in=mine) | Q(validator__in=mine)
        | Q(monitorings__verifier__in=mine)
    )  # fmt: skip
    if organisations(person, at=at, roles=LOOKS):
        part |= ~Q(state="DRAFT")
    return rows().filter(pk__in=Development.objects.filter(part).values("pk"))


def mandates(person: Person, *, at: datetime) -> list[Mandate]:
    held = roster.standing(at).filter(membership__person=person)
    return list(held.select_related("membership__organisation", "membership__person").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Choice:
    """Something this person could do now: the row of the table, the mandate for it, and whether nothing follows."""

    row: Transition
    mandate: Mandate
    ends: bool


def choices(held: Subject, person: Person, *, at: datetime) -> list[Choice]:
    """The rows of the table a person may ask for or carry out from where it stands, by their mandates."""
    own = [one for one in mandates(person, at=at) if one.capacity == Mandate.Capacity.INITIATE]
    found = []
    seen = set()
    table = deadlines.of(held)
    for row in table.out(held.state):
        if row.again and row.after != held.stage:
            continue
        for one in own:
            if row.act not in seen and sides.is_side(held, row.side, one.membership.organisation):
                seen.add(row.act)
                found.append(Choice(row, one, table.of(row.after).last))
    return found


def waiting(held: Subject, *, at: datetime) -> Instruction | None:
    """What waits for a second signature."""
    asked = held.instruction
    if asked is None or asked.expires_at <= at or Decision.objects.filter(pk=asked.pk).exists():
        return None
    return asked


def turn(held: Subject) -> set[str]:
    """The sides whose turn it is: those that take the case on, not those that could stop it."""
    return turn_of(deadlines.of(held), held.state)


def turn_of(one: machine.Machine, state: str) -> set[str]:
    return {row.side for row in one.out(state) if not row.aside}


# -- pages -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Station:
    """One station of a life-line: the step that led there and what it was called."""

    step: Step
    act: machine.Word
    state: machine.State
    side: machine.Word


def lifeline(held: Subject) -> list[Station]:
    """Every step so far, the earliest first, in words."""
    one = deadlines.of(held)
    labels = {(row.act, row.before): row.label for row in one.table}
    rows = sides.steps_of(held).select_related("by", "organisation").order_by("number")
    return [
        Station(step, labels.get((step.act, step.before), one.of(step.after).label), one.of(step.after),
                machine.side(step.side))
        for step in rows
    ]  # fmt: skip


def papers(held: Subject, *, all_of_them: bool = False) -> list[Paper]:
    """The papers as they stand, the latest of each kind in the procedure's order; or every edition of them."""
    kinds = list(machine.profile(numbers.development_of(held).profile).papers)
    found = list(sides.current_papers(held).select_related("by", "organisation").order_by("kind", "-edition"))
    if not all_of_them:
        latest: dict[str, Paper] = {}
        for one in found:
            latest.setdefault(one.kind, one)
        found = list(latest.values())
    return sorted(found, key=lambda one: (kinds.index(one.kind) if one.kind in kinds else len(kinds), -one.edition))


def comments(held: Subject) -> QuerySet[Comment]:
    rows = Comment.objects.select_related("answer", "answer__by").order_by("number")
    return rows.filter(development=held, monitoring=None) if isinstance(held, Development) else rows.filter(
        monitoring=held
    )  # fmt: skip


def area_m2(held: Development) -> int:
    return sum(Boundary.objects.filter(development=held).values_list("area_m2", flat=True))


@dataclass(frozen=True, slots=True)
class StageMean:
    """How long a stage takes: mean working days, over so many cases, and the limit where there is one."""

    profile: machine.Profile
    which: machine.Machine
    state: machine.State
    mean: float
    cases: int


def stages() -> list[StageMean]:
    """The mean of working days every stage of every procedure took, in the order of the procedure."""
    done = {
        (row["development__profile"], row["is_period"], row["before"]): (row["mean"], row["cases"])
        for row in Step.objects.annotate(is_period=~Q(monitoring=None))
        .values("development__profile", "is_period", "before")
        .annotate(mean=Avg("days"), cases=Count("pk"))
    }
    return [
        StageMean(profile, one, state, *done[profile.code, one.name == machine.MONITORING, state.code])
        for profile in machine.profiles().values()
        for one in (profile.development, profile.monitoring)
        for state in one.states.values()
        if (profile.code, one.name == machine.MONITORING, state.code) in done and not state.last
    ]


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline: of what, where it stands, whose turn it is, and what is left."""

    subject: Subject
    state: machine.State
    sides: list[machine.Word]
    left: deadlines.Left
    organisation: str


def due(person: Person, *, at: datetime) -> list[Due]:
    """The deadlines of everything a person has a part in, the nearest first; overdue ones lead."""
    today = clock.day(at)
    own = seen_by(person, at=at)
    subjects: list[Subject] = list(own.filter(due_on__isnull=False))
    subjects += periods().filter(due_on__isnull=False, development__in=own.values("pk"))
    found = []
    for one in subjects:
        left = deadlines.left(one, today=today)
        if left is not None:
            whose = [machine.side(side) for side in sorted(turn(one))]
            owner = numbers.development_of(one).owner.name
            found.append(Due(one, deadlines.state(one), whose, left, owner))
    return sorted(found, key=lambda one: (one.left.on, one.subject.code))


def my_turn(held: Powers) -> list[tuple[Subject, str]]:
    """What waits for this person: cases where their side has the turn, or a second signature is theirs to give.
    ``act`` or ``confirm`` says which."""
    found: list[tuple[Subject, str]] = []
    for asked, what in turns(held):
        found += [(one, what) for one in asked.order_by("due_on", "pk")]
    return found


def turns(held: Powers) -> list[tuple[Any, str]]:
    """The cases that wait for a person, asked of the database by state and party, so that it costs the same however
    many there are."""
    first = {one.membership.organisation for one in held.mandates_of((), Mandate.Capacity.INITIATE)}
    second = held.bodies((), Mandate.Capacity.CONFIRM)
    open_ = Q(instruction__isnull=False, instruction__expires_at__gt=held.at, instruction__decision__isnull=True)
    confirms = open_ & Q(instruction__organisation__in=second) & ~Q(instruction__initiator=held.person)
    found: list[tuple[Any, str]] = []
    asked: Any
    for of, asked, prefix in (
        (machine.DEVELOPMENT, rows(), ""), (machine.MONITORING, periods(), "development__"),
    ):  # fmt: skip
        if first and (mine := of_parties(of, prefix, first)):
            found.append((asked.filter(mine).exclude(pk__in=asked.filter(open_).values("pk")), "act"))
        if second:
            found.append((asked.filter(confirms), "confirm"))
    return found


def of_parties(of: str, prefix: str, bodies: set[Organisation]) -> Q:
    """Cases whose state is the turn of a side these organisations are on."""
    found, keys, roles = Q(), {one.pk for one in bodies}, {one.role for one in bodies}
    for profile in machine.profiles().values():
        one = getattr(profile, of)
        for side in machine.SIDES:
            states = [state for state in one.states if side in turn_of(one, state)]
            if not states or side == "SYSTEM":
                continue
            here = Q(**{f"{prefix}profile": profile.code, "state__in": states})
            if (role := sides.ROLES.get(side)) is not None:
                found |= here if role in roles else Q()
            else:
                field = "verifier" if side == "VERIFIER" else f"{prefix}{side.lower()}"
                found |= here & Q(**{f"{field}__in": keys})
    return found
