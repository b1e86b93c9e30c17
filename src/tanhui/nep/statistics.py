"""Statistics of a run's folder: computed from the results of its tiles, written once, read by everything after."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tanhui.nep import plan as plans
from tanhui.nep import remarks, store, tabulation, tiles, zones
from tanhui.nep.rows import ALL, AREA, OUTSIDE, Remark, Row, Statistics, decoded, encoded
from tanhui.nep.tabulation import Place, Sums
from tanhui.nep.tiles import FLAGS
from tanhui.science import ecosystems, nep_uncertainty

FILE = "statistics.json"
LEAST_M2 = 0.5  # what cutting leaves over of a zone's type below this is rounding

__all__ = ["ALL", "AREA", "FILE", "OUTSIDE", "Remark", "Row", "Statistics", "compute", "digest", "read"]


def compute(folder: Path) -> Statistics:
    """Write ``statistics.json`` from the tiles' results, the same bytes whatever their order, and return it."""
    plan = plans.read(folder / "plan.toml")
    assumed = tabulation.assumptions(plan)
    burnt = {one.level: one for one in zones.levels(folder)}
    names = {AREA: {ALL: plan.area or plan.title}} | {
        level: dict(zip(one.codes, one.names, strict=True)) | {OUTSIDE: ""} for level, one in burnt.items()
    }
    rows: list[Row] = []
    for year in plan.years:
        area, levels = sums(folder, year, burnt, len(plan.models))
        rows += tabulation.year_rows(year, area, levels, names, plan.models, assumed)
    rows = tabulation.compared(rows)
    found = Statistics(
        run=plan.digest,
        years=plan.years,
        models=plan.models,
        levels={
            AREA: {"zones": 1, "exact": True},
            **{
                level: {"zones": len(one.codes), "exact": one.exact, "boundaries": one.digest}
                for level, one in sorted(burnt.items())
            },
        },
        basis=basis(folder, plan),
        uncertainty={"level": nep_uncertainty.LEVEL, **asdict(assumed)},
        rows=tuple(rows),
        remarks=remarks.found(rows),
    )
    store.put(folder / FILE, encoded(found))
    return decoded(encoded(found))


def read(folder: Path) -> Statistics:
    """The statistics of a run's folder."""
    return decoded((folder / FILE).read_bytes())


def digest(folder: Path) -> str:
    """SHA-256 of ``statistics.json``."""
    return store.digest(folder / FILE)


def sums(
    folder: Path, year: int, burnt: Mapping[str, zones.Burnt], models: int
) -> tuple[dict[str, Sums], dict[str, dict[Place, Sums]]]:
    """Sums of a year: of each type over the whole area, and of each level's zones by code."""
    paths = sorted((folder / "tiles" / str(year)).glob("*/result.json"))
    added = tiles.total(tiles.TileResult.of_json(path.read_bytes()) for path in paths)
    levels: dict[str, dict[Place, Sums]] = {}
    for level, one in burnt.items():
        code = one.numbers
        levels[level] = {
            (code[row.zone], kind): from_tiles(row)
            for row in added.get(level, [])
            if (kind := kind_of(row.type)) and (row.area_m2 >= LEAST_M2 or row.cells)
        }
    plain = next((rows for level, rows in added.items() if level not in burnt), None)
    area: dict[str, Sums] = {}
    for kind in ecosystems.NAMES:
        if plain is not None:
            own = [from_tiles(row) for row in plain if kind_of(row.type) == kind]
        else:
            first = levels[min(levels)]
            own = [first[place] for place in sorted(first) if place[1] == kind]
        area[kind] = tabulation.total(own, models)
    return area, levels


def kind_of(code: int) -> str:
    """The type's name; empty for cells without land cover."""
    return ecosystems.NAMES[code - 1] if code else ""


def from_tiles(row: tiles.Row) -> Sums:
    """A tile's row in kilograms. What NEP has beyond NPP less respiration came from a rate."""
    counted = ecosystems.RULES[row.type].method == "nep"
    scale = row.valid / row.valid_m2 if row.valid_m2 else 0.0  # cells per m²: sums over cells from sums over area
    return Sums(
        cells=row.valid if counted or row.nep else row.cells,
        area_m2=row.area_m2,
        data_m2=row.valid_m2,
        npp_kg_c=row.npp / 1000,
        rh_kg_c=tuple(one / 1000 for one in row.models),
        rate_kg_c=0.0 if counted else row.nep / 1000,
        nep=row.nep * scale,
        nep_squared=row.nep_squared * scale * scale,
        flags=dict(zip(FLAGS, row.flags, strict=True)),
    )


def basis(folder: Path, plan: plans.Plan) -> dict[str, Any]:
    """What two runs must share to be compared: the grid, and how each number is made."""
    record = json.loads((folder / "record.json").read_bytes())
    return {
        "grid": record["grid"],
        "npp": dict(plan.npp),
        "rh": dict(plan.rh),
        "landcover": {"scheme": plan.landcover.get("scheme", "tanhui"), "codes": plan.landcover.get("codes", {})},
        "rates": {name: dict(rate) for name, rate in plan.rates.items()},
        "norm": dict(plan.norm),
    }
