"""What is asked for: a TOML file read into plain values, and refused where it cannot be meant."""

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tanhui.nep import norms, refusals
from tanhui.nep.kernel import RATIO, SURVEYS
from tanhui.nep.wording import say, why
from tanhui.science import casa, ecosystems, respiration

NPP = ("raster", "mod17", "gpp_cue", "casa", "miami")
NEEDS: Mapping[str, tuple[str, ...]] = {
    "raster": ("npp",),
    "mod17": ("npp",),
    "gpp_cue": ("gpp",),
    "casa": ("ndvi", "solar", "temperature", "precipitation"),
    "miami": ("temperature", "precipitation"),
    "none": (),
}
OF_WAY: Mapping[str, tuple[str, ...]] = {"nep": ("npp", "rh"), "nep_ratio": ("npp",), "rate": (), "biomass": ()}
MONTHLY = {"temperature", "precipitation", "solar", "ndvi"}
LAYERS = (
    "npp", "gpp", "rh", "temperature", "precipitation", "solar", "ndvi", "soc", "biomass_before", "biomass_after",
    "landcover", "previous",
)  # fmt: skip
LARGEST = 1_000_000  # bytes of a plan: the parser takes seconds for each ten million
RESAMPLING = ("nearest", "bilinear", "average", "mode")
# MOD17A3HGF.061: numbers of 0.1 gC (0.0001 kgC) and the fills of its user guide, above the greatest value
MOD17 = {"unit": "gC m-2 a-1", "scale": 0.1, "offset": 0.0}
RATES = (-500, 3200)  # gC m-2 a-1: no rate lies outside what an NPP can be
MOD17_FILLS = {"npp": tuple(range(32761, 32768)), "gpp": tuple(range(65529, 65536))}


@dataclass(frozen=True, slots=True)
class Layer:
    """One input: where it is, what its numbers mean, where they come from. Empty means: as the file itself says."""

    name: str
    path: str = ""
    unit: str = ""
    scale: float | None = None
    offset: float | None = None
    nodata: float | str | None = None
    fills: tuple[float, ...] = ()
    crs: str = ""
    variable: str = ""
    asset: str = ""
    band: int = 0
    resampling: str = ""
    aligned: bool = False
    constants: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    source: str = ""
    licence: str = ""
    agency: str = ""
    grade: str = ""
    note: str = ""

    def of(self, year: int) -> str:
        """The path in one year; ``{month}`` is left for twelve files."""
        return self.path.replace("{year}", str(year))

    @property
    def each_year(self) -> bool:
        return "{year}" in self.path or self.name in {"temperature", "precipitation"}


@dataclass(frozen=True, slots=True)
class Level:
    """A level of zones: polygons of a file, or a raster of numbers."""

    level: str
    path: str
    code: str = ""
    name: str = ""
    encoding: str = ""
    crs: str = ""
    layer: str = ""
    repair: bool = False
    exact: bool | None = None  # cut cells at borders exactly; None: where a zone is small
    cut: str = ""  # another level: each zone falls into what lies within that level's zones and what does not
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run as asked for. ``digest`` names it; ``base`` is the folder its paths are relative to."""

    title: str
    area: str
    years: tuple[int, ...]
    grid: Mapping[str, Any]
    npp: Mapping[str, Any]
    rh: Mapping[str, Any]
    landcover: Mapping[str, Any]
    rates: Mapping[str, Any]
    uncertainty: Mapping[str, Any]
    norm: Mapping[str, Any]
    layers: Mapping[str, Layer]
    zones: tuple[Level, ...]
    notes: tuple[str, ...]
    base: Path
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the plan's meaning: its values, not their order or the comments beside them."""
        return hashlib.sha256(json.dumps(tomllib.loads(self.text), sort_keys=True, default=str).encode()).hexdigest()

    @property
    def periods(self) -> int:
        """Parts of a year that are computed one by one: 12, or 1 where the plan says so."""
        return 1 if self.rh.get("period") == "year" else 12

    @property
    def way(self) -> str:
        """The method of the norm: NPP − Rh where none is named."""
        return str(self.norm.get("method") or "nep").lower()

    @property
    def models(self) -> tuple[str, ...]:
        """Models of respiration; none where the way has no respiration."""
        return tuple(self.rh["models"])

    @property
    def classes(self) -> Mapping[int, int]:
        """Land-cover code → type, by the scheme and the plan's own additions."""
        table = dict(ecosystems.SCHEMES[self.landcover.get("scheme", "tanhui")])
        for name, codes in self.landcover.get("codes", {}).items():
            table |= dict.fromkeys(codes, ecosystems.CODES[name])
        return table


def read(path: Path, base: Path | None = None) -> Plan:
    """The plan of a file; its paths are relative to the file, or to ``base``. Refuses what nobody could carry out."""
    try:
        size = path.stat().st_size
        text = path.read_text("utf-8-sig") if size <= LARGEST else ""  # Windows editors put a mark first
    except (OSError, UnicodeDecodeError) as problem:
        raise refusals.PlanUnreadable(file=path.name, problem=why(problem)) from problem
    if size > LARGEST:
        large = say("%(size)s MB, a plan has at most %(most)s MB", size=size // 10**6, most=LARGEST // 10**6)
        raise refusals.PlanUnreadable(file=path.name, problem=large)
    return parse(text, base=base or path.parent, file=path.name, home=path.absolute().parent)


def parse(text: str, *, base: Path, file: str = "plan.toml", home: Path | None = None) -> Plan:
    """The plan of a TOML text. ``{plan}`` in a path is the plan's own folder ``home``, wherever the data lie."""
    try:
        given = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise refusals.PlanUnreadable(file=file, problem=why(problem)) from problem
    known(given, "", ("title", "area", "years", "grid", "npp", "rh", "landcover", "rates", "uncertainty", "norm",
                      "layers", "zones", "notes"))  # fmt: skip
    way = norm(table(given, "norm"))
    for key in ("years", "grid", *OF_WAY[way], "layers"):
        wanted(given, key, "")
    for key in ("zones", "notes"):
        if not isinstance(given.get(key, []), list):
            raise refusals.PlanValueWrong(key=key, value=given[key], wanted=say("a list"))
    plan = Plan(
        title=str(given.get("title", "")),
        area=str(given.get("area", "")),
        years=years(given["years"]),
        grid=grid(given["grid"]),
        npp=npp(given["npp"]) if "npp" in OF_WAY[way] else {"method": "none"},
        rh=rh(given["rh"]) if way == "nep" else {"models": [RATIO] if way == "nep_ratio" else []},
        landcover=landcover(given.get("landcover", {})),
        rates=rates(given.get("rates", {})),
        uncertainty=table(given, "uncertainty"),
        norm=table(given, "norm"),
        layers={name: layer(name, at_home(values, home or base)) for name, values in table(given, "layers").items()},
        zones=tuple(level(at_home(each, home or base), number) for number, each in enumerate(given.get("zones", []))),
        notes=tuple(map(str, given.get("notes", []))),
        base=base,
        text=text,
    )
    return complete(plan)


def norm(given: Mapping[str, Any]) -> str:
    """The way a norm's table of a plan chooses. Refuses a norm that is not known, and a method it does not admit."""
    known(given, "norm.", ("id", "version", "title", "clause", "method", "coefficients", "tables", "region", "span"))
    if given and given.get("id") not in list(norms.NORMS):
        raise refusals.NormUnknown(norm=given.get("id", "-"), known="、".join(norms.NORMS))
    way = str(given.get("method") or "nep").lower()
    if way not in OF_WAY:
        raise refusals.PlanValueWrong(key="norm.method", value=given["method"], wanted=", ".join(OF_WAY))
    if given:
        norms.admitted(way, given["id"])
    for key in ("tables", "region", "coefficients"):
        if not isinstance(given.get(key, ""), str):
            raise refusals.PlanValueWrong(key=f"norm.{key}", value=given[key], wanted=say("text in quotes"))
    if way == "biomass":
        between("norm.span", wanted(given, "span", "norm."), 0.5, 100)
    return way


def complete(plan: Plan) -> Plan:
    """Refuse a plan that lacks a layer its methods need, or names one nobody reads. A way without NPP or without
    respiration leaves out the layers that only those read."""
    method = plan.npp["method"]
    needed = dict.fromkeys(NEEDS[method], f"npp.method = {method}") | {"landcover": "types"}
    if plan.way == "biomass":
        needed |= dict.fromkeys(SURVEYS, "norm.method = biomass")
    for model in plan.models:
        asks = {"raster": ("rh",), RATIO: ()}.get(model, ("temperature", "precipitation"))
        needed |= dict.fromkeys(asks, f"rh.models = {model}")
        if model == "gsmsr":
            needed["soc"] = "rh.models = gsmsr"
    for name, by in needed.items():
        if name not in plan.layers:
            raise refusals.PlanKeyMissing(key=f"layers.{name}", needed_by=by)
    if plan.way == "nep":
        known(plan.layers, "layers.", (*needed, "gpp", "previous"))
    else:
        kept = {*needed, "previous", plan.grid.get("like", "")}
        plan = replace(plan, layers={name: one for name, one in plan.layers.items() if name in kept})
    if method == "casa" and plan.periods != 12:
        raise refusals.PlanValueWrong(key="rh.period", value="year", wanted=say("month, as CASA asks"))
    for one in plan.layers.values():
        count = plan.periods if one.name in MONTHLY else 1
        if one.constants and len(one.constants) != count:
            raise refusals.PlanValueWrong(
                key=f"layers.{one.name}.constants",
                value=len(one.constants),
                wanted=say("%(count)s numbers", count=count),
            )
    names = [one.level for one in plan.zones]
    if len(set(names)) < len(names):
        raise refusals.PlanValueWrong(key="zones.level", value=", ".join(names), wanted=say("a name of its own each"))
    whole = [one.level for one in plan.zones if not one.cut]
    for level in plan.zones:
        if level.cut and (level.cut not in whole or level.cut == level.level):
            raise refusals.PlanValueWrong(key="zones.cut", value=level.cut, wanted=", ".join(whole) or "-")
    return plan


# -- parts -------------------------------------------------------------------------------------------------------------


def at_home(given: Mapping[str, Any], home: Path) -> Mapping[str, Any]:
    if not isinstance(given, dict) or not isinstance(given.get("path", ""), str):
        raise refusals.PlanValueWrong(key="layers, zones", value=given, wanted=say("tables with a path"))
    return given | ({"path": given["path"].replace("{plan}", str(home))} if "path" in given else {})


def known(given: Mapping[str, Any], prefix: str, names: Sequence[str]) -> None:
    if not isinstance(given, Mapping):
        raise refusals.PlanValueWrong(key=prefix.rstrip("."), value=given, wanted=say("a table"))
    for key in given:
        if key not in names:
            raise refusals.PlanKeyUnknown(key=prefix + key, known=", ".join(names))


def wanted(given: Mapping[str, Any], key: str, prefix: str) -> Any:
    if key not in given:
        raise refusals.PlanKeyMissing(key=prefix + key, needed_by=prefix.rstrip(".") or say("every run"))
    return given[key]


def table(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = given.get(key, {})
    if not isinstance(value, dict):
        raise refusals.PlanValueWrong(key=key, value=value, wanted=say("a table"))
    return value


def years(given: Any) -> tuple[int, ...]:
    whole = isinstance(given, list) and all(isinstance(one, int) and 1900 <= one <= 2200 for one in given)
    if not whole or not given or sorted(set(given)) != given:
        raise refusals.PlanValueWrong(
            key="years", value=given, wanted=say("a list of years, each later than the one before")
        )
    return tuple(given)


def grid(given: Mapping[str, Any]) -> Mapping[str, Any]:
    known(given, "grid.", ("like", "crs", "cell", "bounds", "tile"))
    tile = given.get("tile", 0)
    if not isinstance(tile, int) or isinstance(tile, bool) or tile < 0 or tile % 512:
        raise refusals.PlanValueWrong(key="grid.tile", value=tile, wanted=say("a multiple of 512"))
    if "like" not in given:
        for key, count in (("crs", None), ("cell", 2), ("bounds", 4)):
            value = wanted(given, key, "grid.")
            if key == "crs" and not isinstance(value, str):
                text = say('text in quotes, such as "EPSG:4490"')
                raise refusals.PlanValueWrong(key="grid.crs", value=value, wanted=text)
            if count and not (isinstance(value, list) and len(value) == count and all(map(finite, value))):
                raise refusals.PlanValueWrong(
                    key=f"grid.{key}", value=value, wanted=say("%(count)s numbers", count=count)
                )
    elif given["like"] not in LAYERS:
        raise refusals.PlanValueWrong(key="grid.like", value=given["like"], wanted=say("a layer"))
    return given


def npp(given: Mapping[str, Any]) -> Mapping[str, Any]:
    known(given, "npp.", ("method", "cue", "classes", "sigma", "reference", "grade", "note"))
    method = wanted(given, "method", "npp.")
    if method not in NPP:
        raise refusals.PlanValueWrong(key="npp.method", value=method, wanted=", ".join(NPP))
    if given.get("classes", "zhu2007") not in list(casa.TABLES):
        raise refusals.PlanValueWrong(key="npp.classes", value=given["classes"], wanted=", ".join(casa.TABLES))
    known(given.get("cue", {}), "npp.cue.", ecosystems.NAMES)
    for name, share in given.get("cue", {}).items():
        between(f"npp.cue.{name}", share, 0, 1)
    return given


def rh(given: Mapping[str, Any]) -> Mapping[str, Any]:
    known(given, "rh.", ("models", "period", "q10", "note"))
    models = wanted(given, "models", "rh.")
    choice = (*respiration.MODELS, "raster")
    names = isinstance(models, list) and models and all(one in choice for one in models)
    if not names or len(set(models)) < len(models):
        raise refusals.PlanValueWrong(
            key="rh.models", value=models, wanted=say("some of %(names)s", names=", ".join(choice))
        )
    if given.get("period", "month") not in ("month", "year"):
        raise refusals.PlanValueWrong(key="rh.period", value=given["period"], wanted="month, year")
    if "q10" in models:
        local = table(given, "q10")
        known(local, "rh.q10.", ("r10", "q10", "source", "grade"))
        for key, low, high in (("r10", 0, 20), ("q10", 1, 10)):
            between(f"rh.q10.{key}", wanted(local, key, "rh.q10."), low, high)
    return given


def landcover(given: Mapping[str, Any]) -> Mapping[str, Any]:
    known(given, "landcover.", ("scheme", "codes", "source"))
    if given.get("scheme", "tanhui") not in list(ecosystems.SCHEMES):
        raise refusals.PlanValueWrong(
            key="landcover.scheme", value=given["scheme"], wanted=", ".join(ecosystems.SCHEMES)
        )
    known(table(given, "codes"), "landcover.codes.", ecosystems.NAMES)
    for name, codes in table(given, "codes").items():
        if not isinstance(codes, list) or not all(isinstance(one, int) for one in codes):
            raise refusals.PlanValueWrong(key=f"landcover.codes.{name}", value=codes, wanted=say("a list of codes"))
    return given


def rates(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sequestration rates, gC m-2 a-1, for types that are counted by a rate; each with its source."""
    allowed = [ecosystems.NAMES[code - 1] for code, rule in ecosystems.RULES.items() if rule.method == "rate"]
    known(given, "rates.", allowed)
    for name, rate in given.items():
        known(rate, f"rates.{name}.", ("value", "unit", "source", "grade", "norm"))
        for key in ("value", "source"):
            wanted(rate, key, f"rates.{name}.")
        between(f"rates.{name}.value", rate["value"], *RATES)
        if rate.get("unit", "gC m-2 a-1") != "gC m-2 a-1":
            raise refusals.PlanValueWrong(key=f"rates.{name}.unit", value=rate["unit"], wanted="gC m-2 a-1")
    return given


def layer(name: str, given: Mapping[str, Any]) -> Layer:
    prefix = f"layers.{name}."
    if name not in LAYERS:
        raise refusals.PlanKeyUnknown(key=prefix.rstrip("."), known=", ".join(LAYERS))
    known(given, prefix, (*(field for field in Layer.__dataclass_fields__ if field != "name"), "product"))
    values = dict(given)
    if values.pop("product", "") == "mod17" and name in MOD17_FILLS:
        values = MOD17 | {"fills": MOD17_FILLS[name], "nodata": MOD17_FILLS[name][-1]} | values
    for key in ("fills", "constants", "shares"):
        one = values.get(key, ())
        if not isinstance(one, list | tuple) or not all(map(number, one)):
            raise refusals.PlanValueWrong(key=prefix + key, value=one, wanted=say("a list of numbers"))
        values[key] = tuple(float(each) for each in one)
    for key in ("scale", "offset"):
        if key in values and not finite(values[key]):
            raise refusals.PlanValueWrong(key=prefix + key, value=values[key], wanted=say("a number"))
    if "nodata" in values and values["nodata"] != "none" and not number(values["nodata"]):
        raise refusals.PlanValueWrong(key=prefix + "nodata", value=values["nodata"], wanted=say('a number, or "none"'))
    typed(values, prefix, Layer)
    if values.get("resampling", "nearest") not in RESAMPLING:
        raise refusals.PlanValueWrong(
            key=prefix + "resampling", value=values["resampling"], wanted=", ".join(RESAMPLING)
        )
    if bool(values.get("path")) == bool(values["constants"]):
        raise refusals.PlanKeyMissing(key=prefix + "path", needed_by=prefix.rstrip("."))
    if values["constants"] and not (values.get("unit") and values.get("source")):
        raise refusals.PlanKeyMissing(key=prefix + "unit, source", needed_by=prefix + "constants")
    if name == "landcover" and any(one != int(one) for one in values["constants"]):
        whole = say("a whole number, the code of a type")
        raise refusals.PlanValueWrong(key=prefix + "constants", value=values["constants"], wanted=whole)
    if values["shares"] and (len(values["shares"]) != 12 or abs(sum(values["shares"]) - 1) > 1e-6):
        raise refusals.PlanValueWrong(
            key=prefix + "shares", value=values["shares"], wanted=say("12 numbers that sum to 1")
        )
    return Layer(name=name, **values)


def level(given: Mapping[str, Any], number_: int) -> Level:
    prefix = f"zones[{number_}]."
    known(given, prefix, tuple(Level.__dataclass_fields__))
    typed(given, prefix, Level)
    for key in ("level", "path"):
        wanted(given, key, prefix)
    if not str(given["level"]).replace("-", "").replace("_", "").isalnum() or not str(given["level"]).isascii():
        raise refusals.PlanValueWrong(
            key=prefix + "level", value=given["level"], wanted=say("a word of letters and digits")
        )
    return Level(**given)


def typed(given: Mapping[str, Any], prefix: str, kind: type[Layer | Level]) -> None:
    """Refuse a number where a word belongs, a word where yes or no belongs, and a band before the first."""
    words = {str: say("text in quotes"), bool: say("true or false"), int: say("a whole number from 1 on")}
    for key, value in given.items():
        wants: Any = kind.__dataclass_fields__[key].type
        wants = bool if wants == bool | None else wants
        if wants in words and (type(value) is not wants or (wants is int and value < 1)):
            raise refusals.PlanValueWrong(key=prefix + key, value=value, wanted=words[wants])


def between(key: str, value: Any, low: float, high: float) -> None:
    if not (finite(value) and low <= value <= high):
        raise refusals.PlanValueWrong(key=key, value=value, wanted=f"{low:g} … {high:g}")


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def finite(value: Any) -> bool:
    return number(value) and math.isfinite(value)
