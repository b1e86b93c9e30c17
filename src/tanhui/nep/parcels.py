"""Plots, projects and villages asked for after a run is finished: their rows, cut exactly, without running it again."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from rasterio.windows import Window

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep import borders, coverage, run, statistics, tabulation, zones
from tanhui.nep import plan as plans
from tanhui.nep.rows import ALL, AREA, Row
from tanhui.nep.wording import Worded
from tanhui.science import ecosystems

MOST_CELLS = 4_000_000  # of all parcels together: what is read and computed again in one go


class ParcelsTooLarge(Worded):
    code = "nep.parcels_too_large"
    sentence = gettext_noop(
        "These parcels hold %(cells)s cells, more than %(most)s. Put them into the plan as a level of zones and run it."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class Nothing:
    """A raster of zones in which every cell lies outside, so that a table cut against it holds whole cells too."""

    def read(self, band: int, window: Window) -> Any:
        return np.zeros((int(window.height), int(window.width)), np.uint32)


def rows(folder: Path, found: zones.Zones) -> tuple[Row, ...]:
    """The rows of some zones on a finished run, in the order of year, code and type. Parcels may overlap: each stands
    by itself, and nothing adds up.

    Same kernel, assumptions and rounding as the run's own; they are not part of ``statistics.json``. Refuses an
    unfinished run, a parcel outside the grid, and parcels of more than 4 million cells together.
    """
    plan, record = plans.read(folder / "plan.toml"), run.read_record(folder)
    run.results(folder)
    grid = run.grid_of(record)
    cells = zones.in_cells(found, grid)
    if (size := float(shapely.area(cells).sum())) > MOST_CELLS:
        raise ParcelsTooLarge(cells=f"{size:,.0f}", most=f"{MOST_CELLS:,}")
    tables = {code: coverage.table(cells[at : at + 1], grid, Nothing()) for at, code in enumerate(found.codes)}
    assumed = tabulation.assumptions(plan)
    whole = statistics.read(folder)
    out: list[Row] = []
    for year in plan.years:
        moved = borders.added(statistics.tasks(folder, record, year), tables)
        area = {kind: land(whole.row(year, ALL, kind, AREA)) for kind in ecosystems.NAMES}
        shares = tabulation.land_cover_shares(area, assumed)
        for code, name in zip(found.codes, found.names, strict=True):
            own = {
                statistics.kind_of(kind): statistics.from_columns(kind, columns, plan)
                for (zone, kind), columns in sorted(moved[code].items())
                if zone and kind
            }
            bare = moved[code].get((1, 0))
            hole = tabulation.Bare() if bare is None else tabulation.Bare(cells=bare[0], area_m2=bare[2])
            numbers = {kind: tabulation.whole_numbers(one, plan.models) for kind, one in own.items()}
            out += tabulation.zone_rows(year, found.level, code, name, own, numbers, plan.models, assumed, shares, hole)
    return tuple(tabulation.compared(out))


def land(row: Row | None) -> tabulation.Sums:
    """The area of a type over the whole, which a confusion matrix is weighed with."""
    return tabulation.Sums(area_m2=0.0 if row is None else row.area_m2)
