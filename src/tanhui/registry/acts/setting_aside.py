"""The units an instruction waits with: reserved in the ledger under the instruction's own number."""

from collections.abc import Sequence
from datetime import datetime

from tanhui.identity.models import Instruction
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import reservation
from tanhui.registry import queries
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.models import SubAccount


def hold(asked: Instruction, source: SubAccount, wanted: Sequence[Wanted], at: datetime) -> reservation.Reserved:
    """Reserve the wanted units until the instruction runs out."""
    return reservation.reserve(
        reference=name(asked),
        account=source.ledger_account_id,
        wishes=[reservation.Wish(one.batch.pk, one.quantity_t, one.serials) for one in wanted],
        at=at,
        expires_at=asked.expires_at,
    )


def held(asked: Instruction) -> int:
    """The reservation's id."""
    return queries.reserved(asked)[0].reservation_id


def give_back(asked: Instruction, at: datetime) -> None:
    """Free what the instruction held."""
    reservation.void(reservation=held(asked), at=at)


def name(asked: Instruction) -> str:
    return f"instruction:{asked.pk.hex}"


def read(asked: Instruction) -> list[Wanted]:
    """The wanted units as an instruction's body keeps them."""
    batches = {line.asset_id: line.asset.batch for line in queries.reserved(asked)}
    return [
        Wanted(batches[one["batch"]], one["quantity_t"], Range(*one["serials"]) if one["serials"] else None)
        for one in asked.body["wanted"]
    ]
