"""What the room has in the header of every page."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity import navigation as people
from tanhui.inclusion import roles
from tanhui.ui import navigation


def at_desk(request):
    """Whoever works for the operator, a technical body or the authority."""
    return people.powers(request).works_for(*roles.OPERATORS, *roles.ASSESSORS, *roles.AUTHORITIES)


def operates(request):
    """Whoever works for the operator."""
    return people.powers(request).works_for(*roles.OPERATORS)


def works(request):
    """Whoever works for an organisation."""
    return people.powers(request).works_for()


def provides(request):
    """Whoever works for a provider."""
    return people.powers(request).works_for(*roles.PROVIDERS)


navigation.register(
    navigation.Entry("inclusion:scenarios", _("Low-carbon life"), 30),
    navigation.Entry("inclusion:regions", pgettext_lazy("inclusion", "Recognised regions"), 33),
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
    navigation.Entry(
        "inclusion:desk_credit",
        _("Credit, regions and apps"),
        69,
        shown=at_desk,
        mine=True,
        heading=navigation.STAFF,
    ),
    navigation.Entry("inclusion:credit_own", pgettext_lazy("inclusion", "Green records"), 46, shown=works, mine=True),
    navigation.Entry("inclusion:providers", _("Our data interfaces"), 45, shown=provides, mine=True),
)
