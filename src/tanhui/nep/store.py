"""Canonical rasters: scaled integers in blocks of 512 with scale, offset, unit and nodata in their tags; written whole
or not at all."""

import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.windows import Window

from tanhui.nep import refusals
from tanhui.nep.wording import why

Array = NDArray[Any]
BLOCK = 512
WORKING, ARCHIVE = 1, 9  # ZSTD levels


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a quantity is kept: ``value = number · scale + offset``, and which values can be true at all."""

    dtype: str
    scale: float
    nodata: int
    unit: str
    low: float
    high: float
    offset: float = 0.0
    classes: bool = False

    @property
    def limits(self) -> tuple[float, float]:
        """The least and greatest number that is not nodata."""
        info = np.iinfo(self.dtype)
        return info.min + (self.nodata == info.min), info.max - (self.nodata == info.max)


FLUX = "gC m-2 a-1"
QUANTITIES = {
    "npp": Encoding("int16", 0.1, -32768, FLUX, -500, 3200),
    "gpp": Encoding("uint16", 0.1, 65535, FLUX, 0, 6000),
    "nep": Encoding("int16", 0.1, -32768, FLUX, -3200, 3200),
    "previous": Encoding("int16", 0.1, -32768, FLUX, -3200, 3200),
    "rh": Encoding("uint16", 0.1, 65535, FLUX, 0, 6000),
    "spread": Encoding("uint16", 0.1, 65535, FLUX, 0, 6000),
    "temperature": Encoding("int16", 0.01, -32768, "degC", -90, 60),
    "precipitation": Encoding("uint16", 0.1, 65535, "mm", 0, 6500),
    "solar": Encoding("uint16", 0.1, 65535, "MJ m-2", 0, 1500),
    "ndvi": Encoding("int16", 0.0001, -32768, "1", -1, 1),
    "soc": Encoding("uint16", 0.01, 65535, "kgC m-2", 0, 300),
    "biomass_before": Encoding("uint16", 0.1, 65535, "t ha-1", 0, 6500),
    "biomass_after": Encoding("uint16", 0.1, 65535, "t ha-1", 0, 6500),
    "landcover": Encoding("uint8", 1, 0, "class", 1, 8, classes=True),
    "vegetation": Encoding("uint8", 1, 255, "class", 0, 254, classes=True),
    "flags": Encoding("uint8", 1, 255, "bits", 0, 254, classes=True),
    "zones": Encoding("uint32", 1, 0, "zone", 1, 2**32 - 1, classes=True),
}


@dataclass(frozen=True, slots=True)
class Description:
    """What a raster says of itself; ``scale`` and ``nodata`` None where it says nothing."""

    width: int
    height: int
    count: int
    dtype: str
    crs: str
    transform: tuple[float, float, float, float, float, float]
    scale: float | None
    offset: float
    unit: str
    nodata: float | None
    tags: dict[str, str]


def pack(values: Array, encoding: Encoding, hole: Array | None = None, out: Array | None = None) -> Array:
    """Numbers of a float array, rounded half to even; NaN becomes nodata, and so does what lies in ``hole`` (where each
    NaN then must lie). What exceeds the type is cut to its limit."""
    low, high = encoding.limits
    numbers = values if encoding.offset == 0 else values - values.dtype.type(encoding.offset)
    numbers = np.multiply(numbers, numbers.dtype.type(1 / encoding.scale))
    np.rint(numbers, out=numbers)
    np.clip(numbers, low, high, out=numbers)
    if hole is None:
        hole = np.isnan(values)
    packed = np.empty(numbers.shape, encoding.dtype) if out is None else out
    with np.errstate(invalid="ignore"):
        np.copyto(packed, numbers, casting="unsafe")
    np.copyto(packed, encoding.nodata, where=hole)
    return packed


def unpack(numbers: Array, encoding: Encoding, dtype: Any = np.float32) -> Array:
    """Values of stored numbers as floats; nodata becomes NaN."""
    values: Array = numbers.astype(dtype)
    values *= dtype(encoding.scale)
    if encoding.offset:
        values += dtype(encoding.offset)
    np.copyto(values, np.nan, where=numbers == encoding.nodata)
    return values


def profile(encoding: Encoding, *, width: int, height: int, count: int, crs: str, transform: Affine) -> dict[str, Any]:
    """What rasterio is told to create a canonical file."""
    return {
        "driver": "GTiff", "dtype": encoding.dtype, "nodata": encoding.nodata, "width": width, "height": height,
        "count": count, "crs": crs, "transform": transform, "compress": "zstd", "zstd_level": WORKING,
        "predictor": 2, "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "interleave": "band",
        "bigtiff": "if_safer",
    }  # fmt: skip


def tag(dataset: Any, encoding: Encoding, names: Sequence[str] = ()) -> None:
    """Write scale, offset and unit, and the bands' names, into an open file's tags."""
    dataset.scales = [encoding.scale] * dataset.count
    dataset.offsets = [encoding.offset] * dataset.count
    dataset.units = [encoding.unit] * dataset.count
    for band, name in enumerate(names, start=1):
        dataset.set_band_description(band, name)


def encoded(numbers: Array, encoding: Encoding, *, crs: str, transform: Affine) -> bytes:
    """The file of some bands, (bands, rows, columns) of packed numbers: the same bytes for the same numbers."""
    count, height, width = numbers.shape
    with MemoryFile() as memory:
        shape = profile(encoding, width=width, height=height, count=count, crs=crs, transform=transform)
        with memory.open(**shape) as file:
            file.write(numbers)
            tag(file, encoding)
        return bytes(memory.getbuffer())


def write(path: Path, numbers: Array, encoding: Encoding, *, crs: str, transform: Affine) -> str:
    """Write packed numbers (bands, rows, columns); returns the file's SHA-256. Never leaves a half-written file."""
    return put(path, encoded(numbers, encoding, crs=crs, transform=transform))


def write_all(folder: Path, rasters: dict[str, Array], *, crs: str, transform: Affine) -> dict[str, str]:
    """The same for some quantities of one place, each in the file of its name; SHA-256 by file. ``rasters`` is emptied
    on the way: of each only the file's bytes are kept."""
    contents = {}
    for name in list(rasters):
        contents[f"{name}.tif"] = encoded(rasters.pop(name), QUANTITIES[name], crs=crs, transform=transform)
    return put_all(folder, contents)


def put(path: Path, content: bytes) -> str:
    """Write bytes under a name that was free or held the same kind of thing; returns their SHA-256.

    First under a temporary name, then on to the disk, then renamed: whoever finds the name finds the whole.
    Refuses with ``CannotWrite``.
    """
    return put_all(path.parent, {path.name: content})[path.name]


def put_all(folder: Path, contents: Mapping[str, bytes]) -> dict[str, str]:
    """The same for some files of a folder, which is synced once when all have their names. Returns their SHA-256."""
    temporary = {name: folder / f".{name}.{os.getpid()}" for name in contents}
    name = next(iter(contents))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            files = {}
            for name, content in contents.items():
                files[name] = stack.enter_context(temporary[name].open("wb"))
                files[name].write(content)
                files[name].flush()
            for name in files:  # all are written by now: the journal is waited for once
                os.fsync(files[name].fileno())
        for name in contents:
            os.replace(temporary[name], folder / name)
        sync(folder)
    except OSError as problem:
        for path in temporary.values():
            path.unlink(missing_ok=True)
        raise refusals.CannotWrite(path=name, problem=why(problem)) from problem
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def make_folder(out: Path) -> None:
    """Make the folder a file is to lie in. Refuses with ``CannotWrite``."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise refusals.CannotWrite(path=out, problem=why(problem)) from problem


def sweep(folder: Path) -> None:
    """Remove what killed processes left under the temporary names of ``put``, where the whole now stands."""
    for path in folder.rglob(".*.[0-9]*"):
        whole, _, process = path.name[1:].rpartition(".")
        if process.isdigit() and path.with_name(whole).exists() and not lives(int(process)):
            path.unlink(missing_ok=True)


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def settle(temporary: Path, path: Path) -> None:
    """Give a finished file its name, and see to it that the name outlasts a power cut."""
    os.replace(temporary, path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """See to it that the names in a folder outlast a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def read(path: Path, encoding: Encoding, window: Window | None = None) -> Array:
    """All bands of a canonical file as float32, nodata as NaN."""
    with rasterio.open(path) as file:
        return unpack(file.read(window=window), encoding)


def describe(dataset: Any) -> Description:
    """What an open raster says of itself. A scale of 1 counts as said only where numbers need none or a tag stands."""
    whole = not dataset.dtypes[0].startswith("float")
    said = dataset.scales[0] != 1 or dataset.offsets[0] != 0 or not whole
    a, b, c, d, e, f = tuple(dataset.transform)[:6]
    return Description(
        width=dataset.width,
        height=dataset.height,
        count=dataset.count,
        dtype=dataset.dtypes[0],
        crs=dataset.crs.to_wkt() if dataset.crs else "",
        transform=(a, b, c, d, e, f),
        scale=float(dataset.scales[0]) if said else None,
        offset=float(dataset.offsets[0]),
        unit=(dataset.units[0] or "").strip(),
        nodata=None if dataset.nodata is None else float(dataset.nodata),
        tags={**dataset.tags(), **dataset.tags(1)},
    )


def digest(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
