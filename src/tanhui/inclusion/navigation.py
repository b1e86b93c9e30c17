"""What the room has in the header of every page."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity import roster
from tanhui.inclusion import roles
from tanhui.ui import navigation


def at_desk(request):
    """Whoever works for the operator, a technical body or the authority."""
    return bool(bodies(request) & {*roles.OPERATORS, *roles.ASSESSORS, *roles.AUTHORITIES})


def operates(request):
    """Whoever works for the operator."""
    return bool(bodies(request) & set(roles.OPERATORS))


def provides(request):
    """Whoever works for a provider."""
    return bool(bodies(request) & set(roles.PROVIDERS))


def bodies(request):
    """The roles of the organisations the visitor works for."""
    if not navigation.signed_in(request):
        return set()
    if not hasattr(request, "inclusion_bodies"):
        standing = roster.standing(timezone.now()).filter(membership__person=request.user)
        request.inclusion_bodies = set(standing.values_list("membership__organisation__role", flat=True))
    return request.inclusion_bodies


navigation.register(
    navigation.Entry("inclusion:scenarios", _("Low-carbon life"), 30),
    navigation.Entry(
        "inclusion:desk_scenarios",
        pgettext_lazy("inclusion", "Carbon inclusion"),
        67,
        shown=at_desk,
        mine=True,
        heading=navigation.STAFF,
    ),
    navigation.Entry("inclusion:carbon", _("My carbon account"), 31, shown=navigation.signed_in, mine=True),
    navigation.Entry(
        "inclusion:carbon_desk", _("Carbon accounts"), 68, shown=operates, mine=True, heading=navigation.STAFF
    ),
    navigation.Entry("inclusion:providers", _("Our data interfaces"), 45, shown=provides, mine=True),
)
