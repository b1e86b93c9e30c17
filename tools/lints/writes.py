"""The world changes only in ``acts/``; SQL that only asks may also stand in ``queries`` and in ``site``."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lints import Fault, Source, chain, constants, python

WITHOUT_A_DATABASE = {"kernel", "science", "methods", "tlog"}
ALLOWED_PIECES = {"acts", "migrations"}
ALLOWED_ROOMS = {"journal"}  # the journal is written by itself: record, sequencer, followers
ALLOWED_FILES = {Path("src/tanhui/site/grants.py")}  # says what the role that serves the web may do
SETS = {"create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "raw"}
SETS_WITHOUT_A_SUBJECT = {"save", "delete", "update"}  # image.save(file), digest.update(data) are something else
SQL = {"execute", "executemany", "copy", "callproc"}
CHANGES = re.compile(r"\b(insert|update|delete|truncate|merge|alter|create|drop|grant|revoke|lock)\b", re.I)


def faults(root: Path) -> Iterator[Fault]:
    for source in python(root):
        belongs = source.room in ALLOWED_ROOMS or source.piece in ALLOWED_PIECES or source.path in ALLOWED_FILES
        if not belongs and source.room not in WITHOUT_A_DATABASE:
            yield from look(source)


def look(source: Source) -> Iterator[Fault]:
    texts = constants(source.tree)
    for call in source.calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        name = call.func.attr
        if name in SETS or (name in SETS_WITHOUT_A_SUBJECT and not call.args):
            yield source.fault(call, f".{name}(…) changes the world: move it into acts/")
        elif name in SQL and "cur" in chain(call)[-2] and not only_asks(source, call, texts):
            yield source.fault(call, f"SQL by .{name}(…) that is not a plain question: move it into acts/ or queries")


def only_asks(source: Source, call: ast.Call, texts: dict[str, str]) -> bool:
    if not (source.piece == "queries" or source.room == "site") or not call.args:
        return False
    statement = call.args[0]
    text = texts.get(statement.id) if isinstance(statement, ast.Name) else getattr(statement, "value", None)
    return isinstance(text, str) and not CHANGES.search(text)
