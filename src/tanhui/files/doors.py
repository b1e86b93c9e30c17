"""Who may read a paper is asked of the room whose subject it is about.

A room's ``doors.py`` calls ``register("registry.application", may_read)``; a subject is written
``registry.application:<key>``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import autodiscover_modules

from tanhui.identity.models import Person
from tanhui.kernel.refusal import Refusal, gettext_noop

Answer = Callable[[Person | None, str, datetime], bool]


class SubjectUnknown(Refusal):
    code = "files.subject_unknown"
    sentence = gettext_noop("“%(subject)s” is nothing a paper can belong to. Write it as registry.application:KEY.")
    clause = "ARCHITECTURE.md §3"
    status = 422


def nobody(person: Person | None, key: str, at: datetime) -> bool:
    return False


@dataclass(frozen=True)
class Door:
    """``may_read``: whether a person (``None``: the public) may read a subject's papers. ``may_read_withheld``: also
    those that are withheld; whoever handed one in always may, as long as they may read the subject at all."""

    may_read: Answer
    may_read_withheld: Answer = nobody


_doors: dict[str, Door] = {}


def register(prefix: str, may_read: Answer, may_read_withheld: Answer = nobody) -> None:
    _doors[prefix] = Door(may_read, may_read_withheld)


def door(subject: str) -> tuple[Door, str]:
    """The door of a subject and the subject's key. Refuses with ``SubjectUnknown``."""
    autodiscover_modules("doors")
    prefix, _, key = subject.partition(":")
    if prefix not in _doors or not key or len(subject) > 120:
        raise SubjectUnknown(subject=subject[:60])
    return _doors[prefix], key


def may_read(person: Person | None, subject: str, *, withheld: bool, by: Person | int | None, at: datetime) -> bool:
    """Whether a person may read a paper about a subject that ``by`` handed in."""
    found, key = door(subject)
    if withheld:
        own = person is not None and person.pk == (by.pk if isinstance(by, Person) else by)
        return found.may_read_withheld(person, key, at) or (own and found.may_read(person, key, at))
    return found.may_read(person, key, at)
