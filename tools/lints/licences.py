"""Nothing under the GPL or AGPL runs in the server; the LGPL may."""

import re
from collections.abc import Iterator
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

from packaging.requirements import Requirement

from lints import Fault

LOCK = Path("requirements/server.txt")
LESSER = re.compile(r"LGPL[\w.+-]*|(GNU )?(Library or )?Lesser General Public License[^;]*", re.I)
STRONG = re.compile(r"\bA?GPL|General Public License|Affero", re.I)
VAGUE = {"", "UNKNOWN", "Dual License"}


def faults(root: Path) -> Iterator[Fault]:
    for number, line in enumerate((root / LOCK).read_text(encoding="utf-8").splitlines(), 1):
        if not line or line[0] in "# -\t":
            continue
        wanted = Requirement(line.split("--hash")[0].rstrip(" \\"))
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            terms = licences(cast(Message, metadata.metadata(wanted.name)))
        except metadata.PackageNotFoundError:
            yield Fault(LOCK, number, f"{wanted.name} is not installed, so its licence cannot be read")
            continue
        if not terms:
            yield Fault(LOCK, number, f"{wanted.name} names no licence")
        elif not allowed(terms):
            yield Fault(LOCK, number, f"{wanted.name} is under {'; '.join(term.splitlines()[0] for term in terms)}")


def licences(about: Message) -> list[str]:
    """The licence a package names: the expression, else the classifiers, else its own words, name or whole text."""
    if expression := about.get("License-Expression"):
        return [expression]
    classified = [each.split(" :: ")[-1] for each in about.get_all("Classifier") or [] if each.startswith("License ::")]
    named = [each for each in classified if each != "OSI Approved"]
    if named:
        return named
    words = (about.get("License") or "").strip()
    return [] if words in VAGUE else [words]


def allowed(terms: list[str]) -> bool:
    """True if every term is neither GPL nor AGPL, or offers a choice that is neither; a whole text offers no choice."""
    return all(any(not STRONG.search(LESSER.sub("", offer)) for offer in offers(term)) for term in terms)


def offers(term: str) -> list[str]:
    return [term] if "\n" in term else re.split(r"\bOR\b", term)
