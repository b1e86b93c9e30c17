"""Words for the tables of procedures."""

from django import template
from django.utils.functional import Promise

from tanhui.projects import conditions

register = template.Library()


@register.filter
def condition(guard: str) -> str | Promise:
    """What a guard demands; its name where nobody has said it in words."""
    return conditions.WORDS.get(guard, guard)
