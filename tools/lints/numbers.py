"""Kilograms, tonnes, grams and fen are integers (``Decimal`` in formulas); no float stands beside them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from lints import Fault, Source, python

UNITS = ("_kg", "_t", "_tonnes", "_fen", "_g")
WITH_FLOATS = {"science"}
FLOATS = {"float", "FloatField", "float32", "float64"}


def faults(root: Path) -> Iterator[Fault]:
    for source in python(root):
        if source.room not in WITH_FLOATS:
            yield from look(source)


def look(source: Source) -> Iterator[Fault]:
    for node in ast.walk(source.tree):
        for name, part in pairs(node):
            if name.endswith(UNITS) and (found := float_in(part)):
                yield source.fault(part, f"{found} beside {name}: quantities are integers or Decimal")


def pairs(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Every name with what is said to be in it: annotation, value, default or argument."""
    match node:
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            yield named(target), annotation
            if value:
                yield named(target), value
        case ast.Assign(targets=targets, value=value):
            for place in targets:
                yield named(place), value
        case ast.AugAssign(target=target, value=value):
            yield named(target), value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case ast.arg(arg=name, annotation=ast.expr() as annotation):
            yield name, annotation
        case ast.FunctionDef(name=name, returns=returns, args=args):
            if returns:
                yield name, returns
            plain = [*args.posonlyargs, *args.args]
            for arg, default in zip(plain[len(plain) - len(args.defaults) :], args.defaults, strict=True):
                yield arg.arg, default
            for arg, value_or_none in zip(args.kwonlyargs, args.kw_defaults, strict=True):
                if value_or_none:
                    yield arg.arg, value_or_none
        case ast.Compare(left=left, comparators=[right]):
            yield named(left), right
            yield named(right), left


def named(node: ast.expr) -> str:
    return str(getattr(node, "attr", "") or getattr(node, "id", ""))


def float_in(part: ast.expr) -> str | None:
    for node in ast.walk(part):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            return f"the float {node.value}"
        if isinstance(node, ast.Name | ast.Attribute) and named(node) in FLOATS:
            return named(node)
    return None
