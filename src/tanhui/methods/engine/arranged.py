"""What is handed in for a run, and what a package makes of it before the formulas run."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tanhui.methods.engine.evidence import Graded
from tanhui.methods.engine.faults import PROJECT, Fault
from tanhui.methods.engine.parameter import Parameter
from tanhui.methods.engine.tables import Checked


@dataclass
class Submission:
    """The input of a run as a package's ``arrange`` sees it.

    ``spec`` is the package's inputs.toml. ``tables`` are checked; one with a fault in its shape is left out.
    ``project`` is the project file in plain text form. ``parameters`` are resolved for the project's region, day and
    own values. ``asked`` are the names that formulas ask for. What is wrong is added to ``faults``, and the run is then
    refused with all of them.
    """

    spec: Mapping[str, Any]
    tables: Mapping[str, Checked]
    project: dict[str, Any]
    parameters: Mapping[str, Parameter]
    asked: frozenset[str] = frozenset()
    faults: list[Fault] = field(default_factory=list)

    def columns(self, table: str) -> list[dict[str, Any]]:
        """What the package says of a table's columns."""
        return [column for one in self.spec.get("table", []) if one["name"] == table for column in one["column"]]

    def wrong(self, rule: str, place: str, value: Any = "", *, en: str = "", zh: str = "", **facts: Any) -> None:
        """A fault in the project file at ``section.name``."""
        shown = value.isoformat() if isinstance(value, dt.date) else str(value)
        self.faults.append(Fault(rule, PROJECT, 0, place, shown, facts, en=en, zh=zh))


@dataclass(frozen=True)
class Arranged:
    """``given``: quantities for the formulas. ``axes``: the names along each axis. ``facts``: what the predicates ask,
    found in the data. ``declared``: graded values that the project states itself. ``looked_up``: parameters used while
    arranging, with the keys used. ``notes``: what a reader of the result must know. ``defaults``: declared values that
    the project left to the methodology. ``sources``: the table and column a quantity came from."""

    given: dict[str, Any]
    axes: dict[str, list[str]]
    facts: dict[str, Any] = field(default_factory=dict)
    declared: list[Graded] = field(default_factory=list)
    looked_up: dict[str, Iterable[str]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    defaults: list[dict[str, str]] = field(default_factory=list)
    sources: dict[str, tuple[Checked, str]] = field(default_factory=dict)
