"""Opening registry accounts, restricting them, opening them again, closing them. Where an organisation applies for its
account, the application (``opening``) leads here."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.acts import opening
from tanhui.ledger.models import Holding
from tanhui.registry.acts.signing import NotTheOperator, Signatures
from tanhui.registry.models import Account, SubAccount

State = Account.State
CHANGES = {State.OPEN: {State.RESTRICTED, State.CLOSED}, State.RESTRICTED: {State.OPEN, State.CLOSED}}
STATE_ACT = "registry.account_state"
OPEN_FOR = timedelta(days=7)  # how long a change waits for its second signature
LONGEST = 300


class AccountExists(Refusal):
    code = "registry.account_exists"
    sentence = gettext_noop("%(organisation)s already has account %(account)s; one account per subject. Use that one.")
    clause = "national ETS opening notice: one registry account per subject (rules A-03)"


class StateImpossible(Refusal):
    code = "registry.account_state_impossible"
    sentence = gettext_noop(
        "Account %(account)s is %(state)s and cannot become %(wanted)s. An open one may be restricted or closed, a "
        "restricted one opened again or closed; a closed one stays closed."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十七条（rules A-04）"


class AccountNotEmpty(Refusal):
    code = "registry.account_not_empty"
    sentence = gettext_noop(
        "Account %(account)s still holds %(quantity)s t. Have its holder transfer or retire them, then close it."
    )
    clause = "rules A-04: closing an account; ARCHITECTURE.md §6.2"


class UnitsExpected(Refusal):
    code = "registry.account_expects_units"
    sentence = gettext_noop(
        "%(count)s instructions that wait for their second signature would bring units into account %(account)s. Have "
        "them decided first."
    )
    clause = "ARCHITECTURE.md §6.3"


class GroundMissing(Refusal):
    code = "registry.account_ground_missing"
    sentence = gettext_noop("Name the reason and the clause that this rests on; the holder reads both.")
    clause = "rules A-04: the registry may restrict or close"
    status = 422


@transaction.atomic
def open_account(*, organisation: Organisation, signatures: Signatures, at: datetime) -> Account:
    """Open the account of an organisation, with a sub-account for every purpose it may need.

    Refuses with ``AccountExists``, ``signing.NotTheOperator`` or what the signatures refuse with.
    """
    signatures.check_operator(at=at)
    if known := Account.objects.filter(organisation=organisation).first():
        raise AccountExists(organisation=organisation.name, account=known.code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('registry_account_number')")
        number = cursor.fetchone()[0]
    account = Account.objects.create(code=f"A{number:07d}", organisation=organisation, opened_at=at)
    purposes = [SubAccount.Purpose.ISSUED, SubAccount.Purpose.HOLDING, SubAccount.Purpose.EXCHANGE]
    if organisation.role == Organisation.Role.REGISTRY:
        purposes = [SubAccount.Purpose.BUFFER]
    for purpose in purposes:
        ledger_account = opening.account(code=f"{account.code}/{purpose}", owner=organisation)
        SubAccount.objects.create(account=account, purpose=purpose, ledger_account=ledger_account)
    record(
        kind="registry.account_opened",
        fact={"account": account.code},
        private={"organisation": organisation.uscc, **signatures.people},
        at=at,
        by=signatures.people["confirmer_id"],
    )
    return account


@transaction.atomic
def set_state(
    *, account: Account, state: str, reason: str, signatures: Signatures, at: datetime, clause: str = ""
) -> Account:
    """Restrict an account, open it again, or close it (31号令 art. 27); only an empty one is closed.

    ``clause`` is what it rests on. Refuses with ``StateImpossible``, ``AccountNotEmpty``, ``UnitsExpected``,
    ``GroundMissing``, ``signing.NotTheOperator`` or what the signatures refuse with.
    """
    signatures.check_operator(at=at)
    held = Account.objects.select_for_update().get(pk=account.pk)
    check_change(held, state, reason, at)
    held.state = state
    held.save(update_fields=["state"])
    record(
        kind="registry.account_state_set",
        fact={"account": held.code, "state": state},
        private={"reason": reason, "clause": clause, **signatures.people},
        at=at,
        by=signatures.people["confirmer_id"],
    )
    return held


def check_change(held: Account, state: str, reason: str, at: datetime) -> None:
    if state not in CHANGES.get(State(held.state), set()):
        raise StateImpossible(account=held.code, state=held.state, wanted=state[:10])
    if not reason.strip() or len(reason) > LONGEST:
        raise GroundMissing
    if state == State.CLOSED:
        if quantity := quantity_t(held):
            raise AccountNotEmpty(account=held.code, quantity=quantity)
        if count := expected(held, at):
            raise UnitsExpected(account=held.code, count=count)


def expected(held: Account, at: datetime) -> int:
    """How many undecided instructions would bring units into an account."""
    places = list(held.sub_accounts.values_list("pk", flat=True))
    waiting = Instruction.objects.filter(act="registry.transfer", decision__isnull=True, expires_at__gt=at)
    return waiting.filter(body__target__in=places).count()


def quantity_t(held: Account) -> int:
    """What lies in all sub-accounts of an account, in tonnes."""
    places = held.sub_accounts.values("ledger_account")
    found: int | None = Holding.objects.filter(account__in=places).aggregate(total=Sum("quantity"))["total"]
    return found or 0


def propose_state(
    *, account: Account, state: str, reason: str, clause: str, mandate: Mandate, reference: str, at: datetime
) -> Instruction:
    """One person of the registry asks for a change of state; a colleague confirms it within seven days.

    Refuses as ``set_state``, or as ``instruction.initiate``.
    """
    operator = mandate.membership.organisation
    if operator.role not in {Organisation.Role.REGISTRY, Organisation.Role.AUTHORITY}:
        raise NotTheOperator(organisation=operator.name)
    if not clause.strip() or len(clause) > LONGEST:
        raise GroundMissing
    body = {"account": account.code, "state": state, "reason": reason.strip(), "clause": clause.strip()}

    def prepare(asked: Instruction) -> None:
        check_change(Account.objects.select_for_update().get(pk=account.pk), state, reason, at)

    return instructions.initiate(
        act=STATE_ACT, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + OPEN_FOR, prepare=prepare
    )


def confirm_state(*, instruction: Instruction, initiating: Mandate, mandate: Mandate, at: datetime) -> Decision:
    """A colleague signs, and the state changes; confirming again gives the same decision.

    ``initiating`` is the mandate it was asked under. Refuses as ``set_state`` and ``instruction.confirm``.
    """

    def carry_out(asked: Instruction) -> Mapping[str, Any]:
        body = asked.body
        changed = set_state(
            account=Account.objects.get(code=body["account"]), state=body["state"], reason=body["reason"],
            clause=body["clause"], signatures=Signatures(initiating, mandate), at=at,
        )  # fmt: skip
        return {"state": changed.state}

    return instructions.confirm(instruction=instruction, mandate=mandate, at=at, carry_out=carry_out)


def drop_state(*, instruction: Instruction, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The change is not made: taken back by whoever asked for it, or not signed by a colleague."""
    if mandate.membership.person_id == instruction.initiator_id:
        outcome = Decision.Outcome.WITHDRAWN
    else:
        outcome = Decision.Outcome.REJECTED
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=instruction.organisation_id, at=at)
    return instructions.drop(
        instruction=instruction, outcome=outcome, at=at, by=mandate, reason=reason, undo=lambda asked: None
    )
