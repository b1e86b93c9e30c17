"""Straw has one fate, and no more of it leaves a field than grew there."""

import numpy as np

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission

SLACK = 1.05  # scales and moisture differ
EARNS_NOTHING = {
    "returned": ("it stays on the field and feeds the soil carbon methodology", "已还田，归土壤碳方法学计量"),
    "burnt": ("it was burnt", "已焚烧"),
    "unknown": ("nobody knows where it went", "去向不明"),
}


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
        if fate in EARNS_NOTHING:
            en, zh = EARNS_NOTHING[fate]
            arranged.notes.append(
                {
                    "note": "straw_earns_nothing",
                    "fate": fate,
                    "parcels": count,
                    "text_en": f"Straw of {count} parcels earns nothing: {en}.",
                    "text_zh": f"{count} 个地块的秸秆不计减排量：{zh}。",
                }
            )
    return arranged
