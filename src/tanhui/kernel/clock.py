"""How an instant is written. Nobody here knows what time it is: instants are handed in from the edge.

China has kept UTC+8 without summer time since September 1991, and no register of ours is older, so a fixed offset is
exact and needs no time zone database on the machine of someone who only verifies a certificate.
"""

from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def aware(at: datetime) -> datetime:
    """The instant itself; ``ValueError`` when it does not say where it is meant."""
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at


def for_people(at: datetime) -> str:
    """The wall clock in Shanghai to the minute: ``2026-06-05 20:00``."""
    return f"{aware(at).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def for_machines(at: datetime) -> str:
    """UTC in ISO 8601, exact: ``2026-06-05T12:00:00Z``."""
    return aware(at).astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def day(at: datetime) -> date:
    """The calendar day in Shanghai on which the instant falls."""
    return aware(at).astimezone(SHANGHAI).date()


def midnight_after(day: date) -> datetime:
    """24:00 of a day in Shanghai, the instant at which the day has passed (Civil Code, article 203)."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1)
