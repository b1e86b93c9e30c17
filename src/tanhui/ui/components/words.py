"""Words, numbers and dates, each written the same way on every page."""

import datetime as dt
from typing import Any, Literal

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

register = template.Library()

Tone = Literal["good", "wait", "final", "stop", "quiet"]


@register.simple_tag
def badge(word: str, tone: Tone = "quiet") -> SafeString:
    """A state: word, colour and border, so that no one sign carries it alone."""
    return format_html('<span class="state {}">{}</span>', tone, word)


@register.filter
def thousands(number: int | None) -> str:
    """An integer with thousands separators, the same in every language."""
    return "" if number is None else f"{number:,}"


@register.simple_tag
def tonnes(number: int | None) -> SafeString:
    """Whole tonnes of CO2 equivalent, as one unbreakable quantity."""
    if number is None:
        return mark_safe("—")
    return format_html('<span class="qty">{} {}</span>', thousands(number), unit())


@register.simple_tag
def unit() -> SafeString:
    return format_html(
        '<abbr class="unit" title="{}">tCO<sub>2</sub>e</abbr>', gettext("tonnes of carbon dioxide equivalent")
    )


@register.simple_tag
def moment(at: dt.datetime | None) -> SafeString:
    """A moment on the operator's clock, with its exact form for machines."""
    if at is None:
        return mark_safe("—")
    local = timezone.localtime(at)
    return format_html('<time class="nowrap" datetime="{}">{}</time>', at.isoformat(), f"{local:%Y-%m-%d %H:%M}")


@register.simple_tag
def day(on: dt.date | None) -> SafeString:
    if on is None:
        return mark_safe("—")
    return format_html('<time class="nowrap" datetime="{0}">{0}</time>', on.isoformat())


@register.simple_tag
def serial(text: str) -> SafeString:
    """A printed serial that may break between its parts only, with the block's two ends strong."""
    parts = text.split("-")
    numbers = {len(parts) - 3, len(parts) - 2} if len(parts) > 4 else set()
    shown = [
        format_html("<b>{}</b>", part) if place in numbers else format_html("{}", part)
        for place, part in enumerate(parts)
    ]
    joined = format_html_join(mark_safe("-<wbr>"), "{}", ([part] for part in shown))
    return format_html('<span class="serial">{}</span>', joined)


@register.simple_tag
def copy(text: str) -> SafeString:
    """A copy button; the script un-hides it where copying works."""
    return format_html(
        '<button type="button" class="copy btn btn-sm btn-quiet" data-copy="{}" data-copied="{}" hidden>{}</button>',
        text,
        gettext("Copied"),
        pgettext("verb", "Copy"),
    )


@register.simple_tag
def span(dates: Any) -> SafeString:
    """A range of days as people write it, both ends included (PostgreSQL keeps the end excluded)."""
    if dates.upper is None:
        return format_html('{} <span class="nowrap">{}</span>', gettext("from"), dates.lower)
    last = dates.upper - dt.timedelta(days=1)
    return format_html('<span class="nowrap">{}</span> – <span class="nowrap">{}</span>', dates.lower, last)


@register.inclusion_tag("ui/parts/empty.html")
def empty(title: str, text: str = "", url: str = "", action: str = "") -> dict[str, Any]:
    """Nothing here: says so, and what to do about it."""
    return {"title": title, "text": text, "url": url, "action": action}
