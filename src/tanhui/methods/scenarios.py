"""Scenarios of the personal account: a package of data, and one vectorised call for all events of a day.

A run (``engine.run``) keeps a record of a table of events. Settling a city needs no record per event, only the grams:
``read`` once for a scenario, region and day, then ``Scenario.grams`` over arrays of millions of events. Both go through
the same formulas; see docs/algorithms/personal-scenarios.md.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import binding, formula, shelf
from tanhui.methods.engine.parameter import Parameter
from tanhui.methods.engine.shelf import Package
from tanhui.science.activity import Whole


class NotAScenario(Refusal):
    code = "methods.not_a_scenario"
    sentence = gettext_noop("%(package)s is no scenario of the personal account. Choose one of %(known)s.")
    clause = "沪环气〔2022〕211号 item 11"
    status = 404


class ScenarioElsewhere(Refusal):
    code = "methods.scenario_elsewhere"
    sentence = gettext_noop(
        "%(package)s holds in the regions %(regions)s and was asked for in %(region)s. "
        "Factors do not travel: take a scenario of the region, or file one."
    )
    clause = "沪环气〔2022〕211号 item 10"
    status = 422


@dataclass(frozen=True)
class Scenario:
    """A scenario as it holds in one region on one day."""

    package: Package
    parameters: Mapping[str, Parameter]

    @property
    def about(self) -> dict[str, Any]:
        """Field of life, baseline, method label, exclusions, evidence asked, anti-double-count key."""
        return dict(self.package.metadata["scenario"])

    @property
    def counts(self) -> bool:
        """Whether its grams may enter a personal account at all, rather than be shown only."""
        return self.package.may_issue and not self.about["display_only"]

    def grams(self, **events: Any) -> Whole:
        """Whole grams credited to each event, shape ``(n,)``; an implausible or surplus event gets 0.

        ``events`` are arrays of one length by the names of the package's columns: ``person`` (any sortable), ``day``
        (datetime64[D], ISO text or days since 1970), then ``distance`` (km) and ``minutes``, or ``item`` and
        ``amount``, or the columns of meter readings; and, where a day or year is settled in several parts,
        ``earned_today`` and ``earned_this_year``, whole grams that each event's person (and item) has already. Sorted
        by person, item and day it is not sorted again; among the events of a day the first rows count first. Refuses
        with ``IncompleteChain`` when a column is missing; ``ValueError`` for columns of different lengths.
        """
        given = {name: np.asarray(values) for name, values in events.items()}
        lengths = {name: len(values) for name, values in given.items() if values.ndim}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"the columns are of different lengths: {lengths}")
        bound = binding.bind(self.package.formulas, self.parameters, given)
        computed = formula.chain(self.package.formulas, given | bound.values, complete=True)
        grams: Whole = computed["grams"]
        return grams


def names() -> list[str]:
    """Every scenario on the shelf, ``code/version``."""
    return [one for one in shelf.names() if "scenario" in shelf.load(one).metadata]


def read(name: str, *, region: str, on: dt.date) -> Scenario:
    """The scenario ``code/version`` in a region (division code) on a day: its factors and caps are looked up once.
    Refuses with ``NotAScenario`` and ``ScenarioElsewhere``."""
    package = shelf.load(name)
    if "scenario" not in package.metadata:
        raise NotAScenario(package=name, known=", ".join(names()))
    regions = package.metadata["scenario"]["region"]
    if not any(region.startswith(one) for one in regions):
        raise ScenarioElsewhere(package=name, regions=", ".join(regions), region=region or "-")
    resolved = {stem: one.resolve(region=region, on=on) for stem, one in package.parameters.items()}
    return Scenario(package, resolved)
