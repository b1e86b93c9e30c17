"""Input tables checked against what the package says its columns are; every fault is found, none is mended."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine import units
from tanhui.methods.engine.faults import Fault
from tanhui.methods.engine.parameter import Parameter
from tanhui.methods.engine.tables import Checked, Table, Texts
from tanhui.science.biomass import Values

Spec = Mapping[str, Any]
FLAGS = {"1": True, "true": True, "yes": True, "是": True, "0": False, "false": False, "no": False, "否": False}


def check(
    table: Table,
    columns: Sequence[Spec],
    *,
    declared: Mapping[str, str],
    parameters: Mapping[str, Parameter],
    name: str = "",
) -> tuple[Checked | None, list[Fault]]:
    """The table in the package's units, and every fault found. Without a column, or without rows, there is no table.

    ``declared`` is the project's unit by column, or by ``name.column`` where two tables differ.
    """
    faults = list(table.ragged)
    headers = {spec["name"]: _header(table, spec, faults) for spec in columns}
    if not len(table) and not table.ragged:
        faults.append(Fault("empty_table", table.file, 0, "", ""))
    if not len(table) or any(one.rule in {"missing_column", "duplicated_column"} for one in faults):
        return None, faults
    specs = [spec for spec in columns if headers[spec["name"]]]
    raw = {spec["name"]: _cells(table.columns[headers[spec["name"]]], spec) for spec in specs}
    keys = [spec["name"] for spec in specs if spec["kind"] == "key"]
    order = np.lexsort([np.array(raw[one]) for one in reversed(keys or list(raw))])
    raw = {one: [cells[place] for place in order] for one, cells in raw.items()}
    checked = Checked(table.file, {}, {}, np.array(table.lines, dtype=np.int64)[order], raw)
    for spec in specs:
        column = spec["name"]
        if spec["kind"] == "number":
            unit = declared.get(f"{name}.{column}", declared.get(column))
            unit = unit if unit is None else str(unit)[:40]  # whatever stands in the file is said back, not trusted
            checked.numbers[column] = _numbers(checked, spec, unit, faults)
        elif spec["kind"] == "flag":
            checked.flags[column] = _flags(checked, spec, faults)
        else:
            checked.texts[column] = _texts(checked, spec, parameters, faults)
    if keys:
        faults.extend(_duplicates(checked, keys))
    return checked, faults


def _header(table: Table, spec: Spec, faults: list[Fault]) -> str:
    """Under which heading the column stands: its name, or one of its labels. Empty for an optional one left out."""
    names = {spec["name"], spec.get("label_en"), spec.get("label_zh"), *spec.get("also", ())} - {None}
    found = sorted(names & set(table.columns))
    if len(found) > 1:
        faults.append(Fault("duplicated_column", table.file, 1, spec["name"], ", ".join(found)))
    if not found and not spec.get("optional"):
        faults.append(Fault("missing_column", table.file, 0, spec["name"], ""))
    return str(found[0]) if found else ""


def _cells(cells: list[str], spec: Spec) -> list[str]:
    """Codes as statistics packages export them, "620.0", to their digits."""
    if spec["kind"] not in {"key", "code"}:
        return cells
    return [cell[:-2] if cell.endswith(".0") and cell[:-2].isdigit() else cell for cell in cells]


def _numbers(table: Checked, spec: Spec, declared: str | None, faults: list[Fault]) -> Values:
    name, unit = spec["name"], spec["unit"]
    accepts = spec.get("accepts", {unit: 1})
    if declared is None and units.is_plain(unit):
        declared = unit  # a share or a count has no unit to be mistaken about
    if declared not in accepts:
        faults.append(units.fault(table.file, name, declared, tuple(accepts)))
        return np.full(len(table), np.nan)
    values = _floats(table.raw[name])
    if "default" in spec:
        empty = np.array([cell == "" for cell in table.raw[name]], dtype=np.bool_)
        values[empty] = float(spec["default"]) * float(accepts[declared])
    unread = ~np.isfinite(values)
    faults.extend(table.faults("not_a_number", unread, name))
    values = values / float(accepts[declared])
    low, high = (float(bound) for bound in spec.get("bounds", (-np.inf, np.inf)))
    above = float(spec.get("above", -np.inf))
    facts = {"unit": str(declared), "low": f"{max(low, above):g}", "high": f"{high:g} {unit}"}
    for row in np.flatnonzero(~unread & ((values < low) | (values <= above) | (values > high))):
        faults.append(table.fault("out_of_bounds", int(row), name, converted=f"{values[row]:g} {unit}", **facts))
    return values


def _floats(cells: list[str]) -> Values:
    try:
        return np.array(cells, dtype=np.str_).astype(np.float64)
    except ValueError:
        return np.array([_float(cell) for cell in cells], dtype=np.float64)


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _flags(table: Checked, spec: Spec, faults: list[Fault]) -> NDArray[np.bool_]:
    name = spec["name"]
    cells = [cell.lower() for cell in table.raw[name]]
    if "default" in spec:
        cells = [cell or str(spec["default"]).lower() for cell in cells]
    unknown = np.array([cell not in FLAGS for cell in cells], dtype=np.bool_)
    faults.extend(table.faults("not_a_flag", unknown, name))
    return np.array([FLAGS.get(cell, False) for cell in cells], dtype=np.bool_)


def _texts(table: Checked, spec: Spec, parameters: Mapping[str, Parameter], faults: list[Fault]) -> Texts:
    name, kind = spec["name"], spec["kind"]
    cells = table.raw[name]
    values: Texts = np.array([cell or str(spec.get("default", "")) for cell in cells], dtype=np.str_)
    empty = values == ""
    if kind in {"key", "date"} or "of" in spec:
        faults.extend(table.faults("empty_cell", empty, name))
    if kind == "date":
        distinct, places = np.unique(values, return_inverse=True)
        unread = np.array([not _is_date(str(cell)) for cell in distinct], dtype=np.bool_)[places]
        faults.extend(table.faults("bad_date", unread & ~empty, name))
    elif "of" not in spec and (kind == "code" or {"values", "parameter"} & set(spec)):
        told = empty if kind == "key" else np.zeros(len(values), dtype=np.bool_)
        faults.extend(_codes(table, spec, values, told, parameters))
    return values


def _codes(
    table: Checked, spec: Spec, values: Texts, told: NDArray[np.bool_], parameters: Mapping[str, Parameter]
) -> list[Fault]:
    """Cells that are none of the possible ones; those ``told`` are faults already."""
    name = spec["name"]
    if "values" in spec:
        known = [str(one) for one in spec["values"]]
        return table.faults("unknown_value", ~np.isin(values, known) & ~told, name, known=", ".join(known))
    known_codes = _known(spec, parameters[spec["parameter"]]) if "parameter" in spec else set()
    if "parameter" in spec and not known_codes:
        return []  # it has no value at all for this region and time, which is said where it is looked up
    numeric = all(code.isdigit() for code in known_codes)  # and so where no parameter says what codes there are
    wrong = ~np.char.isdigit(values) & ~told if numeric else np.zeros(len(values), dtype=np.bool_)
    faults = table.faults("not_a_code", wrong, name)
    if "parameter" in spec:
        unknown = [code for code in np.unique(values[~wrong & ~told]) if str(code) not in known_codes]
        faults += table.faults("unknown_code", np.isin(values, unknown), name, parameter=spec["parameter"])
    return faults


def _known(spec: Spec, parameter: Parameter) -> set[str]:
    """The codes a parameter has values for in the project's region and time; of several keys, the one that this column
    gives. Whether all of them together have a value is asked when it is looked up."""
    quantity = spec.get("quantity", spec["name"])
    place = parameter.keys.index(quantity) if quantity in parameter.keys else 0
    return {row.parts[place] for row in parameter.rows}


def _is_date(cell: str) -> bool:
    try:
        return dt.date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


def _duplicates(table: Checked, keys: list[str]) -> list[Fault]:
    """Rows are sorted by key, so a repeated key stands right below the first."""
    same = np.ones(max(len(table) - 1, 0), dtype=np.bool_)
    for key in keys:
        same &= table.texts[key][1:] == table.texts[key][:-1]
    return [
        table.fault("duplicated_row", int(row) + 1, keys[-1], other=int(table.lines[row]))
        for row in np.flatnonzero(same)
    ]


def check_fixed(tables: Mapping[str, Checked], specs: Sequence[Spec], faults: list[Fault]) -> None:
    """A column that is ``fixed = "other table"`` has the same number there for the same key: land does not grow between
    two surveys."""
    for spec in specs:
        keys = [one["name"] for one in spec["column"] if one["kind"] == "key"]
        for column in spec["column"]:
            here, there = tables.get(spec["name"]), tables.get(str(column.get("fixed")))
            if here is None or there is None or column["name"] not in here.numbers:
                continue
            before = dict(
                zip(zip(*(there.raw[key] for key in keys), strict=True), there.numbers[column["name"]], strict=True)
            )
            names = zip(*(here.raw[key] for key in keys), strict=True)
            value = here.numbers[column["name"]]
            other = np.array([before.get(name, now) for name, now in zip(names, value, strict=True)])
            changed = np.isfinite(value) & np.isfinite(other) & (value != other)
            for row in np.flatnonzero(changed):
                before_text = f"{other[row]:g} {column['unit']}"
                faults.append(
                    here.fault("fixed_changed", int(row), column["name"], table=there.file, before=before_text)
                )
