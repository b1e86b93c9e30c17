"""Who belongs to whom and may sign for what: what the pages of people and organisations show, and what runs out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, Q, QuerySet

from tanhui.identity import access, rules, vault
from tanhui.identity.acts import duty, mandates
from tanhui.identity.models import (
    Duty,
    IdentityDocument,
    Instruction,
    Invitation,
    Mandate,
    Membership,
    Organisation,
    Person,
    StaffSession,
)
from tanhui.kernel import clock, identifiers
from tanhui.kernel.refusal import gettext_noop

SOON, NEAR = timedelta(days=30), timedelta(days=90)  # asks for attention; worth a word
SHOWN = 200
Capacity = Mandate.Capacity


@dataclass(frozen=True, slots=True)
class Held:
    """A mandate as it stands: how many days are left, if it ends, and whether that is soon."""

    mandate: Mandate
    days_left: int | None

    @property
    def soon(self) -> bool:
        return self.days_left is not None and self.days_left <= SOON.days

    @property
    def near(self) -> bool:
        return self.days_left is not None and self.days_left <= NEAR.days


@dataclass(slots=True)
class Member:
    """A member with the mandates that stand, and whether their document was checked, bound, or is missing."""

    membership: Membership
    mandates: list[Held] = field(default_factory=list)
    document: str = "MISSING"

    @property
    def both(self) -> bool:
        """Holds both signatures: allowed, since no instruction takes both from one person, but seldom wise."""
        return {held.mandate.capacity for held in self.mandates} >= rules.SIGNING


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an organisation's people: a msgid with its facts, when, and by whom."""

    at: datetime
    said: str
    facts: dict[str, str]
    by: Person | None = None
    capacity: str = ""


JOINED = gettext_noop("%(person)s joined")
LEFT = gettext_noop("%(person)s left")
INVITED = gettext_noop("%(person)s was invited")
GRANTED = gettext_noop("%(person)s was given “%(capacity)s” until %(until)s")
GRANTED_OPEN = gettext_noop("%(person)s was given “%(capacity)s”")
ENDED = gettext_noop("“%(capacity)s” of %(person)s ended")
REVOKED = gettext_noop("“%(capacity)s” of %(person)s was revoked: %(reason)s")


def standing(at: datetime) -> QuerySet[Mandate]:
    """The mandates that are valid at a time."""
    return rules.standing(at).filter(since_at__lte=at, membership__since_at__lte=at)


def held(found: Iterable[Mandate], at: datetime) -> list[Held]:
    """Mandates with the days they have left, the most powerful first."""
    order = {name: place for place, name in enumerate((Capacity.MANAGE, Capacity.INITIATE, Capacity.CONFIRM))}
    made = [Held(one, (access.ended(one) - at).days if ends(one) else None) for one in found]
    return sorted(made, key=lambda one: (order.get(Capacity(one.mandate.capacity), len(order)), one.mandate.pk))


def ends(one: Mandate) -> bool:
    return one.until_at is not None or one.membership.until_at is not None


def mandates_ending(at: datetime, *, within_days: int) -> QuerySet[Mandate]:
    """Mandates that stand and end within so many days, the next first, with person and organisation at hand; those
    that somebody has renewed meanwhile have ended already and are not among them."""
    return (
        standing(at)
        .filter(until_at__isnull=False, until_at__lte=at + timedelta(days=within_days))
        .select_related("membership__person", "membership__organisation")
        .order_by("until_at", "pk")
    )


def evidence_ending(at: datetime, *, within_days: int) -> QuerySet[Organisation]:
    """Verification bodies whose latest evidence expires within so many days."""
    last = (at + timedelta(days=within_days)).date()
    fresh = Organisation.objects.filter(qualifications__expires_on__gt=last).values("pk")
    return Organisation.objects.filter(qualifications__isnull=False).exclude(pk__in=fresh).distinct().order_by("uscc")


# -- one person --------------------------------------------------------------------------------------------------------


def document(person: Person) -> IdentityDocument | None:
    """The document a sign-in is bound to now."""
    return IdentityDocument.objects.filter(person=person, ended_at__isnull=True).first()


def masked(found: IdentityDocument) -> str:
    """A document's number as it may be shown: area and last four, or the two ends of a passport's."""
    number = vault.opened(found, "number")
    if found.kind == IdentityDocument.Kind.PASSPORT:
        return f"{number[0]}{'*' * (len(number) - 3)}{number[-2:]}"
    return identifiers.masked(number)


def memberships(person: Person, *, at: datetime) -> list[Member]:
    """What a person belongs to now, with what they may do there."""
    by_membership: dict[int, list[Mandate]] = defaultdict(list)
    found = standing(at).filter(membership__person=person).select_related("membership__organisation")
    for one in found:
        by_membership[one.membership_id].append(one)
    rows = current(Membership.objects.filter(person=person), at).select_related("organisation")
    return [Member(row, held(by_membership[row.pk], at)) for row in rows.order_by("organisation__uscc")]


def current(rows: QuerySet[Membership], at: datetime) -> QuerySet[Membership]:
    return rows.filter(Q(until_at__isnull=True) | Q(until_at__gt=at), since_at__lte=at)


# -- one organisation --------------------------------------------------------------------------------------------------


def members(organisation: Organisation, *, at: datetime) -> list[Member]:
    """The organisation's people, by name."""
    by_membership: dict[int, list[Mandate]] = defaultdict(list)
    for one in standing(at).filter(membership__organisation=organisation).select_related("membership"):
        by_membership[one.membership_id].append(one)
    rows = list(
        current(organisation.memberships.all(), at)
        .filter(person__kind=Person.Kind.PERSON)
        .select_related("person")
        .order_by("person__name", "pk")
    )
    bound = dict(
        IdentityDocument.objects.filter(person__in=[row.person_id for row in rows], ended_at__isnull=True).values_list(
            "person", "checked_at"
        )
    )
    return [
        Member(row, held(by_membership[row.pk], at), "CHECKED" if bound.get(row.person_id) else "BOUND")
        if row.person_id in bound
        else Member(row, held(by_membership[row.pk], at))
        for row in rows
    ]


def invitations(organisation: Organisation, *, at: datetime) -> QuerySet[Invitation]:
    """Those nobody has answered yet."""
    return organisation.invitations.filter(
        accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at
    ).select_related("by").order_by("-at")  # fmt: skip


def changes(organisation: Organisation, *, at: datetime) -> QuerySet[Instruction]:
    """Changes of powers that wait for a second person."""
    return waiting(at).filter(organisation=organisation)


def changes_for(person: Person, *, at: datetime) -> QuerySet[Instruction]:
    """The changes of powers a person may decide on: of the organisations they manage and, for the registry operator's
    confirming representatives, mandates of every organisation. Their own requests are not among them."""
    mine = standing(at).filter(membership__person=person)
    managed = mine.filter(capacity=Capacity.MANAGE).values("membership__organisation")
    registry = mine.filter(capacity=Capacity.CONFIRM, membership__organisation__role=Organisation.Role.REGISTRY)
    theirs = Q(organisation__in=managed) | Q(Exists(registry), act=mandates.ACT)
    return waiting(at).filter(theirs).exclude(initiator=person)


def decides(person: Person, *, at: datetime) -> bool:
    """Whether a person may ever decide on a change of powers: as an administrator, or for the registry operator."""
    mine = standing(at).filter(membership__person=person)
    return mine.filter(
        Q(capacity=Capacity.MANAGE)
        | Q(capacity=Capacity.CONFIRM, membership__organisation__role=Organisation.Role.REGISTRY)
    ).exists()


def waiting(at: datetime) -> QuerySet[Instruction]:
    return (
        Instruction.objects.filter(act__in=[mandates.ACT, duty.ACT], decision__isnull=True, expires_at__gt=at)
        .select_related("organisation", "initiator")
        .order_by("expires_at", "pk")
    )


def history(organisation: Organisation, *, at: datetime) -> list[Event]:
    """What happened to the organisation's people, the latest first, at most ``SHOWN`` of it."""
    events = []
    for row in organisation.memberships.filter(person__kind=Person.Kind.PERSON).select_related("person"):
        events.append(Event(row.since_at, JOINED, {"person": row.person.name}))
        if row.until_at is not None:
            events.append(Event(row.until_at, LEFT, {"person": row.person.name}))
    for asked in organisation.invitations.select_related("by"):
        events.append(Event(asked.at, INVITED, {"person": asked.name}, asked.by))
    found = Mandate.objects.filter(membership__organisation=organisation, membership__person__kind=Person.Kind.PERSON)
    found = found.exclude(capacity=Capacity.VIEW)  # who belongs may look
    for one in found.select_related("membership__person", "revoked_by", "instruction__initiator"):
        events += of_mandate(one)
    past = [one for one in events if one.at <= at]
    return sorted(past, key=lambda one: one.at, reverse=True)[:SHOWN]


def of_mandate(one: Mandate) -> list[Event]:
    facts = {"person": one.membership.person.name, "reason": one.reason}
    giver = one.instruction.initiator if one.instruction else None
    if one.revoked_at is not None:
        made = [Event(one.revoked_at, REVOKED, facts, one.revoked_by, one.capacity)]
    elif one.until_at is not None:
        made = [Event(one.until_at, ENDED, facts, None, one.capacity)]
        facts = facts | {"until": f"{clock.day(one.until_at - timedelta(microseconds=1))}"}
    else:
        made = []
    said = GRANTED if "until" in facts else GRANTED_OPEN
    return [Event(one.since_at, said, facts, giver, one.capacity), *made]


# -- staff -------------------------------------------------------------------------------------------------------------


def duties() -> QuerySet[Duty]:
    """Who holds a staff duty now."""
    return Duty.objects.filter(until_at__isnull=True).select_related("person").order_by("kind", "since_at")


def sessions(*, at: datetime, person: Person | None = None) -> QuerySet[StaffSession]:
    """Staff sessions, the latest first: of one person, or everybody's that run now."""
    found = StaffSession.objects.select_related("duty__person", "ended_by").order_by("-began_at")
    if person is not None:
        return found.filter(duty__person=person)
    return found.filter(ended_at__isnull=True, ends_at__gt=at)


def people(words: str) -> QuerySet[Person]:
    """People whose name or sign-in name holds the words; everybody for none."""
    found = Person.objects.filter(kind=Person.Kind.PERSON).order_by("name", "pk")
    return found.filter(Q(name__icontains=words) | Q(username__icontains=words)) if words else found
