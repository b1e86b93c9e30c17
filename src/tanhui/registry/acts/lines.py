"""Which units an act asks for, and how the units it got are written into its fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range, Serial
from tanhui.registry.models import Batch

ONE_DAY = timedelta(days=1)
MOST_BLOCKS = 600  # a fact must fit into a leaf of 65,535 bytes


class TooManyBlocks(Refusal):
    code = "registry.too_many_blocks"
    sentence = gettext_noop(
        "These units lie in %(count)s separate blocks; one act takes at most %(most)s. Split the request."
    )
    clause = "C2SP tlog-tiles: an entry has at most 65,535 bytes"
    status = 422


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


def facts(wanted: Sequence[Wanted], serials: Sequence[Sequence[Range]]) -> list[dict[str, Any]]:
    """What moved, batch by batch, as facts state it: the batch's code and the first and last number of each block."""
    count = sum(len(found) for found in serials)
    if count > MOST_BLOCKS:
        raise TooManyBlocks(count=count, most=MOST_BLOCKS)
    return [
        {
            "batch": one.batch.asset.code,
            "quantity_t": one.quantity_t,
            "serials": [[block.first, block.last] for block in found],
        }
        for one, found in zip(wanted, serials, strict=True)
    ]


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
