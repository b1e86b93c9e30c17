from django.utils.translation import gettext_lazy as _

from tanhui.identity import navigation as people
from tanhui.portal import access
from tanhui.ui import navigation


def publishes(request):
    """Whether the visitor works where publications are written."""
    return people.powers(request).works_for(*access.PUBLISHERS)


navigation.register(
    navigation.Entry("portal:home", _("Home"), 0),
    navigation.Entry("portal:look_up", _("Look up a number"), 10),
    navigation.Entry("portal:registry", _("Registry figures"), 20),
    navigation.Entry("portal:publications", _("Policies and announcements"), 25),
    navigation.Entry("portal:search", _("Search"), 28),
    navigation.Entry("portal:log", _("Transparency log"), 30),
    navigation.Entry("portal:verify", _("How to verify"), 40),
    navigation.Entry("portal:desk", _("Publishing desk"), 60, shown=publishes, mine=True, heading=navigation.STAFF),
)
