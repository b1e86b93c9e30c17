"""What waits for a person: a room's ``tellings.py`` registers a function that lists its own tasks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from tanhui.identity.models import Person
from tanhui.notices import telling


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


Ask = Callable[[Person, datetime], list[Task]]
Count = Callable[[Person, datetime], int]
_asked: dict[Ask, Count] = {}


def register(ask: Ask, *, count: Count | None = None) -> None:
    """Have a room asked what waits for a person. ``count`` answers how much it is in one cheap query: the header of
    every page asks it."""
    _asked[ask] = count or (lambda person, at: len(ask(person, at)))


def tasks(person: Person, *, at: datetime) -> list[Task]:
    """Everything that waits for a person, the nearest deadline first, then what has waited longest."""
    telling.discover()
    found: Iterable[Task] = (task for ask in _asked for task in ask(person, at))
    return sorted(found, key=lambda task: (task.due or date.max, task.since))


def count(person: Person, *, at: datetime) -> int:
    """How much waits for a person."""
    telling.discover()
    return sum(count(person, at) for count in _asked.values())
