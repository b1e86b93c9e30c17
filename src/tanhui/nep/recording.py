"""The record of a run: everything its numbers rest on, the same bytes on any machine with the same versions."""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rasterio

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep import refusals, store, ways
from tanhui.nep.aligning import Aligned
from tanhui.nep.grid import Grid
from tanhui.nep.kernel import Method
from tanhui.nep.plan import Plan
from tanhui.nep.wording import Phrase, say
from tanhui.science import casa, ecosystems, npp

FORMAT = 1
PACKAGES = ("numpy", "rasterio", "pyproj", "shapely")


def told(asked: Plan, grid: Grid, made: Mapping[str, Aligned], levels: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Everything the numbers rest on; the same on any machine with the same versions."""
    said: dict[str, Any] = {
        "format": FORMAT,
        "title": asked.title,
        "area": asked.area,
        "years": list(asked.years),
        "plan_sha256": asked.digest,
        "grid": asdict(grid),
        "methods": {str(year): method(asked, year).said for year in asked.years},
        "npp": dict(asked.npp),
        "rh": dict(asked.rh),
        "landcover": dict(asked.landcover),
        "rates": dict(asked.rates),
        "uncertainty": dict(asked.uncertainty),
        "norm": dict(asked.norm),
        **({"way": ways.told(asked)} if asked.way != "nep" else {}),
        "inputs": {file: asdict(one) | {"sha256": one.sha256} for file, one in sorted(made.items())},
        "zones": dict(levels),
        "notes": list(asked.notes),
        "remarks": [{"code": code, "facts": facts} for code, facts in remarks(asked)],
        "versions": {"tanhui": importlib.metadata.version("tanhui"), "gdal": rasterio.__gdal_version__}
        | {name: importlib.metadata.version(name) for name in PACKAGES},
    }
    said["digest"] = hashlib.sha256(as_bytes({key: said[key] for key in said if key != "versions"})).hexdigest()
    return said


REMARKS = {
    "declared": gettext_noop("%(layer)s: declared numbers, the same everywhere (%(source)s; grade %(grade)s)"),
    "split": gettext_noop("%(layer)s: an annual raster split by declared monthly shares (grade %(grade)s)"),
    "annual": gettext_noop(
        "respiration from annual means instead of months: by Pei's formula too low, by about a seventh"
    ),
    "miami": gettext_noop(
        "NPP by the Miami model: potential vegetation from climate alone, a check and never a result"
    ),
    "one_model": gettext_noop("respiration by one model alone: its spread is unknown and the interval too narrow"),
}


def remarks(asked: Plan) -> Iterator[tuple[str, dict[str, str]]]:
    """What a reader of the result must know, from the plan itself: code and facts of a sentence of ``REMARKS``."""
    for one in asked.layers.values():
        if one.constants:
            yield "declared", {"layer": one.name, "source": one.source, "grade": one.grade or "D"}
        if one.shares:
            yield "split", {"layer": one.name, "grade": one.grade or "D"}
    if asked.periods == 1:
        yield "annual", {}
    if asked.npp["method"] == "miami":
        yield "miami", {}
    if len(asked.models) == 1:
        yield "one_model", {}


def notes(record: Mapping[str, Any], code: str = "zh-hans") -> list[str]:
    """The plan's own notes, and what else a reader must know, in one language."""
    said = [Phrase(REMARKS[one["code"]], **one["facts"]).say(code) for one in record.get("remarks", [])]
    return [*record["notes"], *said]


def as_bytes(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def read(folder: Path) -> dict[str, Any]:
    """The record of a prepared run. Refuses with ``NotARun``, ``RecordBroken`` or ``RecordOfAnotherVersion``."""
    name = Path(folder).name
    try:
        content = (Path(folder) / "record.json").read_bytes()
    except OSError as problem:
        raise refusals.NotARun(folder=name) from problem
    try:
        record = json.loads(content)
        found = record["format"]
    except (ValueError, KeyError, TypeError) as problem:
        raise refusals.RecordBroken(folder=name, problem=say("it is no record of a run")) from problem
    if found != FORMAT:
        raise refusals.RecordOfAnotherVersion(folder=name, found=found, known=FORMAT)
    return dict(record)


def same_inputs(record: Mapping[str, Any], asked: Plan, files: Iterable[Path]) -> bool:
    """Whether the files handed in still are the ones the record names."""
    entries = [*record["inputs"].values(), *record["zones"].values()]
    known = {(name, digest) for one in entries for name, digest in one["sources"]}
    there = {*files, *(asked.base / level.path for level in asked.zones)}
    return known <= {(file.name, store.digest(file)) for file in there if file.is_file()}


def check(folder: Path, record: Mapping[str, Any]) -> None:
    """Refuse a folder whose prepared files are not what the record says."""
    files = {file: one["sha256"] for file, one in record["inputs"].items()}
    files |= {f"zones/{name}": digest for one in record["zones"].values() for name, digest in one["files"].items()}
    for file, digest in files.items():
        if not (folder / file).is_file() or store.digest(folder / file) != digest:
            raise refusals.RunDamaged(file=file)


def method(asked: Plan, year: int) -> Method:
    """How a year is computed, as the kernel takes it."""
    typed = not by_class(asked)
    given = asked.npp.get("cue")
    cue = given if isinstance(given, dict) else {}
    by_type = {ecosystems.CODES[name]: float(value) for name, value in cue.items()}
    if asked.npp["method"] == "gpp_cue" and not by_type:
        by_type = {kind: npp.CUE[code] for kind, code in casa.TYPE_CLASS.items()} if typed else dict(npp.CUE)
    local = asked.rh.get("q10", {})
    taken = ways.numbers(asked)
    rates = {ecosystems.CODES[name]: float(one["value"]) for name, one in asked.rates.items()}
    if asked.way == "rate":  # what is no vegetation has a rate like any other
        rates |= {kind: value for kind, value in taken.items() if not ecosystems.COMPUTED[kind]}
    return Method(
        npp=asked.npp["method"],
        models=asked.models or (asked.way,),
        year=year,
        periods=asked.periods,
        cue=tuple(sorted(by_type.items())),
        casa=casa_table(asked),
        by_type=typed,
        rates=tuple(sorted(rates.items())),
        q10=(float(local.get("r10", 0)), float(local.get("q10", 0))),
        way=asked.way,
        coefficients=tuple(sorted((kind, value) for kind, value in taken.items() if ecosystems.COMPUTED[kind])),
    )


def by_class(asked: Plan) -> bool:
    """Whether coefficients are looked up by the land cover's own classes, which only IGBP's table knows."""
    return (
        asked.npp["method"] in ("gpp_cue", "casa")
        and asked.landcover.get("scheme") == "igbp"
        and not isinstance(asked.npp.get("cue"), dict)
    )


def casa_table(asked: Plan) -> str:
    return str(asked.npp.get("classes", "zhu2007"))
