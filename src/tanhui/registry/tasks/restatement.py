"""What a later snapshot of the tables says differently about the same issuances."""

import re
from collections.abc import Iterator
from pathlib import Path

from tanhui.registry.tasks import carb
from tanhui.registry.tasks.carb import Row, Tables
from tanhui.registry.tasks.causes import Cause

NAMED = re.compile(r"arb_offset_issuance_(\d{4}-\d{2}-\d{2})\.csv")


def since_earlier(folder: Path, tables: Tables) -> list[Cause]:
    """What changed since the latest earlier snapshot in the folder; empty where there is none."""
    days = [found[1] for path in folder.iterdir() if (found := NAMED.fullmatch(path.name))]
    earlier = max((day for day in days if day < str(tables.snapshot)), default=None)
    if earlier is None:
        return []
    before = {row.id: row for row in carb.issuances(folder / f"arb_offset_issuance_{earlier}.csv") if row.issued_t}
    after = {row.id: row for row in tables.rows if row.issued_t}
    return [change for name in before for change in changed(before[name], after.get(name), earlier)]


def changed(before: Row, after: Row | None, earlier: str) -> Iterator[Cause]:
    """Quantities that fell, since retiring goes one way, and whatever else was thought to be settled by issuing."""
    if after is None:
        yield told(before, carb.ISSUED, str(before.issued_t), "—", before.issued_t or 0, earlier)
        return
    for reason, column in carb.COLUMNS.items():
        if after.retired[reason] < before.retired[reason]:
            fell_t = before.retired[reason] - after.retired[reason]
            yield told(before, column, f"{before.retired[reason]:,}", f"{after.retired[reason]:,}", fell_t, earlier)
    for column in (
        carb.ISSUED, carb.BUFFER, "Vintage", "Issuance Date", "Reporting Period Start Date",
        "Reporting Period End Date", "Offset Project Operator", "State",
    ):  # fmt: skip
        if plain(before.cells[column]) != plain(after.cells[column]):
            yield told(before, column, before.cells[column], after.cells[column], 0, earlier)


def told(row: Row, column: str, before: str, after: str, tonnes: int, earlier: str) -> Cause:
    facts = {"column": column, "before": before, "after": after, "earlier": earlier}
    return Cause("restated", row.id, "", tonnes, facts=facts)


def plain(text: str) -> str:
    """A cell without the decimals a spreadsheet adds."""
    return text.removesuffix(".0")
