"""Worked examples: a package proves itself on numbers a reader can check by hand."""

import math
from typing import Any, NamedTuple

import numpy as np

from tanhui.kernel.refusal import Refusal
from tanhui.methods.engine import binding, formula
from tanhui.methods.engine.shelf import Package


class Outcome(NamedTuple):
    """One expected number of a case beside the computed one."""

    case: str
    quantity: str
    expected: float
    computed: float
    holds: bool


def chain(package: Package, case: dict[str, Any]) -> dict[str, Any]:
    """Every quantity that follows from what the case gives."""
    given = {name: int(value) if name.endswith("_count") else _value(value) for name, value in case["given"].items()}
    region, on = str(case.get("region", "")), case.get("on")
    parameters = {name: one.resolve(region=region, on=on) for name, one in package.parameters.items()}
    return formula.chain(package.formulas, given | binding.bind(package.formulas, parameters, given).values)


def play(package: Package, case: dict[str, Any]) -> list[Outcome]:
    """Enter the chain with what the case gives and compare what it expects, by relative tolerance.

    A case may say in which ``region`` and ``on`` which day it stands, and may expect a refusal: ``refused = "code"``.
    """
    try:
        computed = chain(package, case)
    except Refusal as refusal:
        if "refused" not in case:
            raise
        return [Outcome(case["name"], f"{refusal.code}", 1, 1, refusal.code == case["refused"])]
    if "refused" in case:
        return [Outcome(case["name"], case["refused"], 1, 0, False)]
    outcomes = []
    for name, expected in case["expected"].items():
        wanted = np.atleast_1d(np.asarray(expected, dtype=np.float64)).ravel()
        found = np.atleast_1d(np.asarray(computed.get(name, np.full(wanted.shape, np.nan)), dtype=np.float64)).ravel()
        if wanted.shape != found.shape:  # an example of other length agrees with nothing
            found = np.full(wanted.shape, np.nan)
        for one, other in zip(wanted.tolist(), found.tolist(), strict=True):
            holds = math.isclose(one, other, rel_tol=float(case["tolerance"]), abs_tol=1e-12)
            outcomes.append(Outcome(case["name"], name, one, other, holds))
    return outcomes


def _value(value: Any) -> Any:
    """A given value as the formulas take it: whole numbers stay counts and places, names stay text."""
    if isinstance(value, list):
        array = np.array(value)
        return array.astype(np.float64) if array.dtype == object else array
    return value if isinstance(value, str | bool) else float(value)
