"""Putting a value of the monitoring data right before it is verified (数据更正): kept with what it was, and why.

A run that was computed before a correction counts no more: the period is computed again before it goes on.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from tanhui.identity.models import Mandate
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import runs
from tanhui.projects.acts import monitoring as periods
from tanhui.projects.acts import steps
from tanhui.projects.models import Correction, Monitoring
from tanhui.projects.refusals import ORDER_31

WHERE = ("MR_DRAFT", "VERIFICATION")  # on notice nothing changes, and what was verified stays
LONGEST = {"what": 120, "before": 60, "after": 60, "unit": 20, "reason": 1000}
MOST = 2000  # corrections of one period


class CorrectionUnsaid(Refusal):
    code = "projects.correction_unsaid"
    sentence = gettext_noop(
        "Say which value is corrected, what it was and what it is (two different values), and why. Fill in all four."
    )
    clause = ORDER_31 + "第十八条"
    status = 422


class TooManyCorrections(Refusal):
    code = "projects.too_many_corrections"
    sentence = gettext_noop("%(what)s has %(most)s corrections already. Withdraw the period and monitor it anew.")
    clause = "ARCHITECTURE.md §5"


@transaction.atomic
def correct(
    *, monitoring: Monitoring, what: str, before: str, after: str, unit: str, reason: str, mandate: Mandate,
    at: datetime,
) -> Correction:  # fmt: skip
    """Keep a correction of the owner's. The very same one as the latest again changes nothing.

    Refuses with ``CorrectionUnsaid``, ``TooManyCorrections``, ``drafting.NotTheOwner`` or ``drafting.NotEditable``.
    """
    held = periods.editable(monitoring, mandate, at=at, where=WHERE)
    said = {"what": what, "before": before, "after": after, "unit": unit, "reason": reason}
    said = {name: text.strip() for name, text in said.items()}
    if any(len(text) > LONGEST[name] or "\x00" in text for name, text in said.items()):
        raise CorrectionUnsaid
    if not all(said[name] for name in ("what", "before", "after", "reason")) or said["before"] == said["after"]:
        raise CorrectionUnsaid
    latest = held.corrections.order_by("-number").first()
    if latest is not None and all(getattr(latest, name) == text for name, text in said.items()):
        return latest
    number = (held.corrections.aggregate(highest=Max("number"))["highest"] or 0) + 1
    if number > MOST:
        raise TooManyCorrections(what=held.code, most=MOST)
    entry = record(
        kind="projects.data_corrected",
        fact={"monitoring": held.code, "number": number},
        private={"monitoring": str(held.pk), **said},
        at=at,
        by=mandate.membership.person_id,
    )
    made = Correction.objects.create(
        monitoring=held, number=number, **said, organisation=mandate.membership.organisation,
        by=mandate.membership.person, entry=entry, at=at,
    )  # fmt: skip
    held.run = held.run | {runs.OUTDATED: True} if held.run else held.run
    steps.touch(held, at)
    return made
