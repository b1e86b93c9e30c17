"""The public list of developments as a file: what is too long to be answered at once is made by the worker."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy

from tanhui.files import exports
from tanhui.projects.pages import public_cells
from tanhui.projects.queries import listing


def rows(parameters: exports.Parameters) -> tuple[int, Iterator[list[Any]]]:
    """How many developments there are under a filter, and their cells, newest first."""
    asked = listing.read(parameters)
    return listing.matching(asked).count(), map(public_cells.row, listing.every(asked))


exports.register(
    "projects.developments", title=gettext_lazy("Projects in development"), rows=rows, header=public_cells.header
)
