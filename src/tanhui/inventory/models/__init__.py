"""The accounting years of stock sinks, what they are computed from, and what is published and kept of them."""

from tanhui.inventory.models.data import Access, Dataset, Use
from tanhui.inventory.models.monitoring import Cycle, Reminder
from tanhui.inventory.models.publication import CrossCheck, Item, Publication, Verification
from tanhui.inventory.models.result import Computation, Figure, Tile, Type
from tanhui.inventory.models.sharing import Agreement, Coverage, Ending, Fetch, Handover, Purpose
from tanhui.inventory.models.year import TRANSITIONS, AccountingYear, Step, Transition

__all__ = [
    "TRANSITIONS",
    "Access",
    "AccountingYear",
    "Agreement",
    "Computation",
    "Coverage",
    "CrossCheck",
    "Cycle",
    "Dataset",
    "Ending",
    "Fetch",
    "Figure",
    "Handover",
    "Item",
    "Publication",
    "Purpose",
    "Reminder",
    "Step",
    "Tile",
    "Transition",
    "Type",
    "Use",
    "Verification",
]
