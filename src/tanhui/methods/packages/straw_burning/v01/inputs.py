"""Straw has one fate, and no more of it leaves a field than grew there."""

import numpy as np

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission

SLACK = 1.05  # scales and moisture differ


def arrange(submission: Submission) -> Arranged:
    """The default arrangement; more straw weighed than grown is a fault, straw returned to the soil is remarked on."""
    arranged = arranging.arrange(submission)
    if submission.faults:
        return arranged
    given, parcels = arranged.given, submission.tables["parcels"]
    more = given["weighed"] > SLACK * given["area"] * given["straw"]
    submission.faults += parcels.faults(
        "more_than_grown",
        more,
        "weighed",
        en="more straw was weighed than grew on the parcel",
        zh="过磅量超过该地块秸秆产量",
    )
    fates, counts = np.unique(given["fate"], return_counts=True)
    for fate, count in zip(fates.tolist(), counts.tolist(), strict=True):
        if fate in {"returned", "burnt", "unknown"}:
            arranged.notes.append({"note": "straw_earns_nothing", "fate": fate, "parcels": count})
    return arranged
