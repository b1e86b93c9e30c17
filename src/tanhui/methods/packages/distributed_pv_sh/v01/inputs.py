"""The default arrangement, and what the meters themselves tell the predicates."""

import math

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission


def arrange(submission: Submission) -> Arranged:
    arranged = arranging.arrange(submission)
    if "capacity" in arranged.given:
        arranged.facts["capacity_kw"] = math.fsum(arranged.given["capacity"])
    arranged.facts["largest_kw"] = submission.parameters["largest_project"].number()
    arranged.looked_up["largest_project"] = ("",)
    return arranged
