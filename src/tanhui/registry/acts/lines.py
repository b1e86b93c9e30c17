"""Which units an act asks for, and how the units it got are written into its fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tanhui.journal.record import SERIALS
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range, Serial
from tanhui.registry.models import Batch

ONE_DAY = timedelta(days=1)


class NothingAsked(Refusal):
    code = "registry.nothing_asked"
    sentence = gettext_noop("Nothing was asked for. Name at least one batch and a whole number of tonnes.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十二条"
    status = 422


class SerialsElsewhere(Refusal):
    code = "registry.serials_outside_batch"
    sentence = gettext_noop("The serials %(first)s–%(last)s are not in batch %(batch)s. Choose serials of that batch.")
    clause = "ARCHITECTURE.md §6.2"
    status = 422


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whole tonnes of a batch: these serials, or without serials the oldest free ones."""

    batch: Batch
    quantity_t: int
    serials: Range | None = None

    def __post_init__(self) -> None:
        if self.quantity_t <= 0:
            raise NothingAsked
        if self.serials is not None:
            whole = Range(self.batch.serials.lower, self.batch.serials.upper - 1)
            if self.serials.count != self.quantity_t or not whole.covers(self.serials):
                raise SerialsElsewhere(first=self.serials.first, last=self.serials.last, batch=str(self.batch))

    def plain(self) -> dict[str, Any]:
        named = None if self.serials is None else [self.serials.first, self.serials.last]
        return {"batch": self.batch.pk, "quantity_t": self.quantity_t, "serials": named}


def total(wanted: Sequence[Wanted]) -> int:
    """Tonnes in all. Refuses an empty request with ``NothingAsked``."""
    if not wanted:
        raise NothingAsked
    return sum(one.quantity_t for one in wanted)


def facts(wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    """What moves, batch by batch, as facts state it; the ledger fills in the first and last number of each block."""
    return [{"batch": one.batch.asset.code, "quantity_t": one.quantity_t, "serials": SERIALS} for one in wanted]


def printed(batch: Batch, block: Range) -> Serial:
    """The printed serial of a block (rules §5.1); its ``str`` has the check character."""
    project = batch.project
    return Serial(
        scheme=project.scheme,
        province=project.province,
        methodology=project.methodology,
        project=project.number,
        start=batch.span.lower,
        end=batch.span.upper - ONE_DAY,
        batch=batch.number,
        numbers=block,
    )
