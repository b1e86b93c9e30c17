"""What the worker does for the inventory: runs, papers and archives; and runs whose worker was killed."""

import uuid

from django.utils import timezone

from tanhui.inventory.acts import archiving, computing, monitoring, packing, registering


def compute(key: str) -> None:
    """Do one computation, or go on with it."""
    computing.carry_out(key=uuid.UUID(key), at=timezone.now(), told=timezone.now)


def draft(key: str, person: int) -> None:
    """Write the papers of a verified year."""
    archiving.carry_out(key=uuid.UUID(key), person=person, job=archiving.DRAFT_JOB, at=timezone.now())


def archive(key: str, person: int) -> None:
    """Put everything of a published year on file."""
    archiving.carry_out(key=uuid.UUID(key), person=person, job=archiving.ARCHIVE_JOB, at=timezone.now())


def register(key: str) -> None:
    """Read data on the server and enter it."""
    registering.carry_out(key=uuid.UUID(key), at=timezone.now())


def pack(key: str) -> None:
    """Read data on the server that was handed over, so that it can be fetched."""
    packing.carry_out(key=uuid.UUID(key), at=timezone.now())


def take_up_forsaken() -> None:
    """Runs whose worker was killed go on where they were."""
    computing.take_up()


def remind() -> None:
    """Areas whose stock sink is to be published anew: their authority is told in time."""
    monitoring.remind(at=timezone.now())


JOBS = {
    computing.JOB: compute, archiving.DRAFT_JOB: draft, archiving.ARCHIVE_JOB: archive, registering.JOB: register,
    packing.JOB: pack,
}  # fmt: skip
PERIODIC = [(60, take_up_forsaken), (6 * 3600, remind)]
