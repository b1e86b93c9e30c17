"""Every refusal has a code of its own, a clause it rests on, a sentence, and that sentence in Chinese."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lints import Fault, Source, catalogues, constants, python

ROOT = "Refusal"
CODE = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")
OURS = re.compile(r"ARCHITECTURE\.md §(\d+)(?:\.(\d+))?")
ENDS = ("。", "！", "？", "”", "）")


@dataclass(frozen=True)
class Class:
    source: Source
    node: ast.ClassDef

    @property
    def bases(self) -> list[str]:
        return [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in self.node.bases]

    def value(self, name: str) -> ast.expr | None:
        for part in self.node.body:
            if isinstance(part, ast.Assign) and any(getattr(target, "id", "") == name for target in part.targets):
                return part.value
            if isinstance(part, ast.AnnAssign) and getattr(part.target, "id", "") == name:
                return part.value
        return None


def faults(root: Path) -> Iterator[Fault]:
    classes: dict[str, list[Class]] = {}
    names: dict[str, str] = {}  # clauses many refusals rest on are named once
    for source in python(root):
        names |= constants(source.tree)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, []).append(Class(source, node))
    refusals = [each for group in classes.values() for each in group if descends(each, classes)]
    extended = {base for each in refusals for base in each.bases}
    codes: dict[str, Class] = {}
    sections = promised(root)
    for each in refusals:
        if each.value("code") is None and each.node.name in extended:
            continue  # a family of refusals, never raised itself
        yield from look(each, classes, names, sections)
        code = text(each.value("code"))
        if code and codes.setdefault(code, each) is not each:
            yield each.source.fault(
                each.node, f"{each.node.name}: the code {code} is {codes[code].node.name}'s already"
            )


def ancestors(each: Class, classes: dict[str, list[Class]], seen: frozenset[str] = frozenset()) -> Iterator[Class]:
    """The classes above one, nearest first, as far as they are ours; names stand for classes."""
    for base in each.bases:
        for up in classes.get(base, []) if base not in seen | {ROOT} else []:
            yield up
            yield from ancestors(up, classes, seen | {base})


def descends(each: Class, classes: dict[str, list[Class]]) -> bool:
    return any(ROOT in one.bases for one in (each, *ancestors(each, classes)))


def look(each: Class, classes: dict[str, list[Class]], names: dict[str, str], sections: set[str]) -> Iterator[Fault]:
    def fault(says: str) -> Fault:
        return each.source.fault(each.node, f"{each.node.name}: {says}")

    code = text(each.value("code"))
    if code is None or not CODE.fullmatch(code):
        yield fault("needs a code of the form room.rule, written out")
    elif code.split(".")[0] != each.source.room:
        yield fault(f"the code {code} does not begin with its room, {each.source.room}")

    clause = text(inherited(each, "clause", classes), names)
    if not clause:
        yield fault("names no clause")
    else:
        for chapter, item in OURS.findall(clause):
            if (section := f"{chapter}.{item}" if item else chapter) not in sections:
                yield fault(f"ARCHITECTURE.md has no §{section}")

    sentence = inherited(each, "sentence", classes)
    said = text(sentence.args[0]) if isinstance(sentence, ast.Call) and sentence.args else None
    if said is None or ast.unparse(sentence.func).split(".")[-1] != "gettext_noop":  # type: ignore[union-attr]
        yield fault("needs sentence = gettext_noop(“…”), written out")
        return
    entry = catalogues.catalogue(each.source.root, each.source.room).get((None, said))
    if entry is None or entry.fuzzy or not entry.msgstr:
        yield fault("its sentence has no Chinese")
    elif not catalogues.HAN.search(entry.msgstr) or not entry.msgstr.endswith(ENDS):
        yield fault("its Chinese is not a whole sentence")
    elif catalogues.places(entry.msgstr) != catalogues.places(said):
        yield fault("its Chinese leaves out or invents a fact")


def inherited(each: Class, name: str, classes: dict[str, list[Class]]) -> ast.expr | None:
    return next((value for one in (each, *ancestors(each, classes)) if (value := one.value(name)) is not None), None)


def text(node: ast.expr | None, names: dict[str, str] | None = None) -> str | None:
    """The text an expression spells: a literal, a named literal, or several joined."""
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.Name(id=name) | ast.Attribute(attr=name) if names:
            return names.get(name)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = text(left, names), text(right, names)
            return None if None in parts else "".join(map(str, parts))
        case ast.JoinedStr(values=values):
            return "".join(
                text(getattr(part, "value", None) if isinstance(part, ast.FormattedValue) else part, names) or ""
                for part in values
            )
    return None


def promised(root: Path) -> set[str]:
    """Section numbers of ARCHITECTURE.md: ``6`` for ``## 6. …``, ``6.2`` for ``### 6.2 …``."""
    path = root / "ARCHITECTURE.md"
    return (
        set(re.findall(r"(?m)^#{2,3} (\d+(?:\.\d+)?)\b", path.read_text(encoding="utf-8"))) if path.exists() else set()
    )
