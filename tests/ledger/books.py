"""Re-adding the books from the postings alone, in SQL of its own: what holdings and blocks must say if all is well."""

from django.db import connection

CHECKS = {
    "a holding is the sum of its postings": """
        SELECT account_id, asset_id, held, posted FROM (
            SELECT account_id, asset_id, quantity AS held FROM ledger_holding
        ) AS holdings FULL JOIN (
            SELECT account_id, asset_id, sum(quantity) AS posted FROM ledger_posting WHERE account_id > 0
            GROUP BY account_id, asset_id
        ) AS postings USING (account_id, asset_id) WHERE coalesce(held, 0) <> coalesce(posted, 0)""",
    "a holding is the sum of its blocks, and what is encumbered those not free": """
        SELECT account_id, asset_id, quantity, encumbered, units, bound FROM (
            SELECT * FROM ledger_holding WHERE asset_id > 0
        ) AS holdings FULL JOIN (
            SELECT account_id, asset_id, sum(upper(serials) - lower(serials)) AS units,
                   coalesce(sum(upper(serials) - lower(serials)) FILTER (WHERE NOT free), 0) AS bound
            FROM ledger_block WHERE account_id > 0 GROUP BY account_id, asset_id
        ) AS blocks USING (account_id, asset_id)
        WHERE coalesce(quantity, 0) <> coalesce(units, 0) OR coalesce(encumbered, 0) <> coalesce(bound, 0)""",
    "what is encumbered of an asset without serials lies in open reservations": """
        SELECT account_id, asset_id, encumbered, reserved FROM (
            SELECT * FROM ledger_holding WHERE asset_id < 0
        ) AS holdings FULL JOIN (
            SELECT account_id, asset_id, sum(quantity) AS reserved
            FROM ledger_openreservation AS open JOIN ledger_reservation AS made ON made.id = open.reservation_id
            JOIN ledger_reservationline USING (reservation_id) WHERE asset_id < 0 GROUP BY account_id, asset_id
        ) AS reservations USING (account_id, asset_id) WHERE coalesce(encumbered, 0) <> coalesce(reserved, 0)""",
    "a movement neither makes nor loses anything": """
        SELECT movement_id, asset_id, sum(quantity) FROM ledger_posting
        GROUP BY movement_id, asset_id HAVING sum(quantity) <> 0""",
    "a movement has postings": """
        SELECT id FROM ledger_movement WHERE NOT EXISTS
            (SELECT FROM ledger_posting WHERE movement_id = ledger_movement.id)""",
    "a posting of serials counts them": """
        SELECT movement_id, line FROM ledger_posting
        WHERE asset_id > 0 AND (serials IS NULL OR abs(quantity) <> upper(serials) - lower(serials))""",
    "what was issued is held or has ended, every number once": """
        WITH issued AS (
            SELECT asset_id, sum(-quantity) AS units, range_agg(serials) AS numbers FROM ledger_posting
            WHERE account_id < 0 AND quantity < 0 AND asset_id > 0 GROUP BY asset_id
        ), there AS (
            SELECT asset_id, sum(upper(serials) - lower(serials)) AS units, range_agg(serials) AS numbers
            FROM ledger_block GROUP BY asset_id
        )
        SELECT asset_id, issued.units, there.units, issued.numbers - there.numbers AS missing
        FROM issued FULL JOIN there USING (asset_id)
        WHERE issued.units IS DISTINCT FROM there.units OR issued.numbers IS DISTINCT FROM there.numbers""",
    "what has ended lies where its postings ended it": """
        SELECT account_id, asset_id, ended.numbers, there.numbers FROM (
            SELECT account_id, asset_id, range_agg(serials) AS numbers FROM ledger_posting
            WHERE account_id < 0 AND quantity > 0 AND asset_id > 0 GROUP BY account_id, asset_id
        ) AS ended FULL JOIN (
            SELECT account_id, asset_id, range_agg(serials) AS numbers FROM ledger_block WHERE account_id < 0
            GROUP BY account_id, asset_id
        ) AS there USING (account_id, asset_id) WHERE ended.numbers IS DISTINCT FROM there.numbers""",
    "a block's columns agree": """
        SELECT first, serials, free, reservation_id, locks FROM ledger_block
        WHERE first <> lower(serials) OR free <> (reservation_id IS NULL AND locks = '{}')""",
    "blocks wait only for open reservations": """
        SELECT first, reservation_id FROM ledger_block WHERE reservation_id IS NOT NULL
        AND reservation_id NOT IN (SELECT reservation_id FROM ledger_openreservation)""",
    "blocks lie only under locks that stand": """
        SELECT first, one FROM ledger_block, unnest(locks) AS one
        WHERE one NOT IN (SELECT id FROM ledger_lock EXCEPT SELECT lock_id FROM ledger_lift)""",
    "a reservation is open or resolved": """
        SELECT id FROM ledger_reservation AS made
        WHERE (SELECT count(*) FROM ledger_openreservation WHERE reservation_id = made.id)
            + (SELECT count(*) FROM ledger_resolution WHERE reservation_id = made.id) <> 1""",
}


def faults():
    """Each promise that the stored rows break, with the first rows that break it; empty when the books are right."""
    found = []
    with connection.cursor() as cursor:
        for promise, query in CHECKS.items():
            cursor.execute(query)
            if rows := cursor.fetchmany(5):
                found.append((promise, rows))
    return found


def numbers(asset):
    """The serials of an asset by place: ``{account id or None for ended: [(first, last), …]}``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, lower(one), upper(one) - 1 FROM ("
            " SELECT account_id, unnest(range_agg(serials)) AS one FROM ledger_block WHERE asset_id = %s"
            " GROUP BY account_id) AS runs ORDER BY 1, 2",
            [asset],
        )
        places = {}
        for account, first, last in cursor.fetchall():
            places.setdefault(account, []).append((first, last))
    return places
