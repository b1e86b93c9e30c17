from django import template

register = template.Library()


@register.filter
def as_list(one: object) -> list[object]:
    """One thing as the list that a component takes."""
    return [one]
