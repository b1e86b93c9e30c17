"""``{% load atlas %}``: figures of stock sinks as public pages tell them."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy

from tanhui.inventory.shown import Row
from tanhui.ui.components.words import Tone

register = template.Library()


@register.simple_tag
def co2() -> SafeString:
    return format_html('<abbr class="unit" title="{}">tCO<sub>2</sub></abbr>', gettext("tonnes of carbon dioxide"))


@register.simple_tag
def between(row: Row) -> SafeString:
    """The interval of a figure."""
    return format_html('<span class="nowrap">{} – {}</span>', signed(row.lower), signed(row.upper))


@register.filter
def signed(number: float | None) -> str:
    """Whole number with separators and a true minus sign."""
    return "—" if number is None else f"{number:,.0f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def decimals(number: float | None, places: int) -> str:
    return "—" if number is None else f"{number:,.{places}f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def percent(share: float) -> str:
    """A share as percent with three figures at most; what is not nothing never reads as nothing."""
    found = 100 * share
    return "< 0.1 %" if 0 < found < 0.1 else f"{found:.3g} %" if found < 99.95 or share == 1 else "> 99.9 %"


@register.filter
def large(tonnes: int, like: int | None = None) -> str:
    """Tonnes as one says them: 86.2 万吨, 862 thousand tonnes; in the unit in which one says ``like``."""
    great = abs(tonnes if like is None else like) >= 10_000
    if (get_language() or "").startswith("zh"):
        said = f"{tonnes / 10_000:,.1f} 万吨" if great else f"{tonnes:,} 吨"
        return said.replace("-", "\N{MINUS SIGN}")
    if great:
        return gettext("%(number)s thousand tonnes") % {"number": f"{tonnes / 1000:,.0f}"}
    return gettext("%(number)s tonnes") % {"number": f"{tonnes:,}"}


@register.filter
def number(value: Any) -> SafeString | str:
    """A number of a comparison: what is measured with three places, a count whole."""
    if isinstance(value, bool) or value is None:
        return mark_safe("—")
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


MEASURES = {
    "n": gettext_lazy("records"), "bias": gettext_lazy("bias"), "rmse": "RMSE", "r2": "R²",
    "deviation": gettext_lazy("deviation"), "observed": gettext_lazy("measured"),
    "estimated": gettext_lazy("estimated"),
    "difference": gettext_lazy("difference"), "change": gettext_lazy("change"), "model": gettext_lazy("model"),
}  # fmt: skip
TONES: dict[str, Tone] = {"AGREES": "good", "EXPLAINED": "wait", "DEVIATES": "stop"}


@register.filter
def told(name: str) -> str:
    """What a number of a comparison is called."""
    return str(MEASURES.get(name, name))


@register.filter
def tone(verdict: str) -> Tone:
    return TONES.get(verdict, "quiet")
