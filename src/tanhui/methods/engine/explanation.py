"""A run as text a person can follow with a calculator: Markdown, and the data of a paper.

What a project or a package wrote is only ever text: Markdown gets it escaped, a paper reads it as data.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tanhui.methods.engine import execution, shelf
from tanhui.methods.engine.blocks import Block, Chain, Grid, Parameters, Points, Text, pieces, shown
from tanhui.methods.engine.chapters import HEADINGS, WORDS, Page, note, rules

__all__ = ["explain", "moment", "note", "paper", "rules"]

CHINA = dt.timezone(dt.timedelta(hours=8))
LOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁻∙", "0123456789-·")


def explain(bundle: bytes, code: str = "zh-hans") -> str:
    """The equation chain of a bundle as Markdown; ``code`` is ``zh-hans`` or ``en``."""
    page = _page(bundle, code)
    return "\n".join(_markdown(page)) + "\n"


def paper(bundle: bytes, code: str = "zh-hans") -> dict[str, Any]:
    """The same for a paper: what ``library/papers/run.typ`` prints, as JSON can hold it."""
    page = _page(bundle, code)
    figure, unit, sentence = page.outcome()
    told: dict[str, Any] = printable(
        {
            "title": page.headline,
            "subtitle": page.methodology,
            "number": page.content["trace_sha256"][:12],
            "demonstration": page.demonstration,
            "warnings": list(page.warnings()),
            "amount": sentence,
            "figure": figure,
            "unit": unit,
            "words": {name: page.say(word) for name, word in WORDS.items()},
            "chapters": [
                {"title": page.say(HEADINGS[name]), "blocks": [_on_paper(block) for block in blocks]}
                for name, blocks in page.chapters()
                if name != "result"
            ],
        }
    )
    return told


def _on_paper(block: Block) -> dict[str, Any]:
    """A block as JSON, symbols and equations in runs, values to the digits a reader can take in."""
    told = asdict(block)
    for one in told.get("steps", []):
        one |= {"symbol": pieces(one["symbol"]), "equation": pieces(one["equation"])}
        one["values"] = [(name, shown(value)) for name, value in one["values"]]
    for one in told.get("groups", []):
        one["symbol"] = pieces(one["symbol"])
    return told


def moment(bundle: bytes) -> dt.datetime:
    """The date a paper of the bundle carries: the last day the run speaks of, so that the same bundle gives the same
    bytes on any day."""
    project = execution.read(bundle)["inputs"].get("project", {})
    days = [
        str(inner)
        for name in ("surveys", "period", "crediting")
        for key, inner in project.get(name, {}).items()
        if key in {"first", "second", "start", "end"} and name != "crediting"
    ]
    try:
        last = max((dt.date.fromisoformat(day) for day in days), default=dt.date(2000, 1, 1))
    except ValueError:
        last = dt.date(2000, 1, 1)
    return dt.datetime(last.year, last.month, last.day, tzinfo=CHINA)


def _page(bundle: bytes, code: str) -> Page:
    content = execution.read(bundle)
    return Page(content, shelf.load(f"{content['package']['code']}/{content['package']['version']}"), code)


def _markdown(page: Page) -> Iterator[str]:
    yield from [f"# {_safe(page.headline)}", "", _safe(page.methodology)]
    for warning in page.warnings():
        yield from ["", f"> {warning}"]
    for name, blocks in page.chapters():
        yield from ["", f"## {page.say(HEADINGS[name])}"]
        for block in blocks:
            yield ""
            yield from _written(block)


def _written(block: Block) -> Iterator[str]:
    match block:
        case Text():
            yield block.text
        case Points():
            yield from (f"* {_safe(text)}" for text in block.texts)
        case Grid():
            yield from _table(block.head, block.rows)
        case Parameters():
            rows = (
                [one.label, one.symbol, key, value, one.unit, grade, source]
                for one in block.groups
                for key, value, grade, source in one.rows
            )
            yield from _table(block.head, rows)
        case Chain():
            for step in block.steps:
                label, equation = _safe(step.label), _safe(step.equation)
                yield f"{step.number}. **{step.symbol}** {label} ({step.unit}). {equation}"
                values = "; ".join(f"{name}: {value}" if name else value for name, value in step.values)
                yield f"   {_safe(step.said or '= ' + values)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(map(_safe, head)) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(map(_safe, row)) + " |" for row in rows)


def _safe(text: str) -> str:
    """Text of others inside Markdown: one line, no cell, no tag, no link."""
    plain = " ".join(str(text).split())
    return re.sub(r"([|<\[\\])", r"\\\1", plain)


def printable(value: Any) -> Any:
    """Signs few fonts have, in the data of a paper, by those they stand for."""
    if isinstance(value, str):
        return value.translate(LOW)
    if isinstance(value, Mapping):
        return {key: printable(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [printable(inner) for inner in value]
    return value
