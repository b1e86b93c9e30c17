"""Figures of any day for programs."""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.portal.queries import statistics as figures
from tanhui.registry import access as register

router = Router(tags=["统计"])


class DayAhead(Refusal):
    code = "portal.day_ahead"
    sentence = gettext_noop("%(day)s has not come yet; today is %(today)s. Ask for today or an earlier day.")
    clause = "ARCHITECTURE.md §6.5"
    status = 422


class Tonnes(Schema):
    issued_t: int
    held_t: int
    buffer_t: int
    retired_t: int
    cancelled_t: int
    transferred_t: int


class Value(Tonnes):
    value: str


class Statistics(Schema):
    """Whole tonnes at the end of a day: issued = held + buffer + retired + cancelled."""

    as_of: dt.date
    last_movement_on: dt.date | None
    log_size: int | None = Field(description="How many facts the log was signed for at the end of that day.")
    whole: Tonnes
    by_scheme: list[Value]
    by_methodology: list[Value]
    by_vintage: list[Value]
    by_province: list[Value]
    by_purpose: list[Value]


@router.get("/statistics", response=Statistics, operation_id="getStatistics", summary="任意一日的登记总量")
@rights.needs(rights.PUBLIC)
def statistics(
    request: HttpRequest, on: Annotated[dt.date | None, Query(description="Today when it is not given.")] = None
) -> dict[str, Any]:
    """Where every issued tonne was at the end of a day in Beijing. Refuses with ``DayAhead`` or ``DayImpossible``."""
    today = timezone.localdate(timezone.now())
    if on is not None and on > today:
        raise DayAhead(day=on.isoformat(), today=today.isoformat())
    if on is not None:
        register.span(on, on)
    day = on or today
    return figures.told(day, figures.at_end_of(day), figures.log_at_end_of(day))
