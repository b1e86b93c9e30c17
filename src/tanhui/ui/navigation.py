"""Where rooms hang their entries: a room's ``navigation.py`` calls ``register``, the frame shows what fits a visitor.

``ui`` knows no room: the modules are found through Django's list of installed applications, as the admin finds its own.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.core.cache import caches
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tanhui.ui import at_once, shared


def everyone(request: HttpRequest) -> bool:
    return True


def signed_in(request: HttpRequest) -> bool:
    return hasattr(request, "user") and request.user.is_authenticated


def nothing(request: HttpRequest) -> Sequence[at_once.Rows]:
    return ()


@dataclass(frozen=True)
class Entry:
    """One link of the header. ``shown`` says whether this visitor gets it: at once, or by querysets of which one must
    have a row. ``waiting`` gives querysets of what the visitor should do there, a row each; nothing is shown for none.
    All that the entries want to know of the database is asked in one statement (``at_once``).

    ``mine`` puts it into the workspace menu of whoever signed in, under ``heading`` there.
    """

    url_name: str
    label: str | Promise
    order: int
    shown: Callable[[HttpRequest], bool | Sequence[at_once.Rows]] = everyone
    waiting: Callable[[HttpRequest], Sequence[at_once.Rows]] = nothing
    mine: bool = False
    heading: str | Promise = ""


@dataclass(frozen=True)
class Shown:
    url: str
    label: str
    current: bool
    waiting: int
    mine: bool
    heading: str


@dataclass(frozen=True)
class Remembered:
    """A visitor's links, and the SHA-256 of what they say."""

    found: list[Shown]
    digest: str

    @classmethod
    def of(cls, found: list[Shown]) -> "Remembered":
        return cls(found, hashlib.sha256(repr(found).encode()).hexdigest())


@dataclass(frozen=True)
class Menu:
    """The header's links: public ones in the bar, those it has no room for, and the visitor's own by heading."""

    bar: list[Shown]
    more: list[Shown]
    own: list[tuple[str, list[Shown]]]

    @property
    def waiting(self) -> int:
        """How much waits for the visitor: the largest count, since one task may stand in two lists."""
        return max((entry.waiting for _heading, entries in self.own for entry in entries), default=0)

    @property
    def at_work(self) -> bool:
        return any(entry.current for _heading, entries in self.own for entry in entries)

    @property
    def in_more(self) -> bool:
        return any(entry.current for entry in self.more)


# Headings of the workspace menu, for whoever registers an entry that is ``mine``.
ACCOUNT = _("Account and instructions")
STAFF = _("Staff desk")
SELF = _("Organisation and yourself")

BAR = 6  # public links beside each other on a desk


_entries: dict[str, Entry] = {}


def register(*entries: Entry) -> None:
    _entries.update((entry.url_name, entry) for entry in entries)


def menu(request: HttpRequest) -> Menu:
    """What the frame shows to this visitor."""
    found = shown_to(request)
    public = [entry for entry in found if not entry.mine]
    room = BAR if len(public) != BAR + 1 else BAR + 1
    own: dict[str, list[Shown]] = {}
    for entry in found:
        if entry.mine:
            own.setdefault(entry.heading, []).append(entry)
    return Menu(public[:room], public[room:], list(own.items()))


def shown_to(request: HttpRequest) -> list[Shown]:
    """The visitor's links in order, public ones first; the one whose address covers this page is current."""
    found, here = remembered(request).found, current(request)
    return [replace(one, current=True) if one.url == here else one for one in found]


def current(request: HttpRequest) -> str:
    """The longest of the visitor's links that covers this page, if one does."""
    path = request.path
    covering = [one.url for one in remembered(request).found if path == one.url or path.startswith(f"{one.url}/")]
    return max(covering, key=len, default="")


def said(request: HttpRequest) -> str:
    """All that the header's links say, in short: where this is the same, so are they."""
    return f"{remembered(request).digest} {current(request)}"


def remembered(request: HttpRequest) -> Remembered:
    """The visitor's links as they were some seconds ago, or now when the visitor has just done something.

    Half of a page's cost would be to ask every room anew what waits. A link that is late leads nowhere it should not:
    the page behind it asks for the right itself.
    """
    found: Remembered | None = getattr(request, "links", None)
    if found is None:
        found = kept(request) if shared.seconds(request) else Remembered.of(reckoned(request))
        request.links = found  # type: ignore[attr-defined]  # for the rest of this answer
    return found


def kept(request: HttpRequest) -> Remembered:
    session = request.session.session_key if signed_in(request) else ""
    key = f"menu:{get_language()}:{session}"
    found: Remembered | None = caches["process"].get(key)
    if found is None:
        found = Remembered.of(reckoned(request))
        caches["process"].set(key, found, shared.seconds(request))
    return found


def reckoned(request: HttpRequest) -> list[Shown]:
    """The same, asked of every room."""
    autodiscover_modules("navigation")
    asked: list[at_once.Rows] = []

    def put(rows: Iterable[at_once.Rows]) -> slice:
        start = len(asked)
        asked.extend(rows)
        return slice(start, len(asked))

    offered: list[tuple[Entry, slice | None, slice]] = []
    for entry in sorted(_entries.values(), key=lambda entry: (entry.mine, entry.order)):
        shown = entry.shown(request)
        if shown is not False:
            there = None if shown is True else put(rows[:1] for rows in shown)
            offered.append((entry, there, put(entry.waiting(request))))

    counts = at_once.counts(request.user, asked) if asked else []
    found = []
    for entry, there, waiting in offered:
        if there is not None and not any(counts[there]):
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:  # an installation may leave a room's pages out
            continue
        found.append(Shown(url, str(entry.label), False, sum(counts[waiting]), entry.mine, str(entry.heading)))
    return found
