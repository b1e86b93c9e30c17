"""The accounting years of stock sinks, what they are computed from, and what is published and kept of them."""

from tanhui.inventory.models.data import Access, Dataset, Use
from tanhui.inventory.models.publication import CrossCheck, Item, Publication, Verification
from tanhui.inventory.models.result import Computation, Figure, Tile, Type
from tanhui.inventory.models.year import TRANSITIONS, AccountingYear, Step, Transition

__all__ = [
    "TRANSITIONS",
    "Access",
    "AccountingYear",
    "Computation",
    "CrossCheck",
    "Dataset",
    "Figure",
    "Item",
    "Publication",
    "Step",
    "Tile",
    "Transition",
    "Type",
    "Use",
    "Verification",
]
