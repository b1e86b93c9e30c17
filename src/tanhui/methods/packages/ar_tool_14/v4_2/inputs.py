"""What plots and strata must satisfy before anything is estimated."""

import numpy as np

from tanhui.methods.engine import arranging, projectfile
from tanhui.methods.engine.arranged import Arranged, Submission

FEWEST = 2  # plots of a stratum from which a variance can be known


def arrange(submission: Submission) -> Arranged:
    """The default arrangement. A stratum with one plot or none is a fault at each survey."""
    arranged = arranging.arrange(submission)
    if submission.faults:
        return arranged
    codes = arranged.axes["stratum"]
    for survey in ("first", "second"):
        found = np.bincount(arranged.given[f"stratum_of_{survey}"], minlength=len(codes))
        for place in np.flatnonzero(found < FEWEST):
            submission.faults.append(
                submission.tables["strata"].fault(
                    "too_few_plots", int(place), "stratum", found=int(found[place]), wanted=FEWEST
                )
            )
    if "tree_cover" in arranged.given:
        _by_cover(submission, arranged)
    return arranged


def _by_cover(submission: Submission, arranged: Arranged) -> None:
    """Trees by their crown cover (U5) are for the baseline, which they make larger; an increment of nothing would make
    it smaller, so it must be stated."""
    if submission.project.get("facts", {}).get("scenario") != "baseline":
        submission.wrong(
            "crown_cover_in_the_project",
            "facts.scenario",
            submission.project.get("facts", {}).get("scenario", "project"),
            en="trees by crown cover are estimated in the baseline only; measure the project's trees on plots",
            zh="按树冠盖度估算乔木仅用于基准线；项目的乔木须以样地实测",
        )
    if not arranged.given.get("forest_increment"):
        submission.wrong("missing_fact", "declared.forest_increment")
    arranged.given["cover_years"] = projectfile.years(submission)
