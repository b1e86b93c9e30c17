"""House lints: small checks of what no general tool knows about this house.

Each module here holds one rule and offers ``faults(root)``, which yields every place in the checkout that breaks it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = Path("src/tanhui")
# The pieces of a room that meet the world.
EDGE = {"pages", "api", "tasks", "management", "navigation", "rights", "tellings", "templatetags"}


@dataclass(frozen=True)
class Fault:
    """One place that breaks a rule, as an editor can jump to it."""

    path: Path
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.says}"


@dataclass(frozen=True)
class Source:
    """One file of ours. ``path`` is relative to the checkout, ``root`` is the checkout."""

    root: Path
    path: Path

    @cached_property
    def text(self) -> str:
        return (self.root / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @property
    def room(self) -> str:
        """``registry`` for src/tanhui/registry/acts/issuance.py."""
        return self.path.relative_to(PACKAGE).parts[0].removesuffix(".py")

    @property
    def piece(self) -> str:
        """``acts`` for src/tanhui/registry/acts/issuance.py, ``pages`` for src/tanhui/registry/pages.py."""
        parts = self.path.relative_to(PACKAGE).parts
        return parts[1].removesuffix(".py") if len(parts) > 1 else ""

    def fault(self, node: ast.AST | int, says: str) -> Fault:
        return Fault(self.path, node if isinstance(node, int) else getattr(node, "lineno", 1), says)

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


def files(root: Path, *patterns: str, under: Path = PACKAGE) -> Iterator[Source]:
    """Our files under a folder that match any of the patterns, in a stable order; what others made is left out."""
    found = {path for pattern in patterns for path in (root / under).rglob(pattern) if path.is_file()}
    for path in sorted(found):
        relative = path.relative_to(root)
        if not {"vendor", "node_modules", "__pycache__"} & set(relative.parts):
            yield Source(root, relative)


def python(root: Path) -> Iterator[Source]:
    """Every Python file of the product."""
    return files(root, "*.py")


def chain(node: ast.expr) -> list[str]:
    """``["Batch", "objects", "filter", "first"]`` for ``Batch.objects.filter(x=1).first()``."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Name):
            return [node.id, *reversed(names)]
        else:
            return ["", *reversed(names)]


def constants(tree: ast.Module) -> dict[str, str]:
    """The texts a module names at its top level."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def table_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row of each Markdown table with the row's line number; heads and rules are left out."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.startswith("|") or RULE.match(line):
            continue
        if number < len(lines) and RULE.match(lines[number]):
            continue
        yield number, [cell.strip() for cell in line.strip().strip("|").split("|")]


RULE = re.compile(r"\|[\s:|-]+\|$")


def handbook(root: Path) -> list[Path]:
    """Our pages for people: the Markdown files at the top and under docs/, relative to the checkout."""
    found = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    return sorted(path.relative_to(root) for path in found)
