"""What a day is settled by: one rule for each scenario, and the parameters of what makes an event wait.

Plain values with a digest, so that a settlement can name what it followed. Nothing heavy is imported here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Self

from tanhui.tally import refusals

ROUNDINGS = ("down", "half_up")
LARGEST = 10**9  # of any whole number in a rule, and of an event's quantity
MOST_SCENARIOS = 255
OPEN = 0  # a bound that is not set


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one scenario counts. ``unit`` is the scenario's own small unit (m, Wh, steps, mg, pieces).

    ``numerator / denominator`` are grams per unit; ``saving`` counts what lies under the baseline in the event's facts
    (baseline − quantity) instead of the quantity. ``slowest`` and ``fastest`` are units an hour, 0 where there is no
    bound; events of one ``exclusive`` group cannot overlap. Caps are grams; ``day_events`` the events of a day that
    count; 0 where there is no limit.
    """

    scenario: str
    methodology: str
    unit: str
    numerator: int
    denominator: int
    rounding: str = "down"
    clause: str = ""
    saving: bool = False
    least: int = 1
    most: int = LARGEST
    slowest: int = OPEN
    fastest: int = OPEN
    exclusive: str = ""
    day_events: int = OPEN
    cap_day_g: int = OPEN
    cap_year_g: int = OPEN

    def __post_init__(self) -> None:
        whole = f"a whole number from 0 to {LARGEST}"
        for name in (
            "numerator", "least", "most", "slowest", "fastest", "day_events", "cap_day_g", "cap_year_g",
        ):  # fmt: skip
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
                raise refusals.RuleWrong(scenario=self.scenario, key=name, value=value, wanted=whole)
        if not isinstance(self.denominator, int) or not 1 <= self.denominator <= LARGEST:
            wanted = f"a whole number from 1 to {LARGEST}"
            raise refusals.RuleWrong(scenario=self.scenario, key="denominator", value=self.denominator, wanted=wanted)
        if self.rounding not in ROUNDINGS:
            wanted = " / ".join(ROUNDINGS)
            raise refusals.RuleWrong(scenario=self.scenario, key="rounding", value=self.rounding, wanted=wanted)
        if self.most < self.least:
            raise refusals.RuleWrong(scenario=self.scenario, key="most", value=self.most, wanted=f"≥ {self.least}")

    def grams(self, quantity: int) -> int:
        """Whole grams of a summed quantity before any cap: exact, rounded once. For explaining one number."""
        doubled = 2 * quantity * self.numerator + (self.denominator if self.rounding == "half_up" else 0)
        return doubled // (2 * self.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a day. A parameter of 0 switches its rule off.

    ``device_people`` and ``payment_people``: people a day with one device, one means of payment; ``burst_events``
    within ``burst_seconds`` of one person; ``clock_seconds``: how far ahead of the receipt an event may have ended;
    ``replay``: whether an event repeated under another key waits.
    """

    scenarios: tuple[Rule, ...] = field(default=())
    device_people: int = 3
    payment_people: int = 3
    burst_events: int = 20
    burst_seconds: int = 60
    overlap_seconds: int = 0
    clock_seconds: int = 120
    replay: bool = True

    def __post_init__(self) -> None:
        names = [one.scenario for one in self.scenarios]
        if len(names) > MOST_SCENARIOS:
            raise refusals.RuleWrong(scenario="-", key="scenarios", value=len(names), wanted=f"≤ {MOST_SCENARIOS}")
        for name in names:
            if names.count(name) > 1:
                raise refusals.RuleWrong(scenario=name, key="scenario", value=name, wanted="there once")
        for one in fields(self):
            value = getattr(self, one.name)
            if one.type in (int, "int") and (not isinstance(value, int) or not 0 <= value <= LARGEST):
                raise refusals.RuleWrong(scenario="-", key=one.name, value=value, wanted=f"0 to {LARGEST}")
        object.__setattr__(self, "scenarios", tuple(sorted(self.scenarios, key=lambda one: one.scenario)))

    @property
    def value(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self) | {"scenarios": [asdict(one) for one in self.scenarios]}

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: the same rules have the same, however they were put together."""
        return _digest(self)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """The rules that ``value`` gave."""
        return cls(**{**value, "scenarios": tuple(Rule(**one) for one in value["scenarios"])})


@lru_cache(maxsize=8)
def _digest(rules: Rules) -> str:
    return hashlib.sha256(json.dumps(rules.value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def factor(kilograms: Decimal | str, *, units: int) -> tuple[int, int]:
    """Numerator and denominator in grams per small unit, of a factor in kg per ``units`` of them: 0.072 kg/km is
    ``factor("0.072", units=1000)`` for a scenario in metres. Refuses what takes larger numbers."""
    exact = Fraction(Decimal(kilograms)) * 1000 / units
    if exact < 0 or exact.numerator > LARGEST or exact.denominator > LARGEST:
        raise refusals.RuleWrong(scenario="-", key="factor", value=kilograms, wanted="≥ 0, at most nine places")
    return exact.numerator, exact.denominator
