"""The command line opens in a tiny install: what is heavy is imported inside the command that needs it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from lints import Fault, Source, python

BASE = {*sys.stdlib_module_names, "cryptography", "pypdf"}  # what `pip install tanhui` brings (requirements/base.in)
LIGHT_ROOMS = {"cli", "kernel", "tlog"}


def faults(root: Path) -> Iterator[Fault]:
    for source in python(root):
        if source.room in LIGHT_ROOMS:
            yield from look(source)


def look(source: Source) -> Iterator[Fault]:
    for node in at_import(source.tree.body):
        for module in modules(node):
            parts = module.split(".")
            light = parts[1:2] == [] or parts[1] in LIGHT_ROOMS if parts[0] == "tanhui" else parts[0] in BASE
            if not light:
                yield source.fault(node, f"{module} is not in the base install: import it inside the function")


def at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported, not those inside functions or for type checkers only."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef):
            yield from at_import([part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt)])


def modules(node: ast.stmt) -> list[str]:
    """Full names of what a statement imports; ``from tanhui import ledger`` is ``tanhui.ledger``."""
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module="tanhui", names=names):
            return [f"tanhui.{name.name}" for name in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
    return []
