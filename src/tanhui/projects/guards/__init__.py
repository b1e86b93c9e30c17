"""What must be true before a step: functions ``(subject, mandate, at)`` that refuse, named by the profiles.

Each file holds the guards of one concern. A profile that names a guard nobody wrote does not load.
"""

import importlib
import pkgutil
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TypeAlias

from tanhui.identity.models import Mandate
from tanhui.projects.models import Development, Monitoring

Guard: TypeAlias = Callable[[Development | Monitoring, Mandate | None, datetime], None]


@cache
def named(name: str) -> Guard:
    """The guard of a name. ``LookupError`` where there is none: a fault of the profile, not of a person."""
    for module in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        found = getattr(importlib.import_module(f"{__name__}.{module}"), name, None)
        if found is not None and getattr(found, "__module__", "") == f"{__name__}.{module}":
            guard: Guard = found
            return guard
    raise LookupError(f"no guard is called {name}")
