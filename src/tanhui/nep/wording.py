"""Words inside the sentences of refusals and notes, in the reader's language: what was wanted, which layer, why not."""

import errno
import os
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.nep import words

LONGEST = 160  # characters of a fact: a path of five thousand letters helps nobody

LAYERS: Mapping[str, str] = {
    "npp": gettext_noop("net primary production (npp)"),
    "gpp": gettext_noop("gross primary production (gpp)"),
    "rh": gettext_noop("heterotrophic respiration (rh)"),
    "temperature": gettext_noop("temperature (temperature)"),
    "precipitation": gettext_noop("precipitation (precipitation)"),
    "solar": gettext_noop("solar radiation (solar)"),
    "ndvi": gettext_noop("vegetation index (ndvi)"),
    "soc": gettext_noop("soil organic carbon (soc)"),
    "biomass_before": gettext_noop("biomass at the earlier survey (biomass_before)"),
    "biomass_after": gettext_noop("biomass at the later survey (biomass_after)"),
    "vegetation": gettext_noop("land cover (landcover)"),
    "landcover": gettext_noop("land cover (landcover)"),
    "previous": gettext_noop("NEP of the year before (previous)"),
}
COEFFICIENTS: Mapping[str, str] = {
    "alpha": gettext_noop("ratios NEP/NPP (alpha)"),
    "rate": gettext_noop("sequestration rates (rate)"),
    "carbon_fraction": gettext_noop("carbon fractions (carbon_fraction)"),
}
PROBLEMS: Mapping[int, str] = {
    errno.ENOSPC: gettext_noop("no space left on the disk"),
    errno.EDQUOT: gettext_noop("the quota of the disk is used up"),
    errno.EACCES: gettext_noop("no permission"),
    errno.EPERM: gettext_noop("no permission"),
    errno.EROFS: gettext_noop("the disk can only be read"),
    errno.ENOENT: gettext_noop("no such file or folder"),
    errno.ENOTDIR: gettext_noop("a file stands where a folder should"),
    errno.EISDIR: gettext_noop("it is a folder"),
    errno.EEXIST: gettext_noop("a file stands where a folder should"),
    errno.ENAMETOOLONG: gettext_noop("the name is too long"),
    errno.EIO: gettext_noop("the disk cannot be read or written"),
}
# What libraries say, by some words of it, as a person says it
KNOWN: tuple[tuple[str, str], ...] = (
    ("hdf4", gettext_noop("it is HDF4, which is not read here")),
    ("not recognized as", gettext_noop("its format is not known")),
    ("invalid start byte", gettext_noop("it is no text in UTF-8")),
    ("invalid continuation byte", gettext_noop("it is no text in UTF-8")),
    ("unexpected end of data", gettext_noop("it is no text in UTF-8")),
    ("line contains nul", gettext_noop("it is no CSV")),
    ("recursion", gettext_noop("it is nested too deeply")),
    ("read failed", gettext_noop("its content breaks off or is damaged")),
    ("readblock failed", gettext_noop("its content breaks off or is damaged")),
    ("read error", gettext_noop("its content breaks off or is damaged")),
    ("tiff", gettext_noop("its content breaks off or is damaged")),
    ("end of document", gettext_noop("its content breaks off or is damaged")),
    ("truncated", gettext_noop("its content breaks off or is damaged")),
    ("write", gettext_noop("it could not be written to its end")),
)
UNSAID = gettext_noop("it is not of the form that it should have")
# Where a parser of TOML, JSON or CSV gave up
WRONG_AT = gettext_noop("line %(line)s, column %(column)s cannot be understood")
PLACE = re.compile(r"line (?P<line>\d+),? column (?P<column>\d+)")


class Phrase:
    """Some words of a sentence: ``says`` in English, with ``%(fact)s`` places."""

    def __init__(self, says: str, **facts: Any) -> None:
        self.says, self.facts = says, facts

    def __str__(self) -> str:
        return self.says % self.facts if self.facts else self.says

    def say(self, code: str) -> str:
        """The words in one language."""
        said = language.translate(self.says, code)
        return said % {name: worded(name, one, code) for name, one in self.facts.items()} if self.facts else said


def say(says: str, **facts: Any) -> Phrase:
    """Words that stand as a fact in a refusal's sentence."""
    return Phrase(says, **facts)


class Foreign(Phrase):
    """What a library said: in its own words where they are English, as a person says it elsewhere."""

    def __init__(self, text: str, says: str, **facts: Any) -> None:
        super().__init__(says, **facts)
        self.text = text

    def __str__(self) -> str:
        return self.text

    def say(self, code: str) -> str:
        return self.text if code.startswith("en") else super().say(code)


def why(problem: BaseException) -> Phrase:
    """Why something could not be read or written, as a person says it; what only a library knows, in its own words to
    those who read English, and as far as it is known to others."""
    number = getattr(problem, "errno", None)
    text = (str(problem).splitlines() or [type(problem).__name__])[0]
    known = number if number in PROBLEMS else next((one for one in PROBLEMS if os.strerror(one) in text), None)
    if known is not None:
        return Phrase(PROBLEMS[known])
    if place := PLACE.search(text):
        return Foreign(text, WRONG_AT, **place.groupdict())
    return Foreign(text, next((says for some, says in KNOWN if some in text.casefold()), UNSAID))


def worded(name: str, fact: Any, code: str) -> Any:
    """A fact of a sentence in one language."""
    if isinstance(fact, Phrase):
        return fact.say(code)
    if isinstance(fact, Refusal):
        return fact.say(code).rstrip(".。")
    if name in ("layer", "quantity") and fact in LAYERS:
        return language.translate(LAYERS[fact], code)
    if name == "quantity" and fact in COEFFICIENTS:
        return language.translate(COEFFICIENTS[fact], code)
    if name == "type" and fact in words.TYPES and code.startswith("zh"):
        return f"{words.TYPES[fact][0]}（{fact}）"
    return fact


def shortened(fact: Any) -> Any:
    """A text that fits into a sentence."""
    fact = str(fact) if isinstance(fact, PurePath) else fact
    if isinstance(fact, str) and len(fact) > LONGEST:
        return f"{fact[: LONGEST // 2]}…{fact[-LONGEST // 4 :]}"
    return fact


class Worded(Refusal):
    """A refusal whose facts are words too: they are said in the language of the sentence."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**{name: shortened(one) for name, one in facts.items()})

    def say(self, code: str = "en") -> str:
        """The sentence with its facts in one language."""
        told = type(self)(**{name: worded(name, one, code) for name, one in self.facts.items()})
        return super(Worded, told).say(code)
