"""Evidence grades and the floor a run demands of its parameters."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tanhui.kernel.refusal import Refusal, gettext_noop

GRADES = "APBCD"  # official text, peer-reviewed, secondary copy, press, recalled: best first
FLOORS = {"demonstration": "D", "project": "P", "issuance": "A"}


class BelowEvidenceFloor(Refusal):
    code = "methods.below_evidence_floor"
    sentence = gettext_noop(
        "A run for %(purpose)s needs evidence %(floor)s or better, and %(count)s values have less: %(offending)s. "
        "Replace them by values with a better source, or attach an approved deviation for each."
    )
    clause = "ARCHITECTURE.md §1, evidence grade"
    status = 422


class UnknownPurpose(Refusal):
    code = "methods.unknown_purpose"
    sentence = gettext_noop("%(purpose)s is not a purpose of a run. Choose one of %(known)s.")
    clause = "ARCHITECTURE.md §1, evidence grade"
    status = 422


class UnknownFloor(Refusal):
    code = "methods.unknown_floor"
    sentence = gettext_noop("%(floor)s is not an evidence grade. The floor is one of %(known)s.")
    clause = "ARCHITECTURE.md §1, evidence grade"
    status = 422


class Graded(NamedTuple):
    """A value that a run used, and what it rests on."""

    name: str
    grade: str
    source: str


def floor_of(purpose: str, floor: str | None = None) -> str:
    """The operator's floor, or the usual one of the purpose."""
    if purpose not in FLOORS:
        raise UnknownPurpose(purpose=purpose, known=", ".join(FLOORS))
    if floor is not None and not is_grade(floor):
        raise UnknownFloor(floor=floor, known=", ".join(GRADES))
    return floor or FLOORS[purpose]


def is_grade(value: object) -> bool:
    return isinstance(value, str) and len(value) == 1 and value in GRADES


def meets(grade: str, floor: str) -> bool:
    return GRADES.index(grade) <= GRADES.index(floor)


def worst(grades: Iterable[str]) -> str:
    return max(grades, key=GRADES.index)


def approved(deviations: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The deviations of a project file that name a value and the decision that approved it."""
    return {str(one["value"]): str(one["approval"]) for one in deviations if one.get("value") and one.get("approval")}


def demand(used: Iterable[Graded], *, purpose: str, floor: str, deviations: Mapping[str, str]) -> None:
    """Refuse a run that rests on less than its floor, naming every value at once. ``deviations`` maps the name of a
    value to the reference of its approval."""
    offending = [one for one in used if not meets(one.grade, floor) and one.name not in deviations]
    if offending:
        raise BelowEvidenceFloor(
            purpose=purpose,
            floor=floor,
            count=len(offending),
            offending="; ".join(f"{one.name} ({one.grade}: {one.source})" for one in offending),
        )
