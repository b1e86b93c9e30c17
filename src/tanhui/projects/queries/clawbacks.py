"""Where an order to cancel units stands (rules §3.10), read from the register's rows; its machine is data."""

from datetime import date

from tanhui.projects import machine
from tanhui.registry.acts import clawback as register
from tanhui.registry.models import Clawback, ClawbackStep

Kind = ClawbackStep.Kind


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
