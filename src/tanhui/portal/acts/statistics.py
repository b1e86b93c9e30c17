"""The statistics, kept from the ledger's postings: what each day added, batch by batch and value by value.

The day of a movement is that of its time, or of an earlier movement if that is later: days that are over never change,
and every figure is the sum of the postings up to one movement, which anyone may make again.
"""

from datetime import date, datetime

from django.db import connection

from tanhui.portal.models import Check
from tanhui.portal.queries import statistics

MOVED = ("registry.transferred", "registry.settled")
FIGURES = ("issued_t", "held_t", "buffer_t", "retired_t", "cancelled_t", "transferred_t")
SUMS = ", ".join(f"sum({name}) AS {name}" for name in FIGURES)
RUNNING = ", ".join(
    f"coalesce(base.{name}, 0) + sum(delta.{name}) OVER (PARTITION BY delta.asset_id ORDER BY delta.day) AS {name}"
    for name in FIGURES
)
GRID_RUNNING = ", ".join(
    f"coalesce(base.{name}, 0) + coalesce(sum(delta.{name}) OVER walk, 0) AS {name}" for name in (*FIGURES, "movements")
)
SET = ", ".join(f"{name} = EXCLUDED.{name}" for name in FIGURES)
COLUMNS = ", ".join(FIGURES)

FOLD = f"""
WITH moved AS MATERIALIZED (
    SELECT id, kind, greatest(
        max((at AT TIME ZONE 'Asia/Shanghai')::date) OVER (ORDER BY id), %(last)s::date) AS day
    FROM ledger_movement WHERE id > %(done)s AND id <= %(seen)s
), posted AS MATERIALIZED (
    SELECT moved.day, posting.movement_id, posting.asset_id, batch.vintage, project.scheme, project.methodology,
           project.province, {statistics.SPLIT}
    FROM moved
    JOIN ledger_posting AS posting ON posting.movement_id = moved.id
    JOIN ledger_account AS account ON account.id = posting.account_id
    LEFT JOIN registry_subaccount AS place ON place.ledger_account_id = account.id
    JOIN registry_batch AS batch ON batch.asset_id = posting.asset_id
    JOIN registry_project AS project ON project.id = batch.project_id
    WHERE posting.movement_id > %(done)s AND posting.movement_id <= %(seen)s
), by_batch AS MATERIALIZED (
    SELECT day, asset_id, vintage, scheme, methodology, province, {SUMS}, 0 AS movements
    FROM posted GROUP BY day, asset_id, vintage, scheme, methodology, province
), kept AS (
    INSERT INTO portal_batchday (asset_id, day, {COLUMNS})
    SELECT delta.asset_id, delta.day, {RUNNING}
    FROM by_batch AS delta LEFT JOIN LATERAL (
        SELECT * FROM portal_batchday AS earlier WHERE earlier.asset_id = delta.asset_id
        ORDER BY earlier.day DESC LIMIT 1
    ) AS base ON true
    ON CONFLICT (asset_id, day) DO UPDATE SET {SET}
), deltas AS (
    SELECT day, '' AS dimension, '' AS value, {SUMS}, 0 AS movements FROM by_batch GROUP BY day
    UNION ALL SELECT day, 'scheme', scheme, {SUMS}, 0 FROM by_batch GROUP BY day, scheme
    UNION ALL SELECT day, 'methodology', methodology, {SUMS}, 0 FROM by_batch GROUP BY day, methodology
    UNION ALL SELECT day, 'vintage', vintage::text, {SUMS}, 0 FROM by_batch GROUP BY day, vintage
    UNION ALL SELECT day, 'province', province, {SUMS}, 0 FROM by_batch GROUP BY day, province
    UNION ALL SELECT day, 'purpose', purpose, 0, 0, 0, sum(retired_t), 0, 0, count(DISTINCT movement_id)
              FROM posted WHERE purpose IS NOT NULL GROUP BY day, purpose
), base AS (
    SELECT * FROM portal_standing WHERE day = %(last)s::date
), grid AS (
    SELECT day, dimension, value FROM (SELECT DISTINCT day FROM deltas) AS days,
        (SELECT dimension, value FROM deltas UNION SELECT dimension, value FROM base) AS known
)
INSERT INTO portal_standing (day, dimension, value, {COLUMNS}, movements)
SELECT grid.day, dimension, value, {GRID_RUNNING}
FROM grid LEFT JOIN deltas AS delta USING (day, dimension, value) LEFT JOIN base USING (dimension, value)
WINDOW walk AS (PARTITION BY dimension, value ORDER BY grid.day)
ON CONFLICT (day, dimension, value) DO UPDATE SET {SET}, movements = EXCLUDED.movements
"""  # noqa: S608 - words of our own


def fold(done: int, seen: int) -> None:
    """Add the movements after ``done`` up to and with ``seen``. The caller holds the mark and sets it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(day), '0001-01-01') FROM portal_standing")
        last: date = cursor.fetchone()[0]
        cursor.execute(FOLD, {"done": done, "seen": seen, "last": last, "moved": list(MOVED)})


def empty() -> None:
    """Forget the statistics, to be made again from the first posting."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM portal_standing")
        cursor.execute("DELETE FROM portal_batchday")


def check(*, at: datetime) -> Check:
    """Make every sum again from the postings and keep how the two compare. Reads the whole ledger."""
    mark = statistics.mark()
    stated, recomputed = statistics.stated(), statistics.recomputed(mark)
    return Check.objects.create(at=at, movement=mark, sound=stated == recomputed, stated=stated, recomputed=recomputed)
