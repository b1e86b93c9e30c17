"""What the templates of the public pages ask for beside the components of ``ui``."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tanhui.portal.queries import figures, words

register = template.Library()
register.filter("printed", figures.printed)
register.filter("marked", words.marked)

TABS = {
    "registry": _("Overview"),
    "projects": _("Projects"),
    "batches": _("Batches"),
    "retirements": _("Retirements"),
    "beneficiaries": _("By beneficiary"),
    "cancellations": _("Cancellations"),
    "buffer": _("Buffer"),
    "comment": _("Open for comment"),
    "statistics": _("Statistics"),
}


@register.simple_tag(takes_context=True)
def tabs(context: template.Context) -> list[dict[str, Any]]:
    """The registers beside each other, the one that is open marked."""
    here = context["request"].path
    urls = {reverse(f"portal:{name}"): label for name, label in TABS.items()}
    return [{"url": url, "label": label, "current": url == here} for url, label in urls.items()]
