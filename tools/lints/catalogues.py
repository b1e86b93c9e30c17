"""Every sentence a person may read has its Chinese in the catalogue of the room that says it."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polib  # type: ignore[import-untyped]
from babel.messages.extract import extract
from django.utils.translation.template import templatize

from lints import PACKAGE, Fault, Source, files

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "say": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACE = re.compile(r"%\(\w+\)[a-z]|%[sd]|%%")
HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Message:
    """What the source asks to have translated."""

    context: str | None
    text: str
    plural: str | None = None

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.text


def faults(root: Path) -> Iterator[Fault]:
    wanted = wanted_by_room(root)
    said: dict[tuple[str | None, str], tuple[str, Path]] = {}
    for room in sorted({*wanted, *(path.name for path in (root / PACKAGE).glob("*") if (path / CATALOGUE).exists())}):
        path = PACKAGE / room / CATALOGUE
        entries = catalogue(root, room)
        for message, source, line in wanted.get(room, {}).values():
            if (entry := entries.get(message.key)) is None:
                yield Fault(source, line, f"no Chinese in {path}: {message.text!r}")
        for key, entry in entries.items():
            line = entry.linenum
            if key not in wanted.get(room, {}):
                yield Fault(path, line, f"nobody says this any more: {entry.msgid!r}")
            elif entry.fuzzy or not translated(entry):
                yield Fault(path, line, f"not translated: {entry.msgid!r}")
            elif any(places(text) != places(entry.msgid_plural or entry.msgid) for text in texts(entry)):
                yield Fault(path, line, f"the places differ from the English: {entry.msgid!r}")
            elif said.setdefault(key, (entry.msgstr, path))[0] != entry.msgstr:
                yield Fault(path, line, f"said otherwise in {said[key][1]}: {entry.msgid!r}")


def wanted_by_room(root: Path) -> dict[str, dict[tuple[str | None, str], tuple[Message, Path, int]]]:
    """For each room, each message with the first place that says it."""
    wanted: dict[str, dict[tuple[str | None, str], tuple[Message, Path, int]]] = {}
    for source in files(root, "*.py", "*.html", "*.txt"):
        for message, line in messages(source):
            wanted.setdefault(source.room, {}).setdefault(message.key, (message, source.path, line))
    return wanted


def messages(source: Source) -> Iterator[tuple[Message, int]]:
    text = source.text
    if source.path.suffix != ".py":
        if "templates" not in source.path.parts:
            return
        text = templatize(text)
        text = re.sub(r"(?m)^[ \t]+", "", text)  # indentation means nothing in a template and much to a tokenizer
    for line, found, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
        single, plural = (found[0], found[1]) if isinstance(found, tuple) else (found, None)
        if single:
            yield Message(context, single, plural), line


@cache
def parsed(path: Path, _mtime: float) -> polib.POFile:
    return polib.pofile(str(path), encoding="utf-8")


def catalogue(root: Path, room: str) -> dict[tuple[str | None, str], polib.POEntry]:
    path = root / PACKAGE / room / CATALOGUE
    if not path.exists():
        return {}
    return {(entry.msgctxt, entry.msgid): entry for entry in parsed(path, path.stat().st_mtime) if not entry.obsolete}


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def translated(entry: polib.POEntry) -> bool:
    return bool(texts(entry)) and all(text.strip() for text in texts(entry))


def places(text: str) -> list[str]:
    return sorted({place for place in PLACE.findall(text) if place != "%%"})
