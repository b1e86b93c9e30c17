"""Entering data that lies on the server: asked by a person, done by the worker, which reads all of it for its hash."""

import uuid
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate
from tanhui.inventory import runs
from tanhui.inventory.acts import cataloguing
from tanhui.inventory.models import Intake
from tanhui.journal import jobs
from tanhui.kernel.refusal import Refusal

JOB = "inventory.register"
State = Intake.State


@transaction.atomic
def ask(
    *, described: cataloguing.Description, path: str, mandate: Mandate, reference: str, at: datetime
) -> Intake:  # fmt: skip
    """Have data on the server entered; asked twice under one reference it is asked once.

    Refuses with ``cataloguing.PathUnusable``, ``cataloguing.DataUndescribed`` or ``steps.NotTheAuthority``; what only
    its bytes can tell (``cataloguing.KnownAlready``) is found by the worker and stands with the intake.
    """
    cataloguing.check(described, mandate, at=at)
    cataloguing.located(path)
    instruction.check_reference(reference)
    person = mandate.membership.person
    if earlier := Intake.objects.filter(by=person, reference=reference).first():
        return earlier
    made = Intake.objects.create(
        organisation=mandate.membership.organisation, mandate=mandate, path=path.strip(), described=as_json(described),
        reference=reference, by=person, at=at,
    )  # fmt: skip
    jobs.defer(JOB, key=str(made.pk))
    return made


def carry_out(*, key: uuid.UUID, at: datetime) -> None:
    """Read the data and enter it, once however often it is asked; a refusal is kept for whoever asked."""
    row = Intake.objects.select_related("mandate__membership__organisation", "mandate__membership__person").get(pk=key)
    if row.state != State.ASKED:
        return
    try:
        with transaction.atomic():
            row.dataset = cataloguing.add_path(
                described=of_json(row.described), path=row.path, mandate=row.mandate, at=at
            )
            row.state = State.DONE
            row.save(update_fields=["dataset", "state"])
    except Refusal as refusal:
        row.dataset, row.state, row.stop = None, State.STOPPED, runs.stopped(refusal, "register")
        row.save(update_fields=["state", "stop"])


def as_json(described: cataloguing.Description) -> dict[str, Any]:
    found = described.values()
    return {name: one.isoformat() if isinstance(one, date) else one for name, one in found.items()}


def of_json(told: dict[str, Any]) -> cataloguing.Description:
    kept = dict(told)
    west, south, east, north = (kept.pop(name) for name in ("west", "south", "east", "north"))
    days = {name: date.fromisoformat(kept[name]) for name in ("first_day", "last_day")}
    return cataloguing.Description(**kept | days, bounds=(west, south, east, north))
