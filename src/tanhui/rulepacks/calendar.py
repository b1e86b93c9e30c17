"""The working-day calendar as the State Council has announced it, from the ``chinesecalendar`` package."""

from functools import cache

from tanhui.kernel.workdays import Calendar


@cache
def announced() -> Calendar:
    """The years the installed package knows, and no more. A later notice is added with ``Calendar.with_year``."""
    from chinese_calendar import constants  # loads twenty years of tables

    return Calendar(
        years=frozenset(day.year for day in constants.holidays if (day.month, day.day) == (1, 1)),
        holidays=frozenset(constants.holidays),
        makeup=frozenset(constants.workdays),
    )
