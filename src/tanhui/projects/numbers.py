"""What the rule packs say to a development: its own pack first, then its city's, then the defaults of the platform.

A case keeps the numbers of the day it began: they are read for that day, never for the day of processing.
"""

from datetime import date
from typing import Any

from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.machine import Limit
from tanhui.projects.models import Development, Monitoring
from tanhui.rulepacks import packs, queries

DEFAULTS = "demo-local"
LOCAL = {"1504": "cn-chifeng-sinks-2024"}  # by the first digits of the division: what its city asks besides


class NumberMissing(Refusal):
    code = "projects.number_missing"
    sentence = gettext_noop(
        "No rule pack in force on %(day)s says “%(key)s” for this project. Have the pack activated that does."
    )
    clause = "ARCHITECTURE.md §1"


def development_of(subject: Development | Monitoring) -> Development:
    return subject if isinstance(subject, Development) else subject.development


def day_of(subject: Development | Monitoring) -> date:
    """The day whose rules a case keeps."""
    return clock.day(subject.opened_at)


def said(
    subject: Development | Monitoring, key: str, *, local: bool = False
) -> tuple[packs.Pack, packs.Parameter] | None:
    """A parameter and the pack that says it; ``local``: the city's own before the procedure's."""
    held = development_of(subject)
    own = [held.rule_pack, held.local_pack]
    for name in [*(reversed(own) if local else own), DEFAULTS]:
        activation = queries.in_force(name, day_of(subject)) if name else None
        if activation is not None:
            pack = packs.load(activation.pack.content, name)
            if key in pack.params:
                return pack, pack.params[key]
    return None


def value(subject: Development | Monitoring, key: str) -> packs.Value | None:
    """The bare value of a parameter, or nothing where no pack says it."""
    found = said(subject, key)
    return found[1].value if found else None


def needed(subject: Development | Monitoring, key: str) -> packs.Parameter:
    """A parameter. Refuses with ``NumberMissing``."""
    found = said(subject, key)
    if found is None:
        raise NumberMissing(key=key, day=day_of(subject).isoformat())
    return found[1]


def limit(subject: Development | Monitoring, asked: Limit | None) -> dict[str, Any]:
    """A time limit as its pack gives it: ``days``, ``unit``, ``key``, ``pack``, ``clause``, ``grade``. Empty where no
    pack does; a public notice without a length is refused with ``NumberMissing``."""
    if asked is None:
        return {}
    found = said(subject, asked.key, local=asked.local)
    if found is None or type(found[1].value) is not int:
        if asked.notice:
            raise NumberMissing(key=asked.key, day=day_of(subject).isoformat())
        return {}
    pack, one = found
    return {
        "key": asked.key, "days": one.value, "unit": one.unit, "pack": f"{pack.id} {pack.version}",
        "clause": one.clause, "grade": one.grade, "notice": asked.notice,
    }  # fmt: skip


def local_pack(division_code: str) -> str:
    """The pack of the city a division lies in, where there is one."""
    return next((pack for head, pack in LOCAL.items() if division_code.startswith(head)), "")
