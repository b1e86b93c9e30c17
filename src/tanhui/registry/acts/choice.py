"""Choosing whole tonnes across batches, oldest first, when nobody named them."""

from collections.abc import Collection, Iterable

from tanhui.ledger.models import Block
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.models import Batch, SubAccount


def oldest(
    place: SubAccount,
    most_t: int,
    *,
    locks: Iterable[int] = (),
    project: int | None = None,
    excluding: Collection[int] = (),
) -> list[Wanted]:
    """Up to ``most_t`` tonnes an account may give: free units, or those under no lock but ``locks``; oldest serial
    first, grouped by batch, without the batches ``excluding`` names. Fewer when fewer are there."""
    allowed = set(locks)
    blocks = Block.objects.filter(account_id=place.ledger_account_id, reservation__isnull=True).order_by("first")
    if not allowed:
        blocks = blocks.filter(free=True)
    if project is not None:
        blocks = blocks.filter(asset__batch__project=project)
    if excluding:
        blocks = blocks.exclude(asset__in=excluding)
    taken: dict[int, int] = {}
    missing_t = most_t
    for block in blocks.iterator(chunk_size=200):
        if missing_t == 0:
            break
        if not set(block.locks) <= allowed:
            continue
        part_t = min(block.serials.upper - block.serials.lower, missing_t)
        taken[block.asset_id] = taken.get(block.asset_id, 0) + part_t
        missing_t -= part_t
    batches = Batch.objects.select_related("asset", "project", "project__owner", "issuance__period").in_bulk(taken)
    return [Wanted(batches[asset], tonnes) for asset, tonnes in taken.items()]
