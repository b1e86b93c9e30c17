"""Worked examples: a package proves itself on numbers a reader can check by hand."""

import math
from typing import Any, NamedTuple

import numpy as np

from tanhui.methods.engine import formula
from tanhui.methods.engine.execution import bind
from tanhui.methods.engine.shelf import Package


class Outcome(NamedTuple):
    """One expected number of a case beside the computed one."""

    case: str
    quantity: str
    expected: float
    computed: float
    holds: bool


def play(package: Package, case: dict[str, Any]) -> list[Outcome]:
    """Enter the chain with what the case gives and compare what it expects, by relative tolerance."""
    given = {name: _value(value) for name, value in case["given"].items()}
    computed = formula.chain(package.formulas, given | bind(package, given))
    outcomes = []
    for name, expected in case["expected"].items():
        found = np.atleast_1d(np.asarray(computed[name], dtype=np.float64)).tolist()
        wanted = [float(one) for one in expected] if isinstance(expected, list) else [float(expected)]
        for one, other in zip(wanted, found, strict=True):
            holds = math.isclose(one, other, rel_tol=float(case["tolerance"]), abs_tol=1e-12)
            outcomes.append(Outcome(case["name"], name, one, other, holds))
    return outcomes


def _value(value: Any) -> Any:
    if isinstance(value, list):
        if all(isinstance(one, int) for one in value):
            return np.array(value)  # counts and places
        return np.array(value if isinstance(value[0], str) else [float(one) for one in value])
    return value if isinstance(value, str) else float(value)
