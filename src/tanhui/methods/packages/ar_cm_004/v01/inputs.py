"""A baseline and a project practice for each stratum, and herds with a known emission factor."""

import numpy as np

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission

SCENARIOS = ("baseline", "project")
NO_SCENARIO = ("this is neither baseline nor project", "请填写 baseline（基准线）或 project（项目）")
NOT_BOTH = (
    "the stratum has no %(scenario)s practice; every stratum needs both",
    "该层缺少 %(scenario)s 情景的管理方式；每层须同时填写基准线与项目情景",
)

remarks = arranging.remarks


def arrange(submission: Submission) -> Arranged:
    """Practices with soil and climate of their stratum beside them."""
    arranged = arranging.arrange(submission)
    if not set(submission.tables) >= {"strata", "practices"}:
        return arranged
    if "measured_change" not in arranged.given:
        arranged.given["measured_change"] = np.zeros(len(submission.tables["strata"]))
    practices, strata, given = submission.tables["practices"], submission.tables["strata"], arranged.given
    scenario = practices.texts["scenario"]
    wrong = ~np.isin(scenario, SCENARIOS)
    submission.faults.extend(
        practices.faults("unknown_scenario", wrong, "scenario", en=NO_SCENARIO[0], zh=NO_SCENARIO[1])
    )
    for one in SCENARIOS:
        lacking = ~np.isin(strata.texts["stratum"], practices.texts["stratum"][scenario == one])
        submission.faults.extend(
            strata.faults("practice_missing", lacking, "stratum", en=NOT_BOTH[0], zh=NOT_BOTH[1], scenario=one)
        )
    given["in_project"] = np.where(scenario == "project", 1.0, -1.0)
    for name, of_stratum in (("climate_zone", "stratum_climate"), ("soil", "stratum_soil")):
        given[name] = given[of_stratum][given["stratum"]]
        arranged.sources[name] = practices, "stratum"
    return arranged
