"""Whether a restoration project shows in the sink (policy document 4, art. 13): the change between two years, honestly.

Pure: two figures of one place, each with its components of uncertainty, as integers in kilograms of CO₂ a year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

# What two years of one place share when the same models made them: an error that lies in both alike leaves only the
# difference of its sizes in the change. The rest is drawn anew each year.
SHARED = ("npp_model", "rh_model")
NINETY = 1.6448536269514722  # standard deviations to each side of a 90 % interval


@dataclass(frozen=True, slots=True)
class Known:
    """A figure: the value, its components of uncertainty (one sigma), and the method that made it."""

    kg: int
    sigma: Mapping[str, int]
    method: str


@dataclass(frozen=True, slots=True)
class Change:
    """After less before, with a 90 % interval; ``verdict`` more, less, or unclear where the interval has zero in it."""

    kg: int
    lower_kg: int
    upper_kg: int
    verdict: str
    comparable: bool


def change(before: Known, after: Known) -> Change:
    """The change of a sink. Errors that both years share cancel only where one method made both; otherwise all count in
    full, since nothing is known about what they share."""
    same = before.method == after.method
    sigma = 0.0
    for name in {*before.sigma, *after.sigma}:
        one, other = before.sigma.get(name, 0), after.sigma.get(name, 0)
        sigma = hypot(sigma, abs(one - other) if same and name in SHARED else hypot(one, other))
    reach = round(NINETY * sigma)
    kg = after.kg - before.kg
    lower, upper = kg - reach, kg + reach
    verdict = "more" if lower > 0 else "less" if upper < 0 else "unclear"
    return Change(kg, lower, upper, verdict, same)
