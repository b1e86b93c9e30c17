"""From sums of zones and types to rows: whole kilograms that add up, components of the error, intervals, changes.

Rounding is done here and nowhere else. A type's total over the whole area is rounded once, half to even; what its zones
of a level (outside among them) have of it is cut down to whole kilograms and the rest goes, one kilogram each, to the
largest remainders. So each number is less than a kilogram off, every level adds up to the same total, and what adds
types adds whole numbers. NEP in carbon is the printed NPP less the printed Rh. docs/algorithms/nep.md §5.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from tanhui.nep import plan as plans
from tanhui.nep import refusals
from tanhui.nep.rows import ALL, AREA, FLAGS, OUTSIDE, Row, agreeing, apportioned
from tanhui.nep.wording import say
from tanhui.science import ecosystems, nep_uncertainty, plausible
from tanhui.science.biomass import CO2_PER_CARBON

BIOMASS = 0.2  # one sigma of a survey's biomass over an area, as a share; the surveys err by themselves
RATE = 0.5  # one sigma of a published sequestration rate away from where it was measured, as a share

Place: TypeAlias = tuple[str, str]  # zone, type
Named: TypeAlias = Mapping[str, Mapping[str, str]]  # level: code: name


@dataclass(slots=True)
class Sums:
    """What the cells of one zone and type add up to in a year, float64, not rounded.

    ``cells``, ``data_m2``: with a value; ``area_m2``: all of them. ``nep`` and ``nep_squared`` are plain sums over
    cells (gC m-2 a-1), the rest is weighted with areas. ``rh_kg_c``: one for each model, always. ``rate_kg_c`` is what
    is not NPP − Rh; ``stocks_kg_c``, where it comes from biomass, what stood at the later survey and at the earlier.
    """

    cells: float = 0.0
    area_m2: float = 0.0
    data_m2: float = 0.0
    npp_kg_c: float = 0.0
    rh_kg_c: tuple[float, ...] = ()
    rate_kg_c: float = 0.0
    nep: float = 0.0
    nep_squared: float = 0.0
    flags: Mapping[str, float] = field(default_factory=dict)
    stocks_kg_c: tuple[float, float] = (0.0, 0.0)

    @property
    def mean_rh(self) -> float:
        return math.fsum(self.rh_kg_c) / len(self.rh_kg_c) if self.rh_kg_c else 0.0

    @property
    def nep_kg_c(self) -> float:
        return self.npp_kg_c - self.mean_rh + self.rate_kg_c


@dataclass(frozen=True, slots=True)
class Bare:
    """What of a zone has no land cover, and so no type."""

    cells: float = 0.0
    area_m2: float = 0.0


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the intervals assume; each a share of one sigma but for ``patch``, neighbouring cells that err together.

    ``confusion``: sample counts (rows as mapped, columns as found) of the types ``classes``; ``way``: the norm's
    method.
    """

    npp_model: float = nep_uncertainty.NPP_MODEL
    weather: float = nep_uncertainty.weather_share()
    land_cover: float = nep_uncertainty.LAND_COVER
    rate: float = RATE
    patch: float = nep_uncertainty.PATCH
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[float, ...], ...] = ()
    biomass: float = BIOMASS
    way: str = "nep"

    @property
    def said(self) -> dict[str, Any]:
        """As the statistics keep it: of ``biomass`` and ``way`` where they are used."""
        values = asdict(self)
        unused = {"biomass": self.way != "biomass", "way": self.way == "nep"}
        return {key: value for key, value in values.items() if not unused.get(key)}


def assumptions(plan: plans.Plan) -> Assumptions:
    """What a plan says in ``[uncertainty]`` (npp_model, degrees, rain, land_cover, rate, biomass, patch, classes,
    confusion) and ``npp.sigma``. Refuses what is no share, and a confusion matrix of another shape than its classes."""
    said = dict(plan.uncertainty)
    plans.known(
        said,
        "uncertainty.",
        ("npp_model", "degrees", "rain", "land_cover", "rate", "biomass", "patch", "classes", "confusion", "source"),
    )
    if "sigma" in plan.npp:
        said.setdefault("npp_model", plan.npp["sigma"])
    for key in ("npp_model", "rain", "land_cover", "rate", "biomass"):
        if key in said and not (plans.number(said[key]) and 0 <= said[key] <= 1):
            raise refusals.PlanValueWrong(key=f"uncertainty.{key}", value=said[key], wanted=say("a share from 0 to 1"))
    for key, least in (("degrees", 0), ("patch", 1)):
        if key in said and not (plans.number(said[key]) and said[key] >= least):
            raise refusals.PlanValueWrong(
                key=f"uncertainty.{key}", value=said[key], wanted=say("a number from %(least)s on", least=least)
            )
    weather = nep_uncertainty.weather_share(
        said.get("degrees", nep_uncertainty.DEGREES), said.get("rain", nep_uncertainty.RAIN)
    )
    classes, counts = matrix(said.get("classes", []), said.get("confusion", []))
    given = {key: float(said[key]) for key in ("npp_model", "land_cover", "rate", "biomass", "patch") if key in said}
    return Assumptions(weather=weather, classes=classes, confusion=counts, way=plan.way, **given)


def matrix(classes: Any, counts: Any) -> tuple[tuple[str, ...], tuple[tuple[float, ...], ...]]:
    known = isinstance(classes, list) and set(classes) <= set(ecosystems.NAMES) and len(set(classes)) == len(classes)
    if not known:
        raise refusals.PlanValueWrong(key="uncertainty.classes", value=classes, wanted=", ".join(ecosystems.NAMES))
    square = isinstance(counts, list) and len(counts) == len(classes)
    square = square and all(isinstance(row, list) and len(row) == len(classes) for row in counts)
    if not square or not all(plans.number(one) and one >= 0 for row in counts for one in row):
        wanted = say("%(count)s rows of %(count)s counts, as the classes", count=len(classes))
        raise refusals.PlanValueWrong(key="uncertainty.confusion", value=counts, wanted=wanted)
    return tuple(classes), tuple(tuple(float(one) for one in row) for row in counts)


def year_rows(
    year: int,
    area: Mapping[str, Sums],
    levels: Mapping[str, Mapping[Place, Sums]],
    bare: Mapping[tuple[str, str], Bare],
    names: Named,
    models: Sequence[str],
    assumed: Assumptions,
) -> list[Row]:
    """All rows of a year: ``area`` the sums of each type over the whole, ``levels`` those of each level's zones.

    ``bare``, by level and zone, lowers a zone's coverage; outside and over the whole it is what lies around the area.
    """
    shares = land_cover_shares(area, assumed)
    totals = {kind: whole_numbers(sums, models) for kind, sums in area.items()}
    rows = zone_rows(year, AREA, ALL, names[AREA][ALL], area, totals, models, assumed, shares)
    for level in sorted(levels):
        numbers: dict[Place, dict[str, int]] = {}
        for kind in area:
            zones = sorted(zone for zone, one in levels[level] if one == kind)
            parts = [exact_numbers(levels[level][zone, kind], models) for zone in zones]
            exact = exact_numbers(area[kind], models)
            for key, total in totals[kind].items():
                even = agreeing(exact[key], [one[key] for one in parts])
                for zone, number in zip(zones, apportioned(total, even), strict=True):
                    numbers.setdefault((zone, kind), {})[key] = number
        for zone in sorted({zone for zone, _ in levels[level]}, key=lambda one: (one == OUTSIDE, one)):
            own = {kind: levels[level][zone, kind] for kind in ecosystems.NAMES if (zone, kind) in levels[level]}
            whole = {kind: numbers[zone, kind] for kind in own}
            hole = bare.get((level, zone), Bare()) if zone != OUTSIDE else Bare()
            rows += zone_rows(year, level, zone, names[level].get(zone, ""), own, whole, models, assumed, shares, hole)
    return rows


def exact_numbers(sums: Sums, models: Sequence[str]) -> dict[str, float]:
    """What is rounded, by name."""
    each = {f"model {name}": one for name, one in zip(models, sums.rh_kg_c, strict=True)}
    return {
        "area_m2": sums.area_m2,
        "npp_kg_c": sums.npp_kg_c,
        "rh_kg_c": sums.mean_rh,
        "rate_kg_c": sums.rate_kg_c,
        "nep_kg_co2": sums.nep_kg_c * CO2_PER_CARBON,
        **each,
    }


def whole_numbers(sums: Sums, models: Sequence[str]) -> dict[str, int]:
    return {key: round(one) for key, one in exact_numbers(sums, models).items()}


def zone_rows(
    year: int,
    level: str,
    zone: str,
    name: str,
    sums: Mapping[str, Sums],
    numbers: Mapping[str, Mapping[str, int]],
    models: Sequence[str],
    assumed: Assumptions,
    shares: Mapping[str, float],
    bare: Bare = Bare(),
) -> list[Row]:
    """A zone's types in their order, then their sum."""
    kinds = [kind for kind in ecosystems.NAMES if kind in sums]
    each = {kind: errors(sums[kind], shares.get(kind, assumed.land_cover), assumed) for kind in kinds}
    together = total([sums[kind] for kind in kinds], len(models))
    whole = errors(together, assumed.land_cover, assumed)
    for component in ("land_cover", "pixel"):
        one = nep_uncertainty.independent([getattr(each[kind], component) for kind in kinds]) if kinds else 0.0
        whole = replace(whole, **{component: np.asarray(one)})
    added = {key: sum(numbers[kind][key] for kind in kinds) for key in exact_numbers(together, models)}
    together.flags = {**together.flags, "nodata": together.flags["nodata"] + bare.cells}
    labels = {"year": year, "level": level, "zone": zone, "name": name}
    rows = [row(labels, kind, sums[kind], numbers[kind], each[kind], models, assumed.way) for kind in kinds]
    return [*rows, row(labels, ALL, together, added, whole, models, assumed.way, covered(sums, bare.area_m2))]


def row(
    labels: Mapping[str, Any],
    kind: str,
    sums: Sums,
    numbers: Mapping[str, int],
    parts: nep_uncertainty.Components,
    models: Sequence[str],
    way: str,
    coverage: float | None = None,
) -> Row:
    sink = numbers["nep_kg_co2"]
    bounds = nep_uncertainty.interval(sums.npp_kg_c + sums.rate_kg_c, sums.rh_kg_c or [0.0], parts)
    lower = min(math.floor(float(bounds.lower) * CO2_PER_CARBON), sink)
    in_co2 = parts.times(CO2_PER_CARBON)
    return Row(
        **labels,
        type=kind,
        rule="sum" if kind == ALL else rule(kind, sums, way),
        cells=tidy(sums.cells),
        area_m2=numbers["area_m2"],
        coverage=covered({kind: sums}) if coverage is None else coverage,
        npp_kg_c=numbers["npp_kg_c"],
        rh_kg_c=numbers["rh_kg_c"],
        nep_kg_c=numbers["npp_kg_c"] - numbers["rh_kg_c"] + numbers["rate_kg_c"],
        models={name: numbers[f"model {name}"] for name in models if f"model {name}" in numbers},
        nep_kg_co2=sink,
        lower_kg_co2=lower,
        upper_kg_co2=max(math.ceil(float(bounds.upper) * CO2_PER_CARBON), sink),
        conservative_kg_co2=min(math.floor(float(bounds.conservative) * CO2_PER_CARBON), lower),
        sigma_kg_co2={name: round(float(getattr(in_co2, name))) for name in nep_uncertainty.NAMES},
        flags={name: tidy(sums.flags.get(name, 0)) for name in FLAGS},
    )


def rule(kind: str, sums: Sums, way: str = "nep") -> str:
    """How the type was found; one that takes a rate is not applicable without."""
    method = ecosystems.RULES[ecosystems.CODES[kind]].method
    if method == "nep":
        return way
    counted = method == "rate" or way == "rate"  # a norm's table may have a rate for water too
    return "rate" if counted and sums.rate_kg_c else "not_applicable"


def errors(sums: Sums, land_cover: float, assumed: Assumptions) -> nep_uncertainty.Components:
    """One sigma of each component, kgC a-1. The error of a rate stands with the model of NPP, and so does that of a
    ratio, which errs together with the NPP it is of, and that of biomass, where two surveys err each for itself."""
    deviation = nep_uncertainty.cell_deviation(sums.cells, sums.nep, sums.nep_squared)
    found = nep_uncertainty.components(
        sums.npp_kg_c,
        sums.rh_kg_c or [0.0],
        npp_share=assumed.npp_model,
        weather=assumed.weather,
        land_cover=land_cover * abs(sums.nep_kg_c),
        pixel=nep_uncertainty.noise(deviation, sums.data_m2, sums.cells, assumed.patch),
    )
    if assumed.way == "nep_ratio":
        share = math.hypot(assumed.npp_model, assumed.rate)
        none = np.zeros_like(found.npp_model)
        counted = abs(sums.npp_kg_c - sums.mean_rh)
        found = replace(found, npp_model=np.asarray(share * counted), rh_model=none, weather=none)
    if assumed.way == "biomass":
        surveys = assumed.biomass * math.hypot(*sums.stocks_kg_c)
        return replace(found, npp_model=np.asarray(math.hypot(surveys, assumed.rate * bare_rate(sums))))
    return replace(found, npp_model=np.hypot(found.npp_model, assumed.rate * abs(sums.rate_kg_c)))


def bare_rate(sums: Sums) -> float:
    """What of a sum comes from rates and not from biomass, kgC a-1."""
    return abs(sums.rate_kg_c - (sums.stocks_kg_c[0] - sums.stocks_kg_c[1]))


def land_cover_shares(area: Mapping[str, Sums], assumed: Assumptions) -> dict[str, float]:
    """The error of each type's NEP from mistakes of the map, as a share, where a confusion matrix is known."""
    kinds = [kind for kind in assumed.classes if kind in area]
    if not kinds:
        return {}
    places = [assumed.classes.index(kind) for kind in kinds]
    counts = np.array(assumed.confusion)[np.ix_(places, places)]
    mapped = [area[kind].area_m2 for kind in kinds]
    return dict(zip(kinds, nep_uncertainty.area_error(counts, mapped, np.ones(len(kinds))).tolist(), strict=True))


def total(parts: Sequence[Sums], models: int) -> Sums:
    """The sum of zones or types, with ``math.fsum`` in the order given."""
    keys = ("cells", "area_m2", "data_m2", "npp_kg_c", "rate_kg_c", "nep", "nep_squared")
    counts = {name: math.fsum(one.flags.get(name, 0) for one in parts) for name in FLAGS}
    rh = tuple(math.fsum(one.rh_kg_c[place] for one in parts if one.rh_kg_c) for place in range(models))
    stocks = (math.fsum(one.stocks_kg_c[0] for one in parts), math.fsum(one.stocks_kg_c[1] for one in parts))
    added = {key: math.fsum(getattr(one, key) for one in parts) for key in keys}
    return Sums(**added, rh_kg_c=rh, flags=counts, stocks_kg_c=stocks)


def covered(sums: Mapping[str, Sums], bare_m2: float = 0.0) -> float:
    """Share of the area to be computed that has data; 1 where there is nothing to compute. Land of no known type is to
    be computed."""
    asked = [one for kind, one in sums.items() if ecosystems.RULES[ecosystems.CODES[kind]].method == "nep"]
    area = math.fsum(one.area_m2 for one in asked) + bare_m2
    return round(min(math.fsum(one.data_m2 for one in asked) / area, 1.0), 6) if area else 1.0


def tidy(count: float) -> float:
    """A count of cells: whole where it is, else to a thousandth."""
    found = round(count, 3)
    return int(found) if found == int(found) else found


def compared(rows: Iterable[Row]) -> list[Row]:
    """The same rows with what changed since the year before."""
    rows = list(rows)
    before = {one.key: one for one in rows}
    out = []
    for one in rows:
        last = before.get((one.year - 1, *one.key[1:]))
        if last is not None:
            jump = bool(plausible.jumped(last.nep_kg_co2, one.nep_kg_co2))
            one = replace(one, change_kg_co2=one.nep_kg_co2 - last.nep_kg_co2, jump=jump)
        out.append(one)
    return out
