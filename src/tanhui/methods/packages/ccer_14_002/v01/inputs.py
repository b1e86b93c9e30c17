"""County, trees of two surveys on the same plots, and the salt class of each stratum."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tanhui.methods.engine import arranging, numbers
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.faults import PROJECT, Fault
from tanhui.science import sampling

PREFECTURE, COUNTY = 4, 6  # digits of a division code
SURVEYS = ("before", "after")
CONDITION = "CCER-14-002-V01 适用条件 (a)"
NO_COUNTY = (
    "the county of the project must stand here as a division code of six digits: it decides whether it lies at the sea",
    "请填写项目所在县（区）的六位行政区划代码，据此判断是否位于沿海",
)
INLAND = (
    "county %(county)s has no sea coast, and mangrove planting takes only tidal flats or retired aquaculture ponds; "
    "choose a methodology for the land there is",
    "%(county)s 不临海，而红树林营造只适用于无植被潮滩或退养的养殖塘；请改用与当地土地相符的方法学",
)
NO_SURVEY = ("this is neither before nor after", "请填写 before（前期）或 after（后期）")
TOO_FEW = (
    "the stratum has fewer than two plots and no variance can be estimated; add plots, or merge it with a similar one",
    "该层样地少于两个，无法估计方差；请增加样地或与相近的层合并",
)
STAND_IN = {
    "note": "stand_in_computation",
    "text_en": "This is a stand-in computation after VM0033 v2.1 and AR-TOOL14, not CCER; nothing is issued on it.",
    "text_zh": "本结果按 VM0033 v2.1 与 AR-TOOL14 替代计算，不是 CCER 计算，不得据此签发。",
}


def arrange(submission: Submission) -> Arranged:
    """Strata, plots and trees; the county is checked whatever the purpose of the run."""
    arranged = arranging.arrange(submission)
    _county(submission, arranged)
    if not set(submission.tables) >= {"strata", "plots", "trees"}:
        return arranged
    trees, plots, given = submission.tables["trees"], submission.tables["plots"], arranged.given
    survey = trees.texts["survey"]
    unknown = ~np.isin(survey, SURVEYS)
    submission.faults.extend(trees.faults("unknown_survey", unknown, "survey", en=NO_SURVEY[0], zh=NO_SURVEY[1]))
    given["measured_after"] = (survey == "after").astype(np.float64)
    few = sampling.counts(given["stratum"], len(arranged.axes["stratum"]))[given["stratum"]] < 2
    submission.faults.extend(plots.faults("too_few_plots_here", few, "stratum", en=TOO_FEW[0], zh=TOO_FEW[1]))
    salinity = given["salinity"]
    given["methane_class"] = np.select([salinity >= 20, salinity > 18], [">=20 ppt", ">18 ppt"], "none")
    given["nitrous_class"] = np.select(
        [salinity > 18, salinity > 5], ["vegetated >18 ppt", "vegetated >5 ppt"], "vegetated <=5 ppt"
    )
    arranged.notes.append(STAND_IN)
    if (salinity <= 18).any():
        fresh = [arranged.axes["stratum"][place] for place in np.flatnonzero(salinity <= 18)]
        arranged.notes.append(
            {
                "note": "methane_screened",
                "strata": fresh,
                "text_en": f"Strata {', '.join(fresh)} lie at 18 ppt or below, where methane has no default; it was "
                "taken from the relation of Poffenbarger et al. 2011.",
                "text_zh": f"{'、'.join(fresh)} 层盐度不高于 18 ppt，甲烷按 Poffenbarger 等（2011）估算。",
            }
        )
    return arranged


def remarks(computed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was deducted for good."""
    deducted = computed["net_removal"] - computed["removal"]
    if deducted <= 0:
        return []
    tonnes = numbers.text(deducted)
    return [
        {
            "note": "risk_deduction",
            "tonnes": tonnes,
            "text_en": f"{deducted:.3f} t were deducted for non-permanence and never become units.",
            "text_zh": f"因非持久性风险扣减 {deducted:.3f} 吨，不形成减排量。",
        }
    ]


def _county(submission: Submission, arranged: Arranged) -> None:
    """A county lies at the sea if its prefecture is on the list and it is not an inland county on the other one."""
    code = str(submission.project.get("region", ""))
    if not (code.isdigit() and len(code) >= COUNTY):
        submission.wrong("no_county", "region", code, en=NO_COUNTY[0], zh=NO_COUNTY[1])
        return
    prefecture, county = code[:PREFECTURE], code[:COUNTY]
    at_sea, inland = submission.parameters["coastal_prefecture"], submission.parameters["inland_county"]
    arranged.facts["coastal"] = coastal = prefecture in at_sea and county not in inland
    if coastal:
        arranged.looked_up["coastal_prefecture"] = [prefecture]
    else:
        reason = {"county": county}
        submission.faults.append(
            Fault("inland_county", PROJECT, 0, "region", code, reason, en=INLAND[0], zh=INLAND[1], clause=CONDITION)
        )
