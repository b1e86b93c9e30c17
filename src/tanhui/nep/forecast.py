"""What a run will take and what can be refused before it begins: its inputs by their headers, its grid, tiles, memory,
disk, and whether folder and cluster are there."""

import math
import shutil
import socket
import tempfile
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tanhui.nep import plan, refusals, sources, store, tabulation, tiles, ways
from tanhui.nep.grid import TILE, Grid
from tanhui.nep.plan import Plan
from tanhui.nep.sources import Source
from tanhui.nep.wording import say, why

LARGE = 4096  # cells along a side from which tiles of 2048 are used: fewer files, longer reads
LARGE_TILE = 2048
# bytes on disk for each byte of numbers, of classes and of declared ones, as measured on weather and vegetation
PACKED, OF_CLASSES, DECLARED = 0.6, 0.15, 0.01
PAPERS, MAPS, MAP = 5_000_000, 9, 700_000  # bytes of reports and tables; maps a year, and bytes of each in PDF and PNG
BASE_MB = 130  # of a worker: Python, numpy, GDAL and PROJ
ANSWER = 5  # seconds a scheduler has to answer


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take: tiles, bytes of numbers read, bytes of memory of a worker, bytes on disk."""

    tiles: int
    bytes: int
    memory: int
    disk: int
    cells: int = 0
    years: int = 1


def wanted(asked: Plan) -> Iterator[tuple[str, str, int]]:
    """Layer, file in the folder and year of each input; a layer without years of its own is one file."""
    for name, layer in asked.layers.items():
        several = layer.each_year or bool(layer.constants)
        for year in asked.years if several else asked.years[:1]:
            if name == "previous" and year != asked.years[0]:
                continue
            yield name, f"inputs/{year}/{name}.tif" if several else f"inputs/{name}.tif", year


def handed_in(asked: Plan) -> Iterator[Path]:
    """Every file of the layers."""
    for one in found(asked).values():
        yield from one.files


def found(asked: Plan) -> dict[tuple[str, int], Source]:
    """Every input looked at but not read; refuses what can be seen by that."""
    made = {}
    for name, _, year in wanted(asked):
        if not asked.layers[name].constants:
            made[name, year] = sources.find(asked.layers[name], year, asked.base, asked.periods)
    return made


def gridded(asked: Plan, there: Mapping[tuple[str, int], Source]) -> Grid:
    """The run's grid: that of a layer, or as declared."""
    said = asked.grid
    if "like" in said:
        like = next((one for (name, _), one in there.items() if name == said["like"]), None)
        if like is None:
            raise refusals.PlanKeyMissing(key=f"layers.{said['like']}", needed_by="grid.like")
        one = like.grid
        grid = Grid(one.crs, one.transform, one.width, one.height, TILE)
    else:
        west, south, east, north = map(float, said["bounds"])
        across, down = map(float, said["cell"])
        if not (east > west and north > south and across > 0 and down > 0):
            raise refusals.PlanValueWrong(
                key="grid.bounds", value=said["bounds"], wanted=say("west, south, east, north")
            )
        grid = Grid.over(crs_of(said["crs"]), (west, south, east, north), (across, down), TILE)
    tile = said.get("tile") or (LARGE_TILE if max(grid.width, grid.height) > LARGE else TILE)
    return Grid(grid.crs, grid.transform, grid.width, grid.height, tile)


def crs_of(text: str) -> str:
    """A CRS as the plan names it; refuses what PROJ does not know."""
    from pyproj.exceptions import CRSError

    from tanhui.nep.grid import system

    try:
        system(text)
    except CRSError as problem:
        raise refusals.PlanValueWrong(key="grid.crs", value=text, wanted=say("a CRS such as EPSG:4490")) from problem
    return text


def estimate(asked: Plan) -> Estimate:
    """What a run will take, known from the headers of its inputs alone."""
    tabulation.assumptions(asked)  # needed at the end alone, but refused before
    ways.told(asked)
    there = found(asked)
    grid = gridded(asked, there)
    number = math.ceil(grid.width / grid.tile) * math.ceil(grid.height / grid.tile)
    read, disk = 0, float(PAPERS + MAPS * MAP * len(asked.years))
    for name, _, _ in wanted(asked):
        periods = asked.periods if name in plan.MONTHLY else 1
        size = grid.cells * periods * _bytes(name)
        read += size
        disk += size * (DECLARED if asked.layers[name].constants else packed(name))
        if name == "landcover":  # once more as it was handed in where coefficients go by its classes, and joined
            disk += 2 * size * OF_CLASSES
    per_cell = sum(map(_bytes, tiles.OUTPUTS))
    disk += 2 * len(asked.years) * grid.cells * sum(_bytes(name) * packed(name) for name in tiles.OUTPUTS)
    side = min(grid.tile, max(grid.width, grid.height))
    memory = BASE_MB * 10**6 + side * side * per_cell + 2 * tiles.STRIP_BYTES + 40 * 10**6
    return Estimate(number * len(asked.years), read, memory, int(disk), grid.cells, len(asked.years))


def _bytes(name: str) -> int:
    return {"uint8": 1, "int16": 2, "uint16": 2}.get(store.QUANTITIES[name].dtype, 4)


def packed(name: str) -> float:
    return OF_CLASSES if store.QUANTITIES[name].classes else PACKED


def fits(folder: Path, needed: int) -> None:
    """Refuse a folder nobody can write into, and too small a disk; then the folder is as it was."""
    new = not sources.is_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as problem:
        raise refusals.CannotWrite(path=folder, problem=why(problem)) from problem
    if free < needed:
        if new:
            folder.rmdir()
        raise refusals.DiskTooSmall(needed=megabytes(needed), folder=folder.name, free=megabytes(free))


def megabytes(count: int) -> str:
    return f"{count / 10**6:,.1f} MB" if count < 10**9 else f"{count / 10**9:,.1f} GB"


def reach(address: str) -> None:
    """Refuse a cluster whose scheduler does not answer, before anything is aligned for it; ``local`` starts its own."""
    found = urllib.parse.urlsplit(address if "://" in address else f"tcp://{address}")
    if address == "local" or found.scheme not in ("tcp", "tls"):
        return
    try:
        with socket.create_connection((found.hostname or "", found.port or 8786), timeout=ANSWER):
            return
    except (OSError, ValueError) as problem:
        said = (
            say("no answer within %(seconds)s s", seconds=ANSWER) if isinstance(problem, TimeoutError) else why(problem)
        )
        raise refusals.SchedulerAway(address=address, problem=said) from problem
