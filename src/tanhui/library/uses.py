"""Which projects use a methodology is asked of the rooms above, which register here what they know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True, slots=True)
class Uses:
    """Projects under one version: how many, the latest few with their addresses, and where all of them stand."""

    count: int
    latest: Iterable[tuple[str, str]]
    url: str


Find = Callable[[str], Uses]
_finders: list[Find] = []


def register(find: Find) -> Find:
    """A room's ``uses.py`` calls this with a function that answers for a full code (``AR-CM-001-V01``)."""
    if find not in _finders:
        _finders.append(find)
    return find


def of(full_code: str) -> list[Uses]:
    """What every room knows of a version; one statement for each that has something."""
    autodiscover_modules("uses")
    return [found for find in _finders if (found := find(full_code)).count]
