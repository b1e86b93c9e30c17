"""Faults in the input: all of them at once, each with its place, value, reason and clause."""

from dataclasses import dataclass, field, replace
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import bilingual

PROJECT = "project"  # stands for the project file where a table's file name would stand
REASONS = {
    "missing_column": gettext_noop("the column is missing; add it, or take the table that has it"),
    "duplicated_column": gettext_noop("two columns have this heading; keep one of them"),
    "empty_table": gettext_noop("the table has no rows"),
    "missing_table": gettext_noop("this table is missing; hand it in with the others"),
    "unknown_table": gettext_noop("the methodology asks for no table of this name; it asks for %(known)s"),
    "ragged_row": gettext_noop("the row has %(found)s cells where the header has %(wanted)s"),
    "empty_cell": gettext_noop("this cell must not be empty"),
    "unit_not_declared": gettext_noop(
        "no unit is declared for this column; declare one of %(accepted)s in the project file"
    ),
    "unit_not_accepted": gettext_noop("the declared unit is not accepted; use one of %(accepted)s"),
    "unit_confused": gettext_noop(
        "the declared unit is not accepted, and nothing is converted unasked: give it in %(accepted)s (%(equal)s)"
    ),
    "not_a_number": gettext_noop("this is not a number"),
    "not_a_code": gettext_noop("this is not a whole-number code"),
    "not_a_flag": gettext_noop("this is neither yes nor no; write 1 or 0, yes or no, 是 or 否"),
    "out_of_bounds": gettext_noop(
        "read as %(unit)s this is %(converted)s, outside %(low)s to %(high)s; check the value and the declared unit"
    ),
    "unknown_code": gettext_noop(
        "%(parameter)s has no such code; correct it, or add it to the package with its source"
    ),
    "unknown_value": gettext_noop("this is none of %(known)s"),
    "unknown_reference": gettext_noop("the table of this axis (%(axis)s) has no such row; add it, or correct the name"),
    "unmatched_row": gettext_noop("table %(table)s has no such row; both tables must list the same ones"),
    "no_parameter_value": gettext_noop(
        "%(parameter)s has no value for %(key)s; correct the cell, or give the project's own value with its source"
    ),
    "unknown_parameter": gettext_noop("the methodology has no such parameter; it has %(known)s"),
    "not_own": gettext_noop("the methodology fixes this parameter; a project cannot state its own value"),
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
    "stratum_twice": gettext_noop("this stratum is declared twice; give each its own code"),
    "wrong_section": gettext_noop("the project file must have a section here, written as in the example project"),
    "not_ascii": gettext_noop("names in a project file are written in Latin letters; Chinese belongs into the values"),
    "missing_fact": gettext_noop("the project file must state this"),
    "not_positive": gettext_noop("this must be greater than zero"),
    "not_a_grade": gettext_noop("the evidence grade must be one of A, P, B, C, D"),
    "bad_date": gettext_noop("this is not a date, or the dates are not in order"),
    "outside_crediting_period": gettext_noop("the date lies outside the crediting period %(start)s to %(end)s"),
    "outside_period": gettext_noop("the date lies outside the monitoring period %(start)s to %(end)s"),
    "crediting_too_long": gettext_noop("the methodology credits at most %(most)s years; shorten the crediting period"),
    "outside_validity": gettext_noop(
        "the methodology is valid from %(start)s to %(end)s; choose the version valid on that day"
    ),
    "area_changed": gettext_noop("the area of a stratum is fixed between surveys; more land is not growth"),
    "fixed_changed": gettext_noop(
        "in %(table)s this was %(before)s, and it is fixed between surveys; more land is not growth"
    ),
    "areas_do_not_add_up": gettext_noop("the strata add up to %(sum)s ha; the declared total must be the same"),
    "outside_boundary": gettext_noop(
        "the point lies outside the project boundary %(boundary)s; correct it, or the map"
    ),
    "bad_boundary": gettext_noop("this is not a GeoJSON polygon in degrees of longitude and latitude (%(problem)s)"),
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one cell (row 0: in the table or file as a whole).

    A rule of a package's own, which ``REASONS`` lacks, says its sentence itself in ``en`` and ``zh``. ``clause`` is
    filled in by the engine from the package where it is left empty.
    """

    rule: str
    file: str
    row: int
    column: str
    value: str
    facts: dict[str, Any] = field(default_factory=dict, compare=False)
    en: str = field(default="", compare=False)
    zh: str = field(default="", compare=False)
    clause: str = field(default="", compare=False)

    def say(self, code: str = "en") -> str:
        if self.rule in REASONS and not self.en:
            return language.translate(REASONS[self.rule], code) % self.facts
        return (self.zh if code.startswith("zh") else self.en) % self.facts

    def under(self, clause: str) -> "Fault":
        return self if self.clause else replace(self, clause=clause)

    def as_json(self, code: str = "en") -> dict[str, str | int]:
        place: dict[str, str | int] = {"file": self.file, "row": self.row, "column": self.column, "value": self.value}
        return place | {"rule": self.rule, "reason": self.say(code), "clause": bilingual.half(self.clause, code)}

    def __str__(self) -> str:
        return f"{self.file} row {self.row} {self.column}={self.value}: {self.say()}"


class FaultyInput(Refusal):
    code = "methods.faulty_input"
    sentence = gettext_noop(
        "The input has %(count)s faults and nothing was computed. The first: %(file)s, row %(row)s, column %(column)s, "
        "value %(value)s (%(rule)s). Correct every line of the error sheet and run again."
    )
    clause = "ARCHITECTURE.md §5, Numbers"
    status = 422

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda one: (one.file, one.row))
        first = self.faults[0]
        super().__init__(
            count=len(faults), file=first.file, row=first.row, column=first.column, value=first.value, rule=first.rule
        )
