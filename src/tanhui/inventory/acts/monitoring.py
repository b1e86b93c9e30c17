"""The cycle of monitoring (article 9): set by the authority, and its reminders."""

import re
from datetime import date, datetime, timedelta

from django.db import transaction

from tanhui.files.acts import receiving
from tanhui.identity.models import Mandate
from tanhui.inventory import due
from tanhui.inventory.acts import steps
from tanhui.inventory.models import Cycle, Reminder
from tanhui.inventory.models.monitoring import LONGEST
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

ARTICLE = "《上虞区生态系统存量碳汇核算及使用管理办法》第九条"
DIVISION = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}")
FARTHEST = timedelta(days=366 * 11)


class CycleUnreadable(Refusal):
    code = "inventory.cycle_unreadable"
    sentence = gettext_noop(
        "A cycle has the name and the code of its area (six, nine or twelve digits), 1 to %(most)s months, a first due "
        "day between today and %(last)s, and a reason. Complete what is missing."
    )
    clause = ARTICLE
    status = 422


class CycleUnchanged(Refusal):
    code = "inventory.cycle_unchanged"
    sentence = gettext_noop(
        "The cycle of %(area)s already is %(months)s months, first due on %(day)s. Nothing is to be changed."
    )
    clause = ARTICLE


@transaction.atomic
def set_cycle(
    *, division_code: str, area_name: str, months: int, first_due: date, reason: str, mandate: Mandate, at: datetime
) -> Cycle:
    """Set how often an area is brought up to date. The earlier cycle of the area stays readable and counts no more.

    Refuses with ``steps.NotTheAuthority``, ``CycleUnreadable``, ``CycleUnchanged`` or ``instruction.WrongMandate``.
    """
    organisation = mandate.membership.organisation
    steps.check_authority(mandate, at=at)
    today, name, why = clock.day(at), area_name.strip()[:60], reason.strip()[:500]
    in_time = today <= first_due <= today + FARTHEST
    if not (DIVISION.fullmatch(division_code) and name and why and 1 <= months <= LONGEST and in_time):
        raise CycleUnreadable(most=LONGEST, last=(today + FARTHEST).isoformat())
    before = Cycle.objects.filter(organisation=organisation, division_code=division_code).order_by("-at", "-pk").first()
    if before is not None and (before.months, before.first_due, before.area_name) == (months, first_due, name):
        raise CycleUnchanged(area=name, months=months, day=first_due.isoformat())
    entry = record(
        kind="inventory.cycle_set",
        fact={"division": division_code, "months": months, "due": first_due.isoformat()},
        private={"organisation": organisation.uscc, "area": name, "reason": why},
        at=at,
        by=mandate.membership.person_id,
    )
    return Cycle.objects.create(
        organisation=organisation, area_name=name, division_code=division_code, months=months, first_due=first_due,
        reason=why, by=mandate.membership.person, at=at, entry=entry,
    )  # fmt: skip


def remind(*, at: datetime) -> list[Reminder]:
    """Tell of every area that is due soon, very soon, or overdue: each stage once for each day something is due."""
    found = [due.due(cycle, today=clock.day(at)) for cycle in due.cycles()]
    made = [reminded(one, at=at) for one in found if one.stage]
    return [one for one in made if one is not None]


@transaction.atomic
def reminded(one: due.Due, *, at: datetime) -> Reminder | None:
    """The reminder of a stage; none where it was sent already."""
    receiving.lock(f"inventory.cycle:{one.cycle.pk}")
    cycle = one.cycle
    if cycle.reminders.filter(due_on=one.on, stage=one.stage).exists():
        return None
    entry = record(
        kind="inventory.monitoring_due",
        fact={"division": cycle.division_code, "due": one.on.isoformat(), "stage": one.stage},
        private={"cycle": cycle.pk, "organisation": cycle.organisation.uscc, "area": cycle.area_name},
        at=at,
        by=None,
    )
    return Reminder.objects.create(cycle=cycle, due_on=one.on, stage=one.stage, at=at, entry=entry)
