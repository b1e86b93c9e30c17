"""The lists that can be exported: a room's ``exporters.py`` says how to read each of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from tanhui.identity.models import Person
from tanhui.kernel.refusal import Refusal, gettext_noop

AT_ONCE = 50_000  # rows that are answered directly; more become a job
Parameters = Mapping[str, str]
Row = Sequence[Any]


class ExportUnknown(Refusal):
    code = "files.export_unknown"
    sentence = gettext_noop("There is no list “%(name)s” to export. Choose one from the page it stands on.")
    clause = "ARCHITECTURE.md §3"
    status = 404


def everybody(person: Person | None, parameters: Parameters, at: datetime) -> bool:
    return True


def plainly(parameters: Parameters) -> list[str]:
    """The parameters as a person reads them, where the list has no better words."""
    return [value for value in parameters.values() if value]


@dataclass(frozen=True)
class Exporter:
    """A list for files.

    ``rows(parameters)`` gives how many rows there are and an iterator over them; it refuses parameters it cannot use,
    and ignores none. ``header()`` gives the column titles in the language that is active. ``may`` says who may ask, and
    ``told`` the parameters in words.
    """

    name: str
    title: str | Promise
    rows: Callable[[Parameters], tuple[int, Iterator[Row]]]
    header: Callable[[], Iterable[str]]
    may: Callable[[Person | None, Parameters, datetime], bool] = everybody
    told: Callable[[Parameters], list[str]] = plainly

    @property
    def file_name(self) -> str:
        return self.name.rpartition(".")[2]


_exporters: dict[str, Exporter] = {}


def register(
    name: str,
    *,
    title: str | Promise,
    rows: Callable[[Parameters], tuple[int, Iterator[Row]]],
    header: Callable[[], Iterable[str]],
    may: Callable[[Person | None, Parameters, datetime], bool] = everybody,
    told: Callable[[Parameters], list[str]] = plainly,
) -> None:
    """Offer a list under its name, ``room.list``."""
    _exporters[name] = Exporter(name, title, rows, header, may, told)


def known() -> Mapping[str, Exporter]:
    autodiscover_modules("exporters")
    return _exporters


def exporter(name: str, person: Person | None, parameters: Parameters, at: datetime) -> Exporter:
    """The list of that name, for somebody who may have it. Refuses with ``ExportUnknown``, strangers too."""
    found = known().get(name)
    if found is None or not found.may(person, parameters, at):
        raise ExportUnknown(name=name[:60])
    return found
