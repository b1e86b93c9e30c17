"""Every methodology parameter says its unit, where it comes from, how good that is, and when to look at it again.

One file per parameter, ``parameters/<name>.toml`` of a package or of a family of packages; what stands at the top holds
for every row of ``value`` that does not say otherwise.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lints import PACKAGE, Fault, files

METHODS = PACKAGE / "methods"
GRADES = {"A", "P", "B", "C", "D"}  # official text, peer-reviewed, secondary copy, press, recalled
TIERS = {"ipcc", "national", "local"}  # the fourth, the project's own, stands in a project file


def faults(root: Path) -> Iterator[Fault]:
    for source in files(root, "*.toml", under=METHODS):
        if source.path.parent.name == "parameters":
            try:
                content = tomllib.loads(source.text)
            except tomllib.TOMLDecodeError as problem:
                yield source.fault(1, f"{source.path.stem} is not TOML: {problem}")
                continue
            for says in look(content):
                yield source.fault(1, f"{source.path.stem}{says}")


def look(content: dict[str, Any]) -> Iterator[str]:
    for name in ("label_en", "label_zh", "symbol"):
        if not str(content.get(name, "")).strip():
            yield f" has no {name}"
    value = content.get("value")
    rows = value if isinstance(value, list) else [{"value": value}]
    if not rows or value is None:
        yield " has no value"
    keys = content.get("keys", [content["key"]] if "key" in content else [])
    for row in rows:
        for says in look_at_row(content | row, keys):
            yield f"{label(row, keys)}{says}"


def look_at_row(about: dict[str, Any], keys: list[str]) -> Iterator[str]:
    for name in ("unit", "source", *keys):
        if not str(about.get(name, "")).strip():
            yield f" has no {name}"
    if about.get("evidence") not in GRADES:
        yield f" has the evidence grade {about.get('evidence')!r}, none of {', '.join(sorted(GRADES))}"
    elif about["evidence"] != "D" and "recalled" in str(about.get("source")):
        yield f" is graded {about['evidence']} and recalled from memory: that is D"
    if not isinstance(about.get("review_by"), dt.date):
        yield " has no date by which to look at it again (review_by)"
    if about.get("tier", "national") not in TIERS:
        yield f" has the tier {about['tier']!r}, none of {', '.join(sorted(TIERS))}"


def label(row: dict[str, Any], keys: list[str]) -> str:
    named = [str(row[key]) for key in keys if key in row]
    return f" ({', '.join(named)})" if named else ""
