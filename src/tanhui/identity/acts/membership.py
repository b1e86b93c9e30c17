"""Who belongs to an organisation: invited by its administrator, joined by their own hand, ended by either.

Belonging alone lets a person look. Power to sign is given by ``mandates``.
"""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from tanhui.identity import rules
from tanhui.identity.acts import enrolment, instruction
from tanhui.identity.models import Invitation, Mandate, Membership, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel import typed
from tanhui.kernel.refusal import Refusal, gettext_noop

LASTS = timedelta(days=7)
BITS = 100


class InvitationUnknown(Refusal):
    code = "identity.invitation_unknown"
    sentence = gettext_noop("This invitation code is wrong, was used or withdrawn, or has run out. Ask for a new one.")
    clause = "GB/T 22239-2019 8.1.4.2 a"
    status = 422


class InvitationForAnother(Refusal):
    code = "identity.invitation_for_another"
    sentence = gettext_noop("This invitation is for somebody of another name. Ask for one in your own name.")
    clause = "GB/T 22239-2019 8.1.4.2 a"
    status = 403


class LastAdministrator(Refusal):
    code = "identity.last_administrator"
    sentence = gettext_noop(
        "%(person)s is the last administrator of %(organisation)s. Have another one appointed first."
    )
    clause = "ARCHITECTURE.md §5"


class NotAMember(Refusal):
    code = "identity.not_a_member"
    sentence = gettext_noop("%(person)s does not belong to %(organisation)s. Invite them first.")
    clause = "ARCHITECTURE.md §5"


@transaction.atomic
def invite(*, mandate: Mandate, name: str, at: datetime) -> tuple[Invitation, str]:
    """Invite somebody by name, under the ``mandate`` of an administrator; the code is told this once.

    Refuses with ``instruction.WrongMandate`` or ``access.MandateExpired``.
    """
    organisation = managed(mandate, at=at)
    code = base64.b32encode(secrets.token_bytes(BITS // 8 + 1)).decode()[: BITS // 5]
    made = Invitation.objects.create(
        organisation=organisation, name=typed.plain(name), digest=digest(code), at=at,
        by=mandate.membership.person, expires_at=at + LASTS,
    )  # fmt: skip
    record(
        kind="identity.member_invited",
        fact={"organisation": organisation.uscc},
        private={"invitation": str(made.pk), "name": made.name},
        at=at,
        by=made.by_id,
    )
    return made, "-".join(code[start : start + 5] for start in range(0, len(code), 5))


def digest(code: str) -> bytes:
    return hashlib.sha256("".join(filter(str.isalnum, typed.plain(code).upper())).encode()).digest()


def invitation(code: str, *, at: datetime, lock: bool = False) -> Invitation:
    """The invitation a code opens. Refuses with ``InvitationUnknown``."""
    rows = Invitation.objects.select_for_update(of=("self",)) if lock else Invitation.objects.all()
    waiting = rows.filter(accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at)
    if (found := waiting.select_related("organisation", "by").filter(digest=digest(code)).first()) is None:
        raise InvitationUnknown
    return found


@transaction.atomic
def accept(*, code: str, person: Person, at: datetime) -> Membership:
    """Join the organisation that invited this person; they may look around in it.

    Refuses with ``InvitationUnknown``, ``InvitationForAnother`` or ``rules.IncompatibleRoles``.
    """
    found = invitation(code, at=at, lock=True)
    if found.name != typed.plain(person.name) or found.by_id == person.pk:
        raise InvitationForAnother
    looking = enrolment.mandate(
        person=person, organisation=found.organisation, capacity=Mandate.Capacity.VIEW, since_at=at, until_at=None,
        at=at, by=found.by,
    )  # fmt: skip
    found.accepted_at, found.accepted_by = at, person
    found.save(update_fields=["accepted_at", "accepted_by"])
    record(
        kind="identity.invitation_accepted",
        fact={"organisation": found.organisation.uscc},
        private={"invitation": str(found.pk), "person": person.pk},
        at=at,
        by=person.pk,
    )
    return looking.membership


@transaction.atomic
def withdraw(*, invitation: Invitation, mandate: Mandate, at: datetime) -> Invitation:
    """Take an invitation back; one that was accepted or withdrawn stays as it is.

    Refuses with ``instruction.WrongMandate`` or ``access.MandateExpired``.
    """
    organisation = managed(mandate, at=at, organisation=invitation.organisation_id)
    found = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if found.accepted_at is None and found.withdrawn_at is None:
        found.withdrawn_at = at
        found.save(update_fields=["withdrawn_at"])
        record(
            kind="identity.invitation_withdrawn",
            fact={"organisation": organisation.uscc},
            private={"invitation": str(found.pk)},
            at=at,
            by=mandate.membership.person_id,
        )
    return found


@transaction.atomic
def end(*, membership: Membership, by: Mandate | None, reason: str, at: datetime) -> Membership:
    """End a membership and with it every mandate that rests on it: by an administrator's mandate, or, without one, by
    the member. Asked again it changes nothing.

    Refuses with ``instruction.WrongMandate``, ``access.MandateExpired`` or ``LastAdministrator``.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
    if by is not None:
        managed(by, at=at, organisation=organisation.pk)
    found = Membership.objects.select_for_update(of=("self",)).select_related("person").get(pk=membership.pk)
    if found.until_at is not None and found.until_at <= at:
        return found
    keep_an_administrator(organisation, found.person, at=at)
    found.until_at = max(at, found.since_at)
    found.save(update_fields=["until_at"])
    record(
        kind="identity.membership_ended",
        fact={"organisation": organisation.uscc},
        private={"person": found.person_id, "membership": found.pk, "reason": reason},
        at=at,
        by=by.membership.person_id if by else found.person_id,
    )
    return found


def keep_an_administrator(organisation: Organisation, person: Person, *, at: datetime) -> None:
    """Refuse with ``LastAdministrator`` where nobody but this person manages the organisation, which is locked."""
    managing = rules.standing(at).filter(
        membership__organisation=organisation, capacity=Mandate.Capacity.MANAGE, since_at__lte=at
    )
    mine = managing.filter(membership__person=person).exists()
    if mine and not managing.exclude(membership__person=person).filter(membership__person__is_active=True).exists():
        raise LastAdministrator(person=person.name, organisation=organisation.name)


def managed(mandate: Mandate, *, at: datetime, organisation: int | None = None) -> Organisation:
    """The organisation an administrator's mandate is of. Refuses unless it stands and is of this one."""
    own = mandate.membership.organisation
    instruction.check_mandate(mandate, Mandate.Capacity.MANAGE, organisation=organisation or own.pk, at=at)
    return own


def current(person: Person, organisation: Organisation, *, at: datetime) -> Membership:
    """The person's standing membership. Refuses with ``NotAMember``."""
    still = Q(until_at__isnull=True) | Q(until_at__gt=at)
    found = Membership.objects.filter(still, person=person, organisation=organisation, since_at__lte=at).first()
    if found is None:
        raise NotAMember(person=person.name, organisation=organisation.name)
    return found
