"""The findings log: a body raises a finding, the owner answers, the body closes it or sends it back."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from tanhui.files.acts import filing
from tanhui.files.models import Upload, Version
from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Person
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import reviews
from tanhui.projects.acts import reviewing
from tanhui.projects.models import Development, Finding, FindingEntry, Monitoring

SUBJECT = "projects.review"
LONGEST = 2000
State, Act = Finding.State, FindingEntry.Act
PAST: dict[str, str] = {Act.RAISE: "raised", Act.ANSWER: "answered", Act.RETURN: "sent_back", Act.CLOSE: "closed"}


class FindingIncomplete(Refusal):
    code = "projects.finding_incomplete"
    sentence = gettext_noop(
        "Say what was found, about what, and which requirement it is measured against; what it changes in the quantity "
        "is a whole number of kilograms."
    )
    clause = "ISO 14064-3:2019 6.1.4、9.2"
    status = 422


class AnswerMissing(Refusal):
    code = "projects.finding_answer_missing"
    sentence = gettext_noop("Write what was done about %(finding)s, in at most 2,000 characters.")
    clause = "ISO 14064-3:2019 6.1.4"
    status = 422


class FindingElsewhere(Refusal):
    code = "projects.finding_elsewhere"
    sentence = gettext_noop("%(finding)s is at “%(state)s”; this cannot be done from there. Look at it again.")
    clause = "ISO 14064-3:2019 6.1.4"


class NotTheOwner(Refusal):
    code = "projects.finding_not_the_owner"
    sentence = gettext_noop("%(owner)s answers findings of this project, and you act for %(organisation)s.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第十三条、第二十条"
    status = 403


class FindingCarriedWrong(Refusal):
    code = "projects.finding_carried_wrong"
    sentence = gettext_noop(
        "%(finding)s is no observation of an earlier period of this project that still waits. Choose one that does."
    )
    clause = "ISO 14064-3:2019 6.1.4"
    status = 422


@dataclass(frozen=True, slots=True)
class Raised:
    """What a body says when it raises a finding; ``effect_kg`` where it changes the quantity."""

    kind: str
    topic: str
    text: str
    requirement: str
    unit: str = ""
    effect_kg: int | None = None


@transaction.atomic
def raise_(
    *, subject: Development | Monitoring, said: Raised, mandate: Mandate, reference: str, at: datetime,
    carried: Finding | None = None,
) -> Finding:  # fmt: skip
    """Raise a finding; the same reference again is the same finding.

    Refuses with ``reviewing.NotTheBody``, ``reviewing.PartInIt``, ``reviewing.NotUnderReview``, ``reviewing.TooEarly``,
    ``FindingIncomplete``, ``FindingCarriedWrong`` or ``instruction.ReferenceTaken``.
    """
    person = reviewing.may_review(subject, mandate, at=at)
    instruction.check_reference(reference)
    told = complete(said)
    reviewing.lock(subject)
    key = keyed(person, reference)
    if earlier := Finding.objects.filter(pk=key).first():
        if (earlier.kind, earlier.topic, earlier.text) != (told.kind, told.topic, told.text):
            raise instruction.ReferenceTaken(reference=reference)
        return earlier
    subject = reviewing.settled(subject, at=at)
    if carried is not None and carried.pk not in {one.pk for one in observations(subject)}:
        raise FindingCarriedWrong(finding=str(carried))
    where = reviews.which(subject)
    last = Finding.objects.filter(**where).aggregate(last=Max("number"))["last"] or 0
    made = Finding.objects.create(
        id=key, **where, number=last + 1, kind=told.kind, topic=told.topic, unit=told.unit, text=told.text,
        requirement=told.requirement, effect_kg=told.effect_kg, carried=carried,
        trace_sha256=subject.trace_sha256 if isinstance(subject, Monitoring) else "",
        body=mandate.membership.organisation, raised_by=person, raised_at=at,
    )  # fmt: skip
    keep(made, Act.RAISE, told.text, None, mandate, at)
    return made


def complete(said: Raised) -> Raised:
    text, unit = (one.strip().replace("\x00", "") for one in (said.text, said.unit))
    requirement = said.requirement.strip().replace("\x00", "")
    known = said.kind in Finding.Kind.values and said.topic in Finding.Topic.values
    sized = len(text) <= LONGEST and len(requirement) <= 200 and len(unit) <= 80
    weighed = said.effect_kg is None or abs(said.effect_kg) < 2**53
    if not (known and text and requirement and sized and weighed):
        raise FindingIncomplete
    return Raised(said.kind, said.topic, text, requirement, unit, said.effect_kg)


@transaction.atomic
def answer(*, finding: Finding, text: str, upload: Upload | None, mandate: Mandate, at: datetime) -> FindingEntry:
    """The owner answers an open finding, with a paper if there is one.

    Refuses with ``NotTheOwner``, ``AnswerMissing``, ``FindingElsewhere``, ``instruction.WrongMandate`` or as files do.
    """
    owner, organisation = finding.development.owner, mandate.membership.organisation
    if organisation.pk != owner.pk:
        raise NotTheOwner(owner=owner.name, organisation=organisation.name)
    if mandate.capacity not in reviewing.SIGNING:
        raise instruction.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=organisation.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=owner.pk, at=at)
    held = locked(finding, State.OPEN)
    told = spoken(held, text)
    paper = on_file(held, upload, mandate.membership.person, at)
    held.state = State.ANSWERED
    held.save(update_fields=["state"])
    return keep(held, Act.ANSWER, told, paper, mandate, at)


@transaction.atomic
def send_back(*, finding: Finding, text: str, mandate: Mandate, at: datetime) -> FindingEntry:
    """The body is not satisfied with the answer. Refuses as ``close``."""
    reviewing.may_review(of(finding), mandate, at=at)
    held = locked(finding, State.ANSWERED)
    told = spoken(held, text)
    held.state = State.OPEN
    held.save(update_fields=["state"])
    return keep(held, Act.RETURN, told, None, mandate, at)


@transaction.atomic
def close(*, finding: Finding, text: str, mandate: Mandate, at: datetime) -> FindingEntry:
    """The body closes an answered finding and says why; an observation it may close without an answer.

    Refuses with ``reviewing.NotTheBody``, ``reviewing.PartInIt``, ``AnswerMissing`` or ``FindingElsewhere``.
    """
    person = reviewing.may_review(of(finding), mandate, at=at)
    from_here = (State.ANSWERED, State.OPEN) if finding.kind == Finding.Kind.OBSERVATION else (State.ANSWERED,)
    held = locked(finding, *from_here)
    told = spoken(held, text)
    held.state, held.closed_by, held.closed_at = State.CLOSED, person, at
    held.save(update_fields=["state", "closed_by", "closed_at"])
    return keep(held, Act.CLOSE, told, None, mandate, at)


def of(finding: Finding) -> Development | Monitoring:
    return finding.monitoring or finding.development


def observations(subject: Development | Monitoring) -> list[Finding]:
    """Observations of earlier reviews of the same project that no later finding has followed up."""
    found = Finding.objects.filter(
        development=reviews.development(subject), kind=Finding.Kind.OBSERVATION, followed_by__isnull=True
    ).exclude(state=State.CLOSED)
    if isinstance(subject, Development):
        return []
    return list(found.filter(monitoring__isnull=True) | found.filter(monitoring__number__lt=subject.number))


def locked(finding: Finding, *states: str) -> Finding:
    rows = Finding.objects.select_for_update(of=("self",)).select_related("development__owner", "monitoring")
    held = rows.get(pk=finding.pk)
    if held.state not in states:
        raise FindingElsewhere(finding=held.code, state=str(held.get_state_display()))
    return held


def spoken(held: Finding, text: str) -> str:
    told = text.strip().replace("\x00", "")
    if not told or len(told) > LONGEST:
        raise AnswerMissing(finding=held.code)
    return told


def on_file(held: Finding, upload: Upload | None, person: Person, at: datetime) -> Version | None:
    if upload is None:
        return None
    document = filing.file(
        subject=f"{SUBJECT}:{of(held).pk}", kind="any", title=held.code, upload=upload, by=person, at=at
    )  # fmt: skip
    return Version.objects.get(document=document, number=1)


def keep(held: Finding, act: str, text: str, paper: Version | None, mandate: Mandate, at: datetime) -> FindingEntry:
    person, organisation = mandate.membership.person, mandate.membership.organisation
    entry = record(
        kind=f"projects.finding_{PAST[act]}",
        fact={"subject": of(held).code, "finding": held.code},
        private={"id": str(held.pk), "text": text, "organisation": organisation.uscc},
        at=at,
        by=person.pk,
    )
    return FindingEntry.objects.create(
        finding=held, number=held.entries.count() + 1, act=act, text=text,
        document=paper.document_id if paper else None,
        name=paper.name if paper else "", sha256=paper.sha256 if paper else "", organisation=organisation, by=person,
        entry=entry, at=at,
    )  # fmt: skip


def keyed(person: Person, reference: str) -> uuid.UUID:
    """The id of what a person asks for under a reference: asked twice, it is the same."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{SUBJECT}:{person.pk}:{reference}")
