"""From checked plot tables and the project file to the quantities the formulas start with."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine import numbers, projectfile
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.faults import PROJECT, Fault
from tanhui.methods.engine.tables import Checked

SPECIES, STOCK = "dominant_tree_species", "standing_stock"
DIAMETER, HEIGHT = "average_diameter_at_breast_height", "average_tree_height"
UNSTOCKED = "unstocked"  # stands in a project's strata for plots without a dominant species at either survey


def arrange(submission: Submission) -> Arranged:
    """Matched plots in order of their id with stocks, species group and stratum. Adds to the submission's faults what
    it finds wrong."""
    checked, project, parameters = submission.tables, submission.project, submission.parameters
    faults, strata = submission.faults, submission.project.get("stratum", [])
    codes, area = projectfile.strata(submission)
    group_place = _groups(submission, codes)
    arranged = Arranged({"stratum_area": area}, {"plot": [], "stratum": codes})
    projectfile.declare(submission, arranged)
    given = arranged.given
    given["years"] = projectfile.years(submission, "surveys", "first", "second")
    if "first" not in checked or "second" not in checked:
        return arranged
    first, second = checked["first"], checked["second"]
    for plots in (first, second):
        faults.extend(_zero_means(plots))
    for plots, name in ((first, "trees_first"), (second, "trees_second")):
        if name in checked:
            arranged.notes.extend(_orphans(plots, checked[name], name, project, faults))
    ids, at_first, at_second = np.intersect1d(first.texts["plot_id"], second.texts["plot_id"], return_indices=True)
    lost = ~np.isin(first.texts["plot_id"], ids)
    faults.extend(first.faults("plot_lost", lost, "plot_id"))
    if later := len(second) - len(ids):
        arranged.notes.append({"note": "plots_only_in_second_survey", "plots": later})

    before, after = first.texts[SPECIES][at_first], second.texts[SPECIES][at_second]
    code = np.where(before != "0", before, after)  # one species for both dates: a new label is not growth
    table = parameters["species_group"]
    known = np.array([str(one) in table for one in code], dtype=np.bool_)  # unknown ones are faults already
    groups = np.array([str(table.row(str(one)).value) if ok else "" for one, ok in zip(code, known, strict=True)])
    place_of = np.where(code == "0", UNSTOCKED, groups)
    stratum = np.array([group_place.get(str(one), -1) for one in place_of], dtype=np.intp)
    homeless = np.zeros(len(first), dtype=np.bool_)
    homeless[at_first] = (stratum < 0) & known
    faults.extend(first.faults("no_stratum", homeless, SPECIES))
    if known.all():
        faults.extend(_too_few(stratum, strata, parameters["minimum_plots"].number()))

    given["species_group"] = groups
    given["stratum"] = stratum
    given["stock_1"] = first.numbers[STOCK][at_first]
    given["stock_2"] = second.numbers[STOCK][at_second]
    arranged.axes["plot"] = [str(one) for one in ids]
    arranged.looked_up["species_group"] = [str(one) for one in np.unique(code)]
    arranged.looked_up["minimum_plots"] = ("",)
    natural = np.char.startswith(first.texts["origin"][at_first], "1")
    arranged.facts["natural_plots"] = int(natural.sum())
    arranged.notes.extend(_disturbed(second, at_second))
    arranged.notes.extend(_odd(first, second, at_first, at_second, ids))
    return arranged


def remarks(computed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the numbers themselves give reason to say."""
    half, change = computed["half_width_change"], computed["change_tree"]
    if half > 0.3 * abs(change):
        return [{"note": "change_is_uncertain", "half_width_t": numbers.text(half), "change_t": numbers.text(change)}]
    return []


def _groups(submission: Submission, codes: list[str]) -> dict[str, int]:
    """Which stratum a species group belongs to."""
    place: dict[str, int] = {}
    for number, (code, one) in enumerate(zip(codes, submission.project.get("stratum", []), strict=True)):
        for group in one.get("species_groups", []):
            if group in place:
                submission.wrong("stratum_overlap", f"stratum.{code}", group)
            place[group] = number
    return place


def _too_few(stratum: NDArray[np.intp], strata: list[dict[str, Any]], wanted: float) -> list[Fault]:
    found = np.bincount(stratum[stratum >= 0], minlength=len(strata))
    return [
        Fault(
            "too_few_plots",
            PROJECT,
            0,
            f"stratum.{strata[place].get('code', place)}",
            "",
            {"found": int(found[place]), "wanted": int(wanted)},
        )
        for place in np.flatnonzero(found < wanted)
    ]


def _zero_means(plots: Checked) -> list[Fault]:
    """A stocked plot has a mean diameter and height; zero there means that nobody measured."""
    stocked = plots.texts[SPECIES] != "0"
    return [
        fault
        for name in (DIAMETER, HEIGHT)
        for fault in plots.faults("zero_where_trees", stocked & (plots.numbers[name] == 0), name)
    ]


def _orphans(
    plots: Checked, trees: Checked, table: str, project: Mapping[str, Any], faults: list[Fault]
) -> list[dict[str, Any]]:
    """Trees of plots that the plot table lacks: faults, unless the project declares the exclusion with its reason."""
    orphan = ~np.isin(trees.texts["plot_id"], plots.texts["plot_id"])
    if not orphan.any():
        return []
    for one in project.get("exclude", []):
        if one.get("table") == table and one.get("rule") == "tree_without_plot" and one.get("reason"):
            return [
                {
                    "note": "trees_without_plot",
                    "table": table,
                    "trees": int(orphan.sum()),
                    "plots": [str(plot) for plot in np.unique(trees.texts["plot_id"][orphan])],
                    "reason": one["reason"],
                }
            ]
    faults.extend(trees.faults("tree_without_plot", orphan, "plot_id"))
    return []


def _disturbed(second: Checked, at_second: NDArray[np.intp]) -> list[dict[str, Any]]:
    codes = second.texts["disaster_type"][at_second]
    found = codes[codes != "0"]
    if not len(found):
        return []
    return [{"note": "disturbed_plots", "plots": len(found), "codes": [str(one) for one in np.unique(found)]}]


def _odd(
    first: Checked, second: Checked, at_first: NDArray[np.intp], at_second: NDArray[np.intp], ids: NDArray[np.str_]
) -> list[dict[str, Any]]:
    """Plots whose mean diameter halved, or whose height grew by half, while the stock says otherwise: worth a second
    visit, harmless for the volume path."""
    diameter_1, diameter_2 = first.numbers[DIAMETER][at_first], second.numbers[DIAMETER][at_second]
    height_1, height_2 = first.numbers[HEIGHT][at_first], second.numbers[HEIGHT][at_second]
    stock_1, stock_2 = first.numbers[STOCK][at_first], second.numbers[STOCK][at_second]
    grown = diameter_1 >= 5  # below callipering size means jump about
    shrunk = grown & (diameter_2 < diameter_1 / 2) & (stock_2 > stock_1 * 0.75)
    shot_up = grown & (height_2 > height_1 * 1.5) & (diameter_2 < diameter_1 * 1.25)
    odd = shrunk | shot_up
    if not odd.any():
        return []
    return [{"note": "odd_means", "plots": [str(one) for one in ids[odd]]}]
