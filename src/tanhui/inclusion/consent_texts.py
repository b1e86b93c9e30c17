"""What people agree to, word for word: one file a version, beside this module, and never changed."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
CURRENT = "2026-11"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages; ``sha256`` is of both, so that a consent names exactly what was read."""

    version: str
    kind: str
    title_zh: str
    title_en: str
    zh: str
    en: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256("\0".join((self.title_zh, self.zh, self.title_en, self.en)).encode()).hexdigest()

    def title(self, language: str) -> str:
        return self.title_zh if language.startswith("zh") else self.title_en

    def lines(self, language: str) -> list[str]:
        """Its paragraphs."""
        return (self.zh if language.startswith("zh") else self.en).strip().splitlines()


@cache
def version(name: str) -> dict[str, Text]:
    """The texts of a version by kind of consent. ``KeyError`` where there is none of that name."""
    path = FOLDER / f"{name}.toml"
    if path.parent != FOLDER or not path.is_file():
        raise KeyError(name)
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    return {kind: Text(name, kind, **words) for kind, words in read.items()}


def text(kind: str, name: str = CURRENT) -> Text:
    return version(name)[kind]
