"""What waits for a person: a room's ``tellings.py`` registers a function that lists its own tasks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from tanhui.identity import powers
from tanhui.identity.models import Person
from tanhui.identity.powers import Powers
from tanhui.notices import telling
from tanhui.ui import at_once


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing only this person, or a colleague with the same duty, can do. ``title`` is in the visitor's language.

    ``since`` is when it began to wait, ``due`` the last day to do it, ``working_days_left`` the working days until then
    (negative when overdue), and ``announced`` whether the working days of the years between are known.
    """

    title: str
    url: str
    since: datetime
    due: date | None = None
    working_days_left: int | None = None
    announced: bool = True
    organisation: str = ""


Ask = Callable[[Powers], list[Task]]
Rows = Callable[[Powers], Iterable[QuerySet[Any]]]
_asked: dict[Ask, Rows] = {}


def register(ask: Ask, *, rows: Rows) -> None:
    """Have a room asked what waits for a person with these powers. ``rows`` gives the same as querysets, a row for
    each task: the header of every page counts them, those of all rooms in one statement, and fetches none."""
    _asked[ask] = rows


def tasks(person: Person, *, at: datetime) -> list[Task]:
    """Everything that waits for a person, the nearest deadline first, then what has waited longest."""
    telling.discover()
    held = powers.of(person, at=at)
    found: Iterable[Task] = (task for ask in _asked for task in ask(held))
    return sorted(found, key=lambda task: (task.due or date.max, task.since))


def rows(held: Powers) -> list[QuerySet[Any]]:
    """The same, uncounted: querysets with a row for each task."""
    telling.discover()
    return [one for said in _asked.values() for one in said(held)]


def count(person: Person, *, at: datetime) -> int:
    """How much waits for a person; two statements."""
    return sum(at_once.counts(person, rows(powers.of(person, at=at))))
