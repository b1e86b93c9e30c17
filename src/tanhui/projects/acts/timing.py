"""What time itself does: notices that are over end, deadlines are counted anew once a calendar is announced, and whose
turn it is is reminded in time."""

from datetime import datetime

from django.db import IntegrityError, transaction

from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.workdays import Deadline
from tanhui.projects import deadlines, evidence, machine
from tanhui.projects.acts import steps
from tanhui.projects.models import Development, Monitoring, Nudge
from tanhui.projects.queries import clawbacks
from tanhui.projects.sides import Subject

Stage = Nudge.Stage
CLAWBACK = "clawback"  # what a reminder of an order to cancel units is about


def noticed() -> set[str]:
    """The states that time ends, of any procedure."""
    return {
        row.before
        for one in machine.profiles().values()
        for row in (*one.development.table, *one.monitoring.table)
        if row.side == "SYSTEM"
    }


def subjects(**which: object) -> list[Subject]:
    """Developments and monitoring periods, oldest due first."""
    found: list[Subject] = list(Development.objects.filter(**which).order_by("due_on", "number"))
    found += Monitoring.objects.filter(**which).select_related("development").order_by("due_on", "pk")
    return found


def settle(*, at: datetime) -> int:
    """End every notice that has run out; how many ended."""
    ended = 0
    for one in subjects(state__in=noticed(), due_on__lt=clock.day(at)):
        with transaction.atomic():
            held = steps.locked(one)
            before = held.state
            steps.settle(held, at)
            ended += held.state != before
    return ended


def recount(*, at: datetime) -> int:
    """Count provisional deadlines anew with the calendar as it is announced now; how many changed."""
    changed = 0
    for one in subjects(provisional=True):
        with transaction.atomic():
            held = steps.locked(one)
            before = (held.due_on, held.provisional)
            deadlines.set_limit(held)
            if (held.due_on, held.provisional) != before:
                type(held).objects.filter(pk=held.pk).update(due_on=held.due_on, provisional=held.provisional)
                changed += 1
    return changed


def remind(*, at: datetime) -> int:
    """Tell whose turn it is once when a deadline is near, once on its day, once when it has passed; how many."""
    today, sent = clock.day(at), 0
    for one in subjects(due_on__isnull=False):
        left = deadlines.left(one, today=today)
        if left is None or deadlines.state(one).last or (deadlines.state(one).comment and left.left > 0):
            continue
        sent += nudge(one, one.state, left, at)
    for held in Development.objects.filter(registered__isnull=False).exclude(state__in=["CANCELLED", "REVOKED"]):
        for month in evidence.under_way(held, today=today):
            if month.stamp is None:
                sent += nudge(held, f"{month.first:%Y-%m}", deadlines.until(month.due, today=today), at)
    for period in Monitoring.objects.filter(state="UNDER_CLAWBACK").select_related("development"):
        if (order := clawbacks.of(period)) is not None:
            sent += nudge(period, CLAWBACK, deadlines.until(Deadline(order.deadline_date), today=today), at)
    return sent


def nudge(one: Subject, what: str, left: deadlines.Left, at: datetime, *, near: int = deadlines.NEAR) -> int:
    """Remind once at each distance, from ``near`` working days on; how many reminders that were."""
    stage = Stage.OVERDUE if left.left < 0 else Stage.TODAY if left.left == 0 else Stage.SOON
    if left.left > near:
        return 0
    monitoring = one if isinstance(one, Monitoring) else None
    development = one.development if isinstance(one, Monitoring) else one
    which = {"development": development, "monitoring": monitoring, "what": what, "due_on": left.on, "stage": stage}
    if Nudge.objects.filter(**which).exists():
        return 0
    try:
        with transaction.atomic():
            Nudge.objects.create(**which, at=at)
            record(
                kind="projects.deadline_near",
                fact={"development": development.code, "what": what, "due": left.on.isoformat(), "stage": stage.value},
                private={"development": str(development.pk), "monitoring": str(one.pk) if monitoring else ""},
                at=at,
                by=None,
            )
    except IntegrityError:  # another worker was here first
        return 0
    return 1
