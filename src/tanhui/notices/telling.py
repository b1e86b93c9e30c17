"""What the rooms tell whom: a room's ``tellings.py`` calls ``tell`` for the kinds of fact that somebody wants to know.

The modules are found through Django's list of installed applications, as ``ui.navigation`` finds its own. A follower of
the log (``tasks.py``) turns each fact into one notice for each of its recipients.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.module_loading import autodiscover_modules

from tanhui.identity.models import Mandate, Organisation, Person

FOLLOWER = "notices"  # of the journal
CATEGORIES = ("INSTRUCTION", "UNITS", "RESTRICTION", "ACCOUNT", "PEOPLE", "PUBLIC", "OTHER")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the log with what stayed here: ``fact`` was published, ``private`` was not; ``by`` is a person's id.

    ``entry`` is the journal's number, by which an act's own row names its fact; ``index`` the place in the log.
    """

    kind: str
    index: int
    entry: int
    fact: Mapping[str, Any]
    private: Mapping[str, Any]
    by: int | None
    at: datetime
    read: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, ask: Callable[[], Any]) -> Any:
        """What several who tell of this fact look at, read once."""
        if name not in self.read:
            self.read[name] = ask()
        return self.read[name]


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told of one kind of fact, to whom, and where they can see more."""

    kind: str
    name: str
    category: str
    recipients: Callable[[Fact], Iterable[Person]]
    subject: str
    body: str
    url: Callable[[Fact], str]
    words: Callable[[Fact], Mapping[str, Any]]


_tellings: dict[str, list[Telling]] = {}
_settled: dict[str, list[Callable[[Fact], str]]] = {}
_concerned: dict[str, list[Callable[[Fact], Iterable[int]]]] = {}


@cache
def discover() -> None:
    """Find the rooms' tellings, once: looking for modules that are not there takes longer than telling."""
    autodiscover_modules("tellings")


def published(fact: Fact) -> Mapping[str, Any]:
    """The words of a telling that names none: what the fact itself says."""
    return fact.fact


def tell(
    kind: str,
    *,
    recipients: Callable[[Fact], Iterable[Person]],
    subject: str,
    body: str,
    url: Callable[[Fact], str],
    words: Callable[[Fact], Mapping[str, Any]] = published,
    category: str = "OTHER",
    name: str = "",
) -> None:
    """Tell of every fact of a kind.

    ``subject`` and ``body`` are msgids (``gettext_noop``) with ``%(name)s`` places that ``words`` fills: it is called
    once in each language, so that what it translates is in that language; without it the published fact's own keys fill
    them. ``url`` is a path of this site. ``category`` is one of ``CATEGORIES``, by which people choose what they are
    mailed. Several tellings of one kind differ by ``name``. Everything may read the database and writes nothing; what
    it raises sets the fact aside for this follower, and stops no other fact.
    """
    if category not in CATEGORIES:
        raise ValueError(f"{kind}: {category} is none of {CATEGORIES}")
    if any(one.name == name for one in _tellings.get(kind, [])):
        raise ValueError(f"{kind} is told under the name {name!r} already")
    _tellings.setdefault(kind, []).append(Telling(kind, name, category, recipients, subject, body, url, words))


def settles(kind: str, url: Callable[[Fact], str]) -> None:
    """Say that a fact of a kind ends what people were told at an address (or nothing: ""): what nobody has read of it
    counts as read from then on."""
    _settled.setdefault(kind, []).append(url)


def settled(fact: Fact) -> list[str]:
    """The addresses at which a fact ended what people were told."""
    discover()
    return [url for ask in _settled.get(fact.kind, []) if (url := ask(fact))]


def concerns(kind: str, organisations: Callable[[Fact], Iterable[int]]) -> None:
    """Say which organisations, by their ids, a fact of a kind concerns: their own systems can ask to be told of it."""
    _concerned.setdefault(kind, []).append(organisations)


def concerned(fact: Fact) -> set[int]:
    """The organisations a fact concerns, as the rooms say."""
    discover()
    return {key for ask in _concerned.get(fact.kind, []) for key in ask(fact)}


def of(kind: str) -> list[Telling]:
    """The tellings of a kind of fact, in the order in which they were registered."""
    discover()
    return _tellings.get(kind, [])


def kinds() -> set[str]:
    """Every kind of fact that somebody is told of, or that ends what they were told."""
    discover()
    return set(_tellings) | set(_settled)


def holders(
    organisation: Organisation | int | str,
    *,
    at: datetime,
    capacities: Collection[str] = ("INITIATE", "CONFIRM"),
    without: int | None = None,
) -> QuerySet[Person]:
    """The active people who hold one of the capacities for an organisation at a time, by id; ``without`` one of them.

    The organisation is given itself, by its id, or by its unified social credit code.
    """
    match organisation:
        case str():
            whose = Q(membership__organisation__uscc=organisation)
        case int():
            whose = Q(membership__organisation=organisation)
        case _:
            whose = Q(membership__organisation=organisation.pk)
    standing = Mandate.objects.filter(
        whose,
        Q(until_at__isnull=True) | Q(until_at__gt=at),
        Q(membership__until_at__isnull=True) | Q(membership__until_at__gt=at),
        since_at__lte=at,
        membership__since_at__lte=at,
        capacity__in=capacities,
    )
    found = Person.objects.filter(pk__in=standing.values("membership__person"), is_active=True)
    return (found.exclude(pk=without) if without else found).order_by("pk")
