"""Restricting exactly these units, whoever holds them set aside, until the lock is lifted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tanhui.kernel.serials import Range
from tanhui.ledger.acts import movement, refusals


@dataclass(frozen=True, slots=True)
class Units:
    """Serials of one asset in one account."""

    account: int
    asset: int
    serials: Range


def place(*, reference: str, rank: int, units: Sequence[Units], at: datetime) -> int:
    """Lock units inside the caller's transaction; returns the lock's id. Lower ``rank`` stands above (rules U-08).

    Refuses with ``SerialsNotFree`` when the account does not hold them all.
    """
    with refusals.spoken(reference), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_lock(%s, %s::smallint, %s, %s::bigint[], %s::bigint[], %s::int8range[])",
            [
                reference,
                rank,
                at,
                [one.account for one in units],
                [one.asset for one in units],
                [movement.to_sql(one.serials) for one in units],
            ],
        )
        lock: int = cursor.fetchone()[0]
    return lock


def lift(*, lock: int, at: datetime) -> None:
    """Lift a lock. Refuses with ``HigherLockStands`` or ``AlreadyLifted``."""
    with refusals.spoken(str(lock)), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_lift(%s, %s)", [lock, at])
