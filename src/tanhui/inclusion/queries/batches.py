"""The rows a batch's receipt lists, out of the one column they are kept in, without having them all at once."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from tanhui.inclusion.models import Batch

ROWS = """
SELECT one FROM inclusion_batch, jsonb_array_elements(rows) WITH ORDINALITY told (one, place)
 WHERE id = %s ORDER BY place LIMIT %s
"""
FIRST = """
SELECT DISTINCT ON (one ->> 3) one ->> 3, one -> 4
  FROM inclusion_batch, jsonb_array_elements(rows) WITH ORDINALITY told (one, place)
 WHERE id = %s ORDER BY one ->> 3, place
"""


def listed(batch: Batch, most: int | None, at_once: int) -> Iterator[list[Any]]:
    """Number from 1, key, result, code and facts of each row, ``most`` at most, fetched ``at_once`` at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(ROWS, [batch.pk, most])
        while some := cursor.fetchmany(at_once):
            yield from (json.loads(one) for (one,) in some)


def first(batch: Batch) -> dict[str, dict[str, Any]]:
    """The facts of the first row of each code."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, [batch.pk])
        return {code: json.loads(facts) for code, facts in cursor.fetchall()}
