"""The public registers as files: those too long to be answered at once are made by the worker."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tanhui.files import exports
from tanhui.portal.pages import registers
from tanhui.portal.queries import lines


def rows(slug: str, parameters: exports.Parameters) -> tuple[int, Iterator[list[Any]]]:
    """How many rows a register has under a filter, and their cells in its order."""
    asked = lines.read(lines.LISTINGS[slug], parameters)
    cells = registers.SHOWN[slug].cells
    return lines.matching(asked).count(), map(cells, lines.every(asked))


def header(slug: str) -> list[str]:
    return [str(one) for one in registers.SHOWN[slug].header]


for slug, shown in registers.SHOWN.items():
    exports.register(f"portal.{slug}", title=shown.title, rows=partial(rows, slug), header=partial(header, slug))
