"""The world changes only in ``acts/``; SQL that only asks may also stand in ``queries``, ``audit`` and ``site``."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lints import Fault, Source, chain, python

WITHOUT_A_DATABASE = {"kernel", "science", "methods", "tlog"}
ALLOWED_PIECES = {"acts", "migrations"}
ALLOWED_ROOMS = {"journal"}  # the journal is written by itself: record, sequencer, followers
QUESTIONS = {"queries", "audit"}
ALLOWED_FILES = {Path("src/tanhui/site/grants.py")}  # says what the role that serves the web may do
SETS = {"create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "raw"}
SETS_WITHOUT_A_SUBJECT = {"save", "delete", "update"}  # image.save(file), digest.update(data) are something else
SQL = {"execute", "executemany", "copy", "callproc"}
CHANGES = re.compile(
    r"\b(insert\s+into|update\s+\S+\s+(as\s+\w+\s+)?set|delete\s+from|truncate|merge\s+into|(alter|create|drop|lock)\s+table"
    r"|grant|revoke|for\s+(no\s+key\s+)?update)\b",
    re.I,
)


def faults(root: Path) -> Iterator[Fault]:
    for source in python(root):
        belongs = source.room in ALLOWED_ROOMS or source.piece in ALLOWED_PIECES or source.path in ALLOWED_FILES
        if not belongs and source.room not in WITHOUT_A_DATABASE:
            yield from look(source)


def look(source: Source) -> Iterator[Fault]:
    asks = source.piece in QUESTIONS or source.room == "site"
    for call in source.calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        name = call.func.attr
        if name in SETS or (name in SETS_WITHOUT_A_SUBJECT and not call.args):
            yield source.fault(call, f".{name}(…) changes the world: move it into acts/")
        elif not asks and name in SQL and "cur" in chain(call)[-2]:
            yield source.fault(call, f"SQL by .{name}(…): move it into acts/, or into queries if it only asks")
    for node in ast.walk(source.tree) if asks else []:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHANGES.search(node.value):
            yield source.fault(node, "SQL that changes the world: move it into acts/")
