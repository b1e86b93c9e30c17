"""Data on the server that was handed over: the worker reads it for its hash, and only then anybody can fetch it."""

import uuid
from datetime import datetime

from tanhui.inventory import agreements, runs
from tanhui.inventory.acts import cataloguing, sharing
from tanhui.inventory.models import Handover, Package
from tanhui.kernel.refusal import Refusal

JOB = sharing.PACK


def carry_out(*, key: uuid.UUID, at: datetime) -> None:
    """Compare what was handed over with what was entered, once however often it is asked, and keep what was found."""
    row = Handover.objects.select_related("coverage__dataset", "coverage__item").get(pk=key)
    if Package.objects.filter(handover=row).exists():
        return
    stamp, stop = "", None
    try:
        stamp = compared(row)
    except Refusal as refusal:
        stop = runs.stopped(refusal, "pack")
    Package.objects.get_or_create(handover=row, defaults={"stamp": stamp, "stop": stop, "at": at})


def compared(row: Handover) -> str:
    """The stamp of data whose bytes are those that were entered. Refuses with ``sharing.DataChanged``."""
    path = sharing.on_server(agreements.covered(row.coverage))
    before = cataloguing.stamp(path)
    if cataloguing.measured(path)[0] != row.sha256 or cataloguing.stamp(path) != before:
        raise sharing.DataChanged(name=row.name, sha256=row.sha256)
    return before
