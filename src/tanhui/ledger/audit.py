"""The self-audit: everything the ledger states, recomputed from the postings. A sound ledger gives no findings."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise: which rule, about what, and how the two sides differ."""

    rule: str
    subject: str
    stated: str
    recomputed: str


RULES = {
    "movements_sum_to_zero": """
        SELECT 'movement ' || movement_id || ' asset ' || asset_id, '0', sum(quantity)::text
        FROM ledger_posting GROUP BY movement_id, asset_id HAVING sum(quantity) <> 0""",
    "every_movement_has_postings": """
        SELECT 'movement ' || m.id, 'postings', 'none' FROM ledger_movement AS m
        WHERE NOT EXISTS (SELECT FROM ledger_posting AS p WHERE p.movement_id = m.id)""",
    "holdings_are_what_was_posted": """
        SELECT 'account ' || coalesce(h.account_id, p.account_id) || ' asset ' || coalesce(h.asset_id, p.asset_id),
               coalesce(h.quantity, 0)::text, coalesce(p.total, 0)::text
        FROM ledger_holding AS h
        FULL JOIN (SELECT account_id, asset_id, sum(quantity) AS total FROM ledger_posting WHERE account_id > 0
                   GROUP BY 1, 2) AS p ON p.account_id = h.account_id AND p.asset_id = h.asset_id
        WHERE coalesce(h.quantity, 0) <> coalesce(p.total, 0)""",
    "holdings_are_what_the_blocks_count": """
        SELECT 'account ' || coalesce(h.account_id, b.account_id) || ' asset ' || coalesce(h.asset_id, b.asset_id),
               coalesce(h.quantity, 0) || ' (' || coalesce(h.encumbered, 0) || ')',
               coalesce(b.total, 0) || ' (' || coalesce(b.bound, 0) || ')'
        FROM (SELECT * FROM ledger_holding WHERE asset_id > 0) AS h
        FULL JOIN (SELECT account_id, asset_id, sum(upper(serials) - lower(serials)) AS total,
                          coalesce(sum(upper(serials) - lower(serials)) FILTER (WHERE NOT free), 0) AS bound
                   FROM ledger_block WHERE account_id > 0 GROUP BY 1, 2) AS b
               ON b.account_id = h.account_id AND b.asset_id = h.asset_id
        WHERE coalesce(h.quantity, 0) <> coalesce(b.total, 0) OR coalesce(h.encumbered, 0) <> coalesce(b.bound, 0)""",
    "units_are_where_the_postings_say": """
        SELECT 'account ' || coalesce(b.account_id, p.account_id) || ' asset ' || coalesce(b.asset_id, p.asset_id),
               coalesce(b.units, '{}')::text, coalesce(p.units, '{}')::text
        FROM (SELECT account_id, asset_id, range_agg(serials) AS units FROM ledger_block GROUP BY 1, 2) AS b
        FULL JOIN (
            SELECT account_id, asset_id, range_agg(serials) AS units FROM (
                SELECT DISTINCT ON (piece.serials) piece.serials, posting.account_id, posting.asset_id
                FROM ledger_block AS piece
                JOIN ledger_posting AS posting ON posting.asset_id = piece.asset_id AND posting.quantity > 0
                     AND posting.serials @> lower(piece.serials)
                ORDER BY piece.serials, posting.movement_id DESC, posting.line DESC
            ) AS latest GROUP BY 1, 2
        ) AS p ON p.account_id = b.account_id AND p.asset_id = b.asset_id
        WHERE coalesce(b.units, '{}') <> coalesce(p.units, '{}')""",
    "blocks_say_what_their_serials_say": """
        SELECT 'block ' || first, first || ' ' || free,
               lower(serials) || ' ' || (reservation_id IS NULL AND locks = '{}')
        FROM ledger_block
        WHERE first <> lower(serials) OR isempty(serials) OR free <> (reservation_id IS NULL AND locks = '{}')""",
    "balances_run_with_the_postings": """
        SELECT 'posting ' || movement_id || '/' || line, balance::text, running::text FROM (
            SELECT movement_id, line, balance, sum(quantity) OVER held AS running,
                   lead(movement_id) OVER held IS DISTINCT FROM movement_id AS is_last
            FROM ledger_posting WHERE account_id > 0
            WINDOW held AS (PARTITION BY account_id, asset_id ORDER BY movement_id, line)
        ) AS run WHERE is_last AND balance IS DISTINCT FROM running""",
    "postings_are_of_their_movements_time": """
        SELECT 'posting ' || p.movement_id || '/' || p.line, p.at::text, m.at::text
        FROM ledger_posting AS p JOIN ledger_movement AS m ON m.id = p.movement_id WHERE p.at <> m.at""",
    "postings_count_their_serials": """
        SELECT 'posting ' || movement_id || '/' || line, quantity::text, coalesce(serials::text, 'none')
        FROM ledger_posting
        WHERE asset_id > 0 AND abs(quantity) IS DISTINCT FROM upper(serials) - lower(serials)""",
    "reservations_are_open_or_resolved": """
        SELECT 'reservation ' || r.id, open.expires_at::text, r.expires_at || coalesce(' ' || ended.kind, '')
        FROM ledger_reservation AS r
        LEFT JOIN ledger_openreservation AS open ON open.reservation_id = r.id
        LEFT JOIN ledger_resolution AS ended ON ended.reservation_id = r.id
        WHERE (open.reservation_id IS NULL) = (ended.reservation_id IS NULL)
           OR open.expires_at <> r.expires_at OR (ended.kind = 'POSTED') <> (ended.movement_id IS NOT NULL)""",
    "open_reservations_hold_their_lines": """
        SELECT 'reservation ' || coalesce(l.reservation_id, b.reservation_id), coalesce(l.units, '{}')::text,
               coalesce(b.units, '{}')::text
        FROM (SELECT reservation_id, r.account_id, asset_id, range_agg(serials) AS units, sum(quantity) AS quantity
              FROM ledger_reservationline JOIN ledger_reservation AS r ON r.id = reservation_id
              JOIN ledger_openreservation USING (reservation_id) WHERE asset_id > 0 GROUP BY 1, 2, 3) AS l
        FULL JOIN (SELECT reservation_id, account_id, asset_id, range_agg(serials) AS units,
                          sum(upper(serials) - lower(serials)) AS quantity
                   FROM ledger_block WHERE reservation_id IS NOT NULL GROUP BY 1, 2, 3) AS b
               ON (b.reservation_id, b.account_id, b.asset_id) = (l.reservation_id, l.account_id, l.asset_id)
        WHERE l.units IS DISTINCT FROM b.units OR l.quantity IS DISTINCT FROM b.quantity""",
    "locks_bind_what_they_were_put_on": """
        SELECT 'lock ' || coalesce(b.one, l.lock_id), coalesce(l.units, '{}')::text, coalesce(b.units, '{}')::text
        FROM (SELECT one, account_id, asset_id, range_agg(serials) AS units
              FROM ledger_block, unnest(locks) AS one GROUP BY 1, 2, 3) AS b
        FULL JOIN (SELECT lock_id, account_id, asset_id, range_agg(serials) AS units FROM ledger_lockline
                   WHERE lock_id NOT IN (SELECT lock_id FROM ledger_lift) GROUP BY 1, 2, 3) AS l
               ON (l.lock_id, l.account_id, l.asset_id) = (b.one, b.account_id, b.asset_id)
        WHERE NOT coalesce(b.units, '{}') <@ coalesce(l.units, '{}')""",
    "references_lead_somewhere": """
        SELECT 'posting ' || movement_id || '/' || line, 'account ' || account_id || ' asset ' || asset_id, 'missing'
        FROM ledger_posting AS p
        WHERE NOT EXISTS (SELECT FROM ledger_movement AS m WHERE m.id = p.movement_id)
           OR NOT EXISTS (SELECT FROM ledger_account AS a WHERE a.id = p.account_id)
           OR NOT EXISTS (SELECT FROM ledger_asset AS s WHERE s.id = p.asset_id)""",
    "only_open_reservations_hold_units": """
        SELECT 'reservation ' || b.reservation_id, 'open', 'resolved'
        FROM ledger_block AS b WHERE b.reservation_id IS NOT NULL
         AND EXISTS (SELECT FROM ledger_resolution AS r WHERE r.reservation_id = b.reservation_id)""",
    "only_standing_locks_bind_units": """
        SELECT 'lock ' || l, 'standing', 'lifted' FROM ledger_block AS b, unnest(b.locks) AS l
        WHERE EXISTS (SELECT FROM ledger_lift AS x WHERE x.lock_id = l)""",
}


def audit() -> list[Finding]:
    """Every finding of every rule, in one consistent snapshot."""
    found = []
    with connection.cursor() as cursor:
        for rule, question in RULES.items():
            cursor.execute(question)
            found += [Finding(rule, *row) for row in cursor.fetchall()]
    return found
