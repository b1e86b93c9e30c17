"""Who may read the papers of this room, and what may be handed in as one."""

from datetime import datetime

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from tanhui.files import doors, kinds
from tanhui.identity.models import Person
from tanhui.registry import access


def may_read(person: Person | None, key: str, at: datetime) -> bool:
    """Whoever may see an application may read its papers: they are never public (rules §4)."""
    if person is None:
        return False
    try:
        access.application(person, key, at=at)
    except Http404:
        return False
    return True


doors.register("registry.application", may_read)
kinds.register(kinds.Kind("registry.kyc", _("Paper of an application"), kinds.PAPER, 20 * kinds.MB))
