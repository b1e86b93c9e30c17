"""Where an order to cancel units stands (rules §3.10), read from the register's rows; its machine is data."""

from datetime import date

from tanhui.identity.models import Organisation
from tanhui.projects import machine
from tanhui.projects.models import Monitoring
from tanhui.registry import queries
from tanhui.registry.acts import clawback as register
from tanhui.registry.models import Clawback, ClawbackStep, Project

Kind = ClawbackStep.Kind


OPEN = ("UNDER_CLAWBACK", "CLAWBACK_SHORT")  # states of a period whose units are owed


def reference(held: Monitoring) -> str:
    """Under which an order about a monitoring period stands in the register."""
    return f"clawback-{held.pk.hex}"


def of(held: Monitoring) -> Clawback | None:
    """The order behind a period under clawback."""
    rows = Clawback.objects.select_related("project__owner", "authority", "restriction")
    return rows.filter(reference=reference(held)).first()


def missed(owner: Organisation, *, today: date) -> Clawback | None:
    """An order to an owner that was not fulfilled by its last day."""
    own = list(Project.objects.filter(owner=owner).values_list("pk", flat=True))
    return next((one for one in queries.open_clawbacks(own) if one.deadline_date < today), None)


def state(order: Clawback, *, today: date) -> machine.State:
    """The state of an order on a day, with its labels."""
    return machine.clawback().of(code(order, today=today))


def code(order: Clawback, *, today: date) -> str:
    """Nothing owed: complied with, or closed once force or replacement had a part in it. Owed: ordered until the last
    day has passed, then missed, cancelled by force, and what is left a shortfall."""
    kinds = set(order.steps.values_list("kind", flat=True))
    if not register.owed_t(order):
        return "CLOSED" if kinds & {Kind.FORCED, Kind.REPLACED} else "COMPLIED"
    if today <= order.deadline_date:
        return "ORDERED"
    if Kind.FORCED in kinds:
        return "SHORTFALL_RETURN"
    return "DEADLINE_MISSED"
