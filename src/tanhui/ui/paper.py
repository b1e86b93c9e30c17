"""Papers as PDF/A: a template, its data as JSON, the time of the act. The same three give the same bytes.

A template reads its data from ``sys.inputs`` and never from source text, so a name made of markup prints literally. It
imports ``/ui/papers/frame.typ`` for the page, and nothing from a network.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from tanhui.ui import glyphs

ROOT = Path(__file__).resolve().parent.parent
OURS = "Noto Sans SC"

# A detached signature is written over this place after rendering. It is the only keyword of the document, so it stands
# in clear exactly twice: in the Info dictionary as ``/Keywords(tanhui-seal:AAA…)`` and in XMP as ``<pdf:Keywords>``.
SEAL = "tanhui-seal:" + "A" * 88


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file inside the paper, an associated file of PDF/A-3. ``content`` is UTF-8 text and comes out byte for byte."""

    name: str
    content: bytes
    description: str
    media_type: str = "application/json"
    relationship: str = "supplement"  # or "data", "source", "alternative"


def render(
    *,
    template: str | Path,
    data: Mapping[str, Any],
    at: datetime,
    attachments: Sequence[Attachment] = (),
    language: str = "zh",
) -> bytes:
    """A PDF/A-2b, or PDF/A-3b when something is attached.

    ``template`` is a ``.typ`` file, absolute or relative to the product's folder. ``data`` is what JSON can hold and
    gives what ``ui/papers/frame.typ`` asks for. ``at`` is the time of the act, with a zone, and becomes the date of the
    file. Refuses with ``GlyphMissing`` when a font lacks a character of the data.
    """
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    glyphs.require(texts(data))
    files = glyphs.stamps()
    enclosed = [asdict(attachment) | {"content": attachment.content.decode()} for attachment in attachments]
    inputs = {
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False),
        "paper": json.dumps(
            {"seal": SEAL, "attachments": enclosed, "language": language, "fonts": families(files)},
            ensure_ascii=False,
            sort_keys=True,
        ),
    }
    path = ROOT / template
    # A compiler of its own for each paper: one compiler refuses a second thread, and the costly part is the fonts.
    compiler = typst.Compiler(
        root=ROOT if path.is_relative_to(ROOT) else path.parent,
        font_paths=glyphs.fonts(files),
        ignore_system_fonts=True,
    )
    pdf = compiler.compile(
        input=path,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["a-3b" if attachments else "a-2b"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return pdf


def texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from texts(inner)


def families(files: tuple[glyphs.Stamp, ...]) -> list[str]:
    """Font families to take glyphs from, ours first."""
    names = {font.family for font in glyphs.fonts(files).fonts() if font.path}
    return sorted(names, key=lambda name: (name != OURS, name))
