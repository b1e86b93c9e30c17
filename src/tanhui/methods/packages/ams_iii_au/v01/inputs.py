"""What a drainage log must be before it is counted, and what the tables tell the predicates."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.tables import Checked
from tanhui.science import methane


def arrange(submission: Submission) -> Arranged:
    """The default arrangement, with a season that ends after it began and drainages that lie in it, one after another.
    Without a drainage log every field counts as flooded throughout."""
    arranged = arranging.arrange(submission)
    if submission.faults:
        return arranged
    given, log, parcels = arranged.given, submission.tables.get("drainages"), submission.tables["parcels"]
    order = given["harvested_on"] <= given["flooded_on"]
    submission.faults += parcels.faults(
        "season_ends_first", order, "harvested_on", en="harvest comes before flooding", zh="收获日期早于灌水日期"
    )
    if log is not None:
        _check_log(submission, arranged, log)
    held = np.bincount(given["reference_stratum"], minlength=len(arranged.axes["stratum"])) > 0
    arranged.facts["strata_without_reference"] = int((~held).sum())
    for code in np.array(arranged.axes["stratum"])[~held]:
        submission.faults.append(
            submission.tables["strata"].fault(
                "no_reference_field",
                arranged.axes["stratum"].index(str(code)),
                "stratum",
                en="the stratum has no reference field to hold its yield against; add one",
                zh="该层没有参照田，无法比较产量；请补充参照田",
            )
        )
    return arranged


def remarks(computed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Parcels that earn nothing because they were never drained."""
    undrained = int((computed["drained_times"] == 0).sum())
    if not undrained:
        return []
    return [
        {
            "note": "parcels_not_drained",
            "parcels": undrained,
            "text_en": f"{undrained} parcels were never drained and earn nothing.",
            "text_zh": f"{undrained} 个地块全季未有效排水，不产生减排量。",
        }
    ]


def _check_log(submission: Submission, arranged: Arranged, log: Checked) -> None:
    given = arranged.given
    parcel, drained, reflooded = given["drainage_parcel"], given["drained_on"], given["reflooded_on"]
    submission.faults += log.faults(
        "reflooded_first",
        reflooded <= drained,
        "reflooded_on",
        en="reflooding comes before the drainage; the drainage before harvest does not belong in the log",
        zh="复水日期不晚于排水日期；收获前的排水不填入本表",
    )
    outside = (drained < given["flooded_on"][parcel]) | (reflooded > given["harvested_on"][parcel])
    submission.faults += log.faults(
        "drainage_outside_season",
        outside,
        "drained_on",
        en="the drainage lies outside the season of its parcel",
        zh="排水不在该地块的生育期内",
    )
    order = np.lexsort([drained, parcel])
    same = parcel[order][1:] == parcel[order][:-1]
    touching = np.zeros(len(parcel), dtype=np.bool_)
    touching[order[1:]] = same & (drained[order][1:] <= reflooded[order][:-1])
    submission.faults += log.faults(
        "drainages_overlap",
        touching,
        "drained_on",
        en="the field was not flooded again before this drainage; write one drainage for the two",
        zh="此前尚未复水；两次应合并为一次排水",
    )
    if not submission.faults:
        dry = (methane.dates(reflooded) - methane.dates(drained)).astype(np.int64)
        short = dry <= submission.parameters["shortest_drainage"].number()
        if count := int(short.sum()):
            arranged.notes.append(
                {
                    "note": "drainages_too_short",
                    "drainages": count,
                    "text_en": f"{count} drainages were too short to count.",
                    "text_zh": f"{count} 次排水持续时间不足，未计入。",
                }
            )
