"""The rooms' own catalogues, read with the standard library, so that a refusal speaks Chinese without any framework."""

import gettext
from functools import cache
from pathlib import Path

ROOMS = Path(__file__).resolve().parent.parent


@cache
def catalogues(code: str) -> tuple[gettext.GNUTranslations, ...]:
    """Every room's compiled catalogue for one language code (``zh-hans``); empty when none is compiled."""
    folder = "zh_Hans" if code.lower() in {"zh", "zh-cn", "zh-hans"} else code
    found = []
    for path in sorted(ROOMS.glob(f"*/locale/{folder}/LC_MESSAGES/django.mo")):
        with path.open("rb") as file:
            found.append(gettext.GNUTranslations(file))
    return tuple(found)


def translate(message: str, code: str) -> str:
    """The message in a language, or as it is when no catalogue has it."""
    for catalogue in catalogues(code):
        if (said := catalogue.gettext(message)) != message:
            return said
    return message
