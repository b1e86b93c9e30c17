from django.utils.translation import gettext_lazy as _

from tanhui.identity import navigation as people
from tanhui.notices import queries, waiting
from tanhui.ui import navigation


def to_look_at(request):
    """What waits for the visitor, and what they have not read."""
    return [*waiting.rows(people.powers(request)), queries.unread(request.user)]


navigation.register(
    navigation.Entry(
        "notices:notices", _("Tasks and notices"), 40, shown=navigation.signed_in, waiting=to_look_at, mine=True
    ),
)
