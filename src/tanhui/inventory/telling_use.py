"""What of the use of stock sinks waits for whom: requests that a confirming colleague must decide."""

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import roster
from tanhui.identity.models import Instruction, Mandate, Person
from tanhui.inventory import stock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting

WHAT = {
    "inventory.offer": gettext_noop("Confirm the offer of a stock sink as a product"),
    "inventory.supply": gettext_noop("Confirm the handing on of stock sinks"),
    "inventory.use": gettext_noop("Confirm the use of stock sinks"),
    "inventory.pledge": gettext_noop("Confirm a pledge of stock sinks"),
    "inventory.release": gettext_noop("Confirm that a pledge of stock sinks is let go"),
    "inventory.compensate": gettext_noop("Confirm a round of ecological compensation"),
    "inventory.incentive": gettext_noop("Confirm the grant of an incentive"),
}


def to_confirm(person: Person, at: datetime) -> QuerySet[Instruction]:
    """What the person's colleagues asked and the person may confirm: one statement."""
    held = roster.standing(at).filter(membership__person=person, capacity=Mandate.Capacity.CONFIRM)
    rows = Instruction.objects.filter(
        organisation__in=held.values("membership__organisation"), act__in=stock.ACTS, decision__isnull=True,
        expires_at__gt=at,
    )  # fmt: skip
    return rows.exclude(initiator=person).select_related("organisation").order_by("at")


def at_the_desk(person: Person, at: datetime) -> list[waiting.Task]:
    return [
        waiting.Task(
            title=_(WHAT[one.act]), url=reverse("inventory:stock_asked", args=[one.pk]), since=one.at,
            organisation=str(one.organisation),
        )
        for one in to_confirm(person, at)
    ]  # fmt: skip


waiting.register(at_the_desk, count=lambda person, at: to_confirm(person, at).count())
