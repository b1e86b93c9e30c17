"""How notices read on pages."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from tanhui.notices.models import Notice
from tanhui.ui.components import forms

register = template.Library()


@register.simple_tag
def said(notice: Notice, part: str) -> str:
    """``subject`` or ``body`` in the visitor's language."""
    return notice.said(part)


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A field's control alone, for the cell of a table whose heads are its label."""
    forms.style(field)
    return field.as_widget()
