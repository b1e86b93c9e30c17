"""What is asked for: a TOML file read into plain values, and refused where it cannot be meant."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tanhui.nep import norms, refusals
from tanhui.nep.given import between, finite, known, number, table, wanted
from tanhui.nep.inputs import LAYERS, MONTHLY, Layer, Level, at_home, layer, level
from tanhui.nep.kernel import RATIO, SURVEYS
from tanhui.nep.wording import say, why
from tanhui.science import casa, ecosystems, respiration

__all__ = ["LAYERS", "MONTHLY", "Layer", "Level", "Plan", "known", "number", "parse", "read"]

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
NORM = re.compile(r"^\[norm\][^\n]*\n(?:(?!\[)[^\n]*(?:\n|\Z))*", re.MULTILINE)  # the section of the norm
LARGEST = 1_000_000  # bytes of a plan: the parser takes seconds for each ten million
RATES = (-500, 3200)  # gC m-2 a-1: no rate lies outside what an NPP can be


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


def read(path: Path, base: Path | None = None, norm: Mapping[str, Any] | None = None) -> Plan:
    """The plan of a file; its paths are relative to the file, or to ``base``. ``norm`` chooses another method, norm or
    table than the file. Refuses what nobody could carry out."""
    try:
        size = path.stat().st_size
        text = path.read_text("utf-8-sig") if size <= LARGEST else ""  # Windows editors put a mark first
    except (OSError, UnicodeDecodeError) as problem:
        raise refusals.PlanUnreadable(file=path.name, problem=why(problem)) from problem
    if size > LARGEST:
        large = say("%(size)s MB, a plan has at most %(most)s MB", size=size // 10**6, most=LARGEST // 10**6)
        raise refusals.PlanUnreadable(file=path.name, problem=large)
    text = chosen(text, norm, file=path.name) if norm else text
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


def chosen(text: str, norm: Mapping[str, Any], *, file: str = "plan.toml") -> str:
    """The text of a plan with another ``[norm]``: what ``norm`` names in place of what the plan says.

    Refuses a text that is no TOML, and a norm that is not a table of its own there.
    """
    try:
        before = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise refusals.PlanUnreadable(file=file, problem=why(problem)) from problem
    wanted = {**table(before, "norm"), **norm}
    lines = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in wanted.items())
    made = NORM.sub("", text).rstrip() + f"\n\n[norm]\n{lines}"
    try:
        same = tomllib.loads(made) == before | {"norm": wanted}
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise refusals.PlanValueWrong(key="norm", value=before.get("norm", "-"), wanted=say("a table"))
    return made


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
    for cutting in plan.zones:
        if cutting.cut and (cutting.cut not in whole or cutting.cut == cutting.level):
            raise refusals.PlanValueWrong(key="zones.cut", value=cutting.cut, wanted=", ".join(whole) or "-")
    return plan


# -- parts -------------------------------------------------------------------------------------------------------------


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
