"""What waits and what runs out among people and their powers; identity itself stands below the notices."""

from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity import roster
from tanhui.identity.powers import Powers
from tanhui.notices import waiting
from tanhui.notices.waiting import Task


def changes(held: Powers) -> list[Task]:
    """Changes of powers that wait for this person's yes or no."""
    return [
        Task(
            title=_("Decide on a change of powers asked for by %(name)s") % {"name": one.initiator.name},
            url=reverse("identity:change", args=[one.pk]), since=one.at, due=one.expires_at.date(),
            organisation=one.organisation.name,
        )
        for one in roster.changes_for(held.person, at=held.at)
    ]  # fmt: skip


waiting.register(changes, rows=lambda held: [roster.changes_for(held.person, at=held.at)])
