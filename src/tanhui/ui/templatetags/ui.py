"""The components every page is made of. They know words, tones and numbers, never the domain."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django import forms, template
from django.forms import widgets
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

register = template.Library()

Tone = Literal["good", "wait", "final", "stop", "quiet"]


@dataclass(frozen=True)
class Step:
    """One station of a life-line: ``state`` is ``done``, ``now``, ``todo`` or ``stopped``."""

    label: str
    state: Literal["done", "now", "todo", "stopped"]
    at: dt.datetime | dt.date | None = None
    who: str = ""


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


@register.inclusion_tag("ui/parts/life_line.html")
def life_line(steps: Iterable[Step]) -> dict[str, Any]:
    return {"steps": steps}


@register.inclusion_tag("ui/parts/empty.html")
def empty(title: str, text: str = "", url: str = "", action: str = "") -> dict[str, Any]:
    """Nothing here: says so, and what to do about it."""
    return {"title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("ui/parts/refusal.html")
def refusal_box(refusal: Refusal) -> dict[str, Any]:
    return {"sentence": refusals.say(refusal), "code": refusal.code, "clause": refusal.clause}


@register.inclusion_tag("ui/parts/form.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """Error summary linked to fields, then the fields, with Bootstrap's classes on any Django form."""
    return {"form": form}


@register.inclusion_tag("ui/parts/form_errors.html")
def form_errors(form: forms.BaseForm) -> dict[str, Any]:
    """What stands in the way, once above the form: refusals in their box, everything else as links to its field."""
    boxed = getattr(form, "refusals", [])
    said = {refusals.say(refusal) for refusal in boxed}
    return {"form": form, "boxed": boxed, "general": [one for one in form.non_field_errors() if one not in said]}


@register.inclusion_tag("ui/parts/field.html")
def form_field(field: forms.BoundField) -> dict[str, Any]:
    style(field)
    return {"field": field, "choices": is_group(field)}


def is_group(field: forms.BoundField) -> bool:
    return isinstance(field.field.widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple)


def style(field: forms.BoundField) -> None:
    widget = field.field.widget
    if isinstance(widget, widgets.CheckboxInput | widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        name = "form-check-input"
    elif isinstance(widget, widgets.Select):
        name = "form-select"
    else:
        name = "form-control"
    widget.attrs["class"] = name


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """This page's address with some parameters changed; an empty value removes one."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value in ("", None):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "."


@register.inclusion_tag("ui/parts/pager.html", takes_context=True)
def pager(context: template.Context, page: Any) -> dict[str, Any]:
    """Earlier and later, keeping the filter. ``page`` offers ``newer`` and ``older``: a cursor, or empty."""
    return {"page": page, "request": context["request"]}


@register.simple_tag
def span(dates: Any) -> SafeString:
    """A range of days as people write it, both ends included (PostgreSQL keeps the end excluded)."""
    if dates.upper is None:
        return format_html('{} <span class="nowrap">{}</span>', gettext("from"), dates.lower)
    last = dates.upper - dt.timedelta(days=1)
    return format_html('<span class="nowrap">{}</span> – <span class="nowrap">{}</span>', dates.lower, last)
