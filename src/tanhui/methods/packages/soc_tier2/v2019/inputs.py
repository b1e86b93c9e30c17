"""Twelve months for each site, and the site of each unit."""

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission

MONTHS = 12
HIGHEST_RATIO = 0.85 / 0.018  # of lignin to nitrogen: above it the source would make the metabolic share negative
NOT_A_MONTH = ("this is not a month from 1 to 12", "月份须为 1 至 12")
NOT_TWELVE = (
    "site %(site)s has %(found)s months and needs twelve",
    "站点 %(site)s 有 %(found)s 个月的数据，须为十二个月",
)
NO_SITE = ("the climate table has no such site", "气候表中没有该站点")

remarks = arranging.remarks


def arrange(submission: Submission) -> Arranged:
    """Months along their sites, practices along theirs; a high lignin ratio is noted, the source being silent on it."""
    arranged = arranging.arrange(submission)
    if not set(submission.tables) >= {"climate", "units"}:
        return arranged
    climate, units, given = submission.tables["climate"], submission.tables["units"], arranged.given
    months = climate.texts["month"]
    wrong = ~np.isin(months, [str(month) for month in range(1, MONTHS + 1)])
    submission.faults.extend(climate.faults("not_a_month", wrong, "month", en=NOT_A_MONTH[0], zh=NOT_A_MONTH[1]))
    sites, first, month_site, counted = np.unique(
        climate.texts["site"], return_index=True, return_inverse=True, return_counts=True
    )
    for site in np.flatnonzero(counted != MONTHS):
        facts = {"site": str(sites[site]), "found": int(counted[site])}
        submission.faults.append(
            climate.fault("not_twelve_months", int(first[site]), "site", en=NOT_TWELVE[0], zh=NOT_TWELVE[1], **facts)
        )
    asked: NDArray[np.str_] = units.texts["site"]
    unknown = ~np.isin(asked, sites)
    submission.faults.extend(units.faults("unknown_site", unknown, "site", en=NO_SITE[0], zh=NO_SITE[1]))
    arranged.axes["site"] = [str(site) for site in sites]
    given["month_site"] = month_site
    places = np.minimum(np.searchsorted(sites, asked), len(sites) - 1)
    _practices(arranged, places)
    high = given["lignin"] > HIGHEST_RATIO * given["nitrogen"]
    if high.any():
        above = [arranged.axes["practice"][place] for place in np.flatnonzero(high)]
        arranged.notes.append(
            {
                "note": "metabolic_share_held_at_zero",
                "practices": above,
                "text_en": f"Lignin to nitrogen lies so high that the printed line turns negative; the metabolic share "
                f"was held at zero for {', '.join(above)}.",
                "text_zh": f"木质素与氮之比过高，原式将得负值；{'、'.join(above)} 的代谢性部分按零计。",
            }
        )
    return arranged


def _practices(arranged: Arranged, places: NDArray[np.intp]) -> None:
    """Along the axis of practices every unit stands twice: all of them before, then all of them after."""
    given, units = arranged.given, arranged.axes["unit"]
    arranged.axes["practice"] = [f"{unit}/{when}" for when in ("before", "after") for unit in units]
    for name in ("carbon", "tillage"):
        given[name] = np.concatenate([given.pop(f"{name}_before"), given.pop(f"{name}_after")])
    for name in ("sand", "lignin", "nitrogen"):
        given[name] = np.tile(given[name], 2)
    given["practice_site"] = np.tile(places, 2)
