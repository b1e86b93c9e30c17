"""Any Django form as the pages show it, and what refuses it."""

from typing import Any

from django import forms, template
from django.forms import widgets
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

register = template.Library()


@register.simple_tag
def htmx() -> SafeString:
    """The script behind live forms, filters and progress; stands in ``{% block scripts %}`` of pages that have one."""
    return format_html('<script src="{}" defer></script>', static("vendor/htmx.min.js"))


@register.simple_tag(takes_context=True)
def live_form(context: template.Context, key: str) -> SafeString:
    """Attributes of a ``<form method="post">`` whose errors come back in place: ``<form {% live_form "apply" %}>``.

    The page answers 422 (or a refusal's status) with itself, and ``live.leave`` when all is well.
    """
    return format_html(
        'method="post" novalidate id="{0}" hx-post="{1}" hx-target="this" hx-select="#{0}" hx-swap="outerHTML"',
        key, context["request"].get_full_path(),
    )  # fmt: skip


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
