"""Faults in input tables: all of them at once, each with its place, value and reason."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop

REASONS = {
    "missing_column": gettext_noop("the column is missing; add it, or take the table that has it"),
    "empty_table": gettext_noop("the table has no rows"),
    "ragged_row": gettext_noop("the row has %(found)s cells where the header has %(wanted)s"),
    "unit_not_declared": gettext_noop(
        "no unit is declared for this column; declare one of %(accepted)s in the project file"
    ),
    "unit_not_accepted": gettext_noop("the declared unit is not accepted; use one of %(accepted)s"),
    "not_a_number": gettext_noop("this is not a number"),
    "not_a_code": gettext_noop("this is not a whole-number code"),
    "out_of_bounds": gettext_noop(
        "read as %(unit)s this is %(converted)s, outside %(low)s to %(high)s; check the value and the declared unit"
    ),
    "unknown_code": gettext_noop(
        "%(parameter)s has no such code; correct it, or add it to the package with its source"
    ),
    "duplicated_row": gettext_noop("this key occurs already in row %(other)s; keep one of the two"),
    "zero_where_trees": gettext_noop(
        "a plot with a dominant species cannot have a mean of zero; measure it or clear the species"
    ),
    "tree_without_plot": gettext_noop(
        "the plot table of this survey has no such plot; add the plot, or declare the exclusion"
    ),
    "plot_lost": gettext_noop("the plot is missing from the second survey; a plot may not leave the sample"),
    "no_stratum": gettext_noop("no stratum of the project covers this species group; add it to a stratum"),
    "too_few_plots": gettext_noop(
        "the stratum has %(found)s plots and needs %(wanted)s; merge it with a similar one, or add plots"
    ),
    "stratum_overlap": gettext_noop("the species group belongs to two strata; it may belong to one"),
    "wrong_section": gettext_noop("the project file must have a section here, written as in the example project"),
    "missing_fact": gettext_noop("the project file must state this"),
    "not_positive": gettext_noop("this must be greater than zero"),
    "not_a_grade": gettext_noop("the evidence grade must be one of A, P, B, C, D"),
    "bad_date": gettext_noop("this is not a date, or the dates are not in order"),
    "outside_crediting_period": gettext_noop("the survey date lies outside the crediting period %(start)s to %(end)s"),
    "area_changed": gettext_noop("the area of a stratum is fixed between surveys; more land is not growth"),
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one cell (row 0: in the table or file as a whole)."""

    rule: str
    file: str
    row: int
    column: str
    value: str
    facts: dict[str, Any] = field(default_factory=dict, compare=False)

    def say(self, code: str = "en") -> str:
        return language.translate(REASONS[self.rule], code) % self.facts

    def as_json(self, code: str = "en") -> dict[str, str | int]:
        place: dict[str, str | int] = {"file": self.file, "row": self.row, "column": self.column, "value": self.value}
        return place | {"rule": self.rule, "reason": self.say(code)}

    def __str__(self) -> str:
        return f"{self.file} row {self.row} {self.column}={self.value}: {self.say()}"


class FaultyInput(Refusal):
    code = "methods.faulty_input"
    sentence = gettext_noop(
        "The input has %(count)s faults and nothing was computed. The first: %(file)s, row %(row)s, column %(column)s, "
        "value %(value)s (%(rule)s). Correct every line of the error sheet and run again."
    )
    clause = "AR-CM-001-V01, monitoring quality assurance"
    status = 422

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda one: (one.file, one.row))
        first = self.faults[0]
        super().__init__(
            count=len(faults), file=first.file, row=first.row, column=first.column, value=first.value, rule=first.rule
        )

    def sheet(self, code: str = "en") -> str:
        """Every fault as CSV: file, row, column, value, rule, reason."""
        out = io.StringIO()
        columns = ["file", "row", "column", "value", "rule", "reason"]
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(one.as_json(code) for one in self.faults)
        return out.getvalue()
