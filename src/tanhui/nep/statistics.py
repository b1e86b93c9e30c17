"""Statistics of a run's folder: computed from the results of its tiles, written once, read by everything after."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tanhui.nep import borders, coverage, remarks, run, store, tabulation, tiles, zones
from tanhui.nep import plan as plans
from tanhui.nep.kernel import DIRECT
from tanhui.nep.rows import ALL, AREA, OUTSIDE, Remark, Row, Statistics, decoded, encoded
from tanhui.nep.tabulation import Place, Sums
from tanhui.nep.tiles import FLAGS
from tanhui.science import ecosystems, nep_uncertainty

FILE = "statistics.json"
LEAST_M2 = 0.5  # what cutting leaves over of a zone's type below this is rounding

__all__ = ["ALL", "AREA", "FILE", "OUTSIDE", "Remark", "Row", "Statistics", "compute", "digest", "read"]


def compute(folder: Path) -> Statistics:
    """Write ``statistics.json`` from the tiles' results, the same bytes whatever their order, and return it.

    Refuses a run that is not finished, and assumptions of uncertainty that cannot be meant.
    """
    record = run.read_record(folder)
    plan = plans.read(folder / "plan.toml")
    assumed = tabulation.assumptions(plan)
    burnt = {one.level: one for one in zones.levels(folder)}
    names = {AREA: {ALL: plan.area or plan.title}} | {
        level: dict(zip(one.codes, one.names, strict=True)) | {OUTSIDE: ""} for level, one in burnt.items()
    }
    rows: list[Row] = []
    cut = {level: coverage.read(folder / "zones" / f"{level}.npz") for level, one in burnt.items() if one.exact}
    for year, added in run.totals(folder).items():
        moved = borders.added(tasks(folder, record, year), cut) if cut else {}
        area, levels, bare = sums(added, moved, burnt, plan)
        rows += tabulation.year_rows(year, area, levels, bare, names, plan.models, assumed)
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
        basis=basis(record, plan),
        uncertainty={"level": nep_uncertainty.LEVEL, **assumed.said},
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


def tasks(folder: Path, record: Mapping[str, Any], year: int) -> list[tiles.TileTask]:
    """A year's tasks in the order of their tiles."""
    return [task for chain in run.chains(Path(folder).absolute(), record) for task in chain if task.year == year]


def sums(
    added: Mapping[str, Sequence[tiles.Row]],
    moved: Mapping[str, borders.Sums],
    burnt: Mapping[str, zones.Burnt],
    plan: plans.Plan,
) -> tuple[dict[str, Sums], dict[str, dict[Place, Sums]], dict[tuple[str, str], tabulation.Bare]]:
    """Sums of a year: of each type over the whole area; of each level's zones by code; and what of a zone has no land
    cover. ``added`` come from the tiles by level, ``moved`` is what borders add."""
    levels: dict[str, dict[Place, Sums]] = {level: {} for level in burnt}
    bare: dict[tuple[str, str], tabulation.Bare] = {}
    for level, one in burnt.items():
        for number, kind, columns in borders.together(added[level], moved.get(level, {})):
            zone = one.numbers[number]
            if not kind:
                bare[level, zone] = tabulation.Bare(cells=columns[0], area_m2=columns[2])
            elif columns[2] >= LEAST_M2:
                levels[level][zone, kind_of(kind)] = from_columns(kind, columns, plan)
    whole = added[run.WHOLE] if run.WHOLE in added else added[min(added)]
    area = {kind: tabulation.total(own(whole, kind, plan), len(plan.models)) for kind in ecosystems.NAMES}
    return area, levels, bare


def own(rows: Sequence[tiles.Row], kind: str, plan: plans.Plan) -> list[Sums]:
    """The sums of one type's zones."""
    return [from_columns(row.type, borders.of_row(row), plan) for row in rows if kind_of(row.type) == kind]


def kind_of(code: int) -> str:
    """The type's name; empty for cells without land cover."""
    return ecosystems.NAMES[code - 1] if code else ""


def from_columns(kind: int, columns: borders.Array, plan: plans.Plan) -> Sums:
    """Columns of a zone and type in kilograms. The NEP of a type without NPP came from a rate; by a way without NPP
    and respiration, what stands in their columns is what stood at the later and the earlier survey."""
    _, valid, area, valid_m2, npp, rh, nep, nep_squared, *rest = columns.tolist()
    direct = plan.way in DIRECT
    counted = ecosystems.RULES[kind].method == "nep" and not direct
    models = 1 if direct else len(plan.models)
    scale = valid / valid_m2 if valid_m2 > 0 else 0.0  # cells per m²: sums over cells from sums over area
    return Sums(
        cells=valid,
        area_m2=area,
        data_m2=valid_m2,
        npp_kg_c=0.0 if direct else npp / 1000,
        rh_kg_c=() if direct else tuple(one / 1000 for one in rest[:models]),
        rate_kg_c=0.0 if counted else nep / 1000,
        stocks_kg_c=(npp / 1000, rh / 1000) if plan.way == "biomass" else (0.0, 0.0),
        nep=nep * scale,
        nep_squared=nep_squared * scale * scale,
        flags=dict(zip(FLAGS, rest[models:], strict=True)),
    )


def basis(record: Mapping[str, Any], plan: plans.Plan) -> dict[str, Any]:
    """What two runs must share to be compared: the grid, and how each number is made."""
    return {
        "grid": {key: value for key, value in record["grid"].items() if key != "tile"},
        "npp": dict(plan.npp),
        "rh": dict(plan.rh),
        "landcover": {"scheme": plan.landcover.get("scheme", "tanhui"), "codes": plan.landcover.get("codes", {})},
        "rates": {name: dict(rate) for name, rate in plan.rates.items()},
        "norm": dict(plan.norm),
        **({"way": record["way"] | {"span": plan.norm.get("span")}} if "way" in record else {}),
    }
