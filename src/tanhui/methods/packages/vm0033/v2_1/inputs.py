"""What VM0033 asks of its strata beyond shape: which default a stratum may use, and what must be measured."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine import arranging, numbers
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.tables import Checked
from tanhui.science import wetland

TABLE = "strata"
Mask = NDArray[np.bool_]
TOO_FRESH = (
    "the default for methane starts above 18 ppt (VM0033 §8.1.4.5.4); measure methane, or give a published value",
    "甲烷缺省值仅适用于盐度高于 18 ppt 的区域（VM0033 §8.1.4.5.4）；请实测或采用已发表的数值",
)
NO_DEFAULT = (
    "the default accumulation is for marsh and mangrove, never for %(ecosystem)s (equation 33); measure it",
    "土壤碳积累缺省值只用于盐沼和红树林，不得用于 %(ecosystem)s（公式 33）；请实测",
)
NOT_MEASURED = (
    "measured soil needs carbon, bulk density and accretion above zero (equation 29)",
    "采用实测土壤数据时，有机碳含量、容重和沉积速率都必须大于零（公式 29）",
)
NEEDS_SHARE = (
    "mineral soil of marsh or mangrove owes a deduction for carbon from elsewhere (§8.2.4.2.2); give share or sediment",
    "盐沼、红树林的矿质土必须扣减外源碳（§8.2.4.2.2）；请填写 share 或 sediment",
)
OFF_THE_LINE = (
    "below 2.8857 %% carbon the mangrove line has no organic matter (equation 43); give the share instead",
    "有机碳低于 2.8857%% 时红树林回归式得不到有机质（公式 43）；请直接给出外源碳比例",
)
NO_STOCK = (
    "exposed soil needs the stock it loses from (equation 2): without it there is no depletion time",
    "暴露土壤须填报其碳储量（公式 2），否则无法确定耗竭年限",
)


def arrange(submission: Submission) -> Arranged:
    """The strata in the order of their names, with the class of each for methane and nitrous oxide."""
    arranged = arranging.arrange(submission)
    if "confidence" not in arranged.given:
        submission.wrong("missing_fact", "facts.confidence")
    table = submission.tables.get(TABLE)
    if table is None:
        return arranged
    _fill(submission, arranged, table)
    given = arranged.given
    ecosystem, salinity = given["ecosystem"], given["salinity"]
    given["methane_class"] = _methane_class(salinity, given["methane_basis"])
    given["nitrous_class"] = _nitrous_class(salinity, ecosystem, given["nitrous_basis"])
    arranged.sources["methane_class"] = arranged.sources["nitrous_class"] = table, "salinity"
    _check(submission, given, table)
    arranged.facts["organic_strata"] = int((given["soil"] == "organic").sum())
    arranged.facts["seagrass_strata"] = int((ecosystem == "seagrass").sum())
    arranged.facts["gases_excluded"] = bool(
        (
            (given["methane_basis"] == "excluded")
            | ((given["nitrous_basis"] == "excluded") & (ecosystem != "seagrass"))
        ).any()
    )
    arranged.facts["nitrous_default"] = bool((given["nitrous_class"] != "none").any())
    arranged.notes.extend(_notes(given, arranged.axes["stratum"]))
    return arranged


def remarks(computed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tonnes that go to the buffer, and an error that costs."""
    buffer, error = numbers.text(computed["buffer"]), numbers.text(computed["error"])
    notes: list[dict[str, Any]] = [
        {
            "note": "buffer_contribution",
            "tonnes": buffer,
            "text_en": f"{computed['buffer']:.3f} t of the period belong into the pooled buffer, not to the project.",
            "text_zh": f"本监测期有 {computed['buffer']:.3f} 吨应存入汇总缓冲账户，不归项目所有。",
        }
    ]
    if computed["uncertainty_deduction"] > 0:
        notes.append(
            {
                "note": "uncertainty_above_allowance",
                "error_percent": error,
                "text_en": f"The error of {computed['error']:.1f} % exceeds the allowance; the excess was deducted.",
                "text_zh": f"误差 {computed['error']:.1f}% 超过允许值，超出部分已扣减，不形成减排量。",
            }
        )
    if computed["capped"] < computed["net"]:
        notes.append(
            {
                "note": "capped_at_100_years",
                "net_t": numbers.text(computed["net"]),
                "text_en": "The claim was cut to what will stand a hundred years after the start (equation 86).",
                "text_zh": "申请量已按项目开始后 100 年仍可保持的数量封顶（公式 86）。",
            }
        )
    return notes


def _fill(submission: Submission, arranged: Arranged, table: Checked) -> None:
    """Optional columns that were left out hold their default in every row."""
    for column in submission.columns(TABLE):
        if column["name"] not in arranged.given and "default" in column:
            value = bool(column["default"]) if column["kind"] == "flag" else float(column["default"])
            arranged.given[column["name"]] = np.full(len(table), value)


def _methane_class(salinity: Any, basis: Any) -> NDArray[np.str_]:
    by_salt = np.where(salinity >= 20, ">=20 ppt", ">18 ppt")
    return np.where(basis == "default", by_salt, "none")


def _nitrous_class(salinity: Any, ecosystem: Any, basis: Any) -> NDArray[np.str_]:
    place = np.where(ecosystem == "open water", "open water ", "vegetated ")
    salt = np.select([salinity > 18, salinity > 5], [">18 ppt", ">5 ppt"], "<=5 ppt")
    asked = (basis == "default") & (ecosystem != "seagrass")
    return np.where(asked, np.char.add(place, salt), "none")


def _check(submission: Submission, given: Mapping[str, Any], table: Checked) -> None:
    ecosystem, soil = given["ecosystem"], given["soil"]
    measured = given["soil_basis"] == "measured"

    def fault(rule: str, where: Mask, column: str, says: tuple[str, str], **facts: Any) -> None:
        submission.faults.extend(table.faults(rule, where, column, en=says[0], zh=says[1], **facts))

    fresh = (given["methane_basis"] == "default") & (given["salinity"] <= 18)
    fault("too_fresh_for_default", fresh, "salinity", TOO_FRESH)
    for name in ("seagrass", "open water"):
        fault("no_default_for_ecosystem", ~measured & (ecosystem == name), "soil_basis", NO_DEFAULT, ecosystem=name)
    for name in ("soil_percent", "bulk_density", "accretion"):
        if name in table.numbers:
            fault("soil_not_measured", measured & (given[name] == 0), name, NOT_MEASURED)
        else:
            fault("soil_not_measured", measured, "soil_basis", NOT_MEASURED)
    owes = (soil == "mineral") & (ecosystem != "seagrass") & (given["allochthonous_basis"] == "exempt")
    fault("allochthonous_not_stated", owes, "allochthonous_basis", NEEDS_SHARE)
    without = (given["exposed_depth"] > 0) & (given["baseline_stock"] == 0)
    fault("exposed_without_stock", without, "stratum", NO_STOCK)
    off = (given["allochthonous_basis"] == "sediment") & (
        (given["soil_percent"] <= 0)
        | ((ecosystem == "mangrove") & (given["soil_percent"] < wetland.MANGROVE_LOWEST_CARBON))
    )
    fault("off_the_regression", off, "allochthonous_basis", OFF_THE_LINE)


def _notes(given: Mapping[str, Any], strata: list[str]) -> list[dict[str, Any]]:
    torn = wetland.contradicted(given["eroded"], given["erosion_share"])
    if not torn.any():
        return []
    named = [strata[place] for place in np.flatnonzero(torn)]
    return [
        {
            "note": "contradiction_of_the_source",
            "clause": "VM0033 v2.1 §5.1.2",
            "strata": named,
            "text_en": "VM0033 §5.1.2 gives eroded soil a depletion time of 5 years and, where erosion is significant, "
            f"of none; the smaller was applied to {', '.join(named)}.",
            "text_zh": "VM0033 §5.1.2 对侵蚀土壤既规定耗竭年限为 5 年，又规定侵蚀显著时为 0，前后矛盾；"
            f"{'、'.join(named)} 按较小者计算。",
        }
    ]
