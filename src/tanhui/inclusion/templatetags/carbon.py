"""``{% load carbon %}``: grams and quantities as people read them."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tanhui.inclusion.queries.carbon import measured

register = template.Library()


@register.simple_tag
def mass(grams: int) -> SafeString:
    """Grams below a kilogram, kilograms above, with the unit."""
    if abs(grams) < 1_000:
        return format_html('<span class="qty">{} <span class="unit">g CO<sub>2</sub>e</span></span>', f"{grams:,}")
    return format_html(
        '<span class="qty">{} <span class="unit">kg CO<sub>2</sub>e</span></span>', f"{grams / 1_000:,.2f}"
    )


@register.simple_tag
def kilograms(grams: int) -> str:
    """Grams in kilograms, to the tenth."""
    return f"{grams / 1_000:,.1f}"


@register.simple_tag
def quantity(number: int | None, unit: str) -> str:
    """A quantity with its unit, metres as kilometres."""
    return measured(number, unit)


@register.simple_tag
def hexadecimal(value: bytes | memoryview) -> str:
    return bytes(value).hex()
