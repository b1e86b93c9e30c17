"""The units an instruction waits with: reserved in the ledger under the instruction's own number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tanhui.identity.models import Instruction
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import reservation
from tanhui.ledger.models import Reservation
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.models import Batch, SubAccount


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
    return Reservation.objects.values_list("pk", flat=True).get(reference=name(asked))


def give_back(asked: Instruction, at: datetime) -> None:
    """Free what the instruction held."""
    reservation.void(reservation=held(asked), at=at)


def name(asked: Instruction) -> str:
    return f"instruction:{asked.pk.hex}"


def read(plain: Sequence[dict[str, Any]]) -> list[Wanted]:
    """The wanted units as an instruction's body keeps them."""
    batches = Batch.objects.select_related("asset", "project", "project__owner", "issuance__period").in_bulk(
        [one["batch"] for one in plain]
    )
    return [
        Wanted(batches[one["batch"]], one["quantity_t"], Range(*one["serials"]) if one["serials"] else None)
        for one in plain
    ]
