"""What the worker does for files: exports, uploads that wait to be settled, and what has run out."""

import uuid
from datetime import timedelta

from django.utils import timezone

from tanhui.files import queries, scanning
from tanhui.files.acts import exporting, mapping, receiving

SETTLED_BY_ITS_REQUEST = timedelta(minutes=2)


def export(key: str) -> None:
    """Make one export."""
    exporting.make(key=uuid.UUID(key), at=timezone.now())


def draw(key: int) -> None:
    """Make the map of one raster."""
    mapping.make(key=key, at=timezone.now())


def settle_waiting() -> None:
    """Uploads that are whole but whose request died, or whose scanner was silent."""
    now = timezone.now()
    for upload in queries.waiting_uploads(expiring_before=now - SETTLED_BY_ITS_REQUEST + receiving.UNUSED_FOR):
        try:
            receiving.settle(upload=upload, at=now)
        except scanning.ScannerSilent:
            return


def forget_expired() -> None:
    """Uploads nobody used in time, and exports nobody needs any more."""
    now = timezone.now()
    for upload in queries.expired_uploads(now):
        receiving.forget(upload=upload)
    for one in queries.expired_exports(now):
        exporting.expire(export=one)
    for one in queries.stuck_exports(now - timedelta(days=1)):
        exporting.give_up(export=one, at=now)


JOBS = {exporting.JOB: export, mapping.JOB: draw}
PERIODIC = [(30, settle_waiting), (600, forget_expired)]
