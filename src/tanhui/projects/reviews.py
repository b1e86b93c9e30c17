"""Of what a review is: the body whose it is, the state it is done in, the sector it needs, and what must be in it."""

import re
from typing import Any

from tanhui.identity.models import Organisation
from tanhui.library import queries as library
from tanhui.library.models import Sector
from tanhui.projects import machine, numbers
from tanhui.projects.models import Development, Monitoring

REPORT_GUARDS = {"validation_report_complete", "verification_report_complete"}
CCER = re.compile(r"CCER-(\d{2})-\d{3}-V\d+")
# Sectoral scopes as the mechanisms number them; a CCER methodology carries its own in its code.
SCOPES = {
    Sector.FOREST: "14", Sector.GRASSLAND: "14", Sector.WETLAND: "14", Sector.AGRICULTURE: "15", Sector.ENERGY: "1",
    Sector.TRANSPORT: "7", Sector.WASTE: "13", Sector.LIFE: "3", Sector.EVENT: "3", Sector.OTHER: "—",
}  # fmt: skip
PREFIXES = {"AR": "14", "CMS": "14", "VM0033": "14"}  # where the library does not hold the version


def development(subject: Development | Monitoring) -> Development:
    return subject if isinstance(subject, Development) else subject.development


def body(subject: Development | Monitoring) -> Organisation | None:
    """Whose it is to review: the validator of a development, the verifier of a monitoring period."""
    return subject.validator if isinstance(subject, Development) else subject.verifier


def which(subject: Development | Monitoring) -> dict[str, Any]:
    """How rows about a subject are found: ``development`` and ``monitoring`` (none for the development itself)."""
    return {
        "development": development(subject), "monitoring": None if isinstance(subject, Development) else subject,
    }  # fmt: skip


def machine_of(subject: Development | Monitoring) -> machine.Machine:
    profile = machine.profile(development(subject).profile)
    return profile.development if isinstance(subject, Development) else profile.monitoring


def state_of_review(one: machine.Machine) -> str:
    """The state in which the body's report is due."""
    return next(row.before for row in one.table if REPORT_GUARDS & set(row.guards))


def sector(methodology: str) -> str:
    """The sectoral scope a body must be approved for to review by a methodology (whole code with version)."""
    if found := CCER.fullmatch(methodology):
        return found[1].lstrip("0")
    known = library.of_full_code(methodology)
    if known is not None:
        return SCOPES[Sector(known.methodology.sector)]
    return PREFIXES.get(methodology.partition("-")[0], "—")


def number(subject: Development | Monitoring, key: str) -> dict[str, Any]:
    """A whole number of the rule packs with where it stands: ``value``, ``pack``, ``clause``, ``grade``. Refuses with
    ``numbers.NumberMissing``."""
    found = numbers.said(subject, key)
    if found is None or type(found[1].value) is not int:
        raise numbers.NumberMissing(key=key, day=numbers.day_of(subject).isoformat())
    pack, parameter = found
    return {
        "value": parameter.value, "pack": f"{pack.id} {pack.version}", "clause": parameter.clause,
        "grade": parameter.grade,
    }  # fmt: skip
