"""Setting units aside for a use that takes time: reserve, then post, post part, void or expire, exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from tanhui.kernel.serials import Range
from tanhui.ledger.acts import movement, refusals
from tanhui.ledger.models import OpenReservation, Resolution


@dataclass(frozen=True, slots=True)
class Wish:
    """How much of an asset to set aside; without ``serials`` the oldest free units."""

    asset: int
    quantity: int
    serials: Range | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """The reservation's id and, for each wish, the serial ranges set aside."""

    reservation: int
    serials: tuple[tuple[Range, ...], ...]


def reserve(*, reference: str, account: int, wishes: Sequence[Wish], at: datetime, expires_at: datetime) -> Reserved:
    """Set units of one account aside until ``expires_at``, inside the caller's transaction.

    Refuses with ``NotEnoughHeld``, ``SerialsNotFree``, ``SerialsLocked`` or ``ReferenceUsed``. To post a reservation,
    name it in ``movement.post``.
    """
    with refusals.spoken(reference), connection.cursor() as cursor:
        cursor.execute(
            "SELECT reservation, ordinal, serials FROM ledger_reserve("
            "%s, %s, %s, %s, %s::bigint[], %s::bigint[], %s::int8range[])",
            [
                reference,
                account,
                at,
                expires_at,
                [wish.asset for wish in wishes],
                [wish.quantity for wish in wishes],
                [movement.to_sql(wish.serials) for wish in wishes],
            ],
        )
        rows = cursor.fetchall()
    pieces: list[list[Range]] = [[] for _ in wishes]
    for _, ordinal, serials in rows:
        if serials is not None:
            pieces[ordinal - 1].append(movement.from_sql(serials))
    return Reserved(reservation=rows[0][0], serials=tuple(tuple(found) for found in pieces))


def void(*, reservation: int, at: datetime) -> None:
    """Give a reservation's units back. Refuses with ``AlreadyResolved``."""
    release(reservation, Resolution.Kind.VOIDED, at)


def expire(*, at: datetime, most: int = 500) -> int:
    """Give back every reservation past its time, each in its own transaction; returns how many."""
    due = OpenReservation.objects.filter(expires_at__lte=at).order_by("expires_at").values_list("pk", flat=True)
    count = 0
    for reservation in due[:most]:
        try:
            with transaction.atomic():
                release(reservation, Resolution.Kind.EXPIRED, at)
        except refusals.AlreadyResolved:
            continue  # somebody resolved it since we looked, which is as good
        count += 1
    return count


def release(reservation: int, kind: str, at: datetime) -> None:
    with refusals.spoken(str(reservation)), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_release(%s, %s, %s)", [reservation, kind, at])
