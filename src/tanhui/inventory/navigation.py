from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.inventory import queries, roles
from tanhui.ui import navigation


def handles(request):
    """Whoever works for a natural-resources authority, or for a body that is to verify a year."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "inventory_desk"):
        now = timezone.now()
        request.inventory_desk = (
            bool(queries.organisations(request.user, roles.AUTHORITIES, at=now))
            or queries.at_desk(request.user, at=now).exists()
        )
    return request.inventory_desk


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
