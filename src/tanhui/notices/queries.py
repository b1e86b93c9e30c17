"""What may be asked of notices: how many are unread, what reaches a person and how, what waits to go out."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery

from tanhui.identity import vault
from tanhui.identity.models import Person
from tanhui.journal import following
from tanhui.journal.models import SetAside
from tanhui.notices.models import Attempt, Category, Delivery, Letter, Notice, Preference, Reach, Subscription
from tanhui.notices.telling import FOLLOWER


def unread(person: Person) -> QuerySet[Notice]:
    """The notices a person has yet to read."""
    return Notice.objects.filter(person=person, read_at__isnull=True)


def unread_by_category(person: Person) -> dict[str, int]:
    """How many of each category."""
    rows = unread(person).order_by().values_list("category")
    return dict(rows.annotate(count=Count("pk")))


def preferences(person: Person) -> list[Preference]:
    """What reaches a person outside the site, category by category; unsaved where nothing was chosen."""
    chosen = {one.category: one for one in Preference.objects.filter(person=person)}
    return [
        chosen.get(category) or Preference(person=person, category=category, email=Preference.Email.AT_ONCE, sms=False)
        for category in Category.values
    ]


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits to go out: how many of each, since when the oldest is due, and what was set aside or given up."""

    facts: int
    set_aside: int
    letters: int
    letters_failed: int
    deliveries: int
    deliveries_failed: int
    oldest_due_at: datetime | None


def queues() -> Queues:
    """The room's queues, as ``/metrics`` shows them."""
    letters = Letter.objects.filter(state=Letter.State.WAITING)
    deliveries = Delivery.objects.filter(state=Delivery.State.WAITING)
    due = [rows.aggregate(first=Min("due_at"))["first"] for rows in (letters.filter(daily=False), deliveries)]
    return Queues(
        facts=following.behind(FOLLOWER),
        set_aside=SetAside.objects.filter(follower=FOLLOWER).count(),
        letters=letters.count(),
        letters_failed=Letter.objects.filter(state=Letter.State.FAILED).count(),
        deliveries=deliveries.count(),
        deliveries_failed=Delivery.objects.filter(state=Delivery.State.FAILED).count(),
        oldest_due_at=min((one for one in due if one), default=None),
    )


def mobile(person: Person) -> str:
    """The number text messages go to, or nothing."""
    found = Reach.objects.filter(person=person).exclude(mobile=b"").first()
    return vault.opened(found, "mobile") if found else ""


def deliveries(subscription: Subscription, *, state: str = "", kind: str = "") -> QuerySet[Delivery]:
    """A subscription's messages with their last answer, of one state and kind or all."""
    found = subscription.deliveries.all()
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    last = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
    return found.annotate(
        last_status=Subquery(last.values("status")[:1]),
        last_fault=Subquery(last.values("fault")[:1]),
        last_at=Subquery(last.values("at")[:1]),
    )
