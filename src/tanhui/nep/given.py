"""Values in the tables of a plan, refused where they cannot be meant."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tanhui.nep import refusals
from tanhui.nep.wording import say


def known(given: Mapping[str, Any], prefix: str, names: Sequence[str]) -> None:
    if not isinstance(given, Mapping):
        raise refusals.PlanValueWrong(key=prefix.rstrip("."), value=given, wanted=say("a table"))
    for key in given:
        if key not in names:
            raise refusals.PlanKeyUnknown(key=prefix + key, known=", ".join(names))


def wanted(given: Mapping[str, Any], key: str, prefix: str) -> Any:
    if key not in given:
        raise refusals.PlanKeyMissing(key=prefix + key, needed_by=prefix.rstrip(".") or say("every run"))
    return given[key]


def table(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = given.get(key, {})
    if not isinstance(value, dict):
        raise refusals.PlanValueWrong(key=key, value=value, wanted=say("a table"))
    return value


def between(key: str, value: Any, low: float, high: float) -> None:
    if not (finite(value) and low <= value <= high):
        raise refusals.PlanValueWrong(key=key, value=value, wanted=f"{low:g} … {high:g}")


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def finite(value: Any) -> bool:
    return number(value) and math.isfinite(value)
