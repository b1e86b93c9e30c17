"""Working through a checklist: the points are kept as they stood when it began, answers until the report is signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tanhui.identity.models import Mandate
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import checklists, reviews
from tanhui.projects.acts import reviewing
from tanhui.projects.models import Checklist, Development, Monitoring

VERDICTS = ("YES", "NO", "NA")


class PointUnknown(Refusal):
    code = "projects.checklist_point_unknown"
    sentence = gettext_noop(
        "The checklist has no point “%(point)s”, or the answer is none of yes, no and not applicable. Load the page "
        "again."
    )
    clause = "ISO 14064-3:2019 6.1.4"
    status = 422


class NoteMissing(Refusal):
    code = "projects.checklist_note_missing"
    sentence = gettext_noop("Point “%(point)s” is not met or does not apply. Say why, in at most 500 characters.")
    clause = "ISO 14064-3:2019 6.1.4"
    status = 422


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a point: YES, NO or NA, and why."""

    verdict: str
    note: str = ""


@transaction.atomic
def answer(
    *, subject: Development | Monitoring, answers: Mapping[str, Answer], mandate: Mandate, at: datetime
) -> Checklist:
    """Keep answers to some points; the others stay as they are. An answer of no or not applicable says why.

    Refuses with ``reviewing.NotTheBody``, ``reviewing.PartInIt``, ``reviewing.NotUnderReview``, ``reviewing.TooEarly``,
    ``PointUnknown`` or ``NoteMissing``.
    """
    person = reviewing.may_review(subject, mandate, at=at)
    reviewing.lock(subject)
    reviewing.settled(subject, at=at)
    kept = begun(subject) or started(subject, mandate, at)
    known = {one.key: one for one in checklists.thawed(kept.points)}
    for key, said in answers.items():
        if key not in known or said.verdict not in VERDICTS:
            raise PointUnknown(point=key[:40])
        note = said.note.strip().replace("\x00", "")[:500]
        if said.verdict != "YES" and not note:
            raise NoteMissing(point=known[key].zh[:40])
        kept.answers[key] = {
            "verdict": said.verdict, "note": note, "by": person.name, "at": clock.for_machines(at)
        }  # fmt: skip
    kept.by, kept.changed_at = person, at
    kept.save()
    return kept


def begun(subject: Development | Monitoring) -> Checklist | None:
    """The checklist of the subject's present body, once it has begun."""
    return Checklist.objects.filter(**reviews.which(subject), body=reviews.body(subject)).first()


def started(subject: Development | Monitoring, mandate: Mandate, at: datetime) -> Checklist:
    found = checklists.frozen(checklists.points(subject))
    return Checklist(
        **reviews.which(subject), body=mandate.membership.organisation, points=found,
        points_sha256=canonical.sha256(found), by=mandate.membership.person, changed_at=at,
    )  # fmt: skip


def left(subject: Development | Monitoring) -> list[checklists.Point]:
    """Points that nobody has answered yet; every point where none is."""
    kept = begun(subject)
    if kept is None:
        return checklists.points(subject)
    return [one for one in checklists.thawed(kept.points) if one.key not in kept.answers]
