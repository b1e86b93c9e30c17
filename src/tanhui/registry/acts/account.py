"""Opening registry accounts, and restricting them. The joint application stands before this in the identity room."""

from datetime import datetime

from django.db import connection, transaction

from tanhui.identity.models import Organisation
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.acts import opening
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Account, SubAccount


class AccountExists(Refusal):
    code = "registry.account_exists"
    sentence = gettext_noop("%(organisation)s already has account %(account)s; one account per subject. Use that one.")
    clause = "national ETS opening notice: one registry account per subject (rules A-03)"


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
def set_state(*, account: Account, state: str, reason: str, signatures: Signatures, at: datetime) -> Account:
    """Restrict an account, open it again, or close it (31号令 art. 27)."""
    signatures.check_operator(at=at)
    held = Account.objects.select_for_update().get(pk=account.pk)
    held.state = state
    held.save(update_fields=["state"])
    record(
        kind="registry.account_state_set",
        fact={"account": held.code, "state": state},
        private={"reason": reason, **signatures.people},
        at=at,
        by=signatures.people["confirmer_id"],
    )
    return held
