"""What the rule packs say about accounts and the papers behind them, read for a day."""

from datetime import date
from typing import Any

from tanhui.rulepacks import packs, queries

PACKS = ("cn-national-ccer-2023", "demo-local")  # whose word counts for accounts, the first that has one
LIMITS = {
    "PRELIM": "account_preliminary_review",
    "FINAL": "account_final_review",
    "CORRECTION": "account_correction",
}
ALERT_BEFORE = 30  # days, where no pack says


def said(key: str, on: date) -> tuple[packs.Pack, packs.Parameter] | None:
    """A parameter about accounts with the pack that says it, of the packs in force that day."""
    for name in PACKS:
        activation = queries.in_force(name, on)
        if activation is not None:
            pack = packs.load(activation.pack.content, name)
            if key in pack.params:
                return pack, pack.params[key]
    return None


def limits(on: date) -> dict[str, Any]:
    """The time limits of an application, in working days, each with its pack, clause and evidence grade; what no pack
    in force says has none, and no due day is shown for it."""
    found = {}
    for name, key in LIMITS.items():
        if (known := said(key, on)) and isinstance(known[1].value, int):
            pack, parameter = known
            found[name] = {
                "days": parameter.value, "pack": f"{pack.id} {pack.version}", "clause": parameter.clause,
                "grade": parameter.grade,
            }  # fmt: skip
    return found


def paper_alerts(on: date) -> list[int]:
    """How many days before a paper ends its holder is reminded, the longest first."""
    known = said("account_papers_alerts_before", on)
    value = known[1].value if known else None
    days = [one for one in value if isinstance(one, int)] if isinstance(value, list | tuple) else []
    return sorted(days, reverse=True) or [ALERT_BEFORE]


def expired_papers_stop(on: date) -> bool:
    """Whether an account whose papers have run out may initiate nothing."""
    known = said("account_expired_papers_stop_initiating", on)
    return bool(known and known[1].value is True)
