"""What is done with people's data by the clock: counted for the public, and forgotten in time."""

from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from tanhui.inclusion import numbers
from tanhui.inclusion.models import Account, Day, Forgetting, Settlement, Suspicion
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

COUNT = """
INSERT INTO inclusion_statistic (month, district, scenario_id, people, grams, counted_at)
SELECT m.month, left(a.region, 6), m.scenario_id, count(*), sum(m.grams), %(at)s
  FROM inclusion_month m JOIN inclusion_account a ON a.number = m.account_id
 WHERE m.month = %(month)s AND m.grams > 0
 GROUP BY 1, 2, 3
ON CONFLICT (month, district, scenario_id)
DO UPDATE SET people = excluded.people, grams = excluded.grams, counted_at = excluded.counted_at
"""
GONE = "DELETE FROM inclusion_statistic WHERE month = %(month)s AND counted_at < %(at)s"

SLICE = 20_000  # accounts of one transaction
BEHIND = 60  # grants that may lie ungathered
DUE = """
SELECT a.number FROM inclusion_account a LEFT JOIN inclusion_gathered g ON g.account_id = a.number
 WHERE coalesce(g.grant_id, 0) < %(last)s - %(behind)s ORDER BY a.number LIMIT %(most)s
"""
# What ``inclusion_gather`` does for one account, for all due ones from one number to another.
KNOWN = """
INSERT INTO inclusion_gathered (account_id, grant_id)
SELECT number, 0 FROM inclusion_account WHERE number BETWEEN %(low)s AND %(high)s ORDER BY number ON CONFLICT DO NOTHING
"""
HELD = """
SELECT count(*) FROM (
    SELECT FROM inclusion_gathered WHERE account_id BETWEEN %(low)s AND %(high)s AND grant_id < %(last)s - %(behind)s
     ORDER BY account_id FOR UPDATE
) held
"""
FILLED = """
INSERT INTO inclusion_purse (account_id, expires_on, granted, used)
SELECT c.account_id, g.expires_on, sum(c.points), 0
  FROM inclusion_gathered h
  JOIN inclusion_claim c ON c.account_id = h.account_id AND c.day >= coalesce(h.since, '-infinity')
   AND c.grant_id > h.grant_id AND c.grant_id <= %(last)s AND c.points > 0
  JOIN inclusion_grant g ON g.id = c.grant_id
 WHERE h.account_id BETWEEN %(low)s AND %(high)s AND h.grant_id < %(last)s - %(behind)s
   AND c.account_id BETWEEN %(low)s AND %(high)s
 GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (account_id, expires_on) DO UPDATE SET granted = inclusion_purse.granted + excluded.granted
"""
NOTED = """
UPDATE inclusion_gathered h SET grant_id = %(last)s, since = given.since
  FROM (SELECT max(day) - inclusion_reach() AS since FROM inclusion_grant WHERE id <= %(last)s) given
 WHERE h.account_id BETWEEN %(low)s AND %(high)s AND h.grant_id < %(last)s - %(behind)s
"""


class DayForgotten(Refusal):
    code = "inclusion.day_forgotten"
    sentence = gettext_noop(
        "What was reported of %(day)s is erased, and what was counted stays. Nothing of that day can be counted anew: "
        "answer the person directly."
    )
    clause = "docs/algorithms/settlement.md §6"


def check_kept(day: date) -> None:
    """Refuse with ``DayForgotten`` where the events of a day are erased: settled anew it would come out empty."""
    if Forgetting.objects.filter(day=day).exists():
        raise DayForgotten(day=day.isoformat())


@transaction.atomic
def count(*, month: date, at: datetime) -> None:
    """Count a month's people and grams by district and scenario."""
    told = {"month": month.replace(day=1), "at": at}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, told)
        cursor.execute(GONE, told)


def forget(*, lake: Path, at: datetime, most: int = 40) -> list[Forgetting]:
    """Erase the events and tracks of days that were kept as long as the rule pack allows, a day a transaction, and
    what settlements kept of them beside grams: what waited, who used which device.

    What is left of them is scenario, day, grams and the hash of the evidence. A day that is being settled waits; who
    calls sees to it that no settled one is laid ready for corrections meanwhile.
    """
    kept = numbers.whole("raw_tracks_kept", clock.day(at))
    first = clock.day(at) - timedelta(days=kept)
    found = sorted({day for part in ("events", "tracks") for day in days_in(lake / part) if day < first})
    busy = set(Settlement.objects.filter(state__in=Settlement.OPEN).values_list("day", flat=True))
    return [erase(lake, day, kept, at) for day in found[:most] if day not in busy]


def days_in(folder: Path) -> list[date]:
    names = [one.name.removeprefix("day=") for one in folder.glob("day=*")]
    return [date.fromisoformat(name) for name in names]


def erase(lake: Path, day: date, kept: int, at: datetime) -> Forgetting:
    from tanhui.tally import lake as lakes_

    paths = [path for part in ("events", "tracks") for path in sorted((lake / part / f"day={day}").rglob("*.parquet"))]
    size = sum(path.stat().st_size for path in paths)
    with transaction.atomic():
        Day.objects.filter(day=day, quantity__isnull=False).update(quantity=None, uncapped=None)
        Suspicion.objects.filter(day=day).exclude(facts={}).update(facts={}, key="")
        told = {"day": day.isoformat(), "files": len(paths), "kept_days": kept}
        found = Forgetting.objects.filter(day=day).first()
        if found is None:
            entry = record(kind="inclusion.events_forgotten", fact=told, at=at, by=None)
            found = Forgetting.objects.create(
                day=day, files=len(paths), bytes=size, kept_days=kept, at=at, entry=entry
            )  # fmt: skip
    lakes_.forget_day(lake, day)  # after the commit: a crash here is made good the next time
    return found


@transaction.atomic
def grow_up(*, at: datetime) -> int:
    """Let accounts of children whose day has come stand by themselves; returns how many."""
    grown = Account.objects.filter(grown_on__lte=clock.day(at), state=Account.State.ACTIVE)
    return grown.update(grown_on=None)


def gather(*, most: int = 400_000) -> int:
    """Put claims of earlier months into the purses of those who did nothing with theirs, so that what is left to read
    stays small: accounts by the slice, each slice in a few statements. Returns how many accounts were done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM inclusion_grant")
        last = cursor.fetchone()[0]
        if last is None or last <= BEHIND:
            return 0
        cursor.execute(DUE, {"last": last, "behind": BEHIND, "most": most})
        due = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(due), SLICE):
            slice_ = due[start:][:SLICE]
            told = {"last": last, "low": slice_[0], "high": slice_[-1], "behind": BEHIND}
            with transaction.atomic():
                for statement in (KNOWN, HELD, FILLED, NOTED):
                    cursor.execute(statement, told)
    return len(due)
