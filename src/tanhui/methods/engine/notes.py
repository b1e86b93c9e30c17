"""What a reader must know beside the number, as sentences. A package's own notes bring theirs in ``en`` and ``zh``."""

from collections.abc import Mapping
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop

NOTES = {
    "file_was_decoded": gettext_noop("%(file)s was not UTF-8 text and was read as %(encoding)s."),
    "trees_without_plot": gettext_noop(
        "%(trees)s trees of table %(table)s stand on plots that the plot table lacks; left out: %(reason)s."
    ),
    "plots_only_in_second_survey": gettext_noop(
        "%(plots)s plots were measured only at the second survey and are left out: more land measured is not growth."
    ),
    "disturbed_plots": gettext_noop(
        "%(plots)s matched plots carry a disaster code at the second survey (%(codes)s); fire emissions are declared "
        "by the project, not computed."
    ),
    "odd_means": gettext_noop(
        "The mean diameter or height of these plots changed oddly between the surveys and deserves a second visit: "
        "%(plots)s."
    ),
    "change_is_uncertain": gettext_noop(
        "The change itself is known to ±%(half_width_t)s t at 90 %% (change %(change_t)s t); the deduction rule of "
        "the methodology looks at the stocks only."
    ),
}


def say(note: Mapping[str, Any], code: str) -> str:
    """One note of a run as a sentence in a language (``zh-hans`` or ``en``)."""
    facts = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in note.items()}
    if "en" in note and "zh" in note:
        return str(note["zh"] if code.startswith("zh") else note["en"]) % facts
    if note["note"] not in NOTES:
        return ", ".join(f"{key}: {value}" for key, value in facts.items())
    return language.translate(NOTES[note["note"]], code) % facts
