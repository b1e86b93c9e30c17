"""Units by inventory years: a whole rectangle, of one edition."""

import numpy as np

from tanhui.methods.engine import arranging
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.tables import Checked
from tanhui.science.sampling import Index

EDITION = "2019"
MIXED = (
    "reference stocks of the %(edition)s edition do not go with the 2019 factors (a cool, dry soil holds 50 in one and "
    "43 in the other); take both from the 2019 edition",
    "%(edition)s 版参考储量不能与 2019 版因子混用（冷温带干旱区高活性黏土前者为 50，后者为 43）；请统一采用 2019 版",
)
LOOKS_OLD = (
    "this own value of the reference stock is that of the 2006 edition; do not mix the editions",
    "该参考储量自定值与 2006 版缺省值相同，不得混用两个版本",
)
NOT_A_YEAR = ("this is not a year of four digits", "年份须为四位数字")
MISSING_YEAR = (
    "unit %(unit)s has no row for %(year)s; every unit needs a row for every inventory year",
    "单元 %(unit)s 缺少 %(year)s 年的记录；每个单元每个清查年份都须有一行",
)
ONE_YEAR = ("a change needs at least two inventory years", "计算变化至少需要两个清查年份")

remarks = arranging.remarks


def arrange(submission: Submission) -> Arranged:
    """The rectangle of units and years, with soil and climate of each unit beside each of its records."""
    arranged = arranging.arrange(submission)
    _edition(submission)
    if not set(submission.tables) >= {"units", "inventory"}:
        return arranged
    inventory, given = submission.tables["inventory"], arranged.given
    for name, of_unit in (("climate_zone", "unit_climate"), ("soil", "unit_soil")):
        given[name] = given[of_unit][given["place"]]
        arranged.sources[name] = inventory, "unit"
    years = inventory.texts["year"]
    wrong = ~(np.char.isdigit(years) & (np.char.str_len(years) == 4))
    submission.faults.extend(inventory.faults("not_a_year", wrong, "year", en=NOT_A_YEAR[0], zh=NOT_A_YEAR[1]))
    if submission.faults or not _whole(submission, submission.tables["units"], inventory, given["place"]):
        return arranged
    given["inventory_years"] = np.unique(years).astype(np.float64)
    arranged.axes["year"] = [str(one) for one in np.unique(years)]
    return arranged


def _whole(submission: Submission, units: Checked, inventory: Checked, place: Index) -> bool:
    """Rows are sorted by unit and year, so a whole rectangle repeats the years unit after unit."""
    years = np.unique(inventory.texts["year"])
    if len(years) < 2:
        submission.faults.append(inventory.fault("one_year", 0, "year", en=ONE_YEAR[0], zh=ONE_YEAR[1]))
    there = np.zeros((len(units), len(years)), dtype=np.bool_)
    there[place, np.searchsorted(years, inventory.texts["year"])] = True
    for unit, year in np.argwhere(~there).tolist():
        facts = {"unit": units.texts["unit"][unit], "year": years[year]}
        submission.faults.append(
            units.fault("missing_year", unit, "unit", en=MISSING_YEAR[0], zh=MISSING_YEAR[1], **facts)
        )
    return not submission.faults


def _edition(submission: Submission) -> None:
    """Neither a declared 2006 edition, nor an own value that is secretly the 2006 one."""
    stated = str(submission.project.get("facts", {}).get("edition", EDITION))
    if stated != EDITION:
        submission.wrong("mixed_editions", "facts.edition", stated, en=MIXED[0], zh=MIXED[1], edition=stated)
    old = submission.parameters["soc_reference_2006"]
    for number, one in enumerate(submission.project.get("own", []), 1):
        key = str(one.get("key", ""))
        if one.get("parameter") != "soc_reference" or key not in old:
            continue
        if _same(one.get("value"), old.row(key).value):
            submission.wrong("mixed_editions", f"own.{number}", one["value"], en=LOOKS_OLD[0], zh=LOOKS_OLD[1])


def _same(one: object, other: object) -> bool:
    try:
        return float(str(one)) == float(str(other))
    except ValueError:
        return False
