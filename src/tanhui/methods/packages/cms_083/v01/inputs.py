"""Soil cores that can be compared: whole runs of layers from the surface, at both surveys, enough of them."""

import numpy as np

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.science import soil

SURVEYS = ("first", "second")


def arrange(submission: Submission) -> Arranged:
    """The default arrangement, with the layers of each core in order of their depth. The monitoring period of the
    project runs from the first survey to the second."""
    arranged = arranging.arrange(submission)
    given = arranged.given
    if submission.faults:
        return arranged
    layers, cores, strata = (submission.tables[name] for name in ("layers", "cores", "strata"))
    known = np.isin(given["survey"], SURVEYS)
    submission.faults += layers.faults(
        "unknown_survey", ~known, "survey", en="the survey is first or second", zh="调查只能填 first 或 second"
    )
    second = given["survey"] == SURVEYS[1]
    order = np.lexsort([given["top"], given["layer_core"], second])
    places = given["layer_core"] + second * len(cores)
    parted = soil.breaks(given["top"][order], given["bottom"][order], places[order])
    broken = np.zeros(len(layers), dtype=np.bool_)
    broken[order] = parted
    broken |= given["bottom"] <= given["top"]
    submission.faults += layers.faults(
        "layers_have_a_gap",
        broken,
        "top",
        en="the layer does not begin where the one above ends (the first: at the surface)",
        zh="该层上界与上一层下界不相接（首层须自地表起）",
    )
    sampled = np.bincount(places, minlength=2 * len(cores)).reshape(2, len(cores)) > 0
    submission.faults += cores.faults(
        "core_sampled_once",
        ~(sampled[0] & sampled[1]),
        "core",
        en="the point has no layers at one of the surveys; a point may not leave the sample",
        zh="该点缺少某一次调查的土层；采样点不得退出",
    )
    groups = given["core_stratum"] * 2 + given["control"]
    held = np.bincount(groups, minlength=2 * len(strata)).reshape(len(strata), 2).min(axis=1)
    least = submission.parameters["minimum_points"].number()
    for place in np.flatnonzero(held < least):
        facts = {"found": int(held[place]), "wanted": f"{least:g}"}
        submission.faults.append(
            strata.fault(
                "too_few_points",
                int(place),
                "stratum",
                en="the stratum has %(found)s points under one way of tilling and needs %(wanted)s under each",
                zh="该层某一耕作方式只有 %(found)s 个采样点，两种方式各需 %(wanted)s 个",
                **facts,
            )
        )
    for name in ("layer_core", "survey", "top", "bottom", "carbon", "bulk_density", "coarse"):
        given[name] = given[name][order]
    arranged.looked_up["minimum_points"] = ("",)
    return arranged
