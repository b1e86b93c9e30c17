"""What every act of the register shares: two signatures, one reference, one effect."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.models import Account, Signed

Fact = TypeVar("Fact", bound=Signed)


class AccountRestricted(Refusal):
    code = "registry.account_restricted"
    sentence = gettext_noop(
        "Account %(account)s is %(state)s and gives no units away. Settle the matter with the registry operator first."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十七条"


class AccountClosed(Refusal):
    code = "registry.account_closed"
    sentence = gettext_noop(
        "Account %(account)s is closed and takes no units in. Ask the recipient for another account."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十七条"


class NotTheOperator(Refusal):
    code = "registry.not_the_operator"
    sentence = gettext_noop(
        "%(organisation)s is not a registry operator or competent authority and cannot do this. "
        "Ask the registry operator."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第六条"
    status = 403


@dataclass(frozen=True, slots=True)
class Signatures:
    """The two mandates under an act: who asked and who confirmed (rules R-05)."""

    initiator: Mandate
    confirmer: Mandate

    def check(self, organisation: int, *, at: datetime) -> None:
        """Refuse unless two people, each with the organisation's valid mandate, signed."""
        instruction.two_people(self.initiator, self.confirmer, organisation=organisation, at=at)

    def check_operator(self, *, at: datetime) -> Organisation:
        """Refuse unless two people of one registry operator or authority signed; returns that organisation."""
        organisation = self.initiator.membership.organisation
        if organisation.role not in {Organisation.Role.REGISTRY, Organisation.Role.AUTHORITY}:
            raise NotTheOperator(organisation=organisation.name)
        self.check(organisation.pk, at=at)
        return organisation

    @property
    def people(self) -> dict[str, int]:
        return {
            "initiator_id": self.initiator.membership.person_id,
            "confirmer_id": self.confirmer.membership.person_id,
        }


def once(
    model: type[Fact],
    *,
    reference: str,
    body: Mapping[str, Any],
    perform: Callable[[str], Fact],
    one_statement: bool = False,
) -> Fact:
    """Perform an act under a reference given once; the same request again gives the same fact.

    ``perform`` gets the digest of the body to store, runs in one transaction, and must write the reference. Where it
    changes the database with a single statement, ``one_statement`` spares it the round trips of opening and committing
    a transaction around that. Refuses with ``identity.ReferenceTaken`` when the reference names a different request.
    """
    instruction.check_reference(reference)
    digest = canonical.sha256(dict(body))
    bare = one_statement and not transaction.get_connection().in_atomic_block
    try:
        with nullcontext() if bare else transaction.atomic():
            return perform(digest)
    except (Refusal, IntegrityError):
        # What was done before may no longer be possible: the reference is used, the units are gone, the debt is paid.
        if not model._default_manager.filter(reference=reference).exists():
            raise
        return earlier(model, reference, digest)


def earlier(model: type[Fact], reference: str, digest: str) -> Fact:
    found = model._default_manager.filter(reference=reference).first()
    if found is None or found.body_sha256 != digest:
        raise instruction.ReferenceTaken(reference=reference)
    return found


def may_give(account: Account) -> None:
    """Refuse when the account is restricted or closed."""
    if account.state != Account.State.OPEN:
        raise AccountRestricted(account=account.code, state=account.state)


def may_take(account: Account) -> None:
    """Refuse when the account is closed; a restricted one still takes units in."""
    if account.state == Account.State.CLOSED:
        raise AccountClosed(account=account.code)
