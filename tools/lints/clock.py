"""The clock is read only at the edge; everything inside is told the time as ``at``."""

import ast
from collections.abc import Iterator
from pathlib import Path

from lints import EDGE, Fault, Source, chain, python

EDGE_ROOMS = {"cli", "site"}
READS = {"now", "today", "utcnow", "localdate", "Now"}  # datetime.now(), date.today(), timezone.now(), functions.Now()
OWNERS = {"datetime", "date", "timezone", "dt", "functions"}  # called or handed on: default=timezone.now reads it too
TIME = {"time", "time_ns", "localtime", "gmtime"}  # of the module ``time``; monotonic clocks measure, they do not date
FIELDS = {"auto_now", "auto_now_add"}


def faults(root: Path) -> Iterator[Fault]:
    for source in python(root):
        if source.room not in EDGE_ROOMS and source.piece not in EDGE | {"migrations"}:
            yield from look(source)


def look(source: Source) -> Iterator[Fault]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name) if (
                owner in OWNERS and name in READS
            ) or (owner == "time" and name in TIME):
                says = f"{'.'.join(chain(node)[-2:])} reads the clock"
            case ast.Call(func=ast.Name(id=name)) if name in READS | {"time_ns"}:
                says = f"{name}() reads the clock"
            case ast.keyword(arg=name) if name in FIELDS:
                says = f"{name} reads the clock"
            case _:
                continue
        yield source.fault(node if hasattr(node, "lineno") else 1, f"{says}: take `at` as an argument instead")
