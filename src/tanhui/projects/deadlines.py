"""How long something may stand where it stands, counted in working days, and what is still left.

The starting day is not counted; while the owner corrects, the clock stands still, and goes on from where it stood. As
long as the calendar of a year is not announced the last day is provisional, is said to be so, and decides nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tanhui.kernel import clock
from tanhui.kernel.workdays import Deadline
from tanhui.projects import machine
from tanhui.projects.machine import Machine, State
from tanhui.projects.models import Development, Monitoring
from tanhui.rulepacks import calendar

NEAR = 3  # working days before the end that a reminder is sent


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a limit on a day: the last day, working days until then (negative when over), whether the
    calendar of the years between is announced, and whether the clock stands still."""

    on: date
    left: int
    announced: bool
    stopped: bool = False


def of(subject: Development | Monitoring) -> Machine:
    """The machine a subject runs on."""
    held = subject if isinstance(subject, Development) else subject.development
    profile = machine.profile(held.profile)
    return profile.development if isinstance(subject, Development) else profile.monitoring


def state(subject: Development | Monitoring) -> State:
    """The state something is in, with its labels."""
    return of(subject).of(subject.state)


def deadline(subject: Development | Monitoring) -> Deadline | None:
    """The last day of the present state's limit, counted with the calendar as it is announced now."""
    if not subject.limit:
        return None
    start, days = clock.day(subject.stage_since), subject.limit["days"]
    used = 0 if state(subject).stops else subject.used_days
    match subject.limit["unit"]:
        case "workday":
            return calendar.announced().add(start, max(1, days - used))
        case "day":
            return calendar.announced().days_after(start, days)
        case "month" | "year" as unit:
            return calendar.announced().months_after(start, days * (12 if unit == "year" else 1))
    raise ValueError(f"a limit is counted in no such unit: {subject.limit['unit']}")


def set_limit(subject: Development | Monitoring) -> None:
    """Keep the last day as it is known now, for lists."""
    found = deadline(subject)
    subject.due_on = found.day if found else None
    subject.provisional = bool(found and found.provisional)


def left(subject: Development | Monitoring, *, today: date) -> Left | None:
    """What is left, for people to read."""
    found = deadline(subject)
    if found is None:
        return None
    return until(found, today=today, stopped=state(subject).stops)


def until(found: Deadline, *, today: date, stopped: bool = False) -> Left:
    """The working days between a day and a last day."""
    days, late = calendar.announced(), found.day < today
    count = days.count(*((found.day, today) if late else (today, found.day)))
    return Left(found.day, -max(1, count.workdays) if late else count.workdays, not found.provisional, stopped)


def over(subject: Development | Monitoring, *, at: datetime) -> bool:
    """Whether the notice a subject stands in has run out; never while its last day is provisional."""
    found = deadline(subject)
    return found is not None and not found.provisional and clock.aware(at) >= found.end


def worked(since: datetime, at: datetime) -> int:
    """Working days from one instant to another, the first day not counted."""
    return calendar.announced().count(clock.day(since), clock.day(at)).workdays
