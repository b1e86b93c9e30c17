"""How much time is left, in working days, as a state with its date."""

import datetime as dt

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

register = template.Library()

SOON = 3  # working days from which a deadline asks for attention


@register.simple_tag
def deadline(
    due: dt.date | None = None, left: int | None = None, announced: bool = True, stopped: bool = False
) -> SafeString:
    """A badge that says it in words: ``left`` working days until ``due``, negative once it is over.

    ``stopped`` while the clock stands still (the applicant is correcting). ``announced`` is false when the days reach
    into a year whose holidays are not announced: then no number is shown, because there is none yet.
    """
    if due is None and left is None and announced and not stopped:
        return mark_safe("—")
    word, tone = said(left, announced, stopped)
    on = format_html('<time class="nowrap" datetime="{0}">{0}</time>', due.isoformat()) if due else ""
    badge = format_html('<span class="state {}">{}</span>', tone, word) if word else ""
    return format_html('<span class="deadline">{} {}</span>', badge, on)


def said(left: int | None, announced: bool, stopped: bool) -> tuple[str, str]:
    """The words of a deadline and their tone; no words where nothing is known but its date."""
    if stopped:
        return gettext("Not counted during correction"), "quiet"
    if not announced:
        return gettext("Holidays not yet announced"), "wait"
    if left is None:
        return "", "quiet"
    if left < 0:
        over = ngettext("%(count)d working day overdue", "%(count)d working days overdue", -left)
        return over % {"count": -left}, "stop"
    if left == 0:
        return gettext("Due today"), "wait"
    words = ngettext("%(count)d working day left", "%(count)d working days left", left) % {"count": left}
    return words, "wait" if left <= SOON else "quiet"
