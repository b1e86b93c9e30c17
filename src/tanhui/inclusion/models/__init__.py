"""Scenarios and providers, personal carbon accounts and points, merchants and rewards, pooling. One noun a file."""

from tanhui.inclusion.models.provider import (
    Batch,
    Budget,
    Credential,
    Provider,
    Ruling,
    Settlement,
    Suspicion,
    Written,
)
from tanhui.inclusion.models.scenario import REASONED, TRANSITIONS, Scenario, ScenarioStep, Transition

__all__ = [
    "REASONED",
    "TRANSITIONS",
    "Batch",
    "Budget",
    "Credential",
    "Provider",
    "Ruling",
    "Scenario",
    "ScenarioStep",
    "Settlement",
    "Suspicion",
    "Transition",
    "Written",
]
