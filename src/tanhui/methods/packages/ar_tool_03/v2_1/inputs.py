"""What the tables must satisfy before plots are counted, and what a reader of the design should know."""

from collections.abc import Mapping
from typing import Any

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission

SMALL_PLOT = 0.2025  # ha
MANY = 5.0  # % of the area under plots


def arrange(submission: Submission) -> Arranged:
    """The default arrangement. Strata among which none varies give no number of plots."""
    arranged = arranging.arrange(submission)
    if not submission.faults and not arranged.given["sd"].any():
        strata = submission.tables["strata"]
        submission.faults.append(
            strata.fault(
                "nothing_varies",
                0,
                "sd",
                en="the standard deviation is zero in every stratum; measure some plots first",
                zh="各层标准差均为零，无法确定样地数量；请先做预调查",
            )
        )
    return arranged


def remarks(computed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Small plots vary much, and many plots are no longer few."""
    notes = []
    if (size := float(computed["plot_size"])) < SMALL_PLOT:
        notes.append(
            {
                "note": "small_plots",
                "text_en": f"Plots of {size:g} ha are small. In secondary forest of Zhejiang the coefficient of "
                "variation of above-ground biomass was 17 to 33 % on 400 m² and fell below 10 % only from 2,025 m² on "
                "(ChinaXiv 202003.00015V1): take the standard deviation from plots of the same size.",
                "text_zh": f"样地面积 {size:g} 公顷偏小。浙江次生林中，400 平方米样地的地上生物量变异系数为 17%～33%，"
                "2025 平方米以上才低于 10%（ChinaXiv 202003.00015V1）；标准差须取自相同面积的样地。",
            }
        )
    if (share := float(computed["plot_share"])) >= MANY:
        notes.append(
            {
                "note": "plots_take_up_the_land",
                "text_en": f"The plots take up {share:.1f} % of the area, so S1 counts land that is measured as known; "
                "S2 alone would ask for more plots.",
                "text_zh": f"样地面积占总面积的 {share:.1f}%（达到 5%），S1 已计入有限总体修正；仅用 S2 会高估样地数。",
            }
        )
    return notes
