"""Nothing is claimed twice: asked before every step that brings a project or its reductions further."""

from datetime import datetime

from tanhui.identity.models import Mandate
from tanhui.projects import numbers, uniqueness
from tanhui.projects.models import Development, Monitoring


def unique(subject: Development | Monitoring, mandate: Mandate | None, at: datetime) -> None:
    """What the development has in its boundary is nobody else's, here or in a list of another mechanism.

    Refuses with ``uniqueness.BoundaryTwice``, ``Barred``, ``Overlaps`` or ``MeteredTwice``.
    """
    development = numbers.development_of(subject)
    uniqueness.check(uniqueness.asked(development, at=at), uniqueness.rules(development))
