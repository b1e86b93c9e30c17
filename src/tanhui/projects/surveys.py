"""A visit to a sample plot as a phone or an office sends it, and the rules it meets. Pure; ``today`` comes in.

The same limits stand in the page, so that most mistakes are seen on the plot; what counts is what is checked here.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop

HOUSE = "docs/algorithms/field.md §1"
DBH_MM = (10, 5_000)
HEIGHT_DM = (5, 1_200)
MOST_TREES = 2_000
EARLIEST = date(2000, 1, 1)
SPECIES = re.compile(r"[^\x00-\x1f<>]{1,40}")

# What is wrong with an entry, by code; English here, Chinese in the catalogue.
FAULTS = {
    "id": gettext_noop("The visit has no usable number. Save it anew on the phone."),
    "plot": gettext_noop("There is no plot of this code in the project."),
    "day": gettext_noop("The day is missing, lies in the future, or before 2000."),
    "team": gettext_noop("Say who measured, in at most 80 characters."),
    "note": gettext_noop("The note has at most 500 characters."),
    "position": gettext_noop("The position is not on earth. Take it again or leave it out."),
    "none": gettext_noop("No tree is entered. Enter the trees, or say that the plot has none."),
    "twice": gettext_noop("The plot stands in the sheet twice. Hand the second visit in as a sheet of its own."),
    "many": gettext_noop("More than 2,000 trees. Split the plot into subplots."),
    "species": gettext_noop("The species is missing or longer than 40 characters."),
    "dbh": gettext_noop("The diameter must be 10 to 5,000 mm (1.0 to 500.0 cm)."),
    "height": gettext_noop("The height must be 5 to 1,200 dm (0.5 to 120.0 m), or empty."),
}


class VisitWrong(Refusal):
    code = "projects.visit_wrong"
    sentence = gettext_noop(
        "%(count)s entries of the visit to plot %(plot)s cannot be right; the first is %(where)s. Correct them and "
        "send "
        "it again. Nothing of it was kept."
    )
    clause = HOUSE
    status = 422

    def __init__(self, errors: "list[Fault]", plot: str) -> None:
        self.errors = errors
        super().__init__(count=len(errors), plot=plot[:20], where=errors[0].where)


@dataclass(frozen=True, slots=True)
class Fault:
    """``row``: the tree, from 1; 0 for the visit itself. ``field`` is a key of ``FAULTS``."""

    row: int
    field: str

    @property
    def where(self) -> str:
        return f"{self.field} ({self.row})" if self.row else self.field


@dataclass(frozen=True, slots=True)
class Tree:
    species: str
    dbh_mm: int
    height_dm: int | None


@dataclass(frozen=True, slots=True)
class Position:
    longitude: Decimal
    latitude: Decimal
    accuracy_m: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What was measured; ``empty`` says that the plot has no tree, so that nobody forgets them."""

    id: UUID
    plot: str
    measured_on: date
    team: str
    trees: tuple[Tree, ...]
    empty: bool = False
    note: str = ""
    position: Position | None = None

    @property
    def sha256(self) -> str:
        """Of everything that makes two visits the same."""
        return canonical.sha256(
            {
                "plot": self.plot, "day": self.measured_on.isoformat(), "team": self.team, "note": self.note,
                "position": self.position and [str(self.position.longitude), str(self.position.latitude)],
                "trees": [[one.species, one.dbh_mm, one.height_dm] for one in self.trees],
            }
        )  # fmt: skip


def read(given: dict[str, Any], *, plots: set[str], today: date) -> Visit:
    """A visit from its JSON. Refuses with ``VisitWrong``, which names every fault at once."""
    faults: list[Fault] = []
    key, day = uuid(given.get("id")), day_of(given.get("measured_on"))
    plot, team, note = (text(given.get(name)) for name in ("plot", "team", "note"))
    rows = given.get("trees")
    rows = rows if isinstance(rows, list) else []
    for wrong, name in (
        (key is None, "id"), (plot not in plots, "plot"), (day is None or not EARLIEST <= day <= today, "day"),
        (not 1 <= len(team) <= 80, "team"), (len(note) > 500, "note"),
        (not rows and given.get("empty") is not True, "none"), (len(rows) > MOST_TREES, "many"),
    ):  # fmt: skip
        if wrong:
            faults.append(Fault(0, name))
    trees = [tree(number, row, faults) for number, row in enumerate(rows[:MOST_TREES], 1)]
    where = position(given.get("position"), faults)
    if faults or key is None or day is None:
        raise VisitWrong(faults, plot or "?")
    return Visit(key, plot, day, team, tuple(one for one in trees if one), not rows, note, where)


def tree(number: int, row: object, faults: list[Fault]) -> Tree | None:
    if not isinstance(row, dict):
        faults.append(Fault(number, "species"))
        return None
    species, dbh, height = text(row.get("species")), row.get("dbh_mm"), row.get("height_dm")
    before = len(faults)
    if not SPECIES.fullmatch(species):
        faults.append(Fault(number, "species"))
    if not whole(dbh, DBH_MM):
        faults.append(Fault(number, "dbh"))
    if height is not None and not whole(height, HEIGHT_DM):
        faults.append(Fault(number, "height"))
    return Tree(species, int(str(dbh)), height) if len(faults) == before else None


def whole(value: object, limits: tuple[int, int]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and limits[0] <= value <= limits[1]


def position(given: object, faults: list[Fault]) -> Position | None:
    """Where it was measured; the phone's accuracy in metres is rounded up."""
    if given is None:
        return None
    try:
        if not isinstance(given, dict):
            raise InvalidOperation
        longitude, latitude = (
            Decimal(str(given[name])).quantize(Decimal("0.000001")) for name in ("longitude", "latitude")
        )
        accuracy = given.get("accuracy_m")
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise InvalidOperation
        near = math.ceil(Decimal(str(accuracy))) if isinstance(accuracy, int | float) else None
        return Position(longitude, latitude, min(near, 10**6) if near is not None and near >= 0 else None)
    except (InvalidOperation, KeyError, ValueError, OverflowError):
        faults.append(Fault(0, "position"))
        return None


def text(value: object) -> str:
    """Text as it is kept: composed, without blanks around it or NUL in it; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return unicodedata.normalize("NFC", value.encode("utf-8", "ignore").decode()).replace("\x00", "").strip()


def uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def day_of(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def moment(value: object, *, now: datetime) -> datetime | None:
    """When a picture was taken, as the phone says; none where it says nothing usable."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        return clock.aware(found) if found is not None and found <= now.replace(year=now.year + 1) else None
    except (ValueError, TypeError):
        return None
