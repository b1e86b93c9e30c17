"""Points: granted by the batch, taken and given back one account at a time, never owed, never anybody else's."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, IntegrityError, connection, transaction

from tanhui.inclusion import numbers
from tanhui.inclusion.acts import copying
from tanhui.inclusion.models import Account, Claim, Entry, Grant
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    import numpy as np

DESIGN = "docs/algorithms/points.md"
LAPSE = """
WITH was AS (
    SELECT account_id, expires_on, granted - used AS points FROM inclusion_purse
     WHERE (account_id, expires_on) = (%s, %s) AND used < granted
)
UPDATE inclusion_purse p SET used = granted FROM was
 WHERE (p.account_id, p.expires_on) = (was.account_id, was.expires_on) RETURNING was.points
"""
APART = """
SELECT DISTINCT substr(relname, 17, 6) FROM pg_inherits JOIN pg_class ON oid = inhrelid
 WHERE inhparent = 'inclusion_claim'::regclass AND relname ~ '^inclusion_claim_[0-9]{8}$'
   AND substr(relname, 17, 6) < %s
 ORDER BY 1
"""
TURN = (727203, 1)  # the advisory lock under which one grant is made at a time
LARGE = 50_000  # claims of a day from which on they lie in a table of their own
FOLDED = timedelta(days=35)  # until a month's days are put together: late settlements are mostly over


class NotEnoughPoints(Refusal):
    code = "inclusion.not_enough_points"
    sentence = gettext_noop(
        "The account has %(available)s points and %(asked)s were asked for. Choose less, or come back with more."
    )
    clause = DESIGN


class ClaimedAlready(Refusal):
    code = "inclusion.claimed_already"
    sentence = gettext_noop(
        "Of the behaviours of %(day)s some were counted already, as points or in pooled units. Nothing is counted "
        "twice: leave them out."
    )
    clause = "rules C-06"


class GrantTooLate(Refusal):
    code = "inclusion.grant_too_late"
    sentence = gettext_noop(
        "Points for %(day)s can no longer be granted: days before %(first)s are closed. Answer the person directly."
    )
    clause = DESIGN


class ReferenceOfAnother(Refusal):
    code = "inclusion.points_reference_used"
    sentence = gettext_noop(
        "The reference %(reference)s names another movement of points. Use a new one for a new one."
    )
    clause = "ARCHITECTURE.md §6.4"


class GivenBackAlready(Refusal):
    code = "inclusion.points_given_back"
    sentence = gettext_noop("These points were given back already. Nothing is left to give.")
    clause = "ARCHITECTURE.md §6.3"


class AccountNotActive(Refusal):
    code = "inclusion.account_not_active"
    sentence = gettext_noop(
        "The carbon account is not active, so its points stay as they are. Whoever holds it sees why on its page."
    )
    clause = "rules §3.11"


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of an account's points: the entry's id, how many, and what is left."""

    entry: int
    points: int
    balance: int


def expires_on(day: date) -> date:
    """The first day on which points of a behaviour's day are worth nothing any more: a New Year's Day."""
    return date(day.year + 1 + numbers.whole("points_life", day), 1, 1)


@transaction.atomic
def grant(
    *,
    reference: str,
    day: date,
    accounts: "np.ndarray[Any, Any]",
    scenarios: "np.ndarray[Any, Any]",
    grams: "np.ndarray[Any, Any]",
    at: datetime,
) -> Grant:
    """Claim a day's grams as points: one row an account and scenario, arrays of one length, shape ``(n,)``.

    ``accounts`` are numbers, ``scenarios`` ids, ``grams`` whole grams ≥ 0. The rate and the end are the rule pack's of
    that day; what is left of a point is not counted. Sorted by account it goes fastest. The same reference with the
    same rows is granted once. Refuses with ``ClaimedAlready``, ``GrantTooLate``, ``ReferenceOfAnother`` or
    ``numbers.NumberMissing``.
    """
    import numpy as np

    rate = numbers.whole("points_grams", day)
    points = np.asarray(grams) // rate
    return claim(
        reference=reference, kind=Grant.Kind.POINTS, day=day, accounts=accounts, scenarios=scenarios, grams=grams,
        points=points, rate=rate, ends=expires_on(day), at=at,
    )  # fmt: skip


@transaction.atomic
def pool(
    *,
    reference: str,
    day: date,
    accounts: "np.ndarray[Any, Any]",
    scenarios: "np.ndarray[Any, Any]",
    grams: "np.ndarray[Any, Any]",
    at: datetime,
) -> Grant:
    """Claim a day's grams for units instead: no points, now or later. Arguments and refusals as ``grant``."""
    import numpy as np

    return claim(
        reference=reference, kind=Grant.Kind.POOL, day=day, accounts=accounts, scenarios=scenarios, grams=grams,
        points=np.zeros(len(grams), dtype=np.int64), rate=None, ends=None, at=at,
    )  # fmt: skip


def claim(
    *,
    reference: str,
    kind: str,
    day: date,
    accounts: "np.ndarray[Any, Any]",
    scenarios: "np.ndarray[Any, Any]",
    grams: "np.ndarray[Any, Any]",
    points: "np.ndarray[Any, Any]",
    rate: int | None,
    ends: date | None,
    at: datetime,
) -> Grant:
    import numpy as np

    digest = hashlib.sha256(f"{kind} {day.isoformat()} {rate}".encode())
    for column in (accounts, scenarios, grams):
        digest.update(np.ascontiguousarray(column, dtype="<i8").data)
    with spoken(day=day.isoformat()), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", TURN)
        if found := Grant.objects.filter(reference=reference).first():
            if found.sha256 != digest.hexdigest():
                raise ReferenceOfAnother(reference=reference)
            return found
        cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM inclusion_grant")
        number = cursor.fetchone()[0]
        totals = {"rows": len(accounts), "grams": int(np.sum(grams)), "points": int(np.sum(points))}
        told = {"grant": number, "use": str(kind), "day": day.isoformat(), "sha256": digest.hexdigest()}
        told |= numbers.of_many(totals, different(accounts), day)
        entry = record(kind="inclusion.claimed", fact=told, at=at, by=None)
        made = Grant(
            id=number, reference=reference, kind=kind, day=day, grams_a_point=rate, expires_on=ends, entry=entry, at=at,
            sha256=digest.hexdigest(), **totals,
        )  # fmt: skip
        count = len(accounts)
        days = np.broadcast_to(np.int32((day - date(1970, 1, 1)).days), count)
        columns = [
            ("account_id", "int8", accounts), ("day", "date", days), ("scenario_id", "int8", scenarios),
            ("grams", "int4", grams), ("points", "int4", points),
            ("grant_id", "int4", np.broadcast_to(np.int32(number), count)),
        ]  # fmt: skip
        apart = opened(cursor, day) if count >= LARGE else None
        made.save(force_insert=True)
        if count:
            copying.copy(apart or Claim._meta.db_table, columns, frozen=apart is not None)
        if apart:
            cursor.execute("SELECT inclusion_claims_close(%s)", [day])
    return made


def different(accounts: "np.ndarray[Any, Any]") -> int:
    """How many people: where accounts stand in order, as settlement gives them, nothing has to be sorted."""
    import numpy as np

    step = np.diff(accounts)
    return int(np.count_nonzero(step)) + min(len(accounts), 1) if (step >= 0).all() else len(np.unique(accounts))


def opened(cursor: Any, day: date) -> str | None:
    """A table for all claims of a day that has none yet, filled before it gets its key; none where there are some."""
    cursor.execute("SELECT inclusion_claims_open(%s)", [day])
    name: str | None = cursor.fetchone()[0]
    return name


def fold(*, at: datetime, most: int = 1) -> int:
    """Put the days of a month that is over into one table, at most so many months; returns how many days. To be done
    at night: grants wait for it, and reading a moment at its end."""
    with connection.cursor() as cursor:
        cursor.execute(APART, [f"{clock.day(at) - FOLDED:%Y%m}"])
        months = [date(int(name[:4]), int(name[4:]), 1) for (name,) in cursor.fetchmany(most)]
        done = 0
        for month in months:
            cursor.execute("SELECT inclusion_claims_fold(%s)", [month])
            done += cursor.fetchone()[0]
    return done


@transaction.atomic
def take(
    *,
    account: Account | int,
    kind: Entry.Kind,
    points: int,
    reference: str,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    by: int | None = None,
    whole: bool = True,
) -> Moved:
    """Take points from an account, those that run out first, in one statement; asked twice it is done once.

    ``whole``: all of them or none; otherwise as many as there are. Refuses with ``NotEnoughPoints``,
    ``AccountNotActive`` (where its holder asks) or ``ReferenceOfAnother``.
    """
    number = account if isinstance(account, int) else account.pk
    if points < (1 if whole else 0):
        raise ValueError("points are taken by the positive number")
    said = json.dumps(dict(facts or {}), ensure_ascii=False)
    arguments: list[Any] = [number, kind.value, points, whole, clock.day(at), reference, said, by, at]
    sql = "SELECT entry, taken, left_over FROM inclusion_take(%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)"
    if (known := once(reference, number, kind, -points if whole else None)) is not None:
        return known
    if isinstance(account, Account) and account.state != Account.State.ACTIVE:
        raise AccountNotActive
    with spoken(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        entry, taken, left = cursor.fetchone()
    return Moved(entry, taken, left)


@transaction.atomic
def give_back(*, entry: int, reference: str, at: datetime, facts: Mapping[str, Any] | None = None) -> Moved:
    """Give back what an entry took, into the purses it came from: what ran out meanwhile is not kept alive by it.

    Refuses with ``GivenBackAlready``; an entry is given back once, whatever the reference.
    """
    taken = Entry.objects.get(pk=entry)
    if taken.kind not in (Entry.Kind.REDEEMED, Entry.Kind.DONATED, Entry.Kind.DEDUCTED):
        raise ValueError(f"{taken.kind} is not given back")
    if (known := once(reference, taken.account_id, Entry.Kind.RETURNED, -taken.points)) is not None:
        return known
    with connection.cursor() as cursor:
        cursor.execute("SELECT inclusion_gather(%s)", [taken.account_id])  # holds the account's row
    if Entry.objects.filter(account=taken.account_id, kind=Entry.Kind.RETURNED, facts__of=entry).exists():
        raise GivenBackAlready
    return give(
        account=taken.account_id, kind=Entry.Kind.RETURNED, parts=taken.parts, reference=reference, at=at,
        facts=dict(facts or {}) | {"of": entry},
    )  # fmt: skip


def give(
    *,
    account: int,
    kind: Entry.Kind,
    parts: list[Any],
    reference: str,
    at: datetime,
    facts: Mapping[str, Any],
    by: int | None = None,
) -> Moved:
    """Put points into purses, ``[day on which they run out, points]`` each, inside the caller's transaction."""
    said: list[Any] = [json.dumps(parts), clock.day(at), reference, json.dumps(dict(facts), ensure_ascii=False), by, at]
    with spoken(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry, given, left_over FROM inclusion_give(%s, %s, %s::jsonb, %s, %s, %s::jsonb, %s, %s)",
            [account, kind.value, *said],
        )
        entry, given, left = cursor.fetchone()
    return Moved(entry, given, left)


def once(reference: str, account: int, kind: str, points: int | None) -> Moved | None:
    """What a reference did already. Refuses with ``ReferenceOfAnother``."""
    found = Entry.objects.filter(reference=reference).first()
    if found is None:
        return None
    if (found.account_id, found.kind) != (account, str(kind)) or points not in (None, found.points):
        raise ReferenceOfAnother(reference=reference)
    return Moved(found.pk, abs(found.points), found.balance)


def expire(*, at: datetime, most: int = 10_000) -> int:
    """Take what has run out, account by account, at most ``most`` of them; returns how many."""
    today = clock.day(at)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, expires_on FROM inclusion_purse WHERE used < granted AND expires_on <= %s"
            " ORDER BY expires_on, account_id LIMIT %s",
            [today, most],
        )
        due = cursor.fetchall()
    for account, ended in due:
        lapse(account, ended, at)
    return len(due)


@transaction.atomic
def lapse(account: int, ended: date, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inclusion_gather(%s)", [account])
        cursor.execute(LAPSE, [account, ended])
        if (row := cursor.fetchone()) is None:
            return
    Entry.objects.create(
        account_id=account, kind=Entry.Kind.EXPIRED, points=-row[0], balance=available(account, clock.day(at)),
        parts=[[ended.isoformat(), row[0]]], facts={}, at=at,
        reference=f"expired:{account}:{ended.isoformat()}:{at.timestamp():.0f}",
    )  # fmt: skip


def available(account: int, on: date) -> int:
    """The points an account can use on a day, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(points), 0)::bigint FROM inclusion_points(%s, %s)", [account, on])
        found: int = cursor.fetchone()[0]
    return found


@contextmanager
def spoken(**facts: Any) -> Iterator[None]:
    """Turn what the functions in the database raise into refusals; anything else passes as it is."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name.startswith("inclusion_claim") and name.endswith("_pkey"):  # whichever partition it lies in
            raise ClaimedAlready(**facts) from error
        if name == "a_reference_names_one_entry_of_points":
            raise ReferenceOfAnother(reference="–") from error
        raise
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state not in ("TH301", "TH303"):
            raise
        said = json.loads(error.__cause__.diag.message_detail)  # type: ignore[union-attr]
        raise (NotEnoughPoints if state == "TH301" else GrantTooLate)(**said) from error
