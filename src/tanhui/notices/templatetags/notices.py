"""How notices read on pages."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from tanhui.notices import calling
from tanhui.notices.models import Notice
from tanhui.ui.components import forms

register = template.Library()


@register.simple_tag
def said(notice: Notice, part: str) -> str:
    """``subject`` or ``body`` in the visitor's language."""
    return notice.said(part)


@register.filter
def fault(code: str | None) -> str:
    """Why nothing came back, in words; what is not foreseen as it was said."""
    words = {
        calling.TIMEOUT: gettext("no answer within 10 seconds"),
        calling.REFUSED: gettext("the connection was refused"),
        calling.RESET: gettext("the connection broke off"),
        calling.UNTRUSTED: gettext("the certificate is not trusted"),
    }
    return words.get(code or "", code or "—")


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A field's control alone, for the cell of a table whose heads are its label."""
    forms.style(field)
    return field.as_widget()
