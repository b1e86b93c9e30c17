"""Monthly evidence (月度存证): the hash of a month's monitoring data goes into the log, in the days the pack gives."""

import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.workdays import corresponding_day
from tanhui.projects import deadlines, evidence
from tanhui.projects.acts import drafting, steps
from tanhui.projects.models import Development, Evidence
from tanhui.projects.refusals import NotRegistered

SHA256 = re.compile(r"[0-9a-f]{64}")
LIVE = ("REGISTERED", "FILED")


class MonthNotOver(Refusal):
    code = "projects.month_not_over"
    sentence = gettext_noop("%(month)s is not over yet. Its data are stamped from the first day after it on.")
    clause = "全国碳排放权交易市场月度存证（rules I-07）"
    status = 422


class EvidenceUnreadable(Refusal):
    code = "projects.evidence_unreadable"
    sentence = gettext_noop("Give the month's data as a file, or their SHA-256 as 64 hexadecimal digits.")
    clause = "全国碳排放权交易市场月度存证（rules I-07）"
    status = 422


@transaction.atomic
def stamp(
    *, development: Development, month: date, sha256: str, name: str, size_bytes: int, mandate: Mandate, at: datetime,
    note: str = "",
) -> Evidence:  # fmt: skip
    """Stamp the data of a month by their hash; the data stay with the owner. The same again is the same stamp, another
    hash of the same month a correction beside it. Late is kept as late.

    Refuses with ``MonthNotOver``, ``EvidenceUnreadable``, ``NotRegistered``, ``drafting.NotTheOwner`` or as the mandate
    is judged.
    """
    held = steps.locked(development)
    assert isinstance(held, Development)
    body, first = mandate.membership.organisation, month.replace(day=1)
    if body.pk != held.owner_id:
        raise drafting.NotTheOwner(organisation=body.name, what=held.code, owner=held.owner.name)
    instruction.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body.pk, at=at)
    if held.registered is None or held.state not in LIVE:
        raise NotRegistered(project=held.code, state=str(deadlines.state(held).label))
    if not SHA256.fullmatch(sha256) or size_bytes < 0 or "\x00" in name + note:
        raise EvidenceUnreadable
    if first > clock.day(at) or corresponding_day(first, 1) > clock.day(at):
        raise MonthNotOver(month=f"{first:%Y-%m}")
    if same := held.evidence.filter(month=first, sha256=sha256).first():
        return same
    within = evidence.days(held)
    due = evidence.due(first, within).day if within else corresponding_day(first, 2)
    late = clock.day(at) > due
    entry = record(
        kind="projects.evidence_stamped",
        fact={"development": held.code, "month": f"{first:%Y-%m}", "sha256": sha256, "late": late},
        private={"development": str(held.pk), "name": name[:255], "size_bytes": size_bytes, "note": note[:200]},
        at=at,
        by=mandate.membership.person_id,
    )
    return Evidence.objects.create(
        development=held, month=first, sha256=sha256, name=name.strip()[:255] or f"{first:%Y-%m}",
        size_bytes=size_bytes, due_on=due, late=late, note=note.strip()[:200], by=mandate.membership.person,
        entry=entry, at=at,
    )  # fmt: skip


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def of_chunks(chunks: Iterable[bytes]) -> str:
    """The SHA-256 of a file that comes in pieces."""
    made = hashlib.sha256()
    for one in chunks:
        made.update(one)
    return made.hexdigest()
