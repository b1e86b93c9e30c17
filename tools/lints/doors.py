"""A person's input becomes an object only through a door in ``access``, which checks the right to see or touch it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from lints import Fault, Source, chain, python

OUTSIDE = {"pages", "api", "forms"}
SHORTCUTS = {"get_object_or_404", "aget_object_or_404", "get_list_or_404", "aget_list_or_404"}
FETCHES = {"get", "aget", "first", "afirst", "last", "alast", "latest", "earliest", "in_bulk"}


def faults(root: Path) -> Iterator[Fault]:
    for source in python(root):
        if source.piece in OUTSIDE:
            yield from look(source)


def look(source: Source) -> Iterator[Fault]:
    for call in source.calls():
        names = chain(call)
        if names[-1] in SHORTCUTS:
            yield source.fault(call, f"{names[-1]} stands outside the doors: call a function of access instead")
        elif isinstance(call.func, ast.Attribute) and names[-1] in FETCHES and "objects" in names[:-1]:
            yield source.fault(call, f"{'.'.join(names)} stands outside the doors: call a function of access instead")
