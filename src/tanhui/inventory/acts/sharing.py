"""Agreements on sharing data (article 10), and handing data over under them.

One person of the authority proposes an agreement with its signed scan, another confirms it. What is internal then goes
to the recipient alone, one hand-over at a time: which bytes, for which purpose, until when; and who fetched them.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from tanhui.files.acts import filing, receiving
from tanhui.files.models import Document, Upload, Version
from tanhui.identity import roster
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation, Person
from tanhui.inventory import agreements, roles
from tanhui.inventory.acts import cataloguing, steps
from tanhui.inventory.models import Agreement, Coverage, Dataset, Ending, Fetch, Handover, Item, Package, Purpose
from tanhui.journal import jobs
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

SUBJECT = "inventory.agreement"  # by the agreement's id
PACK = "inventory.pack"  # the job that reads what is handed over
ARTICLE = "《上虞区生态系统存量碳汇核算及使用管理办法》第十条"
OPEN_FOR = timedelta(days=14)  # how long a proposed agreement waits for its second signature
LONGEST_DOOR = 30  # days in which what was handed over can be fetched
LONGEST_TERM = timedelta(days=366 * 10)


class AgreementUnreadable(Refusal):
    code = "inventory.agreement_incomplete"
    sentence = gettext_noop(
        "An agreement names its title, at least one purpose, the use in detail, the limits on onward use, a term of at "
        "most ten years that has not run out, and what it covers. Missing or wrong: %(what)s."
    )
    clause = ARTICLE
    status = 422


class WithItself(Refusal):
    code = "inventory.agreement_with_itself"
    sentence = gettext_noop("%(organisation)s needs no agreement with itself. Choose a department or an institution.")
    clause = ARTICLE
    status = 422


class NotItsData(Refusal):
    code = "inventory.not_its_data"
    sentence = gettext_noop(
        "What is to be shared must be internal data of %(organisation)s or in the file of one of its years. Public "
        "data needs no agreement; choose from the list."
    )
    clause = ARTICLE
    status = 422


class AgreementNotStanding(Refusal):
    code = "inventory.agreement_not_standing"
    sentence = gettext_noop(
        "Agreement %(code)s stands from %(since)s to %(until)s, and today is %(today)s. Nothing is handed over outside "
        "its term; conclude a new agreement."
    )
    clause = ARTICLE


class AgreementEnded(Refusal):
    code = "inventory.agreement_ended"
    sentence = gettext_noop("Agreement %(code)s was ended on %(day)s: %(reason)s. Conclude a new one to share again.")
    clause = ARTICLE


class NotCovered(Refusal):
    code = "inventory.data_not_covered"
    sentence = gettext_noop("Agreement %(code)s does not cover this data. Choose from what it covers: %(covered)s.")
    clause = ARTICLE
    status = 422


class PurposeNotAgreed(Refusal):
    code = "inventory.purpose_not_agreed"
    sentence = gettext_noop(
        "“%(purpose)s” is no purpose of agreement %(code)s. Agreed are: %(agreed)s. Choose one of them or conclude "
        "another agreement."
    )
    clause = ARTICLE
    status = 422


class NotTheRecipient(Refusal):
    code = "inventory.not_the_recipient"
    sentence = gettext_noop("%(name)s was handed over to %(recipient)s. Only its own people can fetch it.")
    clause = ARTICLE
    status = 403


class HandoverRunOut(Refusal):
    code = "inventory.handover_run_out"
    sentence = gettext_noop("%(name)s could be fetched until %(until)s. Ask %(authority)s to hand it over again.")
    clause = ARTICLE
    status = 410


class DataChanged(Refusal):
    code = "inventory.shared_data_changed"
    sentence = gettext_noop(
        "“%(name)s” no longer has the bytes it was entered with (SHA-256 %(sha256)s). Enter it anew and agree on that."
    )
    clause = ARTICLE


class StillRead(Refusal):
    code = "inventory.shared_data_still_read"
    sentence = gettext_noop("“%(name)s” is still being compared with its hash. Look again in some minutes.")
    clause = ARTICLE


class DoorTooLong(Refusal):
    code = "inventory.door_too_long"
    sentence = gettext_noop("Data can be fetched for 1 to %(most)s days after it was handed over. Choose fewer days.")
    clause = ARTICLE
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an agreement says. ``datasets`` and ``items`` are the ids of what it covers."""

    recipient: int
    title: str
    purposes: tuple[str, ...]
    detail: str
    onward: str
    since: date
    until: date
    datasets: tuple[str, ...] = ()
    items: tuple[int, ...] = ()

    def body(self) -> dict[str, Any]:
        told = asdict(self) | {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return {name: list(one) if isinstance(one, tuple) else one for name, one in told.items()}

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Terms":
        known = {name: body[name] for name in cls.__dataclass_fields__}
        tuples = {name: tuple(known[name]) for name in ("purposes", "datasets", "items")}
        days = {name: date.fromisoformat(known[name]) for name in ("since", "until")}
        return cls(**(known | tuples | days))

    def faults(self, today: date) -> list[str]:
        wrong = [name for name in ("title", "detail", "onward") if not getattr(self, name).strip()]
        if not self.purposes or not set(self.purposes) <= set(Purpose.values):
            wrong.append("purposes")
        if not self.since <= self.until or self.until < today or self.until - self.since > LONGEST_TERM:
            wrong.append("until")
        return wrong if self.datasets or self.items else [*wrong, "datasets"]


# -- concluding --------------------------------------------------------------------------------------------------------


@transaction.atomic
def propose(*, terms: Terms, scan: Upload, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Propose an agreement with its signed scan: the first of two signatures.

    Refuses with ``steps.NotTheAuthority``, ``AgreementUnreadable``, ``WithItself``, ``NotItsData``, or as the room of
    files and ``instruction.initiate`` do.
    """
    steps.check_authority(mandate, at=at)
    person = mandate.membership.person
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"{person.pk}:{reference}")

    def prepare(asked: Instruction) -> None:
        check(terms, mandate.membership.organisation, at=at)
        filing.file(
            subject=f"{SUBJECT}:{key}", kind=SUBJECT, title=terms.title.strip(), upload=scan, by=person, at=at,
            withheld_reason=Document.Withheld.TRADE_SECRET,
        )  # fmt: skip

    return instructions.initiate(
        act=agreements.CONCLUDE, mandate=mandate, reference=reference, at=at, expires_at=at + OPEN_FOR, prepare=prepare,
        body=terms.body() | {"agreement": str(key), "sha256": scan.sha256},
    )  # fmt: skip


def check(terms: Terms, organisation: Organisation, *, at: datetime) -> None:
    if wrong := terms.faults(clock.day(at)):
        raise AgreementUnreadable(what=", ".join(wrong))
    if terms.recipient == organisation.pk:
        raise WithItself(organisation=organisation.name)
    data, items = agreements.shareable(organisation.pk)
    known = {str(one.pk) for one in data}, {one.pk for one in items}
    there = Organisation.objects.filter(pk=terms.recipient).exists()
    if not there or not set(terms.datasets) <= known[0] or not set(terms.items) <= known[1]:
        raise NotItsData(organisation=organisation.name)


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """The second signature: the agreement stands. Refuses as ``propose`` or as ``instruction.confirm``."""
    return instructions.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda one: conclude(one, mandate, at)
    )


def conclude(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    organisation, terms = mandate.membership.organisation, Terms.read(asked.body)
    check(terms, organisation, at=at)
    receiving.lock(f"{SUBJECT} of {organisation.pk}")  # two at once would take the same number
    last = Agreement.objects.filter(organisation=organisation).aggregate(last=Max("number"))["last"]
    key = uuid.UUID(asked.body["agreement"])
    scan = Version.objects.get(document__subject=f"{SUBJECT}:{key}", number=1)
    made = Agreement(
        id=key, organisation=organisation, recipient_id=terms.recipient, number=(last or 0) + 1,
        title=terms.title.strip(), purposes=list(terms.purposes), detail=terms.detail.strip(),
        onward=terms.onward.strip(), since=terms.since, until=terms.until, document=scan.document_id, version=1,
        sha256=scan.sha256, instruction=asked, initiator=asked.initiator, confirmer=mandate.membership.person, at=at,
    )  # fmt: skip
    covered = [Coverage(agreement=made, dataset_id=one) for one in terms.datasets]
    covered += [Coverage(agreement=made, item_id=one) for one in terms.items]
    made.entry = record(
        kind="inventory.agreement_concluded",
        fact={
            "agreement": made.code, "authority": organisation.uscc, "since": terms.since.isoformat(),
            "until": terms.until.isoformat(), "sha256": scan.sha256, "covered": len(covered),
        },
        private={"agreement": str(key), "recipient": made.recipient.uscc, "title": made.title},
        at=at,
        by=mandate.membership.person_id,
    )  # fmt: skip
    made.save(force_insert=True)
    Coverage.objects.bulk_create(covered)
    return {"agreement": made.code}


def drop(*, asked: Instruction, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person does not sign, or the first takes it back. Refuses with ``instruction.WrongMandate``."""
    if outcome == Decision.Outcome.WITHDRAWN and mandate.membership.person_id != asked.initiator_id:
        raise instructions.WrongMandate(
            needed=Mandate.Capacity.INITIATE.value, organisation=str(mandate.membership.organisation)
        )
    if outcome == Decision.Outcome.REJECTED:
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=asked.organisation_id, at=at)
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason[:200], undo=lambda one: None
    )


@transaction.atomic
def end(*, agreement: Agreement, reason: str, mandate: Mandate, at: datetime) -> Ending:
    """End an agreement before its term: from now on nothing is handed over and nothing fetched under it.

    One signature is enough to close a door. Refuses with ``steps.NotTheAuthority``, ``steps.ReasonMissing`` or
    ``AgreementEnded``.
    """
    person = signs(agreement, mandate, at=at)
    held = locked(agreement)
    if ended := Ending.objects.filter(agreement=held).first():
        raise already_ended(held, ended)
    if not reason.strip():
        raise steps.ReasonMissing
    entry = record(
        kind="inventory.agreement_ended",
        fact={"agreement": held.code},
        private={"agreement": str(held.pk), "reason": reason.strip()[:500]},
        at=at,
        by=person.pk,
    )
    return Ending.objects.create(agreement=held, reason=reason.strip()[:500], by=person, at=at, entry=entry)


# -- handing over ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bytes:
    """What is handed over, as it is on file or on the server."""

    name: str
    sha256: str
    size: int


def hand_over(
    *, agreement: Agreement, coverage: int, purpose: str, note: str, days: int, mandate: Mandate, reference: str,
    at: datetime,
) -> Handover:  # fmt: skip
    """Hand over something an agreement covers, for one of its purposes, to be fetched within some days.

    The same reference again gives the same hand-over. Refuses with ``steps.NotTheAuthority``, ``AgreementEnded``,
    ``AgreementNotStanding``, ``NotCovered``, ``PurposeNotAgreed``, ``DoorTooLong`` or ``DataChanged``.
    """
    instructions.check_reference(reference)
    person = signs(agreement, mandate, at=at)
    try:
        with transaction.atomic():
            held = locked(agreement)
            check_standing(held, at=at)
            covered = held.coverage.select_related("dataset", "item").filter(pk=coverage).first()
            if covered is None:
                raise NotCovered(
                    code=held.code, covered="；".join(agreements.called(one) for one in held.coverage.all())
                )
            if purpose not in held.purposes:
                known = dict(Purpose.choices)
                agreed = "、".join(str(known[one]) for one in held.purposes)
                raise PurposeNotAgreed(purpose=str(known.get(purpose, purpose[:20])), code=held.code, agreed=agreed)
            if not 1 <= days <= LONGEST_DOOR:
                raise DoorTooLong(most=LONGEST_DOOR)
            found = there(agreements.covered(covered))
            made = kept(held, covered, found, purpose, note.strip()[:500], days, person, reference, at)
            if not made.on_file:
                jobs.defer(PACK, key=str(made.pk))
            return made
    except IntegrityError:
        return Handover.objects.get(by=person, reference=reference)


def kept(
    held: Agreement, covered: Coverage, found: Bytes, purpose: str, note: str, days: int, person: Person,
    reference: str, at: datetime,
) -> Handover:  # fmt: skip
    """The hand-over, told. It can be fetched no longer than the agreement stands."""
    if earlier := Handover.objects.filter(by=person, reference=reference).first():
        return earlier
    made = Handover(
        agreement=held, coverage=covered, purpose=purpose, note=note, name=found.name, sha256=found.sha256,
        size_bytes=found.size, expires_at=min(at + timedelta(days=days), clock.midnight_after(held.until)),
        reference=reference, by=person, at=at,
    )  # fmt: skip
    made.entry = record(
        kind="inventory.handed_over",
        fact={"agreement": held.code, "sha256": found.sha256, "purpose": purpose},
        private={"agreement": str(held.pk), "handover": str(made.pk), "name": found.name},
        at=at,
        by=person.pk,
    )
    made.save(force_insert=True)
    return made


def there(one: Dataset | Item) -> Bytes:
    """The bytes of what is to be shared, which must be those it was entered with; what lies on the server, a file or a
    folder, is read by the worker before anybody can fetch it (``packing``)."""
    if one.document is None:
        on_server(one)
    elif not Version.objects.filter(document=one.document, number=one.version or 1, sha256=one.sha256).exists():
        raise DataChanged(name=one.name, sha256=one.sha256)
    return Bytes(one.name, one.sha256, one.size_bytes)


def on_server(one: Dataset | Item) -> Path:
    """Where data on the server lies. Refuses as ``cataloguing.located``."""
    return cataloguing.located(one.path if isinstance(one, Dataset) else "")


def folder(handover: Handover) -> bool:
    """Whether what was handed over is a folder of files on the server."""
    covered = agreements.covered(handover.coverage)
    return isinstance(covered, Dataset) and bool(covered.path) and (cataloguing.data_folder() / covered.path).is_dir()


def packed(handover: Handover) -> Path:
    """Where the data on the server is that was handed over, untouched since the worker read it.

    Refuses with ``StillRead`` or ``DataChanged``.
    """
    package: Package | None = getattr(handover, "package", None)
    if package is None:
        raise StillRead(name=handover.name)
    path = on_server(agreements.covered(handover.coverage))
    if package.stop is not None or cataloguing.stamp(path) != package.stamp:
        raise DataChanged(name=handover.name, sha256=handover.sha256)
    return path


@transaction.atomic
def fetch(*, handover: Handover, by: Person, at: datetime) -> Fetch:
    """Note that somebody of the recipient takes what was handed over; whoever serves the bytes asks here first.

    Refuses with ``NotTheRecipient``, ``HandoverRunOut``, ``AgreementEnded``, ``AgreementNotStanding``, ``StillRead`` or
    ``DataChanged``.
    """
    agreement = handover.agreement
    own = roster.standing(at).filter(membership__person=by, membership__organisation=agreement.recipient_id)
    if not own.exists():
        raise NotTheRecipient(name=handover.name, recipient=agreement.recipient.name)
    if at >= handover.expires_at:
        raise HandoverRunOut(
            name=handover.name, until=clock.for_people(handover.expires_at), authority=agreement.organisation.name
        )
    check_standing(agreement, at=at)
    if not handover.on_file:
        packed(handover)
    entry = record(
        kind="inventory.shared_data_fetched",
        fact={"agreement": agreement.code, "sha256": handover.sha256},
        private={"agreement": str(agreement.pk), "handover": str(handover.pk)},
        at=at,
        by=by.pk,
    )
    return Fetch.objects.create(handover=handover, by=by, at=at, entry=entry)


# -- what they share ---------------------------------------------------------------------------------------------------


def signs(agreement: Agreement, mandate: Mandate, *, at: datetime) -> Person:
    """The person whose mandate is one of the agreement's authority that may sign. Refuses with
    ``steps.NotTheAuthority`` or ``instruction.WrongMandate``."""
    if mandate.membership.organisation_id != agreement.organisation_id:
        raise steps.NotTheAuthority(
            needed=agreement.organisation.name, organisation=mandate.membership.organisation.name
        )
    capacity = mandate.capacity if mandate.capacity in roles.SIGNING else Mandate.Capacity.INITIATE
    instructions.check_mandate(
        mandate, Mandate.Capacity(capacity), organisation=agreement.organisation_id, at=at
    )  # fmt: skip
    return mandate.membership.person


def locked(agreement: Agreement) -> Agreement:
    """The agreement, while nobody ends it. Its row never changes, so that the lock is not on the row."""
    receiving.lock(f"{SUBJECT}:{agreement.pk}")
    return Agreement.objects.select_related("organisation", "recipient").get(pk=agreement.pk)


def check_standing(agreement: Agreement, *, at: datetime) -> None:
    if ended := Ending.objects.filter(agreement=agreement).first():
        raise already_ended(agreement, ended)
    today = clock.day(at)
    if not agreement.since <= today <= agreement.until:
        raise AgreementNotStanding(
            code=agreement.code, since=agreement.since.isoformat(), until=agreement.until.isoformat(),
            today=today.isoformat(),
        )  # fmt: skip


def already_ended(agreement: Agreement, ended: Ending) -> AgreementEnded:
    return AgreementEnded(code=agreement.code, day=clock.day(ended.at).isoformat(), reason=ended.reason)
