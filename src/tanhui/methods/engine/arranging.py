"""The arrangement a package gets when it has no ``inputs.py``, and the pieces for those that have one.

Each table lies along an axis. Number columns become quantities over it; key columns name its places; a column ``of``
another axis becomes the places of its rows there; declared values become scalars; facts go to the predicates.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tanhui.methods.engine import projectfile
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.tables import Checked

STRATUM = "stratum"


def arrange(submission: Submission) -> Arranged:
    """Everything inputs.toml names, as the formulas take it. Adds to the submission's faults."""
    arranged = Arranged({}, {})
    declare(submission, arranged)
    axes(submission, arranged)
    for spec in submission.spec.get("table", []):
        if spec["name"] in submission.tables:
            quantities(submission, arranged, spec)
    return arranged


def remarks(computed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the numbers themselves give reason to say: nothing, unless a package's own ``inputs.py`` has a say."""
    return []


def declare(submission: Submission, arranged: Arranged) -> None:
    """Declared scalars, facts and the length of the monitoring period (``years``)."""
    projectfile.declare(submission, arranged)
    projectfile.facts(submission, arranged)
    if "period" in submission.project or "years" in submission.asked - set(arranged.given):
        arranged.given["years"] = projectfile.years(submission)


def axes(submission: Submission, arranged: Arranged) -> None:
    """The names along each axis, from the first table that lies along it; strata may come from the project file."""
    for spec in submission.spec.get("table", []):
        table = submission.tables.get(spec["name"])
        axis = axis_of(spec)
        if table is None:
            continue
        names = _names(table, spec)
        if axis not in arranged.axes:
            arranged.axes[axis] = names
        elif names != arranged.axes[axis]:
            _unmatched(submission, spec, names, arranged.axes[axis])
    if STRATUM not in arranged.axes and _asks_for_strata(submission):
        codes, area = projectfile.strata(submission)
        arranged.axes[STRATUM] = codes
        arranged.given["stratum_area"] = area


def quantities(submission: Submission, arranged: Arranged, spec: Mapping[str, Any]) -> None:
    """The columns of a table as quantities. One of a table whose rows do not match its axis is left to the faults."""
    table = submission.tables[spec["name"]]
    axis = axis_of(spec)
    arranged.given[f"{axis}_count"] = len(table)
    for column in spec["column"]:
        name = column["name"]
        quantity = column.get("quantity", name)
        if "of" in column and name in table.texts:
            arranged.given[quantity] = places(submission, arranged, table, column)
        elif name in table.numbers:
            arranged.given[quantity] = table.numbers[name]
        elif name in table.flags:
            arranged.given[quantity] = table.flags[name]
        elif name in table.texts:
            arranged.given[quantity] = table.texts[name]
        else:
            continue  # an optional column that was left out
        arranged.sources[quantity] = table, name


def places(
    submission: Submission, arranged: Arranged, table: Checked, column: Mapping[str, Any]
) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The place of each row along another axis, by its name there; an unknown name is a fault of its row."""
    known = np.array(arranged.axes.get(column["of"], []), dtype=np.str_)
    cells = table.texts[column["name"]]
    if not len(known):
        return np.zeros(len(cells), dtype=np.intp)  # the table of that axis is missing, which is a fault already
    order = np.argsort(known)
    found = np.searchsorted(known[order], cells)
    at = order[np.minimum(found, len(known) - 1)]
    unknown = (known[at] != cells) & (cells != "")
    submission.faults.extend(table.faults("unknown_reference", unknown, column["name"], axis=column["of"]))
    return np.asarray(at, dtype=np.intp)


def axis_of(spec: Mapping[str, Any]) -> str:
    return str(spec.get("axis", spec["name"]))


def _names(table: Checked, spec: Mapping[str, Any]) -> list[str]:
    """The key of each row; several key columns are joined; without one, rows are numbered in their sorted order."""
    keys = [table.raw[one["name"]] for one in spec["column"] if one["kind"] == "key"]
    return ["/".join(parts) for parts in zip(*keys, strict=True)] if keys else [str(n + 1) for n in range(len(table))]


def _unmatched(submission: Submission, spec: Mapping[str, Any], names: list[str], first: list[str]) -> None:
    """Two tables along one axis must list the same rows."""
    before = next(one for one in submission.spec["table"] if axis_of(one) == axis_of(spec) and one is not spec)
    for one, mine, others, other in ((spec, names, set(first), before), (before, first, set(names), spec)):
        table = submission.tables[one["name"]]
        column = next((each["name"] for each in one["column"] if each["kind"] == "key"), one["column"][0]["name"])
        lost = np.array([name not in others for name in mine], dtype=np.bool_)
        submission.faults.extend(table.faults("unmatched_row", lost, column, table=other["name"]))


def _asks_for_strata(submission: Submission) -> bool:
    columns = (column for spec in submission.spec.get("table", []) for column in spec["column"])
    return "stratum_area" in submission.asked or any(column.get("of") == STRATUM for column in columns)
