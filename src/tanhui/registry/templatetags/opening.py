"""``{% load opening %}``: what other pages of the register say about the papers behind an account."""

from typing import Any

from django import template
from django.utils import timezone

from tanhui.kernel import clock
from tanhui.registry import openings
from tanhui.registry.models import Account

register = template.Library()


@register.inclusion_tag("registry/parts/opening_ending.html")
def papers_ending(account: Account) -> dict[str, Any]:
    """The papers behind an account that have ended or end within sixty days; nothing when there are none."""
    return {"ending": openings.ending_of(account, today=clock.day(timezone.now()))}
