"""Figures with what one must know to believe them."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()


class Unexplained(ValueError):
    """A figure without factor, region or methodology version: one and the same act weighs three times as much in one
    region's methodology as in another's, so without them the figure says nothing."""


@register.inclusion_tag("ui/parts/figure.html")
def figure(
    value: Any, unit: Any, *, label: Any, factor: Any, region: Any, methodology: Any, note: Any = ""
) -> dict[str, Any]:
    """A computed figure with its factor, region and methodology version beside it. Raises ``Unexplained`` without."""
    said = {"factor": factor, "region": region, "methodology": methodology}
    if missing := [name for name, given in said.items() if not str(given or "").strip()]:
        raise Unexplained(f"the figure {str(label)!r} names no {', '.join(missing)}")
    return {"value": value, "unit": unit, "label": label, "note": note} | said


@register.simple_tag
def tile(value: Any, label: Any, note: Any = "", url: str = "") -> SafeString:
    """One figure of a ``<dl class="figures">``. ``value`` may be safe text, as ``{% tonnes n as value %}`` gives."""
    shown = format_html('<a class="plain" href="{}">{}</a>', url, value) if url else value
    if isinstance(value, int):
        shown = f"{value:,}" if not url else format_html('<a class="plain" href="{}">{}</a>', url, f"{value:,}")
    said = format_html('<span class="note">{}</span>', note) if note else ""
    return format_html("<div><dt>{}{}</dt><dd>{}</dd></div>", label, said, shown)


@register.simple_tag
def as_of(at: Any) -> SafeString:
    """As of which day the figures beside it were counted."""
    return format_html('<span class="as-of">{}</span>', gettext("As of %(day)s") % {"day": f"{at:%Y-%m-%d}"})
