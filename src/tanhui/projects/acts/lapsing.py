"""Claims of projects that nobody takes on (占用失效): after so many days the land is free again, with notice before."""

from datetime import datetime, timedelta

from django.db import transaction

from tanhui.kernel import clock
from tanhui.kernel.workdays import Deadline
from tanhui.projects import deadlines, machine, numbers
from tanhui.projects.acts import steps, timing, uniqueness
from tanhui.projects.models import Development, Footprint

CLAIM = "claim"  # what a reminder of a lapsing claim is about
DAYS, NOTICE = "draft_claim_lapse", "draft_claim_notice"


def waiting() -> set[str]:
    """The states, of any procedure, in which a project is its owner's draft, so that nobody else takes it on."""
    found = (state for one in machine.profiles().values() for state in one.development.states.values())
    return {state.code for state in found if state.tone == "draft"}


def lapse(*, at: datetime) -> int:
    """Give up the claims of drafts that stood still longer than the rule pack allows, and tell their owners some days
    before and then; how many lapsed. The project stays, and claims anew with its next step if its land is free."""
    today, lapsed = clock.day(at), 0
    claims = Footprint.objects.filter(state=Footprint.State.LIVE, development__isnull=False).values("development")
    for one in Development.objects.filter(state__in=waiting(), registered=None, pk__in=claims).order_by("number"):
        days, notice = numbers.value(one, DAYS), numbers.value(one, NOTICE)
        if type(days) is not int:
            continue
        last = clock.day(one.stage_since) + timedelta(days=days)
        if today > last:
            lapsed += given_up(one, Deadline(last), at)
        elif type(notice) is int and (last - today).days <= notice:
            timing.nudge(one, CLAIM, deadlines.until(Deadline(last), today=today), at, near=notice)
    return lapsed


@transaction.atomic
def given_up(one: Development, last: Deadline, at: datetime) -> bool:
    held = steps.locked(one)
    assert isinstance(held, Development)
    if held.state != one.state or held.stage_since != one.stage_since:  # it went on meanwhile
        return False
    gone = uniqueness.release(development=held, at=at)
    timing.nudge(held, CLAIM, deadlines.until(last, today=clock.day(at)), at)
    return bool(gone)
