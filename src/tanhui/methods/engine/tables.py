"""Input tables: read, and checked against what the package says its columns are."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine.faults import Fault
from tanhui.methods.engine.parameter import Parameter
from tanhui.science.biomass import Values

Texts = NDArray[np.str_]


@dataclass(frozen=True)
class Table:
    """A table as it came: text cells by column, and the line each row had in its file."""

    file: str
    sha256: str
    columns: dict[str, list[str]]
    lines: list[int]
    ragged: tuple[Fault, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Checked:
    """The columns a package asked for, rows sorted by key: numbers in the package's units, keys and codes as text."""

    file: str
    numbers: dict[str, Values]
    texts: dict[str, Texts]
    lines: NDArray[np.int64]
    raw: dict[str, list[str]]  # the same rows as text, for the record

    def __len__(self) -> int:
        return len(self.lines)

    def fault(self, rule: str, row: int, column: str, **facts: Any) -> Fault:
        return Fault(rule, self.file, int(self.lines[row]), column, self.raw[column][row], facts)

    def faults(self, rule: str, where: NDArray[np.bool_], column: str, **facts: Any) -> list[Fault]:
        """One fault for each row where the mask holds."""
        return [self.fault(rule, int(row), column, **facts) for row in np.flatnonzero(where)]


def read(path: Path) -> Table:
    """A CSV file with a header, UTF-8 with or without a byte order mark."""
    return parse(path.read_bytes(), file=path.name)


def parse(content: bytes, *, file: str) -> Table:
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    header = [name.strip() for name in next(reader, [])]
    rows, lines, ragged = [], [], []
    for row in reader:
        if not row:
            continue
        if len(row) != len(header):
            facts = {"found": len(row), "wanted": len(header)}
            ragged.append(Fault("ragged_row", file, reader.line_num, "", ",".join(row)[:60], facts))
            continue
        rows.append(row)
        lines.append(reader.line_num)
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    columns = {name: [cell.strip() for cell in column] for name, column in zip(header, cells, strict=True)}
    return Table(file, hashlib.sha256(content).hexdigest(), columns, lines, tuple(ragged))


def check(
    table: Table, columns: Sequence[Mapping[str, Any]], *, units: Mapping[str, str], parameters: Mapping[str, Parameter]
) -> tuple[Checked | None, list[Fault]]:
    """The table in the package's units, and every fault found. Without a column, or without rows, there is no table."""
    faults = list(table.ragged)
    for spec in columns:
        if spec["name"] not in table.columns:
            faults.append(Fault("missing_column", table.file, 0, spec["name"], ""))
    if not len(table):
        faults.append(Fault("empty_table", table.file, 0, "", ""))
    if any(one.rule in {"missing_column", "empty_table"} for one in faults):
        return None, faults
    names = [spec["name"] for spec in columns]
    raw = {
        spec["name"]: table.columns[spec["name"]] if spec["kind"] == "number" else _whole(table.columns[spec["name"]])
        for spec in columns
    }
    keys = [spec["name"] for spec in columns if spec["kind"] == "key"]
    order = np.lexsort([np.array(raw[name]) for name in reversed(keys)])
    raw = {name: [raw[name][place] for place in order] for name in names}
    checked = Checked(table.file, {}, {}, np.array(table.lines, dtype=np.int64)[order], raw)
    for spec in columns:
        if spec["kind"] == "number":
            checked.numbers[spec["name"]] = _numbers(checked, spec, units, faults)
        else:
            checked.texts[spec["name"]] = _codes(checked, spec, parameters, faults)
    faults.extend(_duplicates(checked, keys))
    return checked, faults


def _whole(cells: list[str]) -> list[str]:
    """Codes as statistics packages export them, "620.0", to their digits."""
    return [cell[:-2] if cell.endswith(".0") else cell for cell in cells]


def _numbers(table: Checked, spec: Mapping[str, Any], units: Mapping[str, str], faults: list[Fault]) -> Values:
    name, accepts = spec["name"], spec["accepts"]
    declared = units.get(name)
    if declared not in accepts:
        rule = "unit_not_accepted" if declared else "unit_not_declared"
        faults.append(Fault(rule, table.file, 0, name, declared or "", {"accepted": ", ".join(accepts)}))
        return np.full(len(table), np.nan)
    values = _floats(table.raw[name])
    unread = ~np.isfinite(values)
    faults.extend(table.faults("not_a_number", unread, name))
    values = values / float(accepts[declared])
    low, high = (float(bound) for bound in spec["bounds"])
    for row in np.flatnonzero(~unread & ((values < low) | (values > high))):
        faults.append(
            table.fault(
                "out_of_bounds",
                int(row),
                name,
                unit=declared,
                converted=f"{values[row]:g} {spec['unit']}",
                low=f"{low:g}",
                high=f"{high:g} {spec['unit']}",
            )
        )
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


def _codes(table: Checked, spec: Mapping[str, Any], parameters: Mapping[str, Parameter], faults: list[Fault]) -> Texts:
    name = spec["name"]
    values: Texts = np.array(table.raw[name], dtype=np.str_)
    wrong = ~np.char.isdigit(values)
    faults.extend(table.faults("not_a_code", wrong, name))
    if "parameter" in spec:
        known = parameters[spec["parameter"]]
        unknown = [code for code in np.unique(values[~wrong]) if str(code) not in known]
        faults.extend(table.faults("unknown_code", np.isin(values, unknown), name, parameter=spec["parameter"]))
    return values


def _duplicates(table: Checked, keys: list[str]) -> list[Fault]:
    """Rows are sorted by key, so a repeated key stands right below the first."""
    same = np.ones(max(len(table) - 1, 0), dtype=np.bool_)
    for key in keys:
        same &= table.texts[key][1:] == table.texts[key][:-1]
    return [
        table.fault("duplicated_row", int(row) + 1, keys[-1], other=int(table.lines[row]))
        for row in np.flatnonzero(same)
    ]


def decimal(value: Any) -> Decimal:
    """A declared number from a project file; ``ValueError`` when it is none."""
    try:
        return Decimal(str(value))
    except ArithmeticError as problem:
        raise ValueError(f"{value} is not a number") from problem
