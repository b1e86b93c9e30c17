"""PDF by pypdf: opened, pages counted, programs inside found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine, head

ACTIVE = {"/JavaScript", "/Launch", "/ImportData", "/RichMediaExecute"}
MOST_OBJECTS = 200_000


def pdf(path: Path) -> Facts:
    """``pages``, and ``attachments``, the number of files inside, when there are any."""
    if b"%PDF-" not in head(path):
        raise NotMine
    try:
        reader = PdfReader(path)
        if reader.is_encrypted:
            raise refusals.PdfEncrypted
        pages = len(reader.pages)
        if pages == 0:
            raise refusals.FileUnreadable(format="PDF")
        if found := next(programs(reader), None):
            raise refusals.PdfActive(what=found)
        attachments = len(reader.attachments)
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError) as fault:
        raise refusals.FileUnreadable(format="PDF") from fault
    return {"pages": pages} | ({"attachments": attachments} if attachments else {})


def programs(reader: PdfReader) -> Iterator[str]:
    """Every action in the file that would run something, wherever it hangs: all objects are looked at."""
    numbers = {(generation, number) for generation, known in reader.xref.items() for number in known}
    numbers |= {(0, number) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise refusals.FileUnreadable(format="PDF")
    for generation, number in sorted(numbers):
        yield from actions(IndirectObject(number, generation, reader).get_object(), 0)


def actions(value: Any, depth: int) -> Iterator[str]:
    if depth > 60:
        raise refusals.FileUnreadable(format="PDF")
    if isinstance(value, DictionaryObject):
        if (kind := value.raw_get("/S") if "/S" in value else None) in ACTIVE:
            yield str(kind)
        if "/JS" in value:
            yield "/JavaScript"
        for name in value:
            yield from actions(value.raw_get(name), depth + 1)
    elif isinstance(value, ArrayObject):
        for one in list.__iter__(value):
            yield from actions(one, depth + 1)
