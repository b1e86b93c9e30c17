"""Settling an exchange's trading day: many transfers in one act (U-04), all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tanhui.identity.models import Organisation
from tanhui.journal.record import MOVEMENT, draft
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.acts import movement
from tanhui.registry.acts import lines
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.acts.signing import Signatures, may_give, once
from tanhui.registry.models import Account, Settlement, SubAccount


class NotAnExchange(Refusal):
    code = "registry.not_an_exchange"
    sentence = gettext_noop("%(organisation)s is not an exchange and cannot report trades. Ask the exchange to settle.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十六条"
    status = 403


class NotInCustody(Refusal):
    code = "registry.not_in_custody"
    sentence = gettext_noop(
        "%(account)s is not an exchange custody account, and an exchange settles only between those. Have the holder "
        "transfer the units into custody first."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十六条"
    status = 422


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade to settle, between the exchange custody of two accounts."""

    source: SubAccount
    target: SubAccount
    wanted: Wanted


def settle(*, trades: Sequence[Trade], reference: str, signatures: Signatures, at: datetime) -> Settlement:
    """Settle trades, in the order given, as one movement on the exchange's two signatures, once per reference.

    Units bought earlier in the list may be sold on later in it. Refuses with ``NotAnExchange``, ``NotInCustody``,
    ``signing.AccountRestricted``, ``lines.NothingAsked``, or the ledger's refusals, and then none is settled.
    """
    exchange = signatures.initiator.membership.organisation
    if exchange.role != Organisation.Role.EXCHANGE:
        raise NotAnExchange(organisation=exchange.name)
    signatures.check(exchange.pk, at=at)
    wanted = [trade.wanted for trade in trades]
    quantity_t = lines.total(wanted)
    for place in (place for trade in trades for place in (trade.source, trade.target)):
        if place.purpose != SubAccount.Purpose.EXCHANGE:
            raise NotInCustody(account=str(place))
    givers = Account.objects.filter(sub_accounts__in={trade.source.pk for trade in trades})
    for restricted in givers.exclude(state=Account.State.OPEN)[:1]:
        may_give(restricted)

    def perform(digest: str) -> Settlement:
        people = signatures.people
        values = {
            "reference": reference,
            "body_sha256": digest,
            "exchange_id": exchange.pk,
            "trades": len(trades),
            "quantity_t": quantity_t,
            "at": at,
            **people,
        }
        kept = movement.post_and_tell(
            reference=f"settlement:{reference}",
            told=draft(
                kind="registry.settled",
                fact={
                    "transaction": MOVEMENT,
                    "trades": len(trades),
                    "quantity_t": quantity_t,
                    "batches": lines.facts(wanted),
                },
                private={"parties": [[trade.source.pk, trade.target.pk] for trade in trades], **people},
                at=at,
                by=people["confirmer_id"],
            ),
            lines=[
                movement.Line(
                    trade.source.ledger_account_id,
                    trade.target.ledger_account_id,
                    trade.wanted.batch.pk,
                    trade.wanted.quantity_t,
                    trade.wanted.serials,
                )
                for trade in trades
            ],
            fact=Settlement,
            values=values,
        )
        return Settlement(id=kept.row, movement_id=kept.movement, entry=kept.entry, **values)

    body = {"trades": [[trade.source.pk, trade.target.pk, trade.wanted.plain()] for trade in trades]}
    return once(Settlement, reference=reference, body=body, perform=perform, one_statement=True)
