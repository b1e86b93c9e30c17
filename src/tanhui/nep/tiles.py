"""A tile of a year: a task that reads aligned inputs, computes block by block, writes its files, and last its result.

Done twice it does nothing the second time; killed at any moment it leaves nothing that could be taken for whole.
"""

import contextlib
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import Window

from tanhui.nep import refusals, store, summing
from tanhui.nep.grid import Grid, Tile
from tanhui.nep.kernel import LAST, Block, Computed, Method

Array = NDArray[Any]
OUTPUTS = ("nep", "npp", "rh", "spread", "flags")
TYPES, BITS = summing.TYPES, summing.BITS
BLOCK_CELLS = 65536  # cells computed at once: few enough for the cache, so many that calls cost little
STRIP_BYTES = 24_000_000  # read at once, and no wider than
STRIP_CELLS = 2048
VERSION = 3  # of what a task does; another number, other digests
FLAGS = ("rh_above_respiration", "implausible", "jump", "nodata")


@dataclass(frozen=True, slots=True)
class TileTask:
    """One tile of one year: everything that decides its bytes, as plain values.

    ``layers``: name → (file in the folder, SHA-256); ``zones``: level → the same; ``previous``: the tile of the year
    before in this run, or "". ``plan`` is the plan's digest.
    """

    folder: str
    year: int
    tile: Tile
    grid: Grid
    method: Method
    layers: Mapping[str, tuple[str, str]]
    zones: Mapping[str, tuple[str, str]]
    previous: str
    plan: str

    @property
    def name(self) -> str:
        return f"{self.year}/{self.tile.name}"

    @property
    def place(self) -> Path:
        return Path(self.folder) / "tiles" / self.name

    @property
    def digest(self) -> str:
        """Names what the task makes; where the folder lies is no part of it."""
        said = {"version": VERSION} | {key: value for key, value in asdict(self).items() if key != "folder"}
        said["method"] = self.method.said
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Row:
    """Sums over the cells of one zone and type. Fluxes are Σ value · cell area in gC a-1 over ``valid`` cells.

    ``nep_squared`` is Σ (value · cell area)². ``flags`` counts cells in the order of ``FLAGS``.
    """

    zone: int
    type: int
    cells: int
    valid: int
    area_m2: float
    valid_m2: float
    npp: float
    rh: float
    models: tuple[float, ...]
    nep: float
    nep_squared: float
    flags: tuple[int, ...]

    @classmethod
    def read(cls, values: Sequence[Any]) -> "Row":
        plain = list(values)
        plain[8], plain[11] = tuple(plain[8]), tuple(plain[11])
        return cls(*plain)


COLUMNS = tuple(Row.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class TileResult:
    """What a tile made: SHA-256 of its files, and its sums by level."""

    name: str
    task: str
    files: Mapping[str, str]
    sums: Mapping[str, tuple[Row, ...]]
    models: tuple[str, ...] = field(default=())

    def as_json(self) -> bytes:
        said = {
            "tile": self.name,
            "task": self.task,
            "files": dict(self.files),
            "models": list(self.models),
            "columns": list(COLUMNS),
            "sums": {
                level: [[getattr(row, one) for one in COLUMNS] for row in rows] for level, rows in self.sums.items()
            },
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def of_json(cls, content: bytes) -> "TileResult":
        said = json.loads(content)
        sums = {level: tuple(Row.read(row) for row in rows) for level, rows in said["sums"].items()}
        return cls(said["tile"], said["task"], said["files"], sums, tuple(said["models"]))


def carry_out(task: TileTask) -> TileResult:
    """Compute a tile, or return what already stands there whole. Refuses with ``CannotWrite`` on a full disk."""
    there = finished(task)
    if there is not None:
        return there
    made, sums = computed(task)
    files = store.write_all(task.place, made, crs=task.grid.crs, transform=task.grid.of_tile(task.tile))
    rows_by_level = {level: tuple(totals(one)) for level, one in sums.items()}
    result = TileResult(task.name, task.digest, files, rows_by_level, task.method.models)
    store.put(task.place / "result.json", result.as_json())
    return result


def computed(task: TileTask) -> tuple[dict[str, Array], dict[str, summing.Sums]]:
    """The numbers of a tile's rasters and its sums by level."""
    from tanhui.nep import compiled_kernel  # heavy, and only for workers

    areas = task.grid.areas(task.tile)
    models, rates = len(task.method.models), task.method.rates
    shape = (1, task.tile.height, task.tile.width)
    made = {name: np.empty(shape, store.QUANTITIES[name].dtype) for name in OUTPUTS}
    sums = {level: summing.Sums(areas, task.tile.height, models, rates) for level in task.zones}
    with Inputs(task) as inputs:
        for top, left, height, width in parts(task, inputs.bytes_per_cell):
            strip = inputs.read(top, left, height, width)
            for first, rows in blocks(height, width):
                block = strip.rows(first, rows)
                found = compiled_kernel.compute(task.method, block.block)
                where = (slice(top + first, top + first + rows), slice(left, left + width))
                keep(made, found, block, task.method.direct, where)
                for level, zones in block.zones.items():
                    sums[level].add(found, block.types, zones, top + first, left)
            del strip, block, zones  # before the next is read
    return made, sums


def finished(task: TileTask) -> TileResult | None:
    """The result that stands in the folder, if it is this task's and every file is whole."""
    result = standing(task.place)
    return result if result is not None and result.task == task.digest else None


def standing(place: Path) -> TileResult | None:
    """The result in a tile's folder whose files all have the bytes it names, whatever task made it."""
    try:
        result = TileResult.of_json((place / "result.json").read_bytes())
        whole = all(store.digest(place / name) == digest for name, digest in result.files.items())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return result if whole and set(result.files) == {f"{name}.tif" for name in OUTPUTS} else None


# -- reading -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Strip:
    """What was read of a part of a tile."""

    layers: dict[str, Array]
    types: Array
    classes: Array | None
    previous: Array | None
    zones: dict[str, Array]

    def rows(self, first: int, count: int) -> "Strip":
        cut = slice(first, first + count)
        return Strip(
            {name: numbers[:, cut] for name, numbers in self.layers.items()},
            self.types[cut],
            None if self.classes is None else self.classes[cut],
            None if self.previous is None else self.previous[cut],
            {level: numbers[cut] for level, numbers in self.zones.items()},
        )

    @property
    def block(self) -> Block:
        last = None if self.previous is None else store.unpack(self.previous, store.QUANTITIES["previous"])
        return Block(self.layers, self.types, self.classes, last)


class Inputs(contextlib.ExitStack):
    """A task's aligned files, open."""

    def __init__(self, task: TileTask) -> None:
        super().__init__()
        self.task = task
        folder = Path(task.folder)
        self.files: dict[str, Any] = {}
        self.zones: dict[str, Any] = {}
        self.before: Any = None
        try:
            for name, (file, _) in task.layers.items():
                self.files[name] = self.enter_context(rasterio.open(folder / file))
            for level, (file, _) in task.zones.items():
                if file:
                    self.zones[level] = self.enter_context(rasterio.open(folder / file))
            if task.previous:
                self.before = self.enter_context(rasterio.open(folder / "tiles" / task.previous / "nep.tif"))
        except RasterioError as problem:
            self.close()
            raise refusals.RunDamaged(file=str(problem).split(":")[0]) from problem

    @property
    def bytes_per_cell(self) -> int:
        opened = [*self.files.values(), *self.zones.values()]
        return int(sum(file.count * np.dtype(file.dtypes[0]).itemsize for file in opened)) + 2

    def read(self, top: int, left: int, height: int, width: int) -> Strip:
        window = Window(self.task.tile.left + left, self.task.tile.top + top, width, height)
        try:
            numbers = {name: file.read(window=window) for name, file in self.files.items()}
            zones = {level: file.read(1, window=window) for level, file in self.zones.items()}
            before = None if self.before is None else self.before.read(1, window=Window(left, top, width, height))
        except RasterioError as problem:
            raise refusals.RunDamaged(file=str(problem.__cause__ or problem).split(",")[0]) from problem
        if before is None and "previous" in numbers:
            before = numbers["previous"][0]
        classes = numbers.pop("vegetation", None)
        types = numbers.pop("landcover")[0]
        numbers.pop("previous", None)
        for level in self.task.zones.keys() - zones.keys():
            zones[level] = np.zeros((height, width), np.uint8)
        return Strip(numbers, types, None if classes is None else classes[0], before, zones)


def parts(task: TileTask, per_cell: int) -> Iterator[tuple[int, int, int, int]]:
    """Parts of a tile to read at once: whole blocks of the files, as many as fit into memory."""
    side = store.BLOCK
    across = min(STRIP_CELLS, max(1, STRIP_BYTES // (side * side * per_cell)) * side)
    for top in range(0, task.tile.height, side):
        for left in range(0, task.tile.width, across):
            yield top, left, min(side, task.tile.height - top), min(across, task.tile.width - left)


def blocks(height: int, width: int) -> Iterator[tuple[int, int]]:
    """First row and number of rows of each block: 16 to 64 rows, or what is left."""
    rows = max(16, min(64, BLOCK_CELLS // width))
    for first in range(0, height, rows):
        yield first, min(rows, height - first)


# -- results -----------------------------------------------------------------------------------------------------------


def keep(made: dict[str, Array], found: Computed, block: Strip, direct: bool, where: tuple[slice, slice]) -> None:
    """Pack a block into the tile's arrays. Only NEP has a value where a type is counted by a rate, or (``direct``)
    every type without NPP and respiration."""
    from tanhui.nep import compiled_kernel

    bare = found.hole | (block.types > LAST) if found.rates else found.hole
    bare = np.ones_like(bare) if direct else bare
    rooms = {name: made[name][0][where] for name in OUTPUTS}
    for name in ("nep", "npp", "rh", "spread"):
        encoding, hole = store.QUANTITIES[name], found.hole if name == "nep" else bare
        if name == "spread" and len(found.members) == 1:
            np.multiply(hole, np.uint16(encoding.nodata), out=rooms[name])  # 0 where there is a value
        else:
            stored = name == "npp" and "npp" in block.layers  # these numbers need no packing
            values = block.layers[name][0] if stored else getattr(found, name)
            rooms[name][...] = compiled_kernel.pack(values, encoding, hole)
    outside = np.multiply(block.types == 0, np.uint8(store.QUANTITIES["flags"].nodata))
    np.bitwise_or(found.flags, outside, out=rooms["flags"])


def totals(sums: summing.Sums) -> Iterator[Row]:
    """The rows of one level."""
    for zone, kind, (cells, valid, area, valid_area, npp, nep, squared, *rest) in sums:
        models, flags = rest[: sums.models], rest[sums.models :]
        yield Row(
            zone=zone, type=kind, cells=int(cells), valid=int(valid), area_m2=area, valid_m2=valid_area, npp=npp,
            rh=sum(models) / len(models), models=tuple(models), nep=nep, nep_squared=squared,
            flags=tuple(int(count) for count in flags),
        )  # fmt: skip


def total(results: Iterable[TileResult]) -> dict[str, list[Row]]:
    """Sums of many tiles by level, each exact to the last bit (``math.fsum``) whatever their order."""
    gathered: dict[tuple[str, int, int], list[Row]] = {}
    for result in sorted(results, key=lambda one: one.name):
        for level, rows in result.sums.items():
            for row in rows:
                gathered.setdefault((level, row.zone, row.type), []).append(row)
    made: dict[str, list[Row]] = {}
    for (level, zone, kind), parts_ in sorted(gathered.items()):
        made.setdefault(level, []).append(
            Row(
                zone=zone,
                type=kind,
                cells=sum(row.cells for row in parts_),
                valid=sum(row.valid for row in parts_),
                area_m2=math.fsum(row.area_m2 for row in parts_),
                valid_m2=math.fsum(row.valid_m2 for row in parts_),
                npp=math.fsum(row.npp for row in parts_),
                rh=math.fsum(row.rh for row in parts_),
                models=tuple(math.fsum(each) for each in zip(*(row.models for row in parts_), strict=True)),
                nep=math.fsum(row.nep for row in parts_),
                nep_squared=math.fsum(row.nep_squared for row in parts_),
                flags=tuple(sum(each) for each in zip(*(row.flags for row in parts_), strict=True)),
            )
        )
    return made
