"""Where a computation lies on disk, and the text of its plan from what a year is computed from.

``<var>/inventory/<id>/`` is the run's own folder (docs/algorithms/nep.md §3); ``<id>.data/`` holds what it reads.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from tanhui.inventory import methods
from tanhui.inventory.models import AccountingYear, Computation, Dataset, Use
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.nep import words

# What may be said of how an input is read, as the plan knows it.
READ = ("unit", "scale", "offset", "nodata", "fills", "crs", "variable", "band", "resampling", "shares", "product")
OF_ZONES = ("code", "name", "encoding", "crs", "layer", "repair")
OF_COVER = ("scheme", "codes")


class SeriesUnlike(Refusal):
    code = "inventory.series_unlike"
    sentence = gettext_noop(
        "“%(title)s” cannot stand in one series with “%(other)s” as “%(layer)s”: unit or kind of file differ. Bring it "
        "to the same unit and format and enter it anew."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条：连续性"
    status = 422


def folder(computation: Computation) -> Path:
    """The run's folder."""
    return root() / str(computation.pk)


def data_folder(computation: Computation) -> Path:
    """Where its data is laid out: ``<layer>/<file>``."""
    return root() / f"{computation.pk}.data"


def root() -> Path:
    found: Path = settings.TANHUI_VAR / "inventory"
    return found


def stored(use: Use) -> PurePosixPath:
    """Where a use's file or folder lies below the data folder. The years of a series lie beside one another, each under
    its number."""
    name = PurePosixPath(use.dataset.name)
    year = use.accounting_year
    if len(year.earlier) and use.layer in (*methods.OF_THE_YEAR, methods.COVER):
        name = PurePosixPath(f"{use.of_year or year.year}{name.suffix.lower()}")
    return PurePosixPath(use.layer) / name


def place(use: Use, several: bool = False) -> str:
    """The same as the plan writes it: months of a folder by their pattern, and of ``several`` years each by its own."""
    found, pattern = str(stored(use)), use.options.get("pattern")
    if several:
        found = found.replace(str(use.accounting_year.year), "{year}")
    return f"{found}/{pattern}" if pattern and use.dataset.path else found


def plan(year: AccountingYear, uses: Iterable[Use]) -> str:
    """The text of ``plan.toml``: the same year, method and data give the same bytes."""
    rows = [one for one in uses if not one.layer.startswith(methods.VALIDATION)]
    held = {one.layer: one for one in rows if one.of_year is None}
    several = {one.layer for one in rows if one.of_year is not None}
    check_series(rows, held)
    norm = methods.NORMS[year.method["norm"]]
    cover = held["landcover"].options if "landcover" in held else {}
    said: dict[str, Any] = {
        "title": f"{year.area_name}{words.years([*year.earlier, year.year])}年生态系统存量碳汇核算",
        "area": year.area_name,
        "years": [*year.earlier, year.year],
        "grid": {"like": year.method["like"]},
        **models(year),
        "landcover": {key: cover[key] for key in OF_COVER if cover.get(key)},
        "norm": {
            "id": norm.id, "title": norm.title, "method": "NEP", "clause": norm.clause,
            "coefficients": year.method["coefficients"], **chosen(year, held),
        },
        "layers": {name: layer(held[name], name in several) for name in methods.layers(year.method) if name in held},
    }  # fmt: skip
    said["zones"] = [*levels(held)]
    return toml(said)


def models(year: AccountingYear) -> dict[str, Any]:
    """NPP and respiration, as far as the way has them."""
    npp = {"npp": {"method": year.method["npp"]}} if year.method.get("npp") else {}
    return npp | ({"rh": {"models": year.method["respiration"]}} if year.method.get("respiration") else {})


def chosen(year: AccountingYear, held: Mapping[str, Use]) -> dict[str, Any]:
    """A way other than NPP − Rh with the norm's table, the region it is read for, the years between two surveys."""
    way = methods.way(year.method)
    if way == "nep":
        return {}
    said: dict[str, Any] = {"method": way, "region": year.division_code[:6]}
    if methods.TABLE in held:
        said["tables"] = str(stored(held[methods.TABLE]))
    return said | ({"span": year.method["span"]} if "span" in year.method else {})


def levels(held: Mapping[str, Use]) -> Iterator[dict[str, Any]]:
    """The levels of zones, the red line last; where there is one, each other level once more, cut by it."""
    line = methods.ZONES + methods.RED_LINE
    plain = [level(held[name]) for name in sorted(held) if name.startswith(methods.ZONES) and name != line]
    yield from plain
    if line in held:
        yield level(held[line])
        yield from (one | {"level": one["level"] + words.CUT, "cut": methods.RED_LINE} for one in plain)


def check_series(rows: Iterable[Use], held: Mapping[str, Use]) -> None:
    """The files of a series are read in one way: refuses with ``SeriesUnlike`` one that says another unit, or is of
    another kind of file, than the year's own."""
    for one in rows:
        if one.of_year is None or one.layer not in held:
            continue
        mine, theirs = held[one.layer].dataset, one.dataset
        kinds = [PurePosixPath(each.name).suffix.lower() for each in (mine, theirs)]
        if mine.unit != theirs.unit or kinds[0] != kinds[1]:
            raise SeriesUnlike(title=theirs.title, layer=one.layer, other=mine.title)


def layer(use: Use, several: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"path": place(use, several), "unit": use.dataset.unit}
    told |= {key: use.options[key] for key in READ if use.options.get(key) not in (None, "", [])}
    told |= origin(use.dataset) | {"grade": use.dataset.grade}
    return {key: value for key, value in told.items() if value != ""}


def level(use: Use) -> dict[str, Any]:
    told = {"level": use.layer.removeprefix(methods.ZONES), "path": place(use)}
    told |= {key: use.options[key] for key in OF_ZONES if use.options.get(key)}
    one = use.dataset
    source = one.title if one.agency in one.title else f"{one.title}（{one.agency}）"
    return told | {"source": source, "licence": one.licence}


def origin(dataset: Dataset) -> dict[str, str]:
    return {"source": dataset.title, "licence": dataset.licence, "agency": dataset.agency}


def stopped(refusal: Refusal, stage: str) -> dict[str, Any]:
    """Why something stopped, as a row keeps it: the rule, its facts, its sentence in both languages, and where."""
    facts = {name: str(fact) for name, fact in refusal.facts.items()}
    said = {name: refusal.say(name) for name in ("zh-hans", "en")}
    return {"code": refusal.code, "facts": facts, "said": said, "clause": refusal.clause, "stage": stage}


def toml(said: Mapping[str, Any]) -> str:
    """TOML of tables, one deep, with arrays of tables last. Strings of JSON are strings of TOML."""
    lines = [f"{key} = {value(one)}" for key, one in said.items() if not isinstance(one, dict) and not tables(one)]
    for key, one in said.items():
        if isinstance(one, dict) and one:
            lines += [] if all(isinstance(inner, dict) for inner in one.values()) else ["", f"[{key}]"]
            lines += [f"{name} = {value(inner)}" for name, inner in one.items() if not isinstance(inner, dict)]
            for name, inner in one.items():
                if isinstance(inner, dict):
                    lines += ["", f"[{key}.{name}]", *(f"{a} = {value(b)}" for a, b in inner.items())]
        elif tables(one):
            for inner in one:
                lines += ["", f"[[{key}]]", *(f"{a} = {value(b)}" for a, b in inner.items())]
    return "\n".join(lines) + "\n"


def tables(one: Any) -> bool:
    return isinstance(one, list) and bool(one) and all(isinstance(inner, dict) for inner in one)


def value(one: Any) -> str:
    if isinstance(one, dict):
        return "{ " + ", ".join(f"{key} = {value(inner)}" for key, inner in one.items()) + " }"
    return json.dumps(one, ensure_ascii=False)
