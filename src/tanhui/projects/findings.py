"""What may be wrong with, or remarkable about, a row of a survey: the rule, its sentence, and what to do.

A fault keeps its row out; a note does not, and is shown so that somebody looks.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop


@dataclass(frozen=True, slots=True)
class Rule:
    says: str
    remedy: str
    fault: bool = True


class Finding(NamedTuple):
    """One finding: the row as people count it, the parcel's number, the field, the rule, and its facts."""

    row: int
    code: str
    field: str
    rule: str
    facts: dict[str, Any]

    def say(self, code: str) -> str:
        return language.translate(RULES[self.rule].says, code) % self.facts

    def remedy(self, code: str) -> str:
        return language.translate(RULES[self.rule].remedy, code)

    @property
    def fault(self) -> bool:
        return RULES[self.rule].fault


OUTLINE, CODE = "geometry", "code"
RULES = {
    "outline_missing": Rule(
        gettext_noop("The row has no outline."),
        gettext_noop("Draw the parcel, or take the row out."),
    ),
    "outline_kind": Rule(
        gettext_noop("The outline is a %(kind)s, not a polygon."),
        gettext_noop("Give parcels as polygons; points and lines belong in other layers."),
    ),
    "outline_broken": Rule(
        gettext_noop("The outline is not valid (%(reason)s) at %(place)s."),
        gettext_noop("Correct it there in the survey program: it crosses or touches itself."),
    ),
    "outline_outside": Rule(
        gettext_noop("The outline lies outside the coordinate system of the file, at %(place)s."),
        gettext_noop("Check the coordinates of this row: a digit may be lost, or the axes exchanged."),
    ),
    "outline_small": Rule(
        gettext_noop("The outline encloses less than a square metre."),
        gettext_noop("Take the sliver out, or join it to its neighbour."),
    ),
    "outline_twice": Rule(
        gettext_noop("The outline is the same as that of row %(other)s."),
        gettext_noop("Keep one of the two rows; the same land counts once."),
    ),
    "overlaps": Rule(
        gettext_noop("The outline overlaps row %(other)s by %(area)s m² (mean width %(width)s m)."),
        gettext_noop("Draw the common border once; land in two parcels would be counted twice."),
    ),
    "code_missing": Rule(
        gettext_noop("The parcel has no number."),
        gettext_noop("Number it as the survey does."),
    ),
    "code_long": Rule(
        gettext_noop("The parcel's number has more than %(most)s characters."),
        gettext_noop("Choose fewer columns for the number, or shorten it."),
    ),
    "code_twice": Rule(
        gettext_noop("Row %(other)s has the same parcel number."),
        gettext_noop(
            "Give each its own number. If numbers repeat from village to village, let the number be made of several "
            "columns, such as village, forest block and sub-compartment."
        ),
    ),
    "division_missing": Rule(
        gettext_noop("The row has no administrative division code, and none was given for the whole file."),
        gettext_noop("Enter the code, or give one for all rows without when importing."),
    ),
    "division_unknown": Rule(
        gettext_noop("“%(given)s” was no division code of GB/T 2260 in the year of the survey."),
        gettext_noop("Give 6 digits for the county, 9 with the township or 12 with the village."),
    ),
    "division_ended": Rule(
        gettext_noop("%(division)s %(name)s ended before the survey; its successor is %(successors)s."),
        gettext_noop("Write the code of the successor."),
    ),
    "not_a_number": Rule(
        gettext_noop("“%(given)s” is no number."),
        gettext_noop("Write digits with a decimal point, without units."),
    ),
    "not_whole": Rule(
        gettext_noop("“%(given)s” is no whole number."),
        gettext_noop("Write a whole number without units."),
    ),
    "out_of_bounds": Rule(
        gettext_noop("%(given)s is not between %(least)s and %(most)s."),
        gettext_noop("Correct the value, or check that the right column and unit were chosen."),
    ),
    "not_a_flag": Rule(
        gettext_noop("“%(given)s” says neither yes nor no."),
        gettext_noop("Write 是 or 否, 1 or 0, or leave it empty."),
    ),
    "text_long": Rule(
        gettext_noop("The text has %(length)s characters; at most %(most)s fit."),
        gettext_noop("Shorten it, or choose the right column."),
    ),
    "text_unreadable": Rule(
        gettext_noop("The text contains characters that could not be read."),
        gettext_noop("Choose the other encoding when importing."),
    ),
    "planted_later": Rule(
        gettext_noop("The stand was planted in %(planted)s, after the survey of %(year)s."),
        gettext_noop("Correct the year of planting, or the year of the survey."),
    ),
    # -- notes ---------------------------------------------------------------------------------------------------------
    "area_differs": Rule(
        gettext_noop("The surveyed area is %(surveyed)s m², the outline encloses %(computed)s m²: %(percent)s%% off."),
        gettext_noop("Computed with: the outline. Check the unit of the column, or survey anew."),
        fault=False,
    ),
    "sliver": Rule(
        gettext_noop("The parcel has only %(area)s m²."),
        gettext_noop("Check that it is no left-over between two outlines."),
        fault=False,
    ),
    "parts": Rule(
        gettext_noop("The parcel is in %(parts)s parts."),
        gettext_noop("Methodologies that ask for contiguous parcels look at each part."),
        fault=False,
    ),
    "division_newer": Rule(
        gettext_noop("The division %(given)s is not in the table, which ends on %(until)s."),
        gettext_noop("Compare it with the current list of the Ministry of Civil Affairs."),
        fault=False,
    ),
    "class_unknown": Rule(
        gettext_noop("The land class “%(given)s” is not in the table; the parcel counts as “other”."),
        gettext_noop("Compare it with the classification of the survey."),
        fault=False,
    ),
    "outside_china": Rule(
        gettext_noop("The outline lies outside China, at %(place)s."),
        gettext_noop("Check the coordinate system that was declared."),
        fault=False,
    ),
    "overlap_sliver": Rule(
        gettext_noop("A strip of %(area)s m² (mean width %(width)s m) overlaps row %(other)s."),
        gettext_noop("It lies within the tolerance of the rule pack and is kept on record; nothing has to be done."),
        fault=False,
    ),
}  # fmt: skip
