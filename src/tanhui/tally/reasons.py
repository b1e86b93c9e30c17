"""Why a row of a provider did not get in, or waits: stable codes and their sentences. Imports nothing heavy."""

from collections.abc import Mapping
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop

ROW: Mapping[str, str] = {
    "tally.row_unreadable": gettext_noop("The row cannot be read: %(problem)s."),
    "tally.field_missing": gettext_noop("%(field)s is missing."),
    "tally.field_unknown": gettext_noop("Nobody would read %(field)s. Leave it out."),
    "tally.field_of_another_type": gettext_noop("%(field)s is %(value)s. It must be %(wanted)s."),
    "tally.key_too_long": gettext_noop("The key has %(length)s characters; 64 are the most."),
    "tally.time_unreadable": gettext_noop("%(field)s is %(value)s. Write it as 2026-06-01T08:30:00+08:00."),
    "tally.no_offset": gettext_noop("%(field)s is %(value)s, without an offset. Add it: nobody guesses a time zone."),
    "tally.person_unknown": gettext_noop("Nobody has given you this mark of a person, or the account is closed."),
    "tally.scenario_unknown": gettext_noop("You report no scenario %(value)s."),
    "tally.unit_other": gettext_noop("The unit is %(value)s; this scenario is counted in %(wanted)s."),
    "tally.ends_before_begin": gettext_noop("It ends at %(ended_at)s, before it began at %(began_at)s."),
    "tally.too_long": gettext_noop("It lasted from %(began_at)s to %(ended_at)s, longer than a day."),
    "tally.future": gettext_noop("It ended at %(ended_at)s, after it was received."),
    "tally.ancient": gettext_noop("It began at %(began_at)s, before the first day that is still taken."),
    "tally.quantity_negative": gettext_noop("The quantity is %(value)s; it cannot be below 0."),
    "tally.quantity_absurd": gettext_noop("The quantity is %(value)s; at most %(wanted)s can be true."),
    "tally.place_impossible": gettext_noop("The coordinates lie outside the world."),
    "tally.not_consented": gettext_noop("The person had not switched this scenario on at that moment."),
    "tally.same_key_other_body": gettext_noop(
        "The key was used for another event. Send a correction with the next revision, or a key of its own."
    ),
    "tally.nothing_to_correct": gettext_noop(
        "There is no event under this key on that day to correct. Withdraw what began on another day, report it anew."
    ),
    "tally.revision_old": gettext_noop("Revision %(value)s of this event is older than the one that is there."),
    "tally.moved": gettext_noop("A correction cannot give an event to another person. Withdraw it and report it anew."),
    "tally.reason_missing": gettext_noop("A correction or withdrawal says its reason."),
}
WAITING: Mapping[str, str] = {
    "tally.clock": gettext_noop("It ended after it was received: a clock is wrong."),
    "tally.speed": gettext_noop("Nobody covers this distance in this time by this mode."),
    "tally.device": gettext_noop("Too many people used this device on this day."),
    "tally.payment": gettext_noop("Too many people used this means of payment on this day."),
    "tally.replay": gettext_noop("The same behaviour was reported under another key."),
    "tally.burst": gettext_noop("Too many events within a short time."),
    "tally.overlap": gettext_noop("It began before another trip of the same person had ended."),
}
LEFT: Mapping[str, str] = {
    "counted": gettext_noop("counted"),
    "superseded": gettext_noop("replaced by a correction"),
    "withdrawn": gettext_noop("withdrawn by the provider"),
    "no_rule": gettext_noop("no scenario of this day"),
    "not_consented": gettext_noop("no consent at that moment"),
    "claimed": gettext_noop("counted elsewhere"),
    "implausible": gettext_noop("outside the bounds of the method"),
    "same_activity": gettext_noop("the same behaviour reported twice"),
    "decided_against": gettext_noop("decided against"),
    "surplus": gettext_noop("beyond the number a day that counts"),
}


def say(code: str, facts: Mapping[str, Any], lang: str = "en") -> str:
    """The sentence of a code with its facts, in a language (``zh-hans`` or ``en``)."""
    sentence = ROW.get(code) or WAITING.get(code) or LEFT[code]
    return language.translate(sentence, lang) % facts
