"""Handing a report in and asking for the step it belongs to, in one transaction: nothing is half there."""

from datetime import datetime

from django.db import transaction

from tanhui.files.models import Upload
from tanhui.identity.models import Instruction, Mandate
from tanhui.projects.acts import asking, reporting, steps
from tanhui.projects.acts.reporting import Conclusion, Opinion
from tanhui.projects.models import Development, Monitoring


@transaction.atomic
def validate(
    *, development: Development, opinion: Opinion, conclusion: str, upload: Upload, mandate: Mandate, reference: str,
    at: datetime,
) -> Instruction:  # fmt: skip
    """Hand in a validation report and sign it first; a colleague signs second, and then it counts.

    Refuses as ``reporting.validation`` and ``asking.ask``.
    """
    made = reporting.validation(
        development=development, opinion=opinion, conclusion=conclusion, upload=upload, mandate=mandate, at=at
    )
    unmet = [one["text"] for one in made.points.values() if not one["met"]]
    return asking.ask(
        subject=development, act="validate" if conclusion == Conclusion.POSITIVE else "refuse_validation",
        mandate=mandate, reference=reference, at=at, said=steps.Said("；".join(unmet)[: steps.LONGEST]),
    )  # fmt: skip


@transaction.atomic
def verify(
    *, monitoring: Monitoring, opinion: Opinion, verified_kg: int, upload: Upload, mandate: Mandate, reference: str,
    at: datetime,
) -> Instruction:  # fmt: skip
    """Hand in a verification report and sign it first. Refuses as ``reporting.verification`` and ``asking.ask``."""
    reporting.verification(
        monitoring=monitoring, opinion=opinion, verified_kg=verified_kg, upload=upload, mandate=mandate, at=at
    )
    return asking.ask(subject=monitoring, act="verify", mandate=mandate, reference=reference, at=at)
