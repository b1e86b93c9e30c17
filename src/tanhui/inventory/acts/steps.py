"""One step of an accounting year: the table is asked, the fact is told, and the step is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.inventory import roles
from tanhui.inventory.models import TRANSITIONS, AccountingYear, Step, Transition
from tanhui.journal.record import record
from tanhui.kernel import canonical, clock
from tanhui.kernel.refusal import Refusal, gettext_noop

LONGEST = 1000  # characters of a reason


class MovedOn(Refusal):
    code = "inventory.moved_on"
    sentence = gettext_noop(
        "The accounting year is now at “%(state)s”, by %(by)s at %(at)s, and this cannot be done from there. Look at "
        "it again."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条"


class ChangedSince(Refusal):
    code = "inventory.changed_since"
    sentence = gettext_noop(
        "The accounting year was changed after you opened it: you have revision %(given)s, the present one is "
        "%(current)s. Look at it again, then decide."
    )
    clause = "RFC 9110 §13.1.1"
    status = 412


class NotTheAuthority(Refusal):
    code = "inventory.not_the_authority"
    sentence = gettext_noop(
        "This is for %(needed)s to do, and you act for %(organisation)s. The natural-resources authority of the area "
        "organises its accounting."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第四条"
    status = 403


class ReasonMissing(Refusal):
    code = "inventory.reason_missing"
    sentence = gettext_noop("Say why: everyone who works on this year reads it.")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条"
    status = 422


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a step: a reason, and what the log says besides."""

    reason: str = ""
    fact: Mapping[str, object] = field(default_factory=dict)


NOTHING = Said()
Prepare = Callable[[AccountingYear, Transition], Said]


def step(
    *,
    year: AccountingYear,
    act: str,
    by: Person,
    organisation: Organisation,
    said: Said = NOTHING,
    revision: int | None = None,
    reference: str,
    at: datetime,
    prepare: Prepare | None = None,
) -> Step:
    """Take one step of the table, once however often it is asked under the same reference.

    ``revision`` is the one the person decided on. ``prepare`` does what belongs to the step after the row is locked and
    before it is told. Refuses with ``MovedOn``, ``ChangedSince``, ``identity.reference_taken`` or as ``prepare`` does.
    """
    instruction.check_reference(reference)
    body = canonical.sha256({"year": year.pk, "act": act, "reason": said.reason})
    try:
        with transaction.atomic():
            return taken(year, act, by, organisation, said, revision, reference, body, at, prepare)
    except (Refusal, IntegrityError):
        earlier = Step.objects.filter(by=by, reference=reference).select_related("accounting_year").first()
        if earlier is None:
            raise
        if earlier.body_sha256 != body:
            raise instruction.ReferenceTaken(reference=reference) from None
        return earlier


def taken(
    year: AccountingYear, act: str, by: Person, organisation: Organisation, said: Said, revision: int | None,
    reference: str, body: str, at: datetime, prepare: Prepare | None,
) -> Step:  # fmt: skip
    held = locked(year)
    row = looked_up(held, act)
    check_revision(held, revision)
    if prepare is not None:
        said = prepare(held, row)
    held.state = row.after
    touch(held, at)
    entry = record(
        kind=row.fact,
        fact={"accounting_year": held.code, "state": row.after, **said.fact},
        private={"year": held.pk, "reason": said.reason, "organisation": organisation.uscc},
        at=at,
        by=by.pk,
    )
    latest = held.steps.order_by("-number").first()
    return Step.objects.create(
        accounting_year=held, number=latest.number + 1 if latest else 1, act=act, before=row.before, after=row.after,
        by=by, organisation=organisation, reason=said.reason, reference=reference, body_sha256=body, entry=entry, at=at,
    )  # fmt: skip


def locked(year: AccountingYear) -> AccountingYear:
    return AccountingYear.objects.select_for_update(of=("self",)).get(pk=year.pk)


def touch(held: AccountingYear, at: datetime) -> None:
    """Keep the row, which counts its changes."""
    held.revision, held.changed_at = held.revision + 1, at
    held.save()


def check_revision(held: AccountingYear, revision: int | None) -> None:
    if revision is not None and revision != held.revision:
        raise ChangedSince(given=revision, current=held.revision)


def looked_up(held: AccountingYear, act: str) -> Transition:
    """The row of the table for an act from here. Refuses with ``MovedOn``."""
    for row in TRANSITIONS:
        if (row.act, row.before) == (act, held.state):
            return row
    raise moved_on(held)


def moved_on(held: AccountingYear) -> MovedOn:
    latest = held.steps.select_related("by", "organisation").order_by("-number").first()
    return MovedOn(
        state=held.get_state_display(),
        by=str(latest.organisation if latest else held.organisation),
        at=clock.for_people(latest.at if latest else held.opened_at),
    )


def only_at(held: AccountingYear, *states: str) -> None:
    """Refuse with ``MovedOn`` unless the year is at one of these states."""
    if held.state not in states:
        raise moved_on(held)


def may_handle(
    year: AccountingYear, mandate: Mandate, *, at: datetime, capacity: Mandate.Capacity = Mandate.Capacity.INITIATE
) -> Person:
    """The person, if the mandate is of the year's authority and stands. Refuses with ``NotTheAuthority`` or as
    ``identity.acts.instruction.check_mandate``."""
    check_authority(mandate, year.organisation, at=at, capacity=capacity)
    return mandate.membership.person


def check_authority(
    mandate: Mandate, organisation: Organisation | None = None, *, at: datetime,
    capacity: Mandate.Capacity = Mandate.Capacity.INITIATE,
) -> None:  # fmt: skip
    """Refuse unless the mandate is of a natural-resources authority, of this one where it is given, and stands."""
    body = mandate.membership.organisation
    if body.role not in roles.AUTHORITIES or (organisation is not None and body.pk != organisation.pk):
        needed = str(organisation or Organisation.Role.NATURAL_RESOURCES.label)
        raise NotTheAuthority(needed=needed, organisation=body.name)
    instruction.check_mandate(mandate, capacity, organisation=body.pk, at=at)
