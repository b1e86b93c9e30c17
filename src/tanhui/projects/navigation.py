"""What the room has in the header of every page."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.projects import access_field
from tanhui.ui import navigation


def in_the_field(request):
    """Whoever may see the field work of a project, or keeps a device."""
    if not navigation.signed_in(request):
        return False
    if not hasattr(request, "in_the_field"):
        now = timezone.now()
        request.in_the_field = (
            access_field.developments(request.user, at=now).exists()
            or access_field.devices(request.user, at=now).exists()
        )
    return request.in_the_field


navigation.register(
    navigation.Entry(
        "projects:field", _("Field monitoring"), 64, shown=in_the_field, mine=True, heading=navigation.STAFF
    ),
)
