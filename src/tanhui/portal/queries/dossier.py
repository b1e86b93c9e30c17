"""What belongs to one project or batch: where its units are now, and where the log has what was done."""

from django.db import connection

from tanhui.journal.models import Leaf
from tanhui.portal.queries.statistics import NAMES, Figures
from tanhui.registry.models import Batch, Issuance, Project

OF_PROJECT = f"""
    SELECT {", ".join(f"coalesce(sum(latest.{name}_t), 0)" for name in NAMES)}
    FROM registry_batch AS batch CROSS JOIN LATERAL (
        SELECT * FROM portal_batchday AS line WHERE line.asset_id = batch.asset_id ORDER BY day DESC LIMIT 1
    ) AS latest WHERE batch.project_id = %s
"""  # noqa: S608 - words of our own


def figures_of(project: Project) -> Figures:
    """Where the units of a project's batches were when the statistics last took something in."""
    with connection.cursor() as cursor:
        cursor.execute(OF_PROJECT, [project.pk])
        return Figures(*(int(number) for number in cursor.fetchone()))


def places(project: Project) -> dict[int, int]:
    """The log's index of each issuance of a project, by period."""
    entries = dict(Issuance.objects.filter(period__project=project).values_list("entry", "period"))
    found = Leaf.objects.filter(entry__in=entries).values_list("entry", "index")
    return {entries[entry]: index for entry, index in found}


def place_of(batch: Batch) -> int | None:
    """The log's index of the issuance a batch came from."""
    if batch.issuance is None:
        return None
    return Leaf.objects.filter(entry=batch.issuance.entry).values_list("index", flat=True).first()
