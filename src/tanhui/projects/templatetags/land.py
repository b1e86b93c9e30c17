"""Land on pages: areas in hectares and mu, and where a survey stands."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from tanhui.projects.models import Survey
from tanhui.projects.pages import land_words
from tanhui.ui.templatetags import ui

register = template.Library()
register.filter("ha", land_words.hectares)
register.filter("mu", land_words.mu)


@register.simple_tag
def survey_state(survey: Survey) -> SafeString:
    """The state of a survey as a badge."""
    tone: Any = land_words.TONES[survey.state]
    return ui.badge(str(survey.get_state_display()), tone)
