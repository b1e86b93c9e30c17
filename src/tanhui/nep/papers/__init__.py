"""Templates of maps and reports, and the one way they become PDF or PNG: from the same data, pictures and date the same
bytes.

A template reads ``data.json`` beside it and never source text, so a name made of markup prints literally. Fonts are an
argument: they belong to whoever calls, and nothing of the machine's own is used.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep.wording import Worded, why

HERE = Path(__file__).resolve().parent
FIRST = "Noto Sans SC"
RESOLUTION = 144.0  # pixels an inch of a page as PNG


class PaperUnprintable(Worded):
    code = "nep.paper_unprintable"
    sentence = gettext_noop(
        "The paper %(paper)s could not be set: %(problem)s. Where a character is missing, add a font that has it; the "
        "numbers of the run are untouched."
    )
    clause = "docs/algorithms/nep.md"
    status = 422


def pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    fonts: Sequence[Path],
    at: datetime,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """A PDF/A-2b. ``template`` is a name in this folder, ``pictures`` files beside it, ``at`` (with a zone) the date in
    the file. Refuses with ``PaperUnprintable``, also where no font has a character."""
    return compiled(template, data, fonts=fonts, pictures=pictures or {}, at=at, form="pdf")[0]


def pages(
    template: str,
    data: Mapping[str, Any],
    *,
    fonts: Sequence[Path],
    at: datetime,
    pictures: Mapping[str, bytes] | None = None,
) -> list[bytes]:
    """The same paper, each page as PNG."""
    return compiled(template, data, fonts=fonts, pictures=pictures or {}, at=at, form="png")


def compiled(
    template: str,
    data: Mapping[str, Any],
    *,
    fonts: Sequence[Path],
    pictures: Mapping[str, bytes],
    at: datetime,
    form: str,
) -> list[bytes]:
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    known = gathered(tuple(map(str, fonts)))
    families = sorted({font.family for font in known.fonts() if font.path}, key=lambda name: (name != FIRST, name))
    with tempfile.TemporaryDirectory() as room:
        root = Path(room)
        for source in HERE.glob("*.typ"):
            (root / source.name).write_bytes(source.read_bytes())
        for name, content in pictures.items():
            (root / name).write_bytes(content)
        told = dict(data) | {"fonts": families}
        (root / "data.json").write_text(json.dumps(told, ensure_ascii=False, sort_keys=True, allow_nan=False))
        # A compiler of its own for each paper: one compiler refuses a second thread, and the costly part is the fonts.
        compiler = typst.Compiler(root=root, font_paths=known, ignore_system_fonts=True)
        moment = int(at.timestamp())
        try:
            if form == "pdf":
                made = compiler.compile(input=root / template, format="pdf", pdf_standards=["a-2b"], timestamp=moment)
            else:
                made = compiler.compile(input=root / template, format="png", ppi=RESOLUTION, timestamp=moment)
        except typst.TypstError as problem:
            raise PaperUnprintable(paper=template, problem=why(problem)) from problem
    return [page for page in (made if isinstance(made, list) else [made]) if page is not None]


@lru_cache(maxsize=4)
def gathered(folders: tuple[str, ...]) -> typst.Fonts:
    """The fonts of the folders and, without a path, those inside typst (one is monospaced: for hashes)."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=list(folders))
