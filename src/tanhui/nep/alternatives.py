"""A year of a run by another method of a norm, type by type, beside its NEP: for who must report by rate or ratio.

chosen = norms.select("rate", "GB/T 46869-2025", "2026-01", tables=norms.shelf(folder))
print(alternatives.markdown(alternatives.compare(statistics, chosen, year=2025, region="330604"), chosen, "zh-hans"))
"""

from dataclasses import dataclass

import numpy as np

from tanhui.nep import refusals
from tanhui.nep.kernel import DIRECT
from tanhui.nep.norms import METHODS, Measured, Selection
from tanhui.nep.rows import Row, Statistics
from tanhui.science import ecosystems, npp
from tanhui.science.biomass import CO2_PER_CARBON

DRY = "gDM m-2 a-1"


@dataclass(frozen=True)
class Line:
    """A type of the whole area: its NEP with the interval, and the other method's number, None where the norm's table
    has no value for the type. Whole kilograms of CO₂ a year."""

    type: str
    area_m2: int
    nep_kg_co2: int
    lower_kg_co2: int
    upper_kg_co2: int
    other_kg_co2: int | None
    source: str

    @property
    def inside(self) -> bool | None:
        """Whether the other number lies within the interval; None where there is none."""
        if self.other_kg_co2 is None:
            return None
        return self.lower_kg_co2 <= self.other_kg_co2 <= self.upper_kg_co2


def compare(found: Statistics, chosen: Selection, *, year: int, region: str = "") -> tuple[Line, ...]:
    """Types of a year that have land, by the method chosen. The ratio method is given the run's NPP as dry matter.

    Refuses a method that needs what statistics do not hold: two surveys of biomass; NPP, where the run has none.
    """
    if chosen.method.key == "biomass":
        raise refusals.InputOfMethodMissing(method="biomass", input="biomass")
    if way(found) in DIRECT and chosen.method.key != "rate":
        raise refusals.InputOfMethodMissing(method=chosen.method.key, input="npp")
    return tuple(line(row, chosen, region) for row in found.types(year) if row.area_m2)


def way(found: Statistics) -> str:
    """The method of the run itself."""
    return str(found.basis.get("way", {}).get("method", "nep"))


def line(row: Row, chosen: Selection, region: str) -> Line:
    grams = np.array([1000 * row.npp_kg_c / row.area_m2])
    respired = np.array([1000 * row.rh_kg_c / row.area_m2])
    other, source = None, ""
    if chosen.method.key == "nep":
        if ecosystems.RULES[ecosystems.CODES[row.type]].method == "nep":
            grown = Measured(grams, "gC m-2 a-1")
            carbon = chosen.tonnes_carbon(
                [row.type], [row.area_m2], production=grown, respired=Measured(respired, "gC m-2 a-1")
            )
            other = round(1000 * CO2_PER_CARBON * float(carbon[0]))
    else:
        try:
            dry = Measured(grams / npp.DRY_TO_CARBON, DRY)
            carbon = chosen.tonnes_carbon([row.type], [row.area_m2], region=region, production=dry)
            other = round(1000 * CO2_PER_CARBON * float(carbon[0]))
            source = next(iter(chosen.tables.values())).row(row.type, region).source
        except refusals.CoefficientMissing:
            source = ""
    return Line(row.type, row.area_m2, row.nep_kg_co2, row.lower_kg_co2, row.upper_kg_co2, other, source)


def markdown(lines: tuple[Line, ...], chosen: Selection, code: str = "en", own: str = "nep") -> str:
    """The lines as a Markdown table in tonnes, with method, norm and grade above; a total of what both methods have.
    ``own`` is the method of the run."""
    zh = code.startswith("zh")
    method = METHODS[chosen.method.key]
    ours = "NEP" if own == "nep" else METHODS[own].zh if zh else METHODS[own].en
    heads = (
        ("类型", "面积 km²", f"{ours} tCO₂", "90% 区间", f"{method.zh} tCO₂", "在区间内", "出处") if zh else
        ("Type", "Area km²", f"{ours} tCO₂", "90 % interval", f"{method.en} tCO₂", "Within", "Source")
    )  # fmt: skip
    words = {True: "是", False: "否", None: "–"} if zh else {True: "yes", False: "no", None: "–"}
    body = [
        (
            ecosystems.NAMES_ZH[ecosystems.CODES[one.type] - 1] if zh else one.type,
            f"{one.area_m2 / 1e6:,.1f}",
            tonnes(one.nep_kg_co2),
            f"{tonnes(one.lower_kg_co2)} … {tonnes(one.upper_kg_co2)}",
            "–" if one.other_kg_co2 is None else tonnes(one.other_kg_co2),
            words[one.inside],
            one.source or "–",
        )
        for one in lines
    ]
    both = [one for one in lines if one.other_kg_co2 is not None]
    total = (
        ("两法均有的类型" if zh else "types both have"),
        f"{sum(one.area_m2 for one in both) / 1e6:,.1f}",
        tonnes(sum(one.nep_kg_co2 for one in both)),
        "–",
        tonnes(sum(one.other_kg_co2 or 0 for one in both)),
        "–",
        "–",
    )
    head = f"{chosen.norm.id} · {method.zh if zh else method.en} · " + (
        f"证据等级 {chosen.grade}" if zh else f"grade {chosen.grade}"
    )
    versions = "".join(f" · {one.quantity} {one.version} ({one.sha256[:12]})" for one in chosen.tables.values())
    grid = [heads, ["---", *["---:"] * 5, "---"], *body, *([total] if both else [])]
    return f"{head}{versions}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in grid) + "\n"


def tonnes(kilograms: int) -> str:
    return f"{kilograms / 1000:,.0f}"
