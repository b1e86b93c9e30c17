"""A run from plan to joined rasters in a folder: prepare, carry out, look at, all of it resumable."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanhui.nep import (
    aligning,
    cutting,
    execution,
    forecast,
    joining,
    plan,
    recording,
    refusals,
    sources,
    store,
    tiles,
    ways,
    zones,
)
from tanhui.nep.aligning import Aligned
from tanhui.nep.grid import Grid, Tile
from tanhui.nep.kernel import DIRECT, Method
from tanhui.nep.plan import Plan
from tanhui.nep.progress import Folder, Progress
from tanhui.nep.sources import Source
from tanhui.nep.tiles import TileResult, TileTask
from tanhui.nep.wording import say
from tanhui.science import casa, ecosystems, npp

WHOLE = "area"  # the level of a run without zones
SMALL = 20_000_000  # cells to align or join that one process does as soon as several

estimate, reach, read_record = forecast.estimate, forecast.reach, recording.read
Tell = Callable[[str, int, int, str], None]  # stage, done, of, name


def silent(stage: str, done: int, of: int, name: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far a run is. ``joined`` says that every layer is written."""

    title: str
    plan: str
    tiles: int
    done: int
    by_year: Mapping[int, tuple[int, int]]
    joined: bool

    @property
    def finished(self) -> bool:
        return self.done == self.tiles and self.joined


# -- before ------------------------------------------------------------------------------------------------------------


def prepare(asked: Plan, folder: Path, tell: Tell = silent, *, workers: int | None = 1) -> dict[str, Any]:
    """Burn the zones, align every input, and write the record; done before, it is only compared.

    Refuses everything that can be known before computing: each input as ``sources.find`` and ``aligning.align`` do,
    zones as ``zones.read`` and ``zones.burn``; a folder that holds another run; too small a disk.
    """
    folder = Path(folder)
    before = read_record(folder) if sources.is_file(folder / "record.json") else None
    if before is not None:
        if (
            before["plan_sha256"] != asked.digest
            or not recording.same_inputs(before, asked, forecast.handed_in(asked))
            or before.get("way", {}) != ways.told(asked)
        ):
            raise refusals.AnotherRun(folder=folder.name)
        recording.check(folder, before)
        return before
    there = forecast.found(asked)
    grid = forecast.gridded(asked, there)
    forecast.fits(folder, estimate(asked).disk)
    levels = burnt(asked, grid, folder, tell)
    jobs = list(aligned_jobs(asked, there, grid, folder))
    made: dict[str, Aligned] = {}
    several = worth(workers, grid, len(jobs))
    for number, (job, answer) in enumerate(execution.chained(do, [[job] for job in jobs], workers=several), 1):
        if isinstance(answer, execution.Refused):
            raise answer.refusal
        made[str(job.out.relative_to(folder))] = answer
        tell("align", number, len(jobs), job.out.name)
    known_classes(asked, made)
    store.put(folder / "plan.toml", asked.text.encode())
    record = recording.told(asked, grid, made, levels)
    store.put(folder / "record.json", recording.as_bytes(record))
    return read_record(folder)


def worth(workers: int | None, grid: Grid, files: int) -> int | None:
    """As many workers as asked for where there is work for them; starting one takes as long as ten million cells."""
    return workers if grid.cells * files > SMALL else 1


@dataclass(frozen=True, slots=True)
class Declared:
    """A layer of declared numbers to write."""

    layer: plan.Layer
    grid: Grid
    out: Path
    quantity: str
    year: int


def aligned_jobs(
    asked: Plan, there: Mapping[tuple[str, int], Source], grid: Grid, folder: Path
) -> Iterator["aligning.Job | Declared"]:
    for name, file, year in forecast.wanted(asked):
        out = folder / file
        if (name, year) not in there:
            yield Declared(asked.layers[name], grid, out, name, year)
            continue
        periods = asked.periods if name in plan.MONTHLY else 1
        scheme = asked.landcover.get("scheme", "tanhui")
        yield aligning.Job(there[name, year], grid, out, name, periods, asked.classes, scheme)
        if name == "landcover" and recording.by_class(asked):
            yield aligning.Job(there[name, year], grid, out.with_name("vegetation.tif"), "vegetation", 1)


def do(job: "aligning.Job | Declared") -> Aligned:
    if isinstance(job, Declared):
        return aligning.constants(job.layer, job.grid, job.out, job.quantity, job.year)
    return aligning.align(job)


def known_classes(asked: Plan, made: Mapping[str, Aligned]) -> None:
    """Refuse classes that would get an NEP but have no coefficient."""
    table = set(npp.CUE) if asked.npp["method"] == "gpp_cue" else set(casa.TABLES[recording.casa_table(asked)])
    seen = {code for one in made.values() if one.quantity == "vegetation" for code in one.codes}
    lost = sorted(code for code in seen - table if ecosystems.COMPUTED[asked.classes.get(code, 0)])
    if lost:
        raise refusals.VegetationUnknown(codes=", ".join(map(str, lost)), method=asked.npp["method"])


def burnt(asked: Plan, grid: Grid, folder: Path, tell: Tell) -> dict[str, dict[str, Any]]:
    """Zones of every level on the grid."""
    levels = {}
    by_name = {level.level: level for level in asked.zones}
    for number, level in enumerate(asked.zones, 1):
        polygons = drawn(asked, level)
        sources = [asked.base / level.path]
        if level.cut:
            polygons = cutting.cut(polygons, drawn(asked, by_name[level.cut]))
            sources.append(asked.base / by_name[level.cut].path)
        one = zones.burn(polygons, grid, folder, exact=level.exact)
        levels[level.level] = {
            "file": f"zones/{level.level}.tif",
            "digest": one.digest,
            "files": dict(one.files),
            "zones": len(one.codes),
            "source": level.source,
            "licence": level.licence,
            "sources": [[path.name, store.digest(path)] for path in sources],
        }
        tell("zones", number, len(asked.zones), level.level)
    return levels


def drawn(asked: Plan, level: plan.Level) -> zones.Zones:
    """The polygons of a level as its file has them. Refuses as ``zones.read``, and a file that is not there."""
    path = asked.base / level.path
    if not sources.is_file(path):
        raise refusals.FileMissing(file=path.name, layer=f"zones.{level.level}")
    return zones.read(
        path, level=level.level, code_field=level.code, name_field=level.name or None, encoding=level.encoding or None,
        crs=level.crs or None, layer=level.layer or None, repair=level.repair,
    )  # fmt: skip


# -- the tiles ---------------------------------------------------------------------------------------------------------


def grid_of(record: Mapping[str, Any]) -> Grid:
    said = record["grid"]
    a, b, c, d, e, f = said["transform"]
    return Grid(said["crs"], (a, b, c, d, e, f), said["width"], said["height"], said["tile"])


def chains(folder: Path, record: Mapping[str, Any]) -> list[list[TileTask]]:
    """Tasks by place, the years of a place one after the other: each is compared with the year before."""
    grid = grid_of(record)
    made = []
    for tile in grid.windows():
        chain: list[TileTask] = []
        for year in record["years"]:
            chain.append(task(folder, record, grid, tile, year, chain[-1].name if chain else ""))
        made.append(chain)
    return made


def task(folder: Path, record: Mapping[str, Any], grid: Grid, tile: Tile, year: int, previous: str) -> TileTask:
    said = dict(record["methods"][str(year)])
    for key in ("models", "q10"):
        said[key] = tuple(said[key])
    for key in ("cue", "rates", *(["coefficients"] if "coefficients" in said else [])):
        said[key] = tuple(tuple(pair) for pair in said[key])
    how = Method(**said)
    inputs = record["inputs"]
    layers = {}
    for name in (*how.reads, "gpp", "landcover", "vegetation", "previous"):
        file = next((one for one in (f"inputs/{year}/{name}.tif", f"inputs/{name}.tif") if one in inputs), "")
        if file and (name != "previous" or not previous):
            layers[name] = (file, inputs[file]["sha256"])
    levels = {level: (one["file"], one["digest"]) for level, one in record["zones"].items()} or {WHOLE: ("", "")}
    return TileTask(str(folder), year, tile, grid, how, layers, levels, previous, record["digest"])


def carry_out(
    folder: Path,
    scheduler: str | None = None,
    workers: int | None = None,
    tell: Tell = silent,
    progress: Progress | None = None,
) -> dict[str, TileResult]:
    """Compute every tile that is not done, then join the layers; the results by tile.

    ``workers`` processes (None: one for each core; 1: this one) or the cluster at ``scheduler``. A tile that cannot be
    done stops the run with ``TileStopped`` and leaves it to be resumed; so does whoever kills it.
    """
    folder = Path(folder).absolute()
    record = read_record(folder)
    recording.check(folder, record)
    keeper = progress or Folder(folder)
    done = dict(keeper.done())
    plans = chains(folder, record)
    of = sum(len(chain) for chain in plans)
    results: dict[str, TileResult] = {}
    left = []
    for chain in plans:
        rest = list(chain)
        while rest and rest[0].name in done and (there := tiles.finished(rest[0])) is not None:
            results[there.name] = there
            rest.pop(0)
        left.append(rest)
    tell("tiles", len(results), of, "")
    try:
        for one, answer in execution.chained(tiles.carry_out, left, workers=workers, scheduler=scheduler):
            if isinstance(answer, execution.Refused):
                raise refusals.TileStopped(tile=one.name, problem=answer.refusal, done=len(results))
            results[one.name] = answer
            keeper.keep(one.name, answer)
            tell("tiles", len(results), of, one.name)
    except execution.WorkerLost as lost:
        names = "、".join(value.name for value in lost.values[:4])
        raise refusals.TileStopped(tile=names, problem=say(execution.LOST), done=len(results)) from lost
    join(folder, record, results, tell, workers)
    store.sweep(folder)
    return results


def join(
    folder: Path, record: Mapping[str, Any], results: Mapping[str, TileResult], tell: Tell, workers: int | None
) -> None:
    """Write the joined layers whose tiles changed since, and last their list."""
    key = hashlib.sha256("".join(f"{name}{results[name].task}" for name in sorted(results)).encode()).hexdigest()
    listed = layers(folder)
    names = joining.names(direct=record.get("way", {}).get("method") in DIRECT)
    wanted = [Layer(folder, year, name, grid_of(record)) for year in record["years"] for name in names]
    if listed.get("of") == key and all(
        (folder / one.file).is_file() and store.digest(folder / one.file) == listed["files"].get(one.file)
        for one in wanted
    ):
        return
    files = {}
    several = worth(workers, grid_of(record), len(wanted))
    for number, (one, answer) in enumerate(execution.chained(joined, [[one] for one in wanted], workers=several), 1):
        if isinstance(answer, execution.Refused):
            raise answer.refusal
        files[one.file] = answer
        tell("join", number, len(wanted), one.file)
    store.put(folder / "layers.json", recording.as_bytes({"of": key, "files": files}))


@dataclass(frozen=True, slots=True)
class Layer:
    """A joined layer to write."""

    folder: Path
    year: int
    name: str
    grid: Grid

    @property
    def file(self) -> str:
        return f"layers/{self.year}/{self.name}.tif"


def joined(one: Layer) -> str:
    return joining.join(one.folder, one.year, one.name, one.grid)


def layers(folder: Path) -> dict[str, Any]:
    """The list of joined layers with their hashes; empty where there is none."""
    try:
        said: dict[str, Any] = json.loads((folder / "layers.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return said


# -- after -------------------------------------------------------------------------------------------------------------


def status(folder: Path, progress: Progress | None = None) -> Status:
    """How far a run is. Refuses with ``NotARun``."""
    folder = Path(folder).absolute()
    record = read_record(folder)
    done = (progress or Folder(folder)).done()
    by_year = {year: [0, 0] for year in record["years"]}
    for chain in chains(folder, record):
        for one in chain:
            by_year[one.year][1] += 1
            by_year[one.year][0] += one.name in done and done[one.name].task == one.digest
    return Status(
        title=record["title"],
        plan=record["plan_sha256"],
        tiles=sum(of for _, of in by_year.values()),
        done=sum(number for number, _ in by_year.values()),
        by_year={year: (number, of) for year, (number, of) in by_year.items()},
        joined=bool(layers(folder)),
    )


def results(folder: Path) -> dict[int, dict[str, TileResult]]:
    """Every tile's result by year. Refuses with ``NotFinished`` while one is missing."""
    folder = Path(folder).absolute()
    record = read_record(folder)
    done = Folder(folder).done()
    tasks = [one for chain in chains(folder, record) for one in chain]
    missing = sum(1 for one in tasks if one.name not in done or done[one.name].task != one.digest)
    if missing:
        raise refusals.NotFinished(missing=missing, tiles=len(tasks))
    made: dict[int, dict[str, TileResult]] = {year: {} for year in record["years"]}
    for one in tasks:
        made[one.year][one.tile.name] = done[one.name]
    return made


def totals(folder: Path) -> dict[int, dict[str, list[tiles.Row]]]:
    """Sums by year and level of a finished run, added in tile order. Refuses with ``NotFinished``."""
    return {year: tiles.total(by_tile.values()) for year, by_tile in results(folder).items()}
