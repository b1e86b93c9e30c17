"""What plots and strata must satisfy before anything is estimated."""

import numpy as np

from tanhui.methods.engine import arranging
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
    return arranged
