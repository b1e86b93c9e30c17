"""Talks to the person at the terminal, in Chinese unless asked otherwise."""

import json
import sys
from typing import Any, TextIO

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop

AS_JSON = gettext_noop("answer in JSON")
CODES = {"zh": "zh-hans", "en": "en"}
_spoken = "zh-hans"


def speak(lang: str) -> None:
    """Choose the language of everything said from now on: ``zh`` or ``en``."""
    global _spoken
    _spoken = CODES[lang]


def spoken() -> str:
    """The language code in force: ``zh-hans`` or ``en``."""
    return _spoken


def translated(message: str, **facts: Any) -> str:
    """The message in the language in force, with its facts in place."""
    said = language.translate(message, _spoken)
    return said % facts if facts else said


def say(message: str, *, to: TextIO | None = None, **facts: Any) -> None:
    """Print a translated line."""
    print(translated(message, **facts), file=to or sys.stdout, flush=True)


def refuse(refusal: Refusal) -> None:
    """Print what was refused, with the code to look up and the rule it rests on."""
    rests_on = f"{refusal.code} · {refusal.clause}" if refusal.clause else refusal.code
    print(f"{refusal.say(_spoken)}\n({rests_on})", file=sys.stderr, flush=True)


def plain(refusal: Refusal) -> dict[str, Any]:
    """A refusal as a machine reads it."""
    facts = {name: fact if isinstance(fact, int) else str(fact) for name, fact in refusal.facts.items()}
    return {"code": refusal.code, "sentence": refusal.say(_spoken), "facts": facts, "clause": refusal.clause}


def as_json(value: Any) -> None:
    """Print one JSON value; ASCII, so that no terminal stumbles over it."""
    print(json.dumps(value, indent=1, default=str), flush=True)
