"""Formulas declared beside their equation, and the chain they form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop

PROJECT = "project"  # one value for the whole; every other ``over`` is the name of an axis


class Implausible(Refusal):
    code = "methods.implausible_result"
    sentence = gettext_noop(
        "%(quantity)s came out as %(value)s %(unit)s, outside the plausible %(low)s to %(high)s. "
        "Look for a wrong unit, plot area or stratum area in the input."
    )
    clause = "AR-CM-001-V01, plausibility"
    status = 422


class NotComputable(Refusal):
    code = "methods.not_computable"
    sentence = gettext_noop(
        "%(quantity)s cannot be computed from this input: the arithmetic gives no finite number. "
        "Look for an empty stratum, a zero area or a stock of zero at both surveys."
    )
    clause = "ARCHITECTURE.md §5, Numbers"
    status = 422


class FormulaFailed(Refusal):
    code = "methods.formula_failed"
    sentence = gettext_noop(
        "The formula of %(quantity)s stopped: %(problem)s. The fault is the methodology's; tell its publisher."
    )
    clause = "ARCHITECTURE.md §3, methods"
    status = 500


class IncompleteChain(Refusal):
    code = "methods.incomplete_chain"
    sentence = gettext_noop(
        "%(quantity)s cannot be computed: %(missing)s are neither given by the input nor computed before. "
        "Add the tables and declared values that the methodology names for them."
    )
    clause = "ARCHITECTURE.md §5, Numbers"
    status = 422


@dataclass(frozen=True)
class Formula:
    """One quantity: how it is computed, of what, in which unit, and the equation it comes from.

    The function's argument names are the names of other quantities, inputs or parameters.
    """

    name: str
    symbol: str
    unit: str
    over: str
    equation: str
    label_en: str
    label_zh: str
    bounds: tuple[float, float]
    arguments: tuple[str, ...]
    compute: Callable[..., Any]
    optional: frozenset[str] = frozenset()  # arguments that the function has a default for

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.compute(*args, **kwargs)

    def as_json(self) -> dict[str, Any]:
        return {
            "quantity": self.name,
            "symbol": self.symbol,
            "unit": self.unit,
            "over": self.over,
            "equation": self.equation,
            "label_en": self.label_en,
            "label_zh": self.label_zh,
            "arguments": list(self.arguments),
        }

    def check(self, value: Any) -> None:
        """Refuse a value that is not finite or leaves the plausible range."""
        numbers = np.asarray(value, dtype=np.float64)
        if not np.isfinite(numbers).all():
            raise NotComputable(quantity=self.name)
        low, high = self.bounds
        outside = (numbers < low) | (numbers > high)
        if outside.any():
            raise Implausible(
                quantity=self.name,
                value=f"{numbers[outside].flat[0]:.6g}",
                unit=self.unit,
                low=f"{low:g}",
                high=f"{high:g}",
            )


def formula(
    *,
    symbol: str,
    unit: str,
    over: str,
    equation: str,
    en: str,
    zh: str,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Callable[[Callable[..., Any]], Formula]:
    """Declare the function below as the formula of a quantity of the same name."""

    def declare(compute: Callable[..., Any]) -> Formula:
        parameters = signature(compute).parameters
        return Formula(
            name=compute.__name__,
            symbol=symbol,
            unit=unit,
            over=over,
            equation=equation,
            label_en=en,
            label_zh=zh,
            bounds=bounds,
            arguments=tuple(parameters),
            compute=compute,
            optional=frozenset(name for name, one in parameters.items() if one.default is not Parameter.empty),
        )

    return declare


def chain(formulas: Sequence[Formula], given: Mapping[str, Any], *, complete: bool = False) -> dict[str, Any]:
    """Every quantity that follows from what is given, in the order of the formulas.

    A quantity that is itself given is not computed again; a formula whose arguments are not all known is passed over,
    so a worked example may enter the chain in the middle and an optional table may be left out. Each formula sees only
    formulas above it. ``complete``: refuse with ``IncompleteChain`` when the last one, the result, cannot be computed.
    """
    known: dict[str, Any] = dict(given)
    computed: dict[str, Any] = {}
    for one in formulas:
        lacking = [name for name in one.arguments if name not in known and name not in one.optional]
        if complete and one is formulas[-1] and lacking:
            raise IncompleteChain(quantity=one.name, missing=", ".join(_roots(formulas, one, known)))
        if one.name in known or lacking:
            continue
        known[one.name] = computed[one.name] = _compute(one, known)
    return computed


def _compute(one: Formula, known: Mapping[str, Any]) -> Any:
    """The value of one quantity. Whatever the input or the formula's author did wrong comes out as a refusal."""
    try:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            value = one(**{argument: known[argument] for argument in one.arguments if argument in known})
        one.check(value)
    except Refusal:
        raise
    except ArithmeticError as problem:
        raise NotComputable(quantity=one.name) from problem
    except Exception as problem:
        raise FormulaFailed(quantity=one.name, problem=f"{type(problem).__name__}: {problem}") from problem
    return value


def _roots(formulas: Sequence[Formula], last: Formula, known: Mapping[str, Any]) -> list[str]:
    """What is missing at the bottom: names that no formula computes."""
    by_name = {one.name: one for one in formulas}
    open_names, seen, roots = list(last.arguments), set(known), []
    for name in open_names:  # grows while it is walked
        if name in seen:
            continue
        seen.add(name)
        if name not in by_name:
            roots.append(name)
        else:
            open_names += [one for one in by_name[name].arguments if one not in by_name[name].optional]
    return roots
