"""Brings each input on to the run's grid, once, and records how.

A layer is read in fixed windows of the grid, whatever the tiles, so that its bytes do not depend on who aligns it. What
stands for missing data becomes nodata before anything is interpolated, and every value is checked against what its
quantity can be.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.warp import reproject
from rasterio.windows import Window

from tanhui.nep import placing, refusals, sources, store, units
from tanhui.nep.grid import Grid, Tile, system
from tanhui.nep.plan import Layer
from tanhui.nep.sources import Source
from tanhui.nep.wording import why
from tanhui.science import ecosystems
from tanhui.science import units as scientific

Array = NDArray[Any]
CHUNK = 1024  # cells of the grid read at a time, along each side
# Layers with a unit that a whole layer betrays: scientific.suspect
SUSPECT = {"npp": "gC m-2 a-1", "gpp": "gC m-2 a-1", "soc": "kgC m-2"}


@dataclass(frozen=True, slots=True)
class Job:
    """One file to align: plain values, so that another process can do it."""

    source: Source
    grid: Grid
    out: Path
    quantity: str
    periods: int
    classes: Mapping[int, int] = field(default_factory=dict)
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Aligned:
    """What was made, and how: the record's entry of one input."""

    file: str
    sha256: str
    quantity: str
    year: int
    sources: tuple[tuple[str, str], ...]
    said: Mapping[str, Any]
    resampling: str
    missing: int
    codes: tuple[int, ...] = ()


def align(job: Job) -> Aligned:
    """Write one input on to the grid. Refuses values that cannot be, unknown codes, broken files, a foreign place."""
    source = job.source
    same = placing.fits(source.grid, job.grid)
    if source.layer.aligned and not same:
        facts = {"layer": source.layer.name, "file": source.files[0].name}
        raise refusals.GridsDiffer(**facts, found=placing.words(source.grid), wanted=placing.words(job.grid))
    if not same:
        placing.touches(source, job.grid)
    how = "none" if same else placing.method(source, job.quantity, job.grid)
    encoding = store.QUANTITIES[job.quantity]
    if same and canonical(job, encoding):
        return taken_over(job, encoding)
    names = [f"{number:02d}" for number in range(1, job.periods + 1)] if job.periods > 1 else [job.quantity]
    shape = store.profile(
        encoding, width=job.grid.width, height=job.grid.height, count=job.periods, crs=job.grid.crs,
        transform=job.grid.affine,
    )  # fmt: skip
    tally = Tally()
    temporary = job.out.with_name(f".{job.out.name}.{os.getpid()}")
    store.make_folder(job.out)
    try:
        with rasterio.open(temporary, "w", **shape) as file:
            for period, tile, values in pieces(job, how, same):
                numbers = values if encoding.classes else store.pack(values, encoding)
                tally.add(numbers, encoding, codes=job.quantity == "vegetation")
                file.write(numbers, period + 1, window=tile.window)
            store.tag(file, encoding, names)
        settle(temporary, job.out)
    except RasterioError as problem:
        raise refusals.CannotWrite(path=job.out.name, problem=why(problem)) from problem
    except OSError as problem:
        raise refusals.CannotWrite(path=job.out.name, problem=why(problem)) from problem
    finally:
        temporary.unlink(missing_ok=True)
    check(job, encoding, tally)
    return told(job, how, tally)


@dataclass(slots=True)
class Tally:
    """What a layer holds as it is written."""

    cells: int = 0
    missing: int = 0
    largest: float = float("-inf")
    codes: set[int] = field(default_factory=set)

    def add(self, numbers: Array, encoding: store.Encoding, *, codes: bool) -> None:
        there = numbers != encoding.nodata
        count = int(np.count_nonzero(there))
        self.cells += count
        self.missing += numbers.size - count
        if count:
            self.largest = max(self.largest, float(numbers.max(where=there, initial=encoding.limits[0])))
        if codes:
            self.codes |= {int(one) for one in np.unique(numbers[there])}


def check(job: Job, encoding: store.Encoding, tally: Tally) -> None:
    layer, file = job.source.layer.name, job.source.files[0].name
    if not tally.cells:
        job.out.unlink()
        raise refusals.NothingThere(layer=layer, year=job.source.year, file=file)
    largest = tally.largest * encoding.scale
    instead = scientific.suspect(SUSPECT[job.quantity], largest) if job.quantity in SUSPECT else ""
    if instead:
        job.out.unlink()
        raise refusals.UnitImplausible(
            layer=layer, file=file, largest=f"{largest:g}", unit=encoding.unit, instead=instead
        )


def settle(temporary: Path, out: Path) -> None:
    """On to the disk, then under its name; but first see that the disk took all of it."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    with rasterio.open(temporary) as file:
        for band in file.indexes:
            last = [(size - 1) // store.BLOCK for size in file.shape]
            size = file.get_tag_item(f"BLOCK_SIZE_{last[1]}_{last[0]}", "TIFF", bidx=band)
            place = file.get_tag_item(f"BLOCK_OFFSET_{last[1]}_{last[0]}", "TIFF", bidx=band)
            if size is None or int(place) + int(size) > temporary.stat().st_size:
                raise OSError(28, os.strerror(28))
    store.settle(temporary, out)


def told(job: Job, how: str, tally: Tally) -> Aligned:
    source = job.source
    return Aligned(
        file=job.out.name,
        sha256=store.digest(job.out),
        quantity=job.quantity,
        year=source.year,
        sources=tuple((one.name, store.digest(one)) for one in source.files),
        said=facts(source),
        resampling=how,
        missing=tally.missing,
        codes=tuple(sorted(tally.codes)),
    )


def facts(source: Source) -> dict[str, Any]:
    """What the numbers were taken to mean, as text: the record has no floats."""
    layer = source.layer
    return {
        "unit": source.unit,
        "scale": repr(source.scale),
        "offset": repr(source.offset),
        "nodata": "none" if source.nodata is None else repr(source.nodata),
        "fills": [repr(one) for one in layer.fills],
        "shares": [repr(one) for one in layer.shares],
        "dtype": source.dtype,
        "crs": system(source.grid.crs).name,
        "grid": placing.words(source.grid),
        "source": layer.source,
        "licence": layer.licence,
        "agency": layer.agency,
        "grade": layer.grade,
        "note": layer.note,
    }


def canonical(job: Job, encoding: store.Encoding) -> bool:
    """Whether the file already is what alignment would write, so that its bytes can be taken over."""
    source = job.source
    if len(source.files) > 1 or job.quantity in {"landcover", "vegetation"} or source.layer.fills:
        return False
    if (source.scale, source.offset, source.nodata) != (encoding.scale, encoding.offset, encoding.nodata):
        return False
    if source.dtype != encoding.dtype or source.block != (store.BLOCK, store.BLOCK) or source.layer.shares:
        return False
    if [one.band for one in source.bands] != list(range(1, job.periods + 1)):
        return False
    return units.factor(job.quantity, source.unit, year=source.year, period=0, periods=job.periods) == (1.0, 0.0)


def taken_over(job: Job, encoding: store.Encoding) -> Aligned:
    """Check every block of a canonical file, then copy its bytes."""
    tally = Tally()
    with sources.opened(job.source.bands[0].name) as file:
        for band in file.indexes:
            for tile in chunks(job.grid):
                numbers = read(file, job.source, band, tile.window)
                within(job, numbers, store.unpack(numbers, encoding))
                tally.add(numbers, encoding, codes=False)
    temporary = job.out.with_name(f".{job.out.name}.{os.getpid()}")
    store.make_folder(job.out)
    try:
        shutil.copyfile(job.source.files[0], temporary)
        with temporary.open("rb") as copy:
            os.fsync(copy.fileno())
        store.settle(temporary, job.out)
    except OSError as problem:
        raise refusals.CannotWrite(path=job.out.name, problem=why(problem)) from problem
    finally:
        temporary.unlink(missing_ok=True)
    check(job, encoding, tally)
    return told(job, "none", tally)


# -- values ------------------------------------------------------------------------------------------------------------


def chunks(grid: Grid) -> Iterator[Tile]:
    return Grid(grid.crs, grid.transform, grid.width, grid.height, CHUNK).windows()


def pieces(job: Job, how: str, same: bool) -> Iterator[tuple[int, Tile, Array]]:
    """Every window of every period on the run's grid, in one order: values as float32, classes as packed numbers."""
    for period in range(job.periods):
        band = job.source.bands[period if len(job.source.bands) > 1 else 0]
        with sources.opened(band.name) as file:
            for tile in chunks(job.grid):
                if same:
                    yield period, tile, meant(job, read(file, job.source, band.band, tile.window), period)
                else:
                    yield period, tile, warped(job, file, band.band, tile, how, period)


def read(file: Any, source: Source, band: int, window: Window) -> Array:
    try:
        return np.asarray(file.read(band, window=window))
    except RasterioError as problem:
        raise sources.broken(source.files[0], problem) from problem


def meant(job: Job, numbers: Array, period: int) -> Array:
    """What numbers of a source mean: float32 in the quantity's own unit with NaN, or classes with nodata."""
    source = job.source
    if job.quantity == "landcover":
        return types(job, numbers)
    missing = holes(source, numbers)
    if store.QUANTITIES[job.quantity].classes:
        return np.where(missing, store.QUANTITIES[job.quantity].nodata, numbers).astype(np.uint8)
    values = numbers.astype(np.float64)
    values *= source.scale
    values += source.offset
    times, plus = units.factor(job.quantity, source.unit, year=source.year, period=period, periods=job.periods)
    values *= times
    values += plus
    np.copyto(values, np.nan, where=missing)
    within(job, numbers, values)
    if source.layer.shares:
        values *= source.layer.shares[period] if job.periods > 1 else 1
    return values.astype(np.float32)


def holes(source: Source, numbers: Array) -> Array:
    """Where a number stands for missing data."""
    missing = np.isnan(numbers) if numbers.dtype.kind == "f" else np.zeros(numbers.shape, bool)
    for fill in (*source.layer.fills, *(() if source.nodata is None else (source.nodata,))):
        if numbers.dtype.kind == "f":  # -3.4e38 as float32 is not quite itself as text
            missing |= np.isclose(numbers, numbers.dtype.type(fill), rtol=1e-6, atol=0)
        elif float(fill).is_integer():
            missing |= numbers == int(fill)
    return np.asarray(missing)


def within(job: Job, numbers: Array, values: Array) -> None:
    """Refuse values that the quantity cannot have; they are named as the file writes them."""
    encoding = store.QUANTITIES[job.quantity]
    odd = (values < encoding.low) | (values > encoding.high)
    if odd.any():
        found, counts = np.unique(numbers[odd], return_counts=True)
        order = np.argsort(-counts, kind="stable")[:3]
        raise refusals.ValuesOutOfBounds(
            file=job.source.files[0].name,
            values="、".join(f"{found[one]:g} ({counts[one]})" for one in order),
            meaning=job.source.meaning,
            layer=job.source.layer.name,
            low=f"{encoding.low:g}",
            high=f"{encoding.high:g}",
            unit=encoding.unit,
        )


def types(job: Job, numbers: Array) -> Array:
    """Ecosystem types of land-cover codes; refuses codes without one."""
    missing = holes(job.source, numbers)
    table = {int(code): kind for code, kind in job.classes.items()}
    if numbers.dtype.kind == "f" and (odd := numbers[~missing & (numbers != np.trunc(numbers))]).size:
        lost_codes = ", ".join(f"{one:g}" for one in np.unique(odd)[:10])
        raise refusals.CodesMissing(codes=lost_codes, file=job.source.files[0].name, scheme=job.scheme)
    spare = next(code for code in range(-1, -300, -1) if code not in table)
    codes = np.where(missing, spare, numbers.astype(np.int64))
    try:
        return ecosystems.reclass(codes, table, nodata=spare)
    except ecosystems.MissingCodes as lost:
        raise refusals.CodesMissing(
            codes=", ".join(map(str, lost.codes)), file=job.source.files[0].name, scheme=job.scheme
        ) from lost


def warped(job: Job, file: Any, band: int, tile: Tile, how: str, period: int) -> Array:
    """A window of the grid, resampled from the part of the source that it needs."""
    encoding = store.QUANTITIES[job.quantity]
    blank: float = encoding.nodata if encoding.classes else float("nan")
    kind = np.uint8 if encoding.classes else np.float32
    made = np.full((tile.height, tile.width), blank, kind)
    window = placing.needed(job.source.grid, job.grid, tile)
    if window is None:
        return made
    values = meant(job, read(file, job.source, band, window), period)
    transform = job.source.grid.affine * Affine.translation(window.col_off, window.row_off)
    reproject(
        values, made, src_transform=transform, src_crs=job.source.grid.crs, src_nodata=blank,
        dst_transform=job.grid.of_tile(tile), dst_crs=job.grid.crs, dst_nodata=blank, resampling=Resampling[how],
        init_dest_nodata=True, num_threads=1, warp_mem_limit=64,
    )  # fmt: skip
    return made


def constants(layer: Layer, grid: Grid, out: Path, quantity: str, year: int) -> Aligned:
    """A layer of declared numbers, one a period, the same in every cell."""
    encoding = store.QUANTITIES[quantity]
    periods = len(layer.constants)
    values = []
    for period, value in enumerate(layer.constants):
        if encoding.classes:
            values.append(value)
            continue
        units.check(quantity, layer.unit, file="plan.toml")
        times, plus = units.factor(quantity, layer.unit, year=year, period=period, periods=periods)
        values.append(value * times + plus)
    if not all(encoding.low <= value <= encoding.high for value in values):
        raise refusals.PlanValueWrong(
            key=f"layers.{layer.name}.constants",
            value=", ".join(f"{value:g}" for value in values),
            wanted=f"{encoding.low:g} … {encoding.high:g} {encoding.unit}",
        )
    numbers = store.pack(np.asarray(values, np.float32), encoding)
    shape = store.profile(
        encoding, width=grid.width, height=grid.height, count=periods, crs=grid.crs, transform=grid.affine
    )
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    store.make_folder(out)
    try:
        with rasterio.open(temporary, "w", **shape) as file:
            for period in range(periods):
                for tile in chunks(grid):
                    same = np.full((tile.height, tile.width), numbers[period], encoding.dtype)
                    file.write(same, period + 1, window=tile.window)
            store.tag(file, encoding)
        settle(temporary, out)
    except (RasterioError, OSError) as problem:
        raise refusals.CannotWrite(path=out.name, problem=why(problem)) from problem
    finally:
        temporary.unlink(missing_ok=True)
    said = {"unit": layer.unit, "constants": [repr(one) for one in layer.constants], "source": layer.source,
            "licence": layer.licence, "agency": layer.agency, "grade": layer.grade, "note": layer.note}  # fmt: skip
    return Aligned(out.name, store.digest(out), quantity, year, (), said, "declared", 0)
