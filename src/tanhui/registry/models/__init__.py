"""The register: accounts, projects and their verified periods, batches of units, and what became of every unit; and
how an organisation comes to have an account at all."""

from tanhui.registry.models.claim import Claim
from tanhui.registry.models.opening import TRANSITIONS, Application, Paper, Round, Seat, Step, Transition
from tanhui.registry.models.register import (
    Account,
    Batch,
    Cancellation,
    Clawback,
    ClawbackStep,
    ForeignImport,
    ForeignSeries,
    Issuance,
    Lifting,
    Period,
    Project,
    Restriction,
    Retirement,
    Reversal,
    Settlement,
    Signed,
    SubAccount,
    Transfer,
)

__all__ = [
    "TRANSITIONS",
    "Account",
    "Application",
    "Batch",
    "Cancellation",
    "Claim",
    "Clawback",
    "ClawbackStep",
    "ForeignImport",
    "ForeignSeries",
    "Issuance",
    "Lifting",
    "Paper",
    "Period",
    "Project",
    "Restriction",
    "Retirement",
    "Reversal",
    "Round",
    "Seat",
    "Settlement",
    "Signed",
    "Step",
    "SubAccount",
    "Transfer",
    "Transition",
]
