"""What a methodology package says to people it says in Chinese and in English.

Conditions, clauses, evidence and pools as ``中文 / English``; rules, summaries and worked examples under two keys;
what changed in ``CHANGES.md`` and ``CHANGES.zh.md``. Parameters have a lint of their own.
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lints import PACKAGE, Fault, Source, files
from tanhui.methods.engine.bilingual import HAN, lacks

METHODS = PACKAGE / "methods"
LANGUAGES = {"zh": "Chinese", "en": "English"}
RULES = ("additionality", "uncertainty", "permanence", "leakage", "rounding")


def faults(root: Path) -> Iterator[Fault]:
    for source in files(root, "package.toml", "inputs.toml", "predicates.py", "cases/*.toml", under=METHODS):
        yield from (source.fault(line, says) for line, says in look(source))


def look(source: Source) -> Iterator[tuple[int, str]]:
    """The line and what it lacks, of each text."""
    if source.path.suffix == ".py":
        yield from conditions(source)
        return
    try:
        content = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as problem:
        yield 1, f"is not TOML: {problem}"
        return
    if source.path.parent.name == "cases":
        wanted = keys(content, "title", "provenance")
    elif source.path.name == "inputs.toml":
        columns = (column for table in content.get("table", []) for column in table["column"])
        wanted = pairs("clause", [one["clause"] for one in columns if "clause" in one])
    else:
        wanted = package(source, content)
    yield from ((1, says) for says in wanted)


def conditions(source: Source) -> Iterator[tuple[int, str]]:
    for call in source.calls():
        for keyword in call.keywords:
            if keyword.arg in {"clause", "evidence_asked"} and isinstance(keyword.value, ast.Constant):
                for says in pairs(keyword.arg, [str(keyword.value.value)]):
                    yield keyword.value.lineno, says


def package(source: Source, content: dict[str, Any]) -> Iterator[str]:
    for name in ("pools_included", "pools_excluded"):
        yield from pairs(name, content.get(name, []))
    yield from keys(content, "title", "summary", "legal_status", "authority")
    for name in RULES:
        if content.get(name):
            yield from (f"{name}: {says}" for says in keys(content[name], "text"))
    folder = (source.root / source.path).parent
    for name, language in (("CHANGES.md", "English"), ("CHANGES.zh.md", "Chinese")):
        path = folder / name
        if not path.is_file() or bool(HAN.search(path.read_text("utf-8").partition("\n")[0])) != ("zh" in name):
            yield f"has no {name} in {language}"


def keys(content: dict[str, Any], *names: str) -> Iterator[str]:
    """A text under ``name_zh`` and ``name_en``, one of which may stand under the bare name."""
    for name in names:
        bare = str(content.get(name, ""))
        has = {"zh": bool(HAN.search(bare)), "en": bool(bare) and lacks(bare) != "en"}
        for code, language in LANGUAGES.items():
            if not str(content.get(f"{name}_{code}", "")).strip() and not has[code]:
                yield f"has no {name} in {language}"


def pairs(name: str, texts: list[str]) -> Iterator[str]:
    """Texts that are to stand in both languages in one, unless they only cite."""
    for text in texts:
        if code := lacks(text):
            yield f"{name} “{text}” has no {LANGUAGES[code]}: write 中文 / English"
