from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanhui.registry import queries
from tanhui.ui import navigation


def waiting(request):
    return queries.waiting(request.user, at=timezone.now())


navigation.register(
    navigation.Entry("registry:mine", _("My account"), 50, shown=navigation.signed_in, mine=True),
    navigation.Entry(
        "registry:instructions", _("Instructions"), 60, shown=navigation.signed_in, waiting=waiting, mine=True
    ),
)
