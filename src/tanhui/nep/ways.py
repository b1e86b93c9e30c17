"""The way of a run: NPP − Rh, or the method of a norm that its plan chose, with the coefficient of each type.

[norm]
id = "GB/T 46869-2025"
method = "rate"             # nep, nep_ratio, rate or biomass
tables = "coefficients"     # the operator's file, or a folder of them
coefficients = "2026-01"    # the version, where there are several
region = "330604"
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tanhui.nep import coefficients, norms, refusals, sources
from tanhui.nep.coefficients import Row, Table
from tanhui.nep.norms import Selection
from tanhui.nep.plan import Plan
from tanhui.science import ecosystems

PER_HECTARE = 100  # t ha-1 in g m-2
COUNTED = tuple(name for name in ecosystems.NAMES if ecosystems.COMPUTED[ecosystems.CODES[name]])


def chosen(asked: Plan) -> Selection | None:
    """What the plan chose; None for NPP − Rh, which takes no table.

    Refuses as ``norms.select``, and a table that is not there or says nothing of the region.
    """
    if asked.way == "nep":
        return None
    return norms.select(asked.way, asked.norm["id"], asked.norm.get("coefficients", ""), tables=shelf(asked))


def shelf(asked: Plan) -> tuple[Table, ...]:
    """The tables that ship, and those the plan names."""
    place = asked.norm.get("tables", "")
    if not place:
        return norms.shelf()
    path = asked.base / place
    if sources.is_file(path):
        return (*norms.shelf(), coefficients.load(path))
    if not sources.is_folder(path):
        raise refusals.FileMissing(file=path.name, layer="norm.tables")
    return norms.shelf(path)


def rows(asked: Plan, found: Selection) -> Iterator[tuple[str, Row]]:
    """Types with a coefficient in the plan's region. Refuses a table without any for the types of a sink."""
    table = next(iter(found.tables.values()))
    region, none = asked.norm.get("region", ""), True
    for kind in ecosystems.NAMES:
        try:
            yield kind, table.row(kind, region)
        except refusals.CoefficientMissing:
            continue
        none = none and kind not in COUNTED
    if none:
        table.row(COUNTED[0], region)


def numbers(asked: Plan) -> dict[int, float]:
    """What the kernel takes by type: NEP/NPP, gC m-2 a-1, or gC m-2 a-1 for each t ha-1 between the surveys."""
    found = chosen(asked)
    if found is None:
        return {}
    return {ecosystems.CODES[kind]: number(asked, row) for kind, row in rows(asked, found)}


def number(asked: Plan, row: Row) -> float:
    if asked.way == "nep_ratio":
        return row.value
    if asked.way == "rate":
        return row.value * (1 + row.beta) * PER_HECTARE
    return row.value * PER_HECTARE / float(asked.norm["span"])


def told(asked: Plan) -> dict[str, Any]:
    """What the record of a run keeps: method, norm, table with its hash, and each type's coefficient with its source.
    Nothing for NPP − Rh."""
    found = chosen(asked)
    if found is None:
        return {}
    table = next(iter(found.tables.values()))
    listed = {
        kind: {"value": row.value, "beta": row.beta, "source": row.source, "grade": row.grade, "region": row.region}
        for kind, row in rows(asked, found)
    }
    return {
        "method": found.method.key, "norm": found.norm.id, "grade": found.grade, "quantity": table.quantity,
        "version": table.version, "unit": table.unit, "file": Path(table.file).name, "sha256": table.sha256,
        "rows": listed, "without": [kind for kind in COUNTED if kind not in listed],
    }  # fmt: skip
