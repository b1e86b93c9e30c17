"""A candidate's score, term by term: marks from 0 to 100, weights of a rule pack, a bonus. Whole hundredths of a point.

Which marks there are and what they weigh is data: policy document 2 (§§5, 16, 17) names air pollutants, resources,
circular economy and ecology beside carbon; policy document 1, 五（三）, the ground, the value and how easy it is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tanhui.kernel.refusal import Refusal, gettext_noop

MARKED = ("site", "ease", "air", "resources", "circular", "ecology")  # given by whoever assessed; the value is reckoned
TERMS = ("site", "value", "ease", "air", "resources", "circular", "ecology")
FULL = 100
M2_PER_HA = 10_000


class MarksUnusable(Refusal):
    code = "projects.marks_unusable"
    sentence = gettext_noop("Each mark is a whole number from 0 to 100. Missing or wrong: %(what)s.")
    clause = "《上海市碳普惠体系建设工作方案》第5条"
    status = 422


class WeightsUnusable(Refusal):
    code = "projects.weights_unusable"
    sentence = gettext_noop("The weights of the rule pack %(pack)s add up to %(sum)s and not to 100. Correct the pack.")
    clause = "《上海市碳普惠体系建设工作方案》第5条"
    status = 422


@dataclass(frozen=True, slots=True)
class Formula:
    """What a version of a rule pack says: weights in percent, the bonus in points, the yield that earns full marks."""

    pack: str
    version: str
    weights: Mapping[str, int]
    bonus: int
    full_value: int


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its mark, its weight in percent, and its points in hundredths."""

    key: str
    mark: int
    weight: int
    points: int

    def told(self) -> dict[str, Any]:
        return asdict(self)


def check(marks: Mapping[str, Any]) -> None:
    """Refuses with ``MarksUnusable``, naming what is missing or wrong."""
    wrong = [key for key in MARKED if not isinstance(marks.get(key), int) or not 0 <= marks[key] <= FULL]
    if wrong or set(marks) - set(MARKED):
        raise MarksUnusable(what=", ".join(wrong or sorted(set(marks) - set(MARKED))))


def terms(
    marks: Mapping[str, int], *, annual_t: int, area_m2: int, revitalisation: bool, formula: Formula
) -> list[Term]:
    """Every term of a score; their points add up to it. Points are ``mark · weight``, which is hundredths of a point.

    Refuses with ``MarksUnusable`` or ``WeightsUnusable``.
    """
    check(marks)
    if (whole := sum(formula.weights.values())) != FULL:
        raise WeightsUnusable(pack=formula.pack, sum=whole)
    all_marks = {**marks, "value": value(annual_t, area_m2, formula.full_value)}
    found = [
        Term(key, all_marks[key], formula.weights[key], all_marks[key] * formula.weights[key]) for key in TERMS
    ]  # fmt: skip
    return [
        *found,
        Term("revitalisation", FULL if revitalisation else 0, 0, formula.bonus * 100 if revitalisation else 0),
    ]


def value(annual_t: int, area_m2: int, full: int) -> int:
    """The mark of the expected value: tonnes a year and hectare against those that earn full marks, floored."""
    if area_m2 <= 0:
        return 0
    return min(FULL, FULL * annual_t * M2_PER_HA // (area_m2 * full))


def total(found: list[Term]) -> int:
    """Hundredths of a point."""
    return sum(one.points for one in found)
