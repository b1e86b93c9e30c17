"""Where a layer's numbers are: GeoTIFF, NetCDF, HDF5 (HDF-EOS5 with its grid), a folder of monthly files, a STAC item;
one band a period.

What a file does not say of itself the plan must say; where both say it, the plan wins for scale, unit and missing data,
and must agree on the CRS.
"""

import json
import re
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import rasterio
from pyproj.exceptions import CRSError
from rasterio.errors import RasterioError

from tanhui.nep import refusals, store, units
from tanhui.nep.grid import Grid, named_crs, system
from tanhui.nep.plan import MONTHLY, Layer
from tanhui.nep.wording import say, why

CONTAINERS = {".nc", ".nc4", ".h5", ".hdf5", ".he5", ".hdf"}
HDF4 = b"\x0e\x03\x13\x01"  # first bytes of a file
RASTERS = {".tif", ".tiff", *CONTAINERS}
# A month in a file's name: 201003, 2010-03, 2010_03, or a day of the year, A2010060
STAMP = re.compile(r"(?<!\d)(?P<year>(?:19|20|21)\d\d)[-_.]?(?P<month>0[1-9]|1[0-2])(?!\d\d?\d?(?!\d))")
DAY = re.compile(r"(?<![A-Za-z\d])A?(?P<year>(?:19|20|21)\d\d)(?P<day>[0-3]\d\d)(?!\d)")
STEPS = {"days": 1.0, "hours": 1 / 24, "minutes": 1 / 1440, "seconds": 1 / 86400}


@dataclass(frozen=True, slots=True)
class Band:
    """One period's numbers: a file on disk, what GDAL calls it, and the number of the band."""

    file: Path
    name: str
    band: int


@dataclass(frozen=True, slots=True)
class Source:
    """A layer in a year: its bands in order, and what their numbers mean."""

    layer: Layer
    year: int
    bands: tuple[Band, ...]
    grid: Grid
    dtype: str
    scale: float
    offset: float
    unit: str
    nodata: float | None
    block: tuple[int, int]

    @property
    def files(self) -> list[Path]:
        return sorted({one.file for one in self.bands})

    @property
    def meaning(self) -> str:
        return f"{self.scale:g}" if self.unit in ("", "1") else f"{self.scale:g} {self.unit}"


def find(layer: Layer, year: int, base: Path, periods: int) -> Source:
    """The source of a layer in a year, looked at but not read.

    Refuses a file that is not there or broken; months missing; a scale, unit, CRS or nodata that nobody says.
    """
    if layer.crs:
        check_named(layer)
    path = base / layer.of(year)
    bands, said_by_item = located(layer, year, path, periods)
    try:
        with opened(bands[0].name) as file:
            if bands[0].band > file.count:
                raise refusals.PlanValueWrong(
                    key=f"layers.{layer.name}.band",
                    value=bands[0].band,
                    wanted=say("a number from 1 to %(most)s", most=file.count),
                )
            said = store.describe(file)
            grid = Grid.of(file, crs=layer.crs)
            check_crs(layer, bands[0].file, file)
            block = tuple(file.block_shapes[0])
            tagged = file.tags(bands[0].band).get("units", "")  # where HDF5 keeps it
    except RasterioError as problem:
        raise broken(bands[0].file, problem) from problem
    facts = {"layer": layer.name, "file": bands[0].file.name}
    classes = store.QUANTITIES[layer.name].classes
    scale = first(layer.scale, said_by_item.get("scale"), said.scale, 1.0 if classes else None)
    if scale is None:
        raise refusals.ScaleMissing(**facts)
    nodata = first(layer.nodata, said_by_item.get("nodata"), said.nodata)
    if nodata is None and not layer.fills:
        raise refusals.NodataMissing(**facts)
    unit = layer.unit or str(said_by_item.get("unit") or said.unit or tagged)
    if not classes:
        units.check(layer.name, unit, file=bands[0].file.name)
    return Source(
        layer=layer,
        year=year,
        bands=tuple(bands),
        grid=grid,
        dtype=said.dtype,
        scale=float(scale),
        offset=float(first(layer.offset, said_by_item.get("offset"), said.offset)),
        unit=unit,
        nodata=None if nodata in (None, "none") else float(nodata),
        block=block,
    )


def first(*values: Any) -> Any:
    return next((one for one in values if one is not None), None)


# -- bands -------------------------------------------------------------------------------------------------------------


def located(layer: Layer, year: int, path: Path, periods: int) -> tuple[list[Band], dict[str, Any]]:
    """The bands of a layer in a year, in order of their periods, and what a STAC item says of them."""
    wanted = 12 if layer.name in MONTHLY and periods == 12 and not layer.shares else 1
    if "{month}" in layer.path:
        files = {month: Path(str(path).replace("{month}", f"{month:02d}")) for month in range(1, 13)}
        lost = [month for month, one in files.items() if not is_file(one)]
        complain(layer, year, lost, path.name)
        return [single(layer, files[month]) for month in files], {}
    if is_folder(path):
        files = stamped(path, year)
        complain(layer, year, [month for month in range(1, 13) if month not in files], path.name)
        return [single(layer, files[month]) for month in range(1, 13)], {}
    if not is_file(path):
        raise refusals.FileMissing(file=path.name, layer=layer.name)
    if path.suffix == ".json":
        return of_item(layer, path, wanted, year)
    return of_file(layer, path, wanted, year), {}


def complain(layer: Layer, year: int, lost: Sequence[int], file: str) -> None:
    if lost:
        raise refusals.MonthsMissing(layer=layer.name, months="、".join(map(str, lost)), year=year, file=file)


def stamped(folder: Path, year: int) -> dict[int, Path]:
    """The files of a folder by the month in their names."""
    found: dict[int, Path] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in RASTERS:
            continue
        if (named := DAY.search(file.name)) and 1 <= int(named["day"]) <= 366 and not STAMP.search(file.name):
            month = (date(int(named["year"]), 1, 1) + timedelta(int(named["day"]) - 1)).month
        elif named := STAMP.search(file.name):
            month = int(named["month"])
        else:
            continue
        if int(named["year"]) == year:
            found.setdefault(month, file)
    return found


def single(layer: Layer, file: Path) -> Band:
    return Band(file, dataset(layer, file), layer.band or 1)


def of_file(layer: Layer, file: Path, wanted: int, year: int) -> list[Band]:
    name = dataset(layer, file)
    try:
        with opened(name) as data:
            stamps = months(data, year)
            count = data.count
    except RasterioError as problem:
        raise broken(file, problem) from problem
    if wanted == 1 and (layer.band or count == 1):
        return [Band(file, name, layer.band or 1)]
    if stamps is not None and wanted == 12:
        complain(layer, year, [month for month in range(1, 13) if month not in stamps], file.name)
        return [Band(file, name, stamps[month]) for month in range(1, 13)]
    if count < wanted:
        complain(layer, year, range(count + 1, wanted + 1), file.name)
    if count > wanted:
        raise refusals.PlanKeyMissing(
            key=f"layers.{layer.name}.band",
            needed_by=say("%(file)s with its %(count)s bands", file=file.name, count=count),
        )
    return [Band(file, name, number) for number in range(1, wanted + 1)]


def months(data: Any, year: int) -> dict[int, int] | None:
    """Band number by month, from CF time stamps; None where a file has none. Stamps at a month's end count for it."""
    tags = data.tags()
    since = re.match(r"(\w+) since (\d{4}-\d\d-\d\d)", tags.get("time#units", ""))
    if since is None or since[1] not in STEPS:
        return None
    start = datetime.fromisoformat(since[2])
    found: dict[int, int] = {}
    for number in range(1, data.count + 1):
        stamp = data.tags(number).get("NETCDF_DIM_time")
        if stamp is None:
            return None
        day = start + timedelta(days=float(stamp) * STEPS[since[1]])
        if day.year == year:
            found.setdefault(day.month, number)
    return found


def dataset(layer: Layer, file: Path) -> str:
    """What GDAL calls the file, or the variable in it that the plan names."""
    if not file.is_file():
        raise refusals.FileMissing(file=file.name, layer=layer.name)
    if file.suffix.lower() not in CONTAINERS:
        return str(file)
    if is_hdf4(file):
        raise refusals.Hdf4(file=file.name, layer=layer.name)
    try:
        with opened(str(file)) as data:
            inside = list(data.subdatasets)
    except RasterioError as problem:
        raise broken(file, problem) from problem
    names: dict[str, str] = {one.split(":")[-1].strip('"').lstrip("/"): one for one in inside}
    if not names:
        return str(file)
    if layer.variable not in names:
        short = {name.rsplit("/", 1)[-1]: one for name, one in names.items()}
        if layer.variable in short:
            return short[layer.variable]
        raise refusals.VariableUnclear(file=file.name, variables="、".join(sorted(names)), layer=layer.name)
    return names[layer.variable]


def is_hdf4(file: Path) -> bool:
    """Whether a file begins as HDF4 does, whatever its name: no wheel of GDAL reads that."""
    try:
        with file.open("rb") as content:
            return content.read(len(HDF4)) == HDF4
    except OSError:
        return False


def of_item(layer: Layer, path: Path, wanted: int, year: int) -> tuple[list[Band], dict[str, Any]]:
    """The asset of a local STAC item, and scale, offset, nodata and unit of its first band."""
    import pystac

    try:
        item = pystac.Item.from_dict(json.loads(path.read_text("utf-8")), preserve_dict=False)
        item.set_self_href(str(path))
    except (ValueError, KeyError, TypeError, AttributeError, pystac.STACError) as problem:
        raise broken(path, problem) from problem
    name = layer.asset or (next(iter(item.assets)) if len(item.assets) == 1 else "")
    if name not in item.assets:
        raise refusals.VariableUnclear(file=path.name, variables="、".join(sorted(item.assets)), layer=layer.name)
    asset = item.assets[name]
    href = urllib.parse.urlparse(asset.get_absolute_href() or asset.href)
    if href.scheme not in ("", "file"):  # a run reads what it can hash, and hash again later
        raise refusals.FileMissing(file=asset.href, layer=layer.name)
    file = Path(urllib.parse.unquote(href.path))
    if not file.is_file():
        raise refusals.FileMissing(file=file.name, layer=layer.name)
    of_bands = asset.extra_fields.get("raster:bands") or asset.extra_fields.get("bands") or [{}]
    said = {key.removeprefix("raster:"): value for key, value in of_bands[0].items()}
    return of_file(layer, file, wanted, year), said


# -- reading -----------------------------------------------------------------------------------------------------------


@contextmanager
def opened(name: str) -> Iterator[Any]:
    """An open raster; a missing georeference is told by the refusal, not by a warning."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(name) as file:
            yield file


def broken(file: Path, problem: Exception) -> refusals.FileBroken:
    return refusals.FileBroken(file=file.name, problem=why(problem.__cause__ or problem))


def is_folder(path: Path) -> bool:
    """The same of a folder."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether a file is there; a name that can be nobody's is not."""
    try:
        return path.is_file()
    except OSError:
        return False


def check_named(layer: Layer) -> None:
    """Refuse a CRS in the plan that PROJ does not know."""
    try:
        system(layer.crs)
    except CRSError as problem:
        wanted = say("a CRS such as EPSG:4490")
        raise refusals.PlanValueWrong(key=f"layers.{layer.name}.crs", value=layer.crs, wanted=wanted) from problem


def check_crs(layer: Layer, path: Path, file: Any) -> None:
    if not file.crs and not layer.crs:
        raise refusals.CrsMissing(file=path.name, layer=layer.name)
    if file.crs and layer.crs and not system(named_crs(file.crs)).equals(system(layer.crs), ignore_axis_order=True):
        raise refusals.CrsContradicted(file=path.name, found=system(named_crs(file.crs)).name, declared=layer.crs)
