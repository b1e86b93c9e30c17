"""Statements between regions as files: somebody's settled days, signed by the region that is their home.

docs/algorithms/regions.md describes the format; what is in it says nothing of who the person is.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from tanhui.inclusion import signed_files
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import note

if TYPE_CHECKING:
    from tanhui.inclusion.models import Region

MOST_LINES = 20_000
MOST_ACTIVITIES = 200  # of a line
MOST_GRAMS = 10**9
REFERENCE, HASH = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}")

REASONS = {
    "outside_period": gettext_noop("The day lies outside the statement's own period, or is still to come."),
    "not_mapped": gettext_noop("No mapping in force speaks of this scenario and methodology."),
    "outside_mapping": gettext_noop("The mapping is not valid on this day."),
    "repeated": gettext_noop("The statement has this scenario and day twice; the first stands."),
    "claimed": gettext_noop("A behaviour of this day is claimed by another region, or for another person, already."),
}


class StatementUnreadable(Refusal):
    code = "inclusion.statement_unreadable"
    sentence = gettext_noop(
        "Line %(line)s of the statement cannot be read: %(field)s. Ask the home region to correct it."
    )
    clause = "docs/algorithms/regions.md §3"
    status = 422


class SignerUnknown(Refusal):
    code = "inclusion.region_signer_unknown"
    sentence = gettext_noop("No region under an agreement in force signs with the key %(key)s. Nothing was taken in.")
    clause = "沪环气〔2022〕211号第12、13条"
    status = 422


@dataclass(frozen=True, slots=True)
class Line:
    """One scenario of one day: grams there, the hash of the evidence, and activity keys where there are any."""

    theirs: str
    methodology: str
    day: date
    grams: int
    evidence: str
    activities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A statement: for which region (the name of its key), of whom (a mark for that region alone), of which days."""

    to: str
    reference: str
    first: date
    last: date
    lines: list[Line]


def signed(said: Said, signer: note.Signer, *, at: datetime) -> bytes:
    """The signed file of a statement."""
    body = {
        "home": signer.name, "to": said.to, "person": said.reference, "made_at": clock.for_machines(at),
        "first": said.first.isoformat(), "last": said.last.isoformat(),
        "days": [
            {
                "scenario": one.theirs, "methodology": one.methodology, "day": one.day.isoformat(), "grams": one.grams,
                "evidence_sha256": one.evidence, "activities": list(one.activities),
            }
            for one in said.lines
        ],
    }  # fmt: skip
    return signed_files.signed(signed_files.STATEMENT, body, signer)


def opened(raw: bytes, regions: "Iterable[Region]") -> tuple["Region", Said]:
    """Which region signed it, and what it says. Refuses with ``SignerUnknown``, ``StatementUnreadable`` or as
    ``signed_files.opened``."""
    key = signed_files.read(raw, signed_files.STATEMENT)["key"]
    found = next((one for one in regions if one.key == key), None)
    if found is None:
        raise SignerUnknown(key=key[:80])
    return found, read(signed_files.opened(raw, signed_files.STATEMENT, [note.Verifier.parse(found.key)]))


def read(body: dict[str, Any]) -> Said:
    """Every value checked for its shape before anything is done with it. Refuses with ``StatementUnreadable``."""
    days = body.get("days")
    if not isinstance(days, list) or len(days) > MOST_LINES:
        raise StatementUnreadable(line=0, field="days")
    to, person = body.get("to"), body.get("person")
    if not isinstance(to, str) or not isinstance(person, str) or not REFERENCE.fullmatch(person):
        raise StatementUnreadable(line=0, field="person" if isinstance(to, str) else "to")
    first, last = day(body.get("first"), 0, "first"), day(body.get("last"), 0, "last")
    if first > last:
        raise StatementUnreadable(line=0, field="last")
    return Said(to, person, first, last, [line(number, one) for number, one in enumerate(days, 1)])


def line(number: int, one: Any) -> Line:
    if not isinstance(one, dict):
        raise StatementUnreadable(line=number, field="{}")
    texts = {"scenario": 40, "methodology": 60}
    for name, most in texts.items():
        if not isinstance(one.get(name), str) or not 0 < len(one[name]) <= most or not one[name].isprintable():
            raise StatementUnreadable(line=number, field=name)
    grams, evidence, activities = one.get("grams"), one.get("evidence_sha256"), one.get("activities", [])
    if type(grams) is not int or not 0 <= grams <= MOST_GRAMS:
        raise StatementUnreadable(line=number, field="grams")
    if not isinstance(evidence, str) or not HASH.fullmatch(evidence):
        raise StatementUnreadable(line=number, field="evidence_sha256")
    if not isinstance(activities, list) or len(activities) > MOST_ACTIVITIES or not all(
        isinstance(each, str) and 0 < len(each) <= 128 for each in activities
    ):  # fmt: skip
        raise StatementUnreadable(line=number, field="activities")
    return Line(
        one["scenario"], one["methodology"], day(one.get("day"), number, "day"), grams, evidence, tuple(activities)
    )


def day(text: Any, number: int, field: str) -> date:
    try:
        found = date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2199:
        raise StatementUnreadable(line=number, field=field)
    return found


def keys(one: Line) -> list[bytes]:
    """What a line claims: its activity keys where it has any, else its evidence; 32 bytes each."""
    said = [f"activity\0{each}" for each in one.activities] or [f"evidence\0{one.evidence}"]
    return [hashlib.sha256(each.encode()).digest() for each in dict.fromkeys(said)]


def say(code: str) -> str:
    """Why a line was refused, in the visitor's language."""
    return gettext(REASONS[code]) if code in REASONS else code
