"""Parts of a project's public page: its land on a coarse map, its quantities, what was shared out."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from tanhui.projects.models import Development
from tanhui.projects.pages import shares_words
from tanhui.projects.queries import dossier

register = template.Library()
TIERS = {
    "CITY": _("City"), "COUNTY": _("County"), "VILLAGE": _("Villages and collectives"), "HOUSEHOLD": _("Households"),
}  # fmt: skip


@register.inclusion_tag("projects/public/_boundary.html", takes_context=True)
def public_boundary(context: template.Context, development: Development) -> dict[str, Any]:
    """Where a project lies, to about a hundred metres."""
    return {"request": context["request"], "places": dossier.places(development), "development": development}


@register.inclusion_tag("projects/public/_quantities.html")
def public_quantities(development: Development) -> dict[str, Any]:
    """What was computed, verified and issued so far."""
    return {"found": dossier.quantities(development), "development": development}


@register.inclusion_tag("projects/public/_benefit.html")
def public_benefit(development: Development) -> dict[str, Any]:
    """What was sold and how it was shared out, in yuan; no person is named."""
    found = dossier.benefit(development)
    tiers = [(TIERS[tier], shares_words.yuan(fen)) for tier, fen in found["tiers"].items()] if found else []
    return {"found": found, "yuan": shares_words.yuan(found["fen"]) if found else "", "tiers": tiers}
