"""Cores of two surveys: layers that add up, the same cores at both, and enough mass to compare."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tanhui.methods.engine import arranging, numbers
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.tables import Checked
from tanhui.science import sampling, soil
from tanhui.science.biomass import Values

SURVEYS = ("before", "after")
NOT_IN_ORDER = ("the layer must end below where it begins", "土层下界必须深于上界")
DO_NOT_ADD_UP = (
    "the layer begins at %(top)s cm and the one above ends at %(above)s cm; layers must follow from the surface",
    "该层上界为 %(top)s cm，而上一层下界为 %(above)s cm；土层须自地表起首尾相接",
)
NOT_THE_DEPTH = (
    "the layers reach %(found)s cm and the sampled depth is %(wanted)s cm; the stock counts what was sampled",
    "土层合计至 %(found)s cm，而采样深度为 %(wanted)s cm；计入储量的土层须与采样深度一致",
)
NO_LAYERS = (
    "the %(survey)s survey has no layers of this core; a core may not leave the sample",
    "%(survey)s 期缺少该采样点的土层；采样点不得退出样本",
)
TOO_LIGHT = (
    "the second core holds %(found)s t/ha of fine earth and the first %(wanted)s; sample deeper, do not extrapolate",
    "第二次采样细土量 %(found)s t/ha，少于第一次的 %(wanted)s t/ha；请加深采样，碳储量不得外推",
)
TOO_FEW = (
    "the stratum has %(found)s cores and needs %(wanted)s; merge it with a similar one, or add cores",
    "该层有 %(found)s 个采样点，至少需要 %(wanted)s 个；请与相近的层合并或增加采样点",
)


def arrange(submission: Submission) -> Arranged:
    """Layers shallow before deep along their cores; every core in both surveys."""
    arranged = arranging.arrange(submission)
    if not set(submission.tables) >= {"strata", "cores", "layers_before", "layers_after"}:
        return arranged
    before = len(submission.faults)
    for survey in SURVEYS:
        _sort(submission, arranged, survey)
        _depths(submission, arranged, survey)
    _enough(submission, arranged)
    if len(submission.faults) == before:
        _masses(submission, arranged)
    arranged.looked_up["minimum_cores"] = ("",)
    return arranged


def remarks(computed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tonnes that go to the buffer, and what looking at equal depth would have claimed."""
    by_depth = f"{float(np.mean(computed['depth_change'])):.3f}"
    by_mass, buffer = f"{float(np.mean(computed['change'])):.3f}", numbers.text(computed["buffer"])
    return [
        {
            "note": "buffer_contribution",
            "tonnes": buffer,
            "text_en": f"{computed['buffer']:.3f} t of the period belong into the pooled buffer, not to the project.",
            "text_zh": f"本监测期有 {computed['buffer']:.3f} 吨应存入汇总缓冲账户，不归项目所有。",
        },
        {
            "note": "change_at_equal_depth",
            "text_en": f"The mean of the cores changed by {by_mass} tC/ha on equal mass; at equal depth it "
            f"would have been {by_depth} tC/ha, which is not used.",
            "text_zh": f"采样点平均变化按等质量为 {by_mass} tC/ha；按等深度则为 {by_depth} tC/ha，不予采用。",
        },
    ]


def _sort(submission: Submission, arranged: Arranged, survey: str) -> None:
    """Shallow before deep: layers are named, and names sort as text ("10" before "2")."""
    given = arranged.given
    order = np.lexsort([given[f"top_{survey}"], given[f"core_{survey}"]])
    for name in ("core", "top", "bottom", "carbon", "density", "coarse"):
        given[f"{name}_{survey}"] = given[f"{name}_{survey}"][order]
    names = arranged.axes[f"layer_{survey}"]
    arranged.axes[f"layer_{survey}"] = [names[place] for place in order]
    given[f"order_{survey}"] = order
    given[f"thickness_{survey}"] = given[f"bottom_{survey}"] - given[f"top_{survey}"]


def _depths(submission: Submission, arranged: Arranged, survey: str) -> None:
    """Layers follow each other from the surface and reach the sampled depth of their core."""
    table, cores, given = submission.tables[f"layers_{survey}"], submission.tables["cores"], arranged.given
    top, bottom, core, order = (given[f"{name}_{survey}"] for name in ("top", "bottom", "core", "order"))
    upside = bottom <= top
    _fault(submission, table, "layer_upside_down", order[upside], "bottom", NOT_IN_ORDER)
    for place in np.flatnonzero(soil.breaks(top, bottom, core) & ~upside):
        first = place == 0 or core[place] != core[place - 1]
        facts = {"top": f"{top[place]:g}", "above": "0" if first else f"{bottom[place - 1]:g}"}
        _fault(submission, table, "layers_do_not_add_up", order[[place]], "top", DO_NOT_ADD_UP, **facts)
    count = len(cores)
    reached = np.zeros(count)
    np.fmax.at(reached, core, bottom)
    summed = soil.per_core(bottom - top, core, count)
    absent = ~np.isin(np.arange(count), core)
    _fault(submission, cores, "core_lost", np.flatnonzero(absent), "core", NO_LAYERS, survey=survey)
    wanted = given["sampled_depth"]
    known = np.isfinite(summed) & np.isfinite(wanted) & ~absent
    misses = ~(np.isclose(reached, wanted, rtol=0, atol=1e-4) & np.isclose(summed, reached, rtol=0, atol=1e-4))
    for place in np.flatnonzero(misses & known):
        facts = {"found": f"{summed[place]:g}", "wanted": f"{wanted[place]:g}"}
        _fault(submission, cores, "layers_miss_the_depth", np.array([place]), "sampled_depth", NOT_THE_DEPTH, **facts)


def _enough(submission: Submission, arranged: Arranged) -> None:
    cores = submission.tables["cores"]
    wanted = submission.parameters["minimum_cores"].number()
    strata = arranged.given["stratum"]
    found = sampling.counts(strata, len(arranged.axes["stratum"]))
    for place in np.flatnonzero(found < wanted):
        row = np.flatnonzero(strata == place)[:1]
        facts = {"found": int(found[place]), "wanted": int(wanted)}
        if len(row):
            _fault(submission, cores, "too_few_cores", row, "stratum", TOO_FEW, **facts)
        else:
            table = submission.tables["strata"]
            _fault(submission, table, "too_few_cores", np.array([place]), "stratum", TOO_FEW, **facts)


def _masses(submission: Submission, arranged: Arranged) -> None:
    """The mass of the first survey is the reference, and the second core must hold as much."""
    count, given = len(submission.tables["cores"]), arranged.given
    first, second = (_mass(given, survey, count) for survey in SURVEYS)
    for place in np.flatnonzero(second < first * (1 - 1e-9)):
        facts = {"found": f"{second[place]:.0f}", "wanted": f"{first[place]:.0f}"}
        _fault(submission, submission.tables["cores"], "too_light", np.array([place]), "core", TOO_LIGHT, **facts)


def _mass(given: Mapping[str, Any], survey: str, cores: int) -> Values:
    density, thickness, coarse, core = (
        given[f"{name}_{survey}"] for name in ("density", "thickness", "coarse", "core")
    )
    return soil.per_core(soil.layer_mass(density, thickness, coarse), core, cores)


def _fault(
    submission: Submission, table: Checked, rule: str, rows: Any, column: str, says: tuple[str, str], **facts: Any
) -> None:
    submission.faults.extend(table.fault(rule, int(row), column, en=says[0], zh=says[1], **facts) for row in rows)
