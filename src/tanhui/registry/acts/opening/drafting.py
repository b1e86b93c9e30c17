"""Filling in an application, leaving it, coming back, and handing it in."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from tanhui.identity import vault
from tanhui.identity.models import Organisation, Person
from tanhui.kernel import canonical, clock, identifiers
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.acts.opening import content, seats, steps
from tanhui.registry.models import Application, Round, Step, Transition

State = Application.State
EDITABLE = (State.DRAFT, State.RETURNED)
LONGEST = 500  # characters of one answer


class NotEditable(Refusal):
    code = "registry.opening_not_editable"
    sentence = gettext_noop(
        "The application is at “%(state)s” and cannot be changed there. Wait until it is returned, or withdraw it."
    )
    clause = "rules §3.5: states of an application"


class NotYours(Refusal):
    code = "registry.opening_not_yours"
    sentence = gettext_noop("Only %(applicant)s, who started this application, can do this. Ask them.")
    clause = "rules A-04: changes are applied for by the account holder"
    status = 403


class AlreadyApplied(Refusal):
    code = "registry.opening_already_applied"
    sentence = gettext_noop(
        "An application for %(uscc)s is already being handled. One subject has one account: ask your colleagues, or "
        "the exchange if nobody knows of it."
    )
    clause = "national ETS opening notice: one registry account per subject (rules A-03)"


class NotReady(Refusal):
    code = "registry.opening_not_ready"
    sentence = gettext_noop("%(count)s points are still open. Settle each of them, then submit.")
    clause = "account-opening notice of 2023-08-18: application form (rules A-01, A-07)"
    status = 422


class FieldUnknown(Refusal):
    code = "registry.opening_field_unknown"
    sentence = gettext_noop("The application form has no field “%(field)s”, or its text is longer than 500 characters.")
    clause = "ARCHITECTURE.md §2"
    status = 422


KNOWN = {"exchange", *(field for fields in content.FIELDS.values() for field in fields)}


@transaction.atomic
def start(*, by: Person, at: datetime) -> Application:
    """A new application of this person; one that was started and left empty is taken up again."""
    Person.objects.select_for_update().get(pk=by.pk)  # of two clicks one starts it
    empty = Application.objects.filter(applicant=by, state=State.DRAFT, version=1).first()
    return empty or Application.objects.create(applicant=by, sealed="{}", created_at=at, changed_at=at)


@transaction.atomic
def keep(*, application: Application, values: Mapping[str, str], version: int, by: Person, at: datetime) -> Application:
    """Keep what is filled in so far, complete or not. Refuses with ``NotYours``, ``NotEditable``, ``FieldUnknown`` or
    ``steps.ChangedSince``; saving the same again changes nothing."""
    held = editable(application, by=by)
    secret, open_ = split(values)
    sealed = json.loads(vault.opened(held, "sealed"))
    if held.draft | open_ == held.draft and sealed | secret == sealed:
        return held
    if held.version != version:
        raise steps.ChangedSince(given=version, current=held.version)
    held.draft, held.sealed = held.draft | open_, json.dumps(sealed | secret, ensure_ascii=False)
    held.version, held.changed_at = held.version + 1, at
    held.save(update_fields=["draft", "sealed", "version", "changed_at"])
    return held


def editable(application: Application, *, by: Person) -> Application:
    """The row, locked, if this person may change it now. Refuses with ``NotYours`` or ``NotEditable``."""
    held = Application.objects.select_for_update().get(pk=application.pk)
    mine(held, by)
    if held.state not in EDITABLE:
        raise NotEditable(state=held.get_state_display())
    return held


def mine(held: Application, by: Person) -> None:
    if held.applicant_id != by.pk:
        raise NotYours(applicant=held.applicant.name)


def split(values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What is secret and what is not. Refuses with ``FieldUnknown``."""
    for field, value in values.items():
        if field not in KNOWN or len(value) > LONGEST or "\x00" in value:
            raise FieldUnknown(field=field[:40])
    secret = {field: value for field, value in values.items() if field in content.SECRET}
    return secret, {field: value for field, value in values.items() if field not in secret}


def filled_in(application: Application | Round) -> dict[str, str]:
    """Everything that was filled in, secrets too: for the one who did, and for checking."""
    said: dict[str, str] = application.draft if isinstance(application, Application) else application.content
    secret: dict[str, str] = json.loads(vault.opened(application, "sealed"))
    return said | secret


def exchanges() -> dict[str, str]:
    """The exchanges that make preliminary reviews: code and name."""
    found = Organisation.objects.filter(role=Organisation.Role.EXCHANGE).order_by("name")
    return {one.uscc: one.name for one in found}


def faults(application: Application, *, at: datetime) -> list[content.Fault]:
    """Everything that keeps an application from being submitted."""
    papers = {one.kind: one for one in application.papers.all()}
    found = content.faults(application, filled_in(application), papers, exchanges(), on=clock.day(at))
    return [*found, *seats.faults(application)]


def submit(
    *, application: Application, limits: Mapping[str, Any], version: int, reference: str, by: Person, at: datetime
) -> Step:
    """Hand an application in, or in again after a return; asked twice it is handed in once.

    ``limits`` are the time limits of this day's rule packs; the first ones given are kept. Refuses with ``NotYours``,
    ``NotReady``, the first fault of ``faults``' kind where there is only one, ``AlreadyApplied``,
    ``steps.ChangedSince`` or ``steps.MovedOn``.
    """

    def prepare(held: Application, row: Transition) -> steps.Said:
        mine(held, by)
        open_points = faults(held, at=at)
        if len(open_points) == 1:
            raise open_points[0].refusal
        if open_points:
            raise NotReady(count=len(open_points))
        said = filled_in(held)
        held.uscc, held.name = identifiers.uscc(said["uscc"]), said["name"].strip()
        held.exchange = Organisation.objects.get(uscc=said["exchange"], role=Organisation.Role.EXCHANGE)
        if held.number is None:
            held.number, held.limits = next_number(), dict(limits)
        seats.assign(held, said, by=by, at=at)
        return steps.Said(round=keep_round(held, by=by, at=at))

    act, after = "submit", None
    if application.state == State.RETURNED:
        act, after = "resubmit", back_to(application)
    try:
        return steps.step(
            application=application, act=act, after=after, by=by, version=version, reference=reference, at=at,
            prepare=prepare,
        )  # fmt: skip
    except IntegrityError as error:
        if "one_application_per_subject_at_a_time" not in str(error):
            raise
        raise AlreadyApplied(uscc=application.draft.get("uscc", "")[:18]) from error


def back_to(application: Application) -> str:
    """Where a corrected application goes: to whoever returned it."""
    return State.EXC_PRELIM if application.stage == Application.Stage.PRELIMINARY else State.REG_FINAL


def next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('registry_application_number')")
        number: int = cursor.fetchone()[0]
    return number


def keep_round(held: Application, *, by: Person, at: datetime) -> Round:
    """What is handed in, as it stands, with the versions of its papers."""
    papers = [
        {
            "kind": one.kind, "document": str(one.document), "version": one.version, "name": one.name,
            "sha256": one.sha256, "size_bytes": one.size_bytes, "endless": one.endless,
            "valid_until": one.valid_until.isoformat() if one.valid_until else None,
        }
        for one in held.papers.order_by("kind")
    ]  # fmt: skip
    said = {**held.draft, "undertaking_sha256": content.undertaking_sha256()}
    return Round.objects.create(
        application=held, number=held.rounds.count() + 1, content=said, sealed=vault.opened(held, "sealed"),
        papers=papers, sha256=canonical.sha256({"content": said, "papers": papers}), by=by, at=at,
    )  # fmt: skip


def withdraw(*, application: Application, reason: str, reference: str, by: Person, at: datetime) -> Step:
    """The applicant takes the application back, at any time before it is decided. A proposal that
    waits for the registry's second signature lapses with it. Refuses with ``NotYours`` or ``steps.MovedOn``."""

    def prepare(held: Application, row: Transition) -> steps.Said:
        mine(held, by)
        return said

    said = steps.Said(reason=reason[:LONGEST])
    return steps.step(
        application=application, act="withdraw", by=by, said=said, reference=reference, at=at, prepare=prepare
    )
