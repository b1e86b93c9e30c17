"""Pages of long lists by cursor, so that the ten-thousandth page costs what the first one does."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows newest first. ``older`` is the cursor of the next page, ``newer`` tells whether this is not the first."""

    rows: list[Row]
    older: str
    newer: bool


def page(rows: QuerySet[Row], before: str, size: int = SIZE) -> Page[Row]:
    """At most ``size`` rows with a key below ``before``, by falling key. A cursor that is no number is ignored."""
    if before.isascii() and before.isdigit() and len(before) < 19:
        found: list[Any] = list(rows.filter(pk__lt=int(before)).order_by("-pk")[: size + 1])
        newer = True
    else:
        found, newer = list(rows.order_by("-pk")[: size + 1]), False
    older = str(found[size - 1].pk) if len(found) > size else ""
    return Page(found[:size], older, newer)
