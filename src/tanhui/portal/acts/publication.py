"""Publishing: one person of the operator writes, another releases; what is published stays, also when withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.portal.access import PUBLISHERS
from tanhui.portal.acts import catalogue
from tanhui.portal.models import Draft, Edition, Publication, Withdrawal

FIELDS = (
    "title", "summary", "body", "source", "document_number", "made_on", "effective_from", "effective_until",
)  # fmt: skip


class NotAPublisher(Refusal):
    code = "portal.not_a_publisher"
    sentence = gettext_noop("%(organisation)s does not publish here. Ask the registry operator.")
    clause = "《政府信息公开条例》第十条"
    status = 403


class OwnDraft(Refusal):
    code = "portal.own_draft"
    sentence = gettext_noop(
        "%(person)s wrote this and cannot release it too. Have another confirming representative do so."
    )
    clause = "rules R-05"
    status = 403


class DraftChanged(Refusal):
    code = "portal.draft_changed"
    sentence = gettext_noop(
        "This draft was changed meanwhile: you read revision %(read)s, it is at %(now)s. Read it again, then decide."
    )
    clause = "ARCHITECTURE.md §6.3"
    status = 409


class DraftWaiting(Refusal):
    code = "portal.draft_waiting"
    sentence = gettext_noop("A draft about “%(title)s” waits already. Release or discard that one first.")
    clause = "ARCHITECTURE.md §6.3"
    status = 409


class WithdrawnForGood(Refusal):
    code = "portal.withdrawn_for_good"
    sentence = gettext_noop("“%(title)s” was withdrawn on %(on)s and stays so. Publish a new one instead.")
    clause = "ARCHITECTURE.md §6.5"
    status = 409


@dataclass(frozen=True, slots=True)
class Words:
    """What a version says; the fields of ``models.Content``."""

    title: str
    body: str
    source: str
    made_on: date
    summary: str = ""
    document_number: str = ""
    effective_from: date | None = None
    effective_until: date | None = None

    def fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in FIELDS}


@transaction.atomic
def write(
    *, words: Words, mandate: Mandate, at: datetime, category: str = "", publication: Publication | None = None
) -> Draft:
    """A draft of a new publication in ``category``, or of the next version of one. Refuses with ``NotAPublisher``,
    ``DraftWaiting`` or ``WithdrawnForGood``."""
    organisation = check(mandate, Mandate.Capacity.INITIATE, at)
    if publication is None:
        publication = Publication.objects.create(category=category, since_at=at)
    else:
        free(publication)
    return Draft.objects.create(
        publication=publication, number=publication.editions.count() + 1, organisation=organisation,
        by=mandate.membership.person, at=at, **words.fields(),
    )  # fmt: skip


@transaction.atomic
def rewrite(*, draft: Draft, words: Words, revision: int, mandate: Mandate, at: datetime) -> Draft:
    """Change a draft; who changes it has written it. Refuses with ``DraftChanged`` when another did meanwhile."""
    organisation = check(mandate, Mandate.Capacity.INITIATE, at)
    held = lock(draft, revision)
    for name, value in words.fields().items():
        setattr(held, name, value)
    held.organisation, held.by, held.at, held.revision = organisation, mandate.membership.person, at, revision + 1
    held.save()
    return held


@transaction.atomic
def ask_to_withdraw(*, publication: Publication, reason: str, mandate: Mandate, at: datetime) -> Draft:
    """Propose that a publication no longer stands. Refuses as ``write`` does."""
    organisation = check(mandate, Mandate.Capacity.INITIATE, at)
    free(publication)
    newest = publication.editions.order_by("-number")[0]
    return Draft.objects.create(
        publication=publication, number=newest.number + 1, reason=reason, organisation=organisation,
        by=mandate.membership.person, at=at, **{name: getattr(newest, name) for name in FIELDS},
    )  # fmt: skip


@transaction.atomic
def discard(*, draft: Draft, revision: int, mandate: Mandate, at: datetime) -> None:
    """Drop a draft. What was published before stands as it did."""
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=draft.organisation_id, at=at)
    lock(draft, revision).delete()


@transaction.atomic
def release(*, draft: Draft, revision: int, mandate: Mandate, at: datetime) -> Edition | Withdrawal:
    """Publish a draft, or withdraw what it proposes to. Refuses with ``OwnDraft``, ``DraftChanged`` or as
    ``identity.acts.instruction.check_mandate`` does."""
    organisation = check(mandate, Mandate.Capacity.CONFIRM, at)
    instruction.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=draft.organisation_id, at=at)
    held = lock(draft, revision)
    person = mandate.membership.person
    if held.by_id == person.pk:
        raise OwnDraft(person=person.name)
    signed = {"initiator_id": held.by_id, "confirmer": person, "organisation": organisation, "at": at}
    made = withdraw(held, signed) if held.withdraws else publish(held, signed)
    held.delete()
    catalogue.refresh_publications([held.publication_id])
    return made


def publish(held: Draft, signed: Mapping[str, Any]) -> Edition:
    said = {name: getattr(held, name) for name in FIELDS}
    digest = canonical.sha256({name: str(value) if isinstance(value, date) else value for name, value in said.items()})
    entry = record(
        kind="portal.published",
        fact={
            "publication": held.publication_id, "version": held.number, "category": held.publication.category,
            "title": held.title, "document_number": held.document_number, "sha256": digest,
        },
        private={"initiator": signed["initiator_id"]}, at=signed["at"], by=signed["confirmer"].pk,
    )  # fmt: skip
    return Edition.objects.create(
        publication=held.publication, number=held.number, sha256=digest, entry=entry, **said, **signed
    )


def withdraw(held: Draft, signed: Mapping[str, Any]) -> Withdrawal:
    entry = record(
        kind="portal.withdrawn", fact={"publication": held.publication_id, "title": held.title, "reason": held.reason},
        private={"initiator": signed["initiator_id"]}, at=signed["at"], by=signed["confirmer"].pk,
    )  # fmt: skip
    return Withdrawal.objects.create(publication=held.publication, reason=held.reason, entry=entry, **signed)


def check(mandate: Mandate, needed: Mandate.Capacity, at: datetime) -> Organisation:
    """The publishing organisation a mandate is of."""
    organisation = mandate.membership.organisation
    if organisation.role not in PUBLISHERS:
        raise NotAPublisher(organisation=organisation.name)
    instruction.check_mandate(mandate, needed, organisation=organisation.pk, at=at)
    return organisation


def lock(draft: Draft, revision: int) -> Draft:
    """The draft as it is now, nobody else's until the transaction ends; as it was read."""
    held = Draft.objects.select_for_update(of=("self",)).select_related("publication").filter(pk=draft.pk).first()
    if held is None or held.revision != revision:
        raise DraftChanged(read=revision, now=held.revision if held else "–")
    return held


def free(publication: Publication) -> None:
    """Refuse unless the publication stands and nothing about it waits."""
    with connection.cursor() as cursor:  # its row never changes, so there is none to lock
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('portal_publication', %s))", [publication.pk])
    if gone := Withdrawal.objects.filter(publication=publication).first():
        raise WithdrawnForGood(title=publication.editions.order_by("-number")[0].title, on=gone.at.date().isoformat())
    if waiting := Draft.objects.filter(publication=publication).first():
        raise DraftWaiting(title=waiting.title)
