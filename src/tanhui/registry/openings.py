"""What pages, papers and the API ask about applications for an account."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Q, QuerySet

from tanhui.identity import vault
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation, Person
from tanhui.identity.queries import Given, Prepared
from tanhui.registry.models import Account, Application, Paper, Round, Seat, Step
from tanhui.rulepacks import calendar

State = Application.State
REVIEWERS = (Organisation.Role.EXCHANGE, Organisation.Role.REGISTRY)
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
LIVE = list(Application.LIVE)
SOON = 60  # days before its end that a paper is spoken of
DONE = [State.OPEN, State.REJECTED, State.WITHDRAWN]


@dataclass(frozen=True, slots=True)
class Due:
    """How long is left: the last day, the working days until then (negative when overdue), and whether the years
    between are announced; ``stopped`` while the applicant corrects."""

    on: date
    left: int
    announced: bool
    stopped: bool


def due(application: Application, *, today: date) -> Due | None:
    """The time limit that runs for an application now, if a rule pack gave one."""
    if application.due_on is None or application.state in DONE:
        return None
    days = calendar.announced()
    late = application.due_on < today
    count = days.count(*((application.due_on, today) if late else (today, application.due_on)))
    left = -max(1, count.workdays) if late else count.workdays  # overdue at once, though a weekend follows
    return Due(application.due_on, left, not count.provisional, application.state == State.RETURNED)


def of_person(person: Person) -> QuerySet[Application]:
    """The applications a person started or is named in, the latest first."""
    named = Seat.objects.filter(person=person, ended_at__isnull=True).values("application")
    return (
        Application.objects.filter(Q(applicant=person) | Q(pk__in=named))
        .select_related("applicant", "exchange", "reviewer", "account")
        .order_by("-changed_at", "-pk")
    )


def of_members(person: Person, *, at: datetime) -> QuerySet[Application]:
    """The applications by which accounts were opened that the person signs for or manages."""
    standing = Mandate.objects.filter(
        Q(until_at__isnull=True) | Q(until_at__gt=at),
        Q(membership__until_at__isnull=True) | Q(membership__until_at__gt=at),
        membership__person=person, membership__since_at__lte=at, since_at__lte=at,
        capacity__in=[*SIGNING, Mandate.Capacity.MANAGE],
    )  # fmt: skip
    return Application.objects.filter(
        state=State.OPEN, account__organisation__in=standing.values("membership__organisation")
    ).select_related("applicant", "exchange", "reviewer", "account")


def bodies(person: Person, *, at: datetime) -> list[Mandate]:
    """The mandates under which a person reviews applications: of exchanges and registries, one for each capacity."""
    return list(
        Mandate.objects.filter(
            Q(until_at__isnull=True) | Q(until_at__gt=at),
            Q(membership__until_at__isnull=True) | Q(membership__until_at__gt=at),
            membership__person=person, membership__organisation__role__in=REVIEWERS,
            membership__since_at__lte=at, since_at__lte=at, capacity__in=SIGNING,
        )
        .select_related("membership__organisation", "membership__person")
        .order_by("pk")
    )  # fmt: skip


def reviewed_by(person: Person, *, at: datetime) -> QuerySet[Application]:
    """The applications that came to the person's exchange or registry: an exchange sees its own, a registry all that
    were passed on."""
    return came_to(bodies(person, at=at))


def came_to(held: Sequence[Mandate]) -> QuerySet[Application]:
    seen = Q(exchange__in={one.membership.organisation_id for one in held if of_role(one, "EXC")})
    if any(of_role(one, "REG") for one in held):
        seen |= Q(stage=Application.Stage.FINAL)
    return (
        Application.objects.filter(seen)
        .exclude(state=State.DRAFT)
        .select_related("applicant", "exchange", "reviewer", "account", "instruction__initiator")
    )


def of_role(held: Mandate, role: str) -> bool:
    return held.membership.organisation.role == role


VIEWS = ("new", "mine", "others", "returned", "done")


def turn(held: Sequence[Mandate]) -> Q:
    """Those whose turn is that of the body reviewed for."""
    found = Q(pk__in=[])
    if any(of_role(one, "EXC") for one in held):
        found |= Q(state__in=[State.APPLIED, State.EXC_PRELIM])
    if any(of_role(one, "REG") for one in held):
        found |= Q(state=State.REG_FINAL)
    return found


def queue(
    person: Person, held: Sequence[Mandate], view: str, *, at: datetime, searched: str = ""
) -> QuerySet[Application]:
    """A reviewer's applications: new, in my hands, in a colleague's, returned, or done; the nearest deadline first.

    ``held`` are the person's mandates to review, as ``bodies`` gives them.
    """
    rows, mine = came_to(held), turn(held)
    match view:
        case "new":
            rows = rows.filter(mine, reviewer__isnull=True)
        case "mine":
            rows = rows.filter(mine, Q(reviewer=person) | awaiting_second(person, at=at))
        case "others":
            rows = rows.filter(mine, reviewer__isnull=False).exclude(reviewer=person)
            rows = rows.exclude(awaiting_second(person, at=at))
        case "returned":
            rows = rows.filter(state=State.RETURNED)
        case _:
            rows = rows.exclude(mine).exclude(state=State.RETURNED)
    if searched:
        words = Q(name__icontains=searched) | Q(uscc__icontains=searched)
        number = searched.upper().removeprefix("K")
        if number.isascii() and number.isdigit() and len(number) < 19:
            words |= Q(number=int(number))
        rows = rows.filter(words)
    if view == "done":
        return rows.order_by("-changed_at", "-pk")
    return rows.order_by(F("due_on").asc(nulls_last=True), "number")


def awaiting_second(person: Person, *, at: datetime) -> Q:
    """Proposed by a colleague and not decided: the person may sign second."""
    return Q(
        instruction__decision__isnull=True, instruction__expires_at__gt=at, instruction__isnull=False
    ) & ~Q(instruction__initiator=person)  # fmt: skip


def for_desk(person: Person, held: Sequence[Mandate], *, at: datetime) -> QuerySet[Application]:
    """What waits for a person at the desk: what is new, what they have in hand, what wants a second signature."""
    free = Q(reviewer__isnull=True) | Q(reviewer=person) | awaiting_second(person, at=at)
    return came_to(held).filter(turn(held), free)


def steps(application: Application) -> list[Step]:
    """Every step so far, oldest first."""
    return list(application.steps.select_related("by", "organisation", "round").order_by("number"))


def rounds(application: Application) -> list[Round]:
    return list(application.rounds.select_related("by").order_by("number"))


def proposed(application: Application, *, at: datetime) -> Instruction | None:
    """The proposal to open the account that waits for its second signature."""
    asked = application.instruction
    if application.state != State.REG_FINAL or asked is None or asked.expires_at <= at:
        return None
    return None if Decision.objects.filter(pk=asked.pk).exists() else asked


def turned_down(application: Application) -> Decision | None:
    """How the last proposal ended, when it did not end in an account."""
    if application.state != State.REG_FINAL or application.instruction_id is None:
        return None
    return Decision.objects.filter(pk=application.instruction_id).select_related("by").first()


def known(application: Application) -> Organisation | None:
    """The subject as the register knows it already."""
    return Organisation.objects.filter(uscc=application.uscc).first()


def standing_remarks(application: Application) -> Step | None:
    """The return that is being corrected, or the last one that was."""
    return application.steps.filter(act="return").select_related("by", "organisation").order_by("-number").first()


def seats(application: Application) -> list[Seat]:
    """The seats as they stand, the declined ones too unless somebody else was named."""
    latest = {one.capacity: one for one in application.seats.select_related("person").order_by("pk")}
    return [latest[capacity] for capacity in ("INITIATE", "CONFIRM", "MANAGE") if capacity in latest]


def masked(field: str, value: str) -> str:
    """A secret as it may be shown: enough to recognise it by."""
    if not value:
        return ""
    if field == "contact_phone":
        return f"{value[:3]}****{value[-2:]}" if len(value) > 6 else "****"
    if field == "legal_id":
        return f"{value[:3]}***********{value[-2:]}" if len(value) > 8 else "****"
    return f"**** {value[-4:]}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field or paper that differs between two rounds."""

    field: str
    before: str
    after: str


def differences(earlier: Round, later: Round) -> Iterator[Difference]:
    """What was changed from one round to another; of what is secret only that it was, its values masked."""
    one, other = earlier.content, later.content
    for field in sorted(set(one) | set(other)):
        if field != "undertaking_sha256" and one.get(field, "") != other.get(field, ""):
            yield Difference(field, one.get(field, ""), other.get(field, ""))
    one, other = (json.loads(vault.opened(each, "sealed")) for each in (earlier, later))
    for field in sorted(set(one) | set(other)):
        if one.get(field, "") != other.get(field, ""):
            yield Difference(field, masked(field, one.get(field, "")), masked(field, other.get(field, "")))


def paper_differences(earlier: Round, later: Round) -> set[str]:
    """The kinds of paper that were added, replaced or dated anew between two rounds."""
    one, other = ({paper["kind"]: paper for paper in each.papers} for each in (earlier, later))
    return {kind for kind in set(one) | set(other) if one.get(kind) != other.get(kind)}


@dataclass(frozen=True, slots=True)
class Ending:
    """A paper behind an open account that ends soon or has ended, and the days left."""

    paper: Paper
    days: int

    @property
    def ended(self) -> bool:
        return self.days < 0


def ending_papers(*, today: date, within: int, organisations: QuerySet[Organisation] | None = None) -> list[Ending]:
    """The papers of open accounts that end within so many days or have ended, the nearest end first."""
    rows = Paper.objects.filter(
        application__state=State.OPEN, valid_until__lte=today + timedelta(days=within)
    ).select_related("application__account__organisation")  # fmt: skip
    if organisations is not None:
        rows = rows.filter(application__account__organisation__in=organisations)
    return [
        Ending(one, (one.valid_until - today).days) for one in rows.order_by("valid_until", "pk") if one.valid_until
    ]


def accounts(searched: str = "") -> QuerySet[Account]:
    """Every account, or those whose number, name or code has this in it; by number."""
    rows = Account.objects.select_related("organisation").order_by("code")
    if searched:
        organisation = Q(organisation__name__icontains=searched) | Q(organisation__uscc__icontains=searched)
        rows = rows.filter(Q(code__icontains=searched) | organisation)
    return rows


def changes(account: Account) -> list[Instruction]:
    """The changes of state that were asked for, the latest first."""
    rows = Instruction.objects.filter(act="registry.account_state", body__account=account.code)
    return list(rows.select_related("initiator", "organisation", "decision__by").order_by("-at", "-pk")[:100])


def ending_of(account: Account, *, today: date, within: int = SOON) -> list[Ending]:
    """The papers behind one account that end within so many days or have ended, the nearest end first."""
    rows = ENDING.rows(account=account.pk, until=today + timedelta(days=within))
    return [Ending(one, (one.valid_until - today).days) for one in rows if one.valid_until]


def ended_paper(account: Account, *, today: date) -> Paper | None:
    """The paper behind an account that ended first, if one has."""
    rows = Paper.objects.filter(application__account=account, valid_until__lt=today)
    return rows.order_by("valid_until", "pk").first()


ENDING = Prepared(
    lambda: Paper.objects.filter(application__account=Given("account"), valid_until__lte=Given("until")).order_by(
        "valid_until", "pk"
    )
)
