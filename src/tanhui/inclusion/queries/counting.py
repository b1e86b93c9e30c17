"""What counting is told from the database in one statement each: who had a switch on when, and what a year has."""

from datetime import date

from django.db import connection

SPANS = """
SELECT account_id, code, at, until FROM (
    SELECT c.account_id, s.code, c.given, c.at,
           lead(c.at) OVER (PARTITION BY c.account_id, c.scenario_id ORDER BY c.id) AS until
      FROM inclusion_consent c JOIN inclusion_scenario s ON s.id = c.scenario_id
     WHERE c.kind = %s AND c.account_id = ANY(%s)
) spans WHERE given
"""
# Only people near a cap of the year: with what other days have, one more day could pass it.
EARNED = """
SELECT d.account_id, s.code, sum(d.grams)::bigint
  FROM (SELECT account_id, scenario_id, grams FROM inclusion_month
         WHERE month >= %(first)s AND month < %(next)s
        UNION ALL
        SELECT account_id, scenario_id, -grams FROM inclusion_day
         WHERE day = %(day)s AND account_id = ANY(%(near)s)) d
  JOIN inclusion_scenario s ON s.id = d.scenario_id
 WHERE d.account_id = ANY(%(near)s)
 GROUP BY d.account_id, s.code HAVING sum(d.grams) > 0
"""
NEAR = """
SELECT m.account_id
  FROM inclusion_month m JOIN inclusion_scenario s ON s.id = m.scenario_id
 WHERE m.month >= %(first)s AND m.month < %(next)s AND s.cap_year_g > 0
 GROUP BY m.account_id, s.id HAVING sum(m.grams) + s.cap_day_g > s.cap_year_g OR s.cap_day_g = 0
"""


def spans(kind: str, accounts: list[int]) -> list[tuple[object, ...]]:
    """Account, scenario, since and until of every span in which some accounts had a switch on."""
    with connection.cursor() as cursor:
        cursor.execute(SPANS, [kind, accounts])
        return list(cursor.fetchall())


def earned(day: date) -> list[tuple[object, ...]]:
    """What the other days of the year have, of people near a cap of the year."""
    told = {"day": day, "first": date(day.year, 1, 1), "next": date(day.year + 1, 1, 1)}
    with connection.cursor() as cursor:
        cursor.execute(NEAR, told)
        near = sorted({row[0] for row in cursor.fetchall()})
        if not near:
            return []
        cursor.execute(EARNED, told | {"near": near})
        return sorted(cursor.fetchall())
