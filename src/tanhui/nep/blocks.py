"""Pieces a paper is made of, as its template reads them. Texts are data: nothing in them is markup."""

from collections.abc import Sequence
from typing import Any, Literal

from tanhui.nep import palette

Block = dict[str, Any]
Tone = Literal["plain", "warning"]


def chapter(title: str, *blocks: Block | None) -> Block:
    """A numbered chapter; what is None is left out."""
    return {"title": title, "blocks": [block for block in blocks if block]}


def heading(text: str) -> Block:
    return {"kind": "heading", "text": text}


def text(*sentences: str) -> Block:
    return {"kind": "text", "text": "".join(sentences)}


def points(items: Sequence[str]) -> Block | None:
    return {"kind": "points", "items": list(items)} if items else None


def callout(words: str, tone: Tone = "plain") -> Block:
    return {"kind": "callout", "text": words, "tone": tone}


def table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    widths: Sequence[float] = (),
    strong: Sequence[int] = (),
    grades: Sequence[int] = (),
    size: float = 8.2,
    note: str = "",
) -> Block | None:
    """``numbers`` are columns that stand right, ``widths`` shares of the page (0: as wide as needed), ``strong`` rows
    in bold, ``grades`` columns of evidence grades."""
    if not rows:
        return None
    return {
        "kind": "table",
        "caption": caption,
        "head": list(head),
        "rows": [list(row) for row in rows],
        "numbers": list(numbers),
        "widths": list(widths),
        "strong": list(strong),
        "grades": list(grades),
        "size": size,
        "note": note,
    }


def bars(caption: str, unit: str, rows: Sequence[tuple[str, float, float, float, str, str]]) -> Block | None:
    """Bars from zero with their intervals: label, value, lower and upper end in ``unit``, colour, the value as text."""
    if not rows:
        return None
    low = min(0.0, *(row[2] for row in rows))
    high = max(0.0, *(row[3] for row in rows))
    wide = palette.step(high - low, 6)
    first, last = -round(-low / wide + 0.499), round(high / wide + 0.499)
    return {
        "kind": "bars",
        "caption": caption,
        "unit": unit,
        "ticks": [round(number * wide, 6) for number in range(first, last + 1)],
        "labels": [f"{number * wide:,g}".replace("-", "−") for number in range(first, last + 1)],
        "rows": [
            {"label": label, "value": value, "low": lower, "high": upper, "colour": colour, "text": text}
            for label, value, lower, upper, colour, text in rows
        ],
    }


def figure(caption: str, number: int) -> Block:
    """A map of the paper, by its place in ``data.maps``."""
    return {"kind": "map", "caption": caption, "map": number}


def numbered(chapters: Sequence[Block]) -> list[Block]:
    """The chapters with their figures counted. A figure floats to where there is room for it, so that no page ends half
    empty; it stays where it is when nothing else stands in its chapter."""
    count = 0
    for one in chapters:
        alone = all(block["kind"] in ("map", "bars") for block in one["blocks"])
        for block in one["blocks"]:
            if block["kind"] in ("map", "bars"):
                count += 1
                block |= {"number": count, "float": not alone}
    return list(chapters)
