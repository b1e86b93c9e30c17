"""What of the use of stock sinks waits for whom: requests that a confirming colleague must decide."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import powers
from tanhui.identity.models import Instruction
from tanhui.identity.powers import Powers
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


def to_confirm(held: Powers) -> QuerySet[Instruction]:
    """What the person's colleagues asked and the person may confirm."""
    return powers.to_confirm(held, stock.ACTS)


def at_the_desk(held: Powers) -> list[waiting.Task]:
    return [
        waiting.Task(
            title=_(WHAT[one.act]), url=reverse("inventory:stock_asked", args=[one.pk]), since=one.at,
            organisation=str(one.organisation),
        )
        for one in to_confirm(held)
    ]  # fmt: skip


waiting.register(at_the_desk, rows=lambda held: [to_confirm(held)])
