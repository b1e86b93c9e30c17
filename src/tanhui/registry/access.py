"""The doors of the register: how what a person sends becomes an account, a batch, a receiver or a retirement.

A stranger learns nothing (404); what is public by its nature is behind doors without a person.
"""

import hashlib
import re
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.kernel import clock, typed
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry import opening_rules, openings, queries
from tanhui.registry.models import Account, Application, Batch, Retirement, Seat, SubAccount

Row = TypeVar("Row", bound=Model)
SPENDABLE = [SubAccount.Purpose.ISSUED, SubAccount.Purpose.HOLDING]
FIRST_YEAR, LAST_YEAR = 2000, 2199
BLANKS = re.compile(r"[\s\x00]+")


class AccountUnknown(Refusal):
    code = "registry.account_unknown"
    sentence = gettext_noop(
        "There is no open account with the number %(account)s. Ask the receiver for the number of their account."
    )
    clause = "ARCHITECTURE.md §6.1"
    status = 422


class BatchUnknown(Refusal):
    code = "registry.batch_unknown"
    sentence = gettext_noop(
        "No batch has the number %(batch)s. Copy it from your holdings; it is the serial without the unit numbers."
    )
    clause = "ARCHITECTURE.md §6.2"
    status = 422


class NotSpendable(Refusal):
    code = "registry.not_spendable"
    sentence = gettext_noop("Nothing can be given away from “%(purpose)s”. Name one of: %(known)s.")
    clause = "rules §3.5: sub-accounts by purpose"
    status = 422


class PapersExpired(Refusal):
    code = "registry.papers_expired"
    sentence = gettext_noop(
        "“%(paper)s” behind account %(account)s was valid until %(until)s. Hand in the present one; until then "
        "nothing can be initiated."
    )
    clause = "rules A-07: papers of the application, as the rule pack in force says"


class DayImpossible(Refusal):
    code = "registry.day_impossible"
    sentence = gettext_noop(
        "%(first)s to %(last)s is no span this register can answer for. "
        "Give days from 2000 to 2199, the first one first."
    )
    clause = "ARCHITECTURE.md §6.1"
    status = 422


def accounts(person: Person, *, at: datetime) -> QuerySet[Account]:
    """The registry accounts of the person's organisations."""
    return (
        Account.objects.filter(organisation__in=people.organisations(person, at=at))
        .select_related("organisation")
        .order_by("code")
    )


def account(person: Person, code: str, *, at: datetime) -> Account:
    """One of the person's accounts; for anybody else it is not found."""
    return only(accounts(person, at=at).filter(code=plain(code)))


def account_and_others(person: Person, code: str, *, at: datetime) -> tuple[Account, list[Account]]:
    """``account``, and beside it the person's other accounts."""
    wanted, mine = plain(code), queries.ACCOUNTS.rows(person=person.pk, at=at)
    for one in mine:
        if one.code == wanted:
            return one, [other for other in mine if other is not one]
    raise Http404


def sub_account_to_spend(person: Person, code: str, purpose: str, *, at: datetime) -> tuple[SubAccount, Mandate]:
    """Where units are to be taken from, with the person's mandate to initiate for its organisation.

    404 for a stranger; refuses with ``NotSpendable`` or as ``identity.access.mandate`` does.
    """
    held = account(person, code, at=at)
    mandate = initiator(person, held, at=at)
    wanted = SubAccount.objects.filter(account=held, purpose=purpose).select_related("account__organisation")
    if purpose not in SPENDABLE or (found := wanted.first()) is None:
        raise NotSpendable(purpose=purpose[:20], known=", ".join(SPENDABLE))
    return found, mandate


def recipient(code: str) -> SubAccount:
    """Where a transfer to an account goes: its general holding. Refuses with ``AccountUnknown``."""
    wanted = SubAccount.objects.filter(
        account__code=plain(code), account__state=Account.State.OPEN, purpose=SubAccount.Purpose.HOLDING
    ).select_related("account__organisation", "ledger_account")
    for found in wanted:
        return found
    raise AccountUnknown(account=code[:40])


def batch(code: str) -> Batch:
    """A batch by its code; public. Refuses with ``BatchUnknown``."""
    for found in queries.batches().filter(asset__code=plain(code)):
        return found
    raise BatchUnknown(batch=code[:100])


def initiator(person: Person, held: Account, *, at: datetime) -> Mandate:
    """The person's mandate to give instructions for the account's organisation.

    Refuses with ``PapersExpired`` where a rule pack says that expired papers stop them, or as ``identity.mandate``.
    """
    mandate = people.mandate(person, held.organisation, Mandate.Capacity.INITIATE, at=at)
    today = clock.day(at)
    ended = openings.ended_paper(held, today=today)
    if ended and ended.valid_until and opening_rules.expired_papers_stop(today):
        raise PapersExpired(account=held.code, paper=ended.get_kind_display(), until=ended.valid_until.isoformat())
    return mandate


def confirmer(person: Person, asked: Instruction, *, at: datetime) -> Mandate:
    """The person's mandate to confirm the instructions of this one's organisation."""
    return people.mandate(person, asked.organisation, Mandate.Capacity.CONFIRM, at=at)


def signing(person: Person, asked: Instruction, *, at: datetime) -> tuple[Mandate | None, Mandate]:
    """The mandate an instruction was given under, if one stood then, and the person's to confirm it."""
    return people.signing(person, asked, at=at)


def withdrawer(person: Person, asked: Instruction, *, at: datetime) -> Mandate:
    """The person's mandate to take back an instruction; whether it was theirs, the act asks."""
    return people.mandate(person, asked.organisation, Mandate.Capacity.INITIATE, at=at)


def holds(person: Person, organisation: Organisation, capacity: str, *, at: datetime) -> bool:
    """Whether a mandate stands, where not having it is no fault."""
    try:
        people.mandate(person, organisation, capacity, at=at)
    except (Refusal, Http404):
        return False
    return True


def instruction(person: Person, key: UUID | str, *, at: datetime) -> Instruction:
    """An instruction to this register from one of the person's organisations; any other is not found."""
    found = people.instruction(person, key, at=at)
    if found.act not in queries.ACTS:
        raise Http404
    return found


def issued_to(held: Account, code: str) -> Batch:
    """A batch issued to the account's organisation, by its code; any other is not found."""
    return only(
        queries.batches().filter(asset__code=plain(code), issuance__isnull=False, project__owner=held.organisation)
    )


def certificate(number: str) -> Retirement:
    """A retirement by its certificate number, small letters and blanks forgiven; public."""
    return only(Retirement.objects.filter(certificate=plain(number)).select_related("source__account__organisation"))


def application(person: Person, key: UUID | str, *, at: datetime) -> Application:
    """An application the person started, is named in, signs under or reviews; any other is not found."""
    wanted = uuid(key)
    for rows in (
        openings.of_person(person),
        openings.reviewed_by(person, at=at),
        openings.of_members(person, at=at),
    ):
        for found in rows.filter(pk=wanted):
            return found
    raise Http404


def own_application(person: Person, key: UUID | str) -> Application:
    """An application the person started."""
    return only(openings.of_person(person).filter(pk=uuid(key), applicant=person))


def renewable_application(person: Person, key: UUID | str, *, at: datetime) -> Application:
    """The application behind an account the person signs for or manages, whose papers they may renew."""
    return only(openings.of_members(person, at=at).filter(pk=uuid(key)))


def reviewed_application(person: Person, key: UUID | str, *, at: datetime) -> Application:
    """An application that came to the person's exchange or registry."""
    return only(openings.reviewed_by(person, at=at).filter(pk=uuid(key)))


def reviewer(person: Person, asked: Application, capacity: str = "", *, at: datetime) -> Mandate:
    """The person's mandate to review an application in its present state: of the capacity, or of any.

    404 for a stranger; refuses with ``identity.CapacityMissing`` when only the capacity is missing.
    """
    held = openings.bodies(person, at=at)
    if asked.state == Application.State.REG_FINAL:
        held = [one for one in held if one.membership.organisation.role == Organisation.Role.REGISTRY]
    else:
        held = [one for one in held if one.membership.organisation_id == asked.exchange_id]
    if not held and not (held := openings.bodies(person, at=at)):
        raise Http404
    for one in held:
        if capacity in ("", one.capacity):
            return one
    raise people.CapacityMissing(capacity=capacity, organisation=held[0].membership.organisation.name)


def signer(person: Person, asked: Application, *, at: datetime) -> Mandate:
    """The person's mandate to sign second for the registry, also once the account is open: the act says what was."""
    for one in openings.bodies(person, at=at):
        if openings.of_role(one, Organisation.Role.REGISTRY) and one.capacity == Mandate.Capacity.CONFIRM:
            return one
    return reviewer(person, asked, Mandate.Capacity.CONFIRM, at=at)


def involved(person: Person, asked: Application) -> bool:
    """Whether a person started an application or is named in it, and so may not review it."""
    return openings.of_person(person).filter(pk=asked.pk).exists()


def supervisor(person: Person, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate of the registry. 404 for a stranger; refuses with ``identity.CapacityMissing``."""
    held = [one for one in openings.bodies(person, at=at) if openings.of_role(one, Organisation.Role.REGISTRY)]
    if not held:
        raise Http404
    for one in held:
        if capacity in ("", one.capacity):
            return one
    raise people.CapacityMissing(capacity=capacity, organisation=held[0].membership.organisation.name)


def supervised(person: Person, code: str, *, at: datetime) -> Account:
    """Any account, for the registry's people."""
    supervisor(person, "", at=at)
    return only(Account.objects.filter(code=plain(code)).select_related("organisation", "application"))


def change(held: Account, key: UUID | str) -> Instruction:
    """A change of an account's state that was asked for."""
    wanted = uuid(key)
    for found in openings.changes(held):
        if found.pk == wanted:
            return found
    raise Http404


def seat_of(asked: Application, capacity: str) -> Seat:
    """A seat of an application, as it stands."""
    return only(seats().filter(application=asked, capacity=capacity))


def invited(code: str) -> Seat:
    """The seat an invitation is for; whoever has the code may look."""
    return only(seats().filter(digest=hashlib.sha256(code.encode()).digest(), accepted_at__isnull=True))


def seats() -> QuerySet[Seat]:
    return Seat.objects.filter(ended_at__isnull=True).select_related("application__applicant", "person")


def uuid(key: UUID | str) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Http404 from None


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """The instants from the beginning of one day in Beijing to the end of another. Refuses with ``DayImpossible``."""
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR or first > last:
        raise DayImpossible(first=first.isoformat(), last=last.isoformat())
    return clock.midnight_after(first - timedelta(days=1)), clock.midnight_after(last)


def moment(given: datetime) -> datetime:
    """An instant somebody asks about. Refuses with ``DayImpossible`` outside the years the register knows."""
    if not FIRST_YEAR < given.year < LAST_YEAR:
        raise DayImpossible(first=given.date().isoformat(), last=given.date().isoformat())
    return given


def searched(text: str) -> str:
    """What somebody looks for, as a database can be asked for it."""
    return text.replace("\x00", "").strip()


def plain(code: str) -> str:
    """A code as it is stored: without blanks, full-width letters and small letters made plain."""
    return BLANKS.sub("", typed.plain(code)).upper()


def only(rows: QuerySet[Row]) -> Row:
    for row in rows:
        return row
    raise Http404
