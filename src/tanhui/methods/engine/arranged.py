"""What a package makes of its checked input before the formulas run."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tanhui.methods.engine.evidence import Graded


@dataclass(frozen=True)
class Arranged:
    """``given``: quantities for the formulas. ``axes``: the names along each axis. ``facts``: what the predicates ask,
    found in the data. ``declared``: graded values that the project states itself. ``looked_up``: parameters used while
    arranging, with the keys used. ``notes``: what a reader of the result must know."""

    given: dict[str, Any]
    axes: dict[str, list[str]]
    facts: dict[str, Any] = field(default_factory=dict)
    declared: list[Graded] = field(default_factory=list)
    looked_up: dict[str, Iterable[str]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
