"""A refusal is a rule that says no: a stable code, the facts, a translatable sentence, and the clause it rests on."""

from collections.abc import Callable
from typing import Any, ClassVar

from tanhui.kernel import language


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation where it is declared; it is translated where it is shown."""
    return sentence


class Refusal(Exception):
    """Bad input met a rule. Subclasses name the rule; the sentence says what to do about it.

    ``code`` is ``room.rule`` and never changes. ``sentence`` is English with ``%(fact)s`` places, its Chinese is in the
    room's catalogue, or in ``sentence_zh`` where the rule comes from outside the house. ``clause`` names the law,
    policy or house rule. ``status`` is the HTTP status that fits.
    """

    code: ClassVar[str]
    sentence: ClassVar[str]
    sentence_zh: ClassVar[str] = ""
    clause: ClassVar[str] = ""
    status: ClassVar[int] = 409

    heard: ClassVar[list[Callable[["Refusal"], None]]] = []  # by whoever counts what people are refused

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.sentence % facts)

    def say(self, code: str = "en") -> str:
        """The sentence with its facts in one language (``zh-hans`` or ``en``)."""
        for hear in self.heard:
            hear(self)
        if self.sentence_zh and code.startswith("zh"):
            return self.sentence_zh % self.facts
        return language.translate(self.sentence, code) % self.facts
