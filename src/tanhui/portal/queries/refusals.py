"""Every rule that says no, in whatever room: what the page behind a refusal's code tells."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tanhui
from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal

HOUSE = Path(tanhui.__file__).parent
APART = {"migrations", "wsgi", "__main__"}  # reading these in would start something, and they refuse nothing
PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: text, or the name of the fact that stands there."""

    text: str
    is_fact: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One refusal as it is published."""

    code: str
    sentence: str
    clause: str
    status: int

    @property
    def room(self) -> str:
        return self.code.partition(".")[0]

    @property
    def facts(self) -> list[str]:
        """The names of the facts in its sentence, each once."""
        return list(dict.fromkeys(PLACE.findall(self.sentence)))

    def said(self, code: str) -> list[Part]:
        """The sentence in a language (``zh-hans`` or ``en``), its facts apart from its text."""
        pieces = PLACE.split(language.translate(self.sentence, code))
        parts = [Part(piece if at % 2 else piece.replace("%%", "%"), bool(at % 2)) for at, piece in enumerate(pieces)]
        return [part for part in parts if part.text]


@cache
def rules() -> dict[str, Rule]:
    """Every refusal of the product by its code, room by room."""
    for path in sorted(HOUSE.rglob("*.py")):
        steps = path.relative_to(HOUSE.parent).with_suffix("").parts
        if not APART & set(steps):
            importlib.import_module(".".join(steps).removesuffix(".__init__"))
    found = [
        Rule(one.code, one.sentence, one.clause, one.status)
        for one in descendants(Refusal)
        if hasattr(one, "code") and one.__module__.partition(".")[0] == tanhui.__name__  # not a family, not a test's
    ]
    return {one.code: one for one in sorted(found, key=lambda one: one.code)}


def descendants(family: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in family.__subclasses__():
        yield one
        yield from descendants(one)


def by_room() -> dict[str, list[Rule]]:
    """The refusals of each room."""
    found: dict[str, list[Rule]] = {}
    for one in rules().values():
        found.setdefault(one.room, []).append(one)
    return found
