"""The accounting years of stock sinks, what they are computed from, and what is published and kept of them."""

from tanhui.inventory.models.compensation import CompensationRound
from tanhui.inventory.models.data import Access, Dataset, Grade, Intake, Use
from tanhui.inventory.models.incentive import Incentive, IncentivePayment
from tanhui.inventory.models.monitoring import Cycle, Reminder
from tanhui.inventory.models.product import (
    FAMILY,
    PledgeRelease,
    Product,
    StockAccount,
    StockPledge,
    StockUse,
    Supply,
)
from tanhui.inventory.models.publication import CrossCheck, Item, Publication, Verification
from tanhui.inventory.models.restoration import Assessment, Restoration
from tanhui.inventory.models.result import Computation, Figure, Tile, Type
from tanhui.inventory.models.sharing import Agreement, Coverage, Ending, Fetch, Handover, Package, Purpose
from tanhui.inventory.models.year import TRANSITIONS, AccountingYear, Step, Transition

__all__ = [
    "FAMILY",
    "TRANSITIONS",
    "Access",
    "AccountingYear",
    "Agreement",
    "Assessment",
    "CompensationRound",
    "Computation",
    "Coverage",
    "CrossCheck",
    "Cycle",
    "Dataset",
    "Ending",
    "Fetch",
    "Figure",
    "Grade",
    "Handover",
    "Incentive",
    "IncentivePayment",
    "Intake",
    "Item",
    "Package",
    "PledgeRelease",
    "Product",
    "Publication",
    "Purpose",
    "Reminder",
    "Restoration",
    "Step",
    "StockAccount",
    "StockPledge",
    "StockUse",
    "Supply",
    "Tile",
    "Transition",
    "Type",
    "Use",
    "Verification",
]
