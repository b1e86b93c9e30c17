"""Every methodology parameter says its unit, where it comes from, how good that is, and when to look at it again.

One file per parameter, ``packages/<code>/<version>/parameters/<name>.toml``; what stands at the top holds for every
row of ``value`` that does not say otherwise.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lints import PACKAGE, Fault, files

PACKAGES = PACKAGE / "methods/packages"
GRADES = {"A", "P", "B", "C", "D"}  # official text, peer-reviewed, secondary copy, press, recalled


def faults(root: Path) -> Iterator[Fault]:
    for source in files(root, "*.toml", under=PACKAGES):
        if source.path.parent.name == "parameters":
            for says in look(tomllib.loads(source.text)):
                yield source.fault(1, f"{source.path.stem}{says}")


def look(content: dict[str, Any]) -> Iterator[str]:
    value = content.get("value")
    rows = value if isinstance(value, list) else [{"value": value}]
    if not rows or value is None:
        yield " has no value"
    for row in rows:
        about = content | row
        label = f" ({row[content['key']]})" if content.get("key") in row else ""
        for key in ("unit", "source"):
            if not str(about.get(key, "")).strip():
                yield f"{label} has no {key}"
        if about.get("evidence") not in GRADES:
            yield f"{label} has the evidence grade {about.get('evidence')!r}, none of {', '.join(sorted(GRADES))}"
        if not isinstance(about.get("review_by"), dt.date):
            yield f"{label} has no date by which to look at it again (review_by)"
