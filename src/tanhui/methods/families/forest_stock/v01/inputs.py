"""What the arrangement of tables cannot know by itself: classes of the IPCC tables, and what a forest cannot do."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine import arranging, numbers, parameter
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.faults import Fault
from tanhui.methods.engine.tables import Checked
from tanhui.science.biomass import Values

MEASURED = ("tree", "stand", "linear", "inventory", "culm", "count")  # tables with rows of both surveys
GROUPED = ("stand", "baseline", "product")  # tables with a species group: all go by the same models
LINEAR = ("linear", "linear_baseline")  # tables with a forest type
VOLUME_CLASSES = {  # m3/ha, upper bounds of the growing stock classes of IPCC 2006 V4 table 4.5
    "boreal": (20, 50, 100),
    "temperate": (20, 40, 100, 200),
}
SHOOT_CLASSES = {  # t d.m./ha, upper bounds of the biomass classes of IPCC 2006 V4 table 4.4
    ("boreal", "con"): (75,),
    ("boreal", "broad"): (75,),
    ("temperate", "con"): (50, 150),
    ("temperate", "broad"): (75, 150),
}
INTERVAL = (3, 10)  # years between two surveys that the methodologies expect (recalled)
SHRUNK = 0.9  # of the first diameter: a thinner stem was measured elsewhere, or is another tree


def arrange(submission: Submission) -> Arranged:
    """The default arrangement, with each species looked up once and with the classes that the tables of the IPCC are
    looked up by. Faults: a species without parameters, too few plots, a survey without a row where the land was not
    bare, a tree that changed its species, a baseline of other species than the plots."""
    arranged = arranging.arrange(submission)
    _index(submission, arranged, "species", "stem_a", {"tree": "species"})
    _index(submission, arranged, "species_group", "wood_density", dict.fromkeys(GROUPED, "species_group"))
    _index(submission, arranged, "forest_type", "linear_slope", dict.fromkeys(LINEAR, "forest_type"))
    _enough_plots(submission, arranged)
    _interval(arranged)
    _both_surveys(submission)
    if {"culm", "count"} & set(submission.tables) and "target_density" not in arranged.given:
        file = submission.tables["plot"].file if "plot" in submission.tables else "plot"
        submission.faults.append(Fault("missing_column", file, 0, "target_density", ""))
    if "tree" in submission.tables:
        _same_trees(submission, arranged, submission.tables["tree"])
    if "inventory" in submission.tables and not submission.faults:
        _classes(submission, arranged, submission.tables["inventory"])
    for baseline, plots, column in (
        ("baseline", "stand", "species_group"),
        ("linear_baseline", "linear", "forest_type"),
    ):
        if {baseline, plots} <= set(submission.tables) and not submission.faults:
            _same_species(submission, arranged, baseline, plots, column)
    return arranged


def remarks(computed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the numbers themselves give reason to say."""
    half, change = computed["half_width_change"], computed["change_tree"]
    if half > 0.3 * abs(change):
        return [{"note": "change_is_uncertain", "half_width_t": numbers.text(half), "change_t": numbers.text(change)}]
    return []


def _index(
    submission: Submission, arranged: Arranged, quantity: str, parameter_name: str, columns: Mapping[str, str]
) -> None:
    """The distinct names in some columns as an axis, ``quantity``, by which parameters are looked up, and the place of
    each row along it (``<table>_species`` or ``<table>_group``). A name without a value is a fault of its row."""
    cells = {
        name: submission.tables[name].texts[column] for name, column in columns.items() if name in submission.tables
    }
    if not cells:
        return
    names, places = np.unique(np.concatenate(list(cells.values())), return_inverse=True)
    arranged.axes[quantity] = [str(one) for one in names]
    arranged.given[quantity] = names
    known = submission.parameters[parameter_name]
    unknown = [str(one) for one in names if str(one) not in known]
    at = 0
    for name, column in cells.items():
        table = submission.tables[name]
        wrong = np.isin(column, unknown)
        submission.faults.extend(table.faults("unknown_code", wrong, columns[name], parameter=known.name))
        arranged.given[f"{name}_{quantity.removeprefix('species_')}"] = places[at : at + len(column)]
        at += len(column)


def _enough_plots(submission: Submission, arranged: Arranged) -> None:
    """Fewer plots than the methodology asks for cannot speak for a stratum."""
    if "stratum" not in arranged.given:
        return
    codes, wanted = arranged.axes["stratum"], submission.parameters["minimum_plots"].number()
    arranged.looked_up["minimum_plots"] = (parameter.WHOLE,)
    found = np.bincount(arranged.given["stratum"], minlength=len(codes))
    for place in np.flatnonzero(found < wanted):
        submission.wrong("too_few_plots", f"stratum.{codes[place]}", found=int(found[place]), wanted=int(wanted))


def _interval(arranged: Arranged) -> None:
    """Surveys unusually close together or far apart are told of, not refused."""
    years = arranged.given.get("years")
    if years is not None and not INTERVAL[0] <= years <= INTERVAL[1]:
        low, high = INTERVAL
        arranged.notes.append(
            {
                "note": "unusual_interval",
                "years": numbers.text(years),
                "text_en": f"{years:.1f} years lie between the surveys; the methodology expects {low} to {high}.",
                "text_zh": f"两次调查间隔 {years:.1f} 年，方法学通常为 {low}–{high} 年。",
            }
        )


def _both_surveys(submission: Submission) -> None:
    """A first survey nobody handed in would make everything growth; land that was bare must be stated to be so."""
    bare = submission.project.get("facts", {}).get("bare_at_first_survey") is True
    for name in MEASURED:
        if name not in submission.tables:
            continue
        table = submission.tables[name]
        survey = table.texts["survey"]
        submission.faults.extend(table.faults("unknown_value", ~np.isin(survey, ["1", "2"]), "survey", known="1, 2"))
        found = set(survey.tolist())
        if "2" not in found or ("1" not in found and not bare):
            missing = "2" if "2" not in found else "1"
            submission.faults.append(
                table.fault(
                    "survey_missing",
                    0,
                    "survey",
                    survey=missing,
                    en="no row is of survey %(survey)s; hand it in, or state the fact bare_at_first_survey",
                    zh="没有第 %(survey)s 次调查的记录；请补交，首次调查时为无林地的，请声明 bare_at_first_survey",
                )
            )


def _same_trees(submission: Submission, arranged: Arranged, trees: Checked) -> None:
    """A tree keeps its species; one that got much thinner is named in the notes."""
    key = parameter.joined(trees.texts["plot_id"], trees.texts["tree_number"])
    second = trees.texts["survey"] == "2"
    _, first_at, second_at = np.intersect1d(key[~second], key[second], return_indices=True)
    before, after = np.flatnonzero(~second)[first_at], np.flatnonzero(second)[second_at]
    changed = np.zeros(len(trees), dtype=np.bool_)
    changed[after] = trees.texts["species"][before] != trees.texts["species"][after]
    submission.faults.extend(
        trees.faults(
            "species_changed",
            changed,
            "species",
            en="the tree had another species at the first survey; a new name is not growth",
            zh="该样木在第一次调查时为另一树种；改名不是生长",
        )
    )
    diameter = trees.numbers["diameter"]
    thinner = diameter[after] < SHRUNK * diameter[before]
    if thinner.any():
        named = ", ".join(str(one) for one in key[after][thinner])
        arranged.notes.append(
            {
                "note": "thinner_trees",
                "trees": int(thinner.sum()),
                "text_en": f"More than a tenth thinner at the second survey, to be measured again: {named}.",
                "text_zh": f"以下样木第二次胸径比第一次小 10% 以上，请复测：{named}。",
            }
        )


def _classes(submission: Submission, arranged: Arranged, inventory: Checked) -> None:
    """The class of each row in the IPCC's tables: by its volume, then by the above ground biomass that follows."""
    zone, kind = inventory.texts["ipcc_zone"], inventory.texts["ipcc_type"]
    volume = inventory.numbers["volume"]
    stock_class = _class(zone, volume, VOLUME_CLASSES)
    arranged.given["stock_class"] = stock_class
    factors, roots = submission.parameters["ipcc_bcef"], submission.parameters["root_type"]
    keys = parameter.joined(zone, kind, stock_class)
    known = np.array([str(one) in factors for one in keys], dtype=np.bool_)
    if not known.all():
        return  # the engine says which rows have no factor
    root = roots.names(kind)
    shoot = {f"{zone}|{root}": bounds for (zone, root), bounds in SHOOT_CLASSES.items()}
    arranged.given["shoot_class"] = _class(parameter.joined(zone, root), volume * factors.column(keys), shoot)


def _class(keys: NDArray[np.str_], values: Values, bounds: Mapping[str, tuple[int, ...]]) -> NDArray[np.str_]:
    """Number of the class, from 1, an upper bound belonging to the class below it."""
    found = np.zeros(len(values), dtype=np.intp)
    for key, upper in bounds.items():
        here = keys == key
        found[here] = np.searchsorted(np.array(upper), values[here]) + 1
    return found.astype(np.str_)


def _same_species(submission: Submission, arranged: Arranged, baseline: str, plots: str, column: str) -> None:
    """Baseline and project by the same species models: a stratum's baseline is of what its plots carry."""
    given, kind = arranged.given, column.removeprefix("species_")
    strata = given["stratum"][given[f"{plots}_plot"]]
    carried = set(zip(strata.tolist(), given[f"{plots}_{kind}"].tolist(), strict=True))
    pairs = zip(given[f"{baseline}_stratum"].tolist(), given[f"{baseline}_{kind}"].tolist(), strict=True)
    foreign = np.array([pair not in carried for pair in pairs], dtype=np.bool_)
    submission.faults.extend(
        submission.tables[baseline].faults(
            "other_species_model",
            foreign,
            column,
            en="no plot of the stratum carries this; a baseline uses the species models of the project",
            zh="该层没有样地属于此类；基准线与项目须采用相同的树种模型",
        )
    )
