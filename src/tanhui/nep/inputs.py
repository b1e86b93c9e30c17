"""Layers and levels of zones as a plan asks for them: where each is, and what its numbers mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanhui.nep import refusals
from tanhui.nep.given import finite, known, number, wanted
from tanhui.nep.wording import say

MONTHLY = {"temperature", "precipitation", "solar", "ndvi"}
LAYERS = (
    "npp", "gpp", "rh", "temperature", "precipitation", "solar", "ndvi", "soc", "biomass_before", "biomass_after",
    "landcover", "previous",
)  # fmt: skip
RESAMPLING = ("nearest", "bilinear", "average", "mode")
# MOD17A3HGF.061: numbers of 0.1 gC (0.0001 kgC) and the fills of its user guide, above the greatest value
MOD17 = {"unit": "gC m-2 a-1", "scale": 0.1, "offset": 0.0}
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


def at_home(given: Mapping[str, Any], home: Path) -> Mapping[str, Any]:
    if not isinstance(given, dict) or not isinstance(given.get("path", ""), str):
        raise refusals.PlanValueWrong(key="layers, zones", value=given, wanted=say("tables with a path"))
    return given | ({"path": given["path"].replace("{plan}", str(home))} if "path" in given else {})


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
