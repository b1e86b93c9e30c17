"""Money beside points."""

from django import template

from tanhui.kernel import quantity

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan with two digits: ``1,250.00``."""
    whole, _point, rest = quantity.yuan_from_fen(fen or 0).partition(".")
    return f"{int(whole):,}.{rest}"
