"""A domain refusal on a page: the same sentence, code and clause the API gives, next to the field where it belongs."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from tanhui.kernel.refusal import Refusal


def show(form: forms.BaseForm, refusal: Refusal, fields: Mapping[str, str] | None = None) -> int:
    """Put a refusal on a form and give the HTTP status that fits it.

    ``fields`` names the form field for a refusal code; a code not named there is shown in the box above the form.
    """
    field = (fields or {}).get(refusal.code)
    form.add_error(field if field in form.fields else None, ValidationError(say(refusal), code=refusal.code))
    vars(form).setdefault("refusals", []).append(refusal)
    return refusal.status


def say(refusal: Refusal) -> str:
    """The refusal's sentence in the visitor's language."""
    language = get_language() or "en"
    return refusal.say(language)
