"""What the rule packs say about personal carbon accounts, read for a day: the city's own pack, then the defaults."""

from collections.abc import Mapping
from datetime import date

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.rulepacks import packs, queries

PACKS = ("cn-shanghai-tph-2025", "cn-privacy-2025", "demo-local")


class NumberMissing(Refusal):
    code = "inclusion.number_missing"
    sentence = gettext_noop("No rule pack in force on %(day)s says “%(key)s”. Have the pack activated that does.")
    clause = "ARCHITECTURE.md §1"


def said(key: str, on: date) -> tuple[packs.Pack, packs.Parameter] | None:
    """A parameter with the pack that says it, of the packs in force that day."""
    for name in PACKS:
        activation = queries.in_force(name, on)
        if activation is not None:
            pack = packs.load(activation.pack.content, name)
            if key in pack.params:
                return pack, pack.params[key]
    return None


def parameter(key: str, on: date) -> packs.Parameter:
    """A parameter with its unit, clause and grade. Refuses with ``NumberMissing``."""
    found = said(key, on)
    if found is None:
        raise NumberMissing(key=key, day=on.isoformat())
    return found[1]


def whole(key: str, on: date) -> int:
    """A whole number of the packs. Refuses with ``NumberMissing``."""
    value = parameter(key, on).value
    if type(value) is not int:
        raise NumberMissing(key=key, day=on.isoformat())
    return value


def of_many(told: Mapping[str, int], people: int, on: date) -> dict[str, int]:
    """Figures for the public log: none of fewer people than public statistics tell of (``public_statistics_k``)."""
    return dict(told) if people >= whole("public_statistics_k", on) else {}
