"""What changed between two years or two runs; refused where the numbers were not made the same way."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep import statistics
from tanhui.nep.rows import Row, Statistics
from tanhui.nep.wording import Worded
from tanhui.science import nep_uncertainty, plausible

OWN_EACH_YEAR = ("weather", "land_cover", "pixel")  # components whose errors are taken to be a year's own


class NotComparable(Worded):
    code = "nep.not_comparable"
    sentence = gettext_noop(
        "These results cannot be compared: %(parts)s differ. Recalculate the earlier years with the later method on "
        "the later grid (a back series), and compare those."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条（连续性）"
    status = 409


class YearNotThere(Worded):
    code = "nep.year_not_there"
    sentence = gettext_noop("The statistics have no year %(year)s. They have %(years)s.")
    clause = "docs/algorithms/nep.md §5"
    status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Later less earlier, whole kilograms a year; ``jump``: by more than 40 %. The interval leaves out what errs alike
    in both years: a model that is a fifth too high is so in the difference too, not in each of its ends."""

    level: str
    zone: str
    name: str
    type: str
    earlier: int
    later: int
    area_m2: int
    nep_kg_co2: int
    lower_kg_co2: int
    upper_kg_co2: int
    jump: bool


def between(
    earlier: Path, later: Path, *, earlier_year: int | None = None, later_year: int | None = None
) -> tuple[Change, ...]:
    """Changes between two runs' folders: from the last year of the one to the last of the other, or as named.

    Refuses runs of another grid, method or land cover, and years they do not have.
    """
    first, second = statistics.read(earlier), statistics.read(later)
    if parts := differing(first.basis, second.basis):
        raise NotComparable(parts="、".join(parts))
    return changes(
        first, second, first.years[-1] if earlier_year is None else earlier_year,
        second.years[-1] if later_year is None else later_year,
    )  # fmt: skip


def changes(first: Statistics, second: Statistics, earlier: int, later: int) -> tuple[Change, ...]:
    """Changes of every row that both years have."""
    for year, told in ((earlier, first), (later, second)):
        if year not in told.years:
            raise YearNotThere(year=year, years="、".join(map(str, told.years)))
    out = []
    for row in second.rows:
        before = first.row(earlier, row.zone, row.type, row.level) if row.year == later else None
        if before is not None:
            out.append(change(before, row))
    return tuple(out)


def change(before: Row, after: Row) -> Change:
    away = after.nep_kg_co2 - before.nep_kg_co2
    half = nep_uncertainty.Z * deviation(before, after)
    return Change(
        level=after.level,
        zone=after.zone,
        name=after.name,
        type=after.type,
        earlier=before.year,
        later=after.year,
        area_m2=after.area_m2,
        nep_kg_co2=away,
        lower_kg_co2=math.floor(away - half),
        upper_kg_co2=math.ceil(away + half),
        jump=bool(plausible.jumped(before.nep_kg_co2, after.nep_kg_co2)),
    )


def deviation(before: Row, after: Row) -> float:
    """One sigma of the change, kgCO₂. NPP errs by one share in both years, so by that share of its change; the models
    of respiration differ as their changes do; the rest is each year's own and adds up."""
    share = max((one.sigma_kg_co2["npp_model"] / abs(size) for one, size in sizes(before, after)), default=0.0)
    grown = share * abs(npp(after) - npp(before))
    spread = [44 / 12 * (after.models[name] - one) for name, one in before.models.items() if name in after.models]
    mean = math.fsum(spread) / len(spread) if spread else 0.0
    if len(spread) > 1:
        respired = math.sqrt(math.fsum((one - mean) ** 2 for one in spread) / (len(spread) - 1))
    else:
        respired = nep_uncertainty.ONE_MODEL * abs(mean)
    own = [one.sigma_kg_co2[name] for one in (before, after) for name in OWN_EACH_YEAR]
    return math.sqrt(grown**2 + respired**2 + math.fsum(one**2 for one in own))


def npp(row: Row) -> float:
    """Production (and what rates add), in kgCO₂."""
    return 44 / 12 * (row.nep_kg_c + row.rh_kg_c)


def sizes(*rows: Row) -> list[tuple[Row, float]]:
    return [(one, npp(one)) for one in rows if npp(one)]


NAMED = "norm"  # the part of a basis that names a norm: another name for the same method changes no number


def differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The parts of the basis that are not the same, by name; which norm is named is none of them."""
    return [name for name in sorted({*first, *second} - {NAMED}) if first.get(name) != second.get(name)]
