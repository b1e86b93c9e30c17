"""Which characters the installed fonts can print.

A renderer leaves a blank, or a box, where a font has no glyph, and a certificate with a blank in somebody's name is
worse than none. So an act that ends in a paper asks here first, before anything happens.

Fonts lie in ``ui/fonts`` (installed with the other assets) and, for characters beyond them such as level 3 of
GB 18030-2022, in the folder named by the environment variable ``TANHUI_EXTRA_FONT_DIR``.
"""

import os
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import typst
from fontTools.ttLib import TTCollection, TTFont

from tanhui.kernel.refusal import Refusal, gettext_noop

FONTS = Path(__file__).resolve().parent / "fonts"
SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
LAYOUT = frozenset("\n\r")  # break a line, need no glyph

Stamp = tuple[str, int, int]  # path, nanoseconds of last change, size in bytes


class GlyphMissing(Refusal):
    code = "ui.glyph_missing"
    sentence = gettext_noop(
        "The installed fonts cannot print %(characters)s. Put a font that has it into a folder and name the folder in "
        "TANHUI_EXTRA_FONT_DIR, or write the text with other characters. Nothing was done."
    )
    clause = "GB 18030-2022"
    status = 422


class FontsMissing(Refusal):
    code = "ui.fonts_missing"
    sentence = gettext_noop(
        "No font file lies in %(folders)s, so no paper can be printed. Install the assets again, or name a folder "
        "of fonts in TANHUI_EXTRA_FONT_DIR."
    )
    clause = "ARCHITECTURE.md §2"
    status = 503


def missing(text: str) -> list[str]:
    """The characters of ``text`` no installed font can print, each once, in the order they occur.

    Control and invisible formatting characters (a reversed reading direction, a zero-width joiner) count as missing: on
    paper nobody could see them.
    """
    printable = coverage(stamps())
    return [sign for sign in dict.fromkeys(text) if sign not in LAYOUT and (hidden(sign) or ord(sign) not in printable)]


def require(texts: Iterable[str]) -> None:
    """Refuse with ``GlyphMissing`` unless every character of every text can be printed."""
    if absent := missing("".join(texts)):
        raise GlyphMissing(characters=", ".join(describe(sign) for sign in absent))


def describe(sign: str) -> str:
    """A character as a person can find it again: itself where it can be seen, and its code point."""
    point = f"U+{ord(sign):04X}"
    return point if hidden(sign) or unicodedata.category(sign).startswith("M") else f"“{sign}” ({point})"


def hidden(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def folders() -> tuple[Path, ...]:
    """Where fonts are looked for, our own first."""
    extra = os.environ.get("TANHUI_EXTRA_FONT_DIR", "")
    return (FONTS, Path(extra)) if extra else (FONTS,)


def stamps() -> tuple[Stamp, ...]:
    """Every font file with its time and size: one added while running is seen. Refuses with ``FontsMissing``."""
    found: list[Stamp] = []
    for folder in folders():
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
        for path in paths:
            if path.suffix.lower() in SUFFIXES:
                facts = path.stat()
                found.append((str(path), facts.st_mtime_ns, facts.st_size))
    if not found:
        raise FontsMissing(folders=", ".join(map(str, folders())))
    return tuple(found)


@lru_cache(maxsize=4)
def coverage(files: tuple[Stamp, ...]) -> frozenset[int]:
    """Code points some font of the files has a glyph for."""
    points: set[int] = set()
    # A file the renderer passes over helps nobody, and this module has no better judge of it.
    for path in sorted({font.path for font in fonts(files).fonts() if font.path}):
        for font in faces(path):
            points.update(point for point, glyph in (font.getBestCmap() or {}).items() if glyph != ".notdef")
            font.close()
    return frozenset(points)


@lru_cache(maxsize=2)
def fonts(files: tuple[Stamp, ...]) -> typst.Fonts:
    """The fonts of the files, and, without a path, those inside typst (one is monospaced: for hashes and serials)."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=list(dict.fromkeys(str(Path(path).parent) for path, _, _ in files)),
    )


def faces(path: str) -> list[TTFont]:
    if path.lower().endswith(("ttc", "otc")):
        return list(TTCollection(path, lazy=True))
    return [TTFont(path, lazy=True)]
