"""The policy tables name every clause once, a room that exists, and for what is built, where to see it.

Rows: ``| clause | what it asks | room | state | seen in |``; and a glossary row: ``| Chinese | English | meaning |``.
"""

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

from lints import Fault, handbook, table_rows

POLICIES = Path("docs/policy")
GLOSSARY = Path("GLOSSARY.md")
STATES = {"built", "planned", "context"}  # context: a clause that asks nothing of a system
NO_ROOM = {"docs", "—"}
PROOF = re.compile(r"\]\(([^)]+/test_\w+\.py)\) \((Test\w+(?:, Test\w+)*)\)")  # a test, and the classes that prove


def faults(root: Path) -> Iterator[Fault]:
    rooms = floors(root) | NO_ROOM
    for path in handbook(root):
        text = (root / path).read_text(encoding="utf-8")
        if path.parent == POLICIES and path.name != "README.md":
            yield from look(root, path, text, rooms)
        elif path == GLOSSARY:
            yield from one_word_each(path, text)


def look(root: Path, path: Path, text: str, rooms: set[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, cells in table_rows(text):
        if len(cells) != 5:
            yield Fault(path, number, f"{len(cells)} cells where a clause has five")
            continue
        clause, asks, room, state, where = cells
        if not asks or clause in seen:
            yield Fault(path, number, f"{clause} stands here twice" if clause in seen else f"{clause} asks nothing")
        seen.add(clause)
        for name in re.split(r",\s*", room):
            if name not in rooms:
                yield Fault(path, number, f"{clause}: there is no room {name}")
        if state not in STATES:
            yield Fault(path, number, f"{clause}: {state!r} is none of {', '.join(sorted(STATES))}")
        links = re.findall(r"\]\(([^)]+)\)", where)
        if state == "built" and not links:
            yield Fault(path, number, f"{clause} is said to be built and nothing shows it")
        for link in links:
            if not (root / path.parent / link).exists():
                yield Fault(path, number, f"{clause}: {link} does not exist")
        for link, classes in PROOF.findall(where):
            test = root / path.parent / link
            text = test.read_text(encoding="utf-8") if test.exists() else ""
            for name in classes.split(", "):
                if f"\nclass {name}:" not in text and f"\nclass {name}(" not in text:
                    yield Fault(path, number, f"{clause}: {link} has no {name}")
    if not seen:
        yield Fault(path, 1, "holds no table of clauses")


def one_word_each(path: Path, text: str) -> Iterator[Fault]:
    chinese: dict[str, int] = {}
    english: dict[str, int] = {}
    for number, cells in table_rows(text):
        if len(cells) != 3:
            yield Fault(path, number, f"{len(cells)} cells where a term has three")
            continue
        for said in re.split(r"[、/]", cells[0]):
            if chinese.setdefault(said.strip(), number) != number:
                yield Fault(path, number, f"{said} has a word already, on line {chinese[said.strip()]}")
        if english.setdefault(cells[1].lower(), number) != number:
            yield Fault(
                path, number, f"“{cells[1]}” already stands for another term, on line {english[cells[1].lower()]}"
            )


def floors(root: Path) -> set[str]:
    """Every room that has a floor, whether or not it has been built."""
    contracts = configparser.ConfigParser()
    contracts.read(root / ".importlinter", encoding="utf-8")
    return set(re.findall(r"\w+", contracts.get("importlinter:contract:floors", "layers", fallback="")))
