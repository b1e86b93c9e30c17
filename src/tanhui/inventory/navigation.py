from django.utils.translation import gettext_lazy as _

from tanhui.identity import navigation as people
from tanhui.inventory import queries, roles
from tanhui.ui import navigation


def handles(request):
    """Whoever works for a natural-resources authority, or for a body that is to verify a year."""
    held = people.powers(request)
    if held.works_for(*roles.AUTHORITIES):
        return True
    verifiers = held.bodies(roles.VERIFIERS)
    return [queries.rows().filter(verifier__in=verifiers)] if verifiers else False


navigation.register(
    navigation.Entry("inventory:atlas_index", _("Stock sinks"), 29),
    navigation.Entry(
        "inventory:desk", _("Stock-sink accounts"), 66, shown=handles, mine=True, heading=navigation.STAFF
    ),
    navigation.Entry(
        "inventory:sharing_desk",
        _("Agreements on sharing data"),
        66,
        shown=handles,
        mine=True,
        heading=navigation.STAFF,
    ),
    navigation.Entry(
        "inventory:monitoring", _("Monitoring cycle"), 66, shown=handles, mine=True, heading=navigation.STAFF
    ),
)
