"""Which footprints lie near some places; the exact test is shapely's."""

from collections.abc import Sequence

from django.db import connection

from tanhui.projects import shapes
from tanhui.projects.shapes import Box

NEAR = """
SELECT DISTINCT held.id FROM unnest(%s::text[]) AS asked(place)
JOIN projects_footprint AS held ON held.box && asked.place::box
WHERE held.state IN ('LIVE', 'BARRED')
"""


def near(boxes: Sequence[Box]) -> list[int]:
    """The ids of footprints that stand and whose box meets one of these; one statement however many there are."""
    if not boxes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(NEAR, [[shapes.text(one) for one in boxes]])
        return [int(row[0]) for row in cursor.fetchall()]
