"""Stock sinks from rasters: ``python bench/nep.py [--json] [--quick] [--only fused,casa,…] [--peers PYTHON]``.

Made-up data of 10,000 × 10,000 cells (``--quick``: 3,000) in the canonical store.

* **fused**: NPP, temperature and rain of the year, land cover, 400 zones in; NPP, Rh, NEP, spread and flags out, with
  sums by zone and type; against reading and writing the same files with the same workers. The bar is for one model of
  Rh; the line of two models says what an ensemble costs
* **casa**: the same of five inputs, twelve months of NDVI, radiation, temperature and rain, and land cover
* **compiling**: the loops over cells, by a process that finds none on the disk and by one that finds them. What it
  costs to start a worker and load the loops, whatever the size, is said beside the other lines, not counted in them
* **memory**: the largest worker at 5,000, 10,000 and 20,000 cells a side
* **growth**: time a cell at 20,000 over that at 5,000
* **dask**: two workers of a cluster over one

Medians of three. Computing and its limit take turns at being first, each with the disk at rest and its files gone
afterwards: who writes second gets memory that costs more.

``--peers`` names a Python that has pygeoprocessing and perhaps natcap.invest, to time them beside it on the same files;
``peers`` says what each of them does and leaves out.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

import _base as base

os.environ.setdefault("OMP_NUM_THREADS", "1")

from tanhui.nep import execution, store, tiles
from tanhui.nep.grid import Grid
from tanhui.nep.kernel import Method

WORKERS = 2
ZONES = 20  # along each side: 400 in all
SECTIONS = ("fused", "casa", "compiling", "memory", "growth", "dask")
MEMORY = 300.0  # MB
MODELS = ("pei", "raich_potter_bond_lamberty")


# -- data --------------------------------------------------------------------------------------------------------------


def smooth(rows: np.ndarray, columns: np.ndarray, phase: float) -> np.ndarray:
    """Hills between 0 and 1, the same wherever the raster is cut."""
    return 0.5 + 0.25 * (np.sin(rows / 211 + phase)[:, None] + np.cos(columns / 173 - phase)[None, :])


def layer(name: str, rows: np.ndarray, columns: np.ndarray, month: int, noise: np.ndarray) -> np.ndarray:
    hill, season = smooth(rows, columns, month / 3), math.sin((month - 3) * math.pi / 6)
    if name == "landcover":
        return 1 + (smooth(rows // 7 * 7, columns // 9 * 9, 1.0) * 7.99 + noise * 0.02).clip(0, 7.99).astype("uint8")
    values = {
        "npp": lambda: 550 + 300 * (hill - 0.5) + 40 * noise,
        "temperature": lambda: 16 + 11 * season + 6 * (hill - 0.5) + 0.3 * noise,
        "precipitation": lambda: 1300 + 500 * (hill - 0.5) + 20 * noise,
        "ndvi": lambda: 0.5 + 0.2 * season + 0.2 * (hill - 0.5) + 0.02 * noise,
        "solar": lambda: 400 + 150 * season + 60 * (hill - 0.5) + 8 * noise,
    }[name]()
    if name == "precipitation" and month >= 0 and rows.size and layer.monthly:  # type: ignore[attr-defined]
        values = values / 12 * (1 + 0.6 * season)
    values[noise > 3.2] = np.nan  # some cells have no data
    return store.pack(values.astype(np.float32), store.QUANTITIES[name])


layer.monthly = False  # type: ignore[attr-defined]


def generate(folder: Path, size: int, names: dict[str, int]) -> Grid:
    """Canonical files of a square raster of 10 m cells, block by block; and a raster of zones."""
    grid = Grid("EPSG:4549", (10.0, 0.0, 400_000.0, 0.0, -10.0, 3_400_000.0), size, size, 2048 if size > 4096 else 512)
    for name, bands in names.items():
        encoding = store.QUANTITIES[name]
        layer.monthly = bands > 1  # type: ignore[attr-defined]
        noise = np.random.default_rng(len(name)).normal(0, 1, (1024, 1024)).astype(np.float32)
        shape = store.profile(encoding, width=size, height=size, count=bands, crs=grid.crs, transform=grid.affine)
        path = folder / "inputs" / f"{name}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        with rasterio.open(path, "w", **shape) as file:
            for band in range(bands):
                for tile in Grid(grid.crs, grid.transform, size, size, 1024).windows():
                    rows = np.arange(tile.top, tile.top + tile.height)
                    columns = np.arange(tile.left, tile.left + tile.width)
                    speckle = np.roll(noise, band * 97 + tile.row * 31 + tile.column * 53)[: tile.height, : tile.width]
                    file.write(layer(name, rows, columns, band, speckle), band + 1, window=tile.window)
            store.tag(file, encoding)
    shape = store.profile(
        store.QUANTITIES["zones"], width=size, height=size, count=1, crs=grid.crs, transform=grid.affine
    )
    shape["dtype"] = "uint16"
    (folder / "zones").mkdir(exist_ok=True)
    with rasterio.open(folder / "zones" / "town.tif", "w", **shape) as file:
        for tile in Grid(grid.crs, grid.transform, size, size, 1024).windows():
            rows, columns = np.arange(tile.top, tile.top + tile.height), np.arange(tile.left, tile.left + tile.width)
            bent = columns[None, :] + 60 * np.sin(rows / 97)[:, None]
            zone = rows[:, None] * ZONES // size * ZONES + np.clip(bent * ZONES // size, 0, ZONES - 1) + 1
            file.write(zone.astype("uint16"), 1, window=tile.window)
    return grid


FUSED = {"npp": 1, "temperature": 1, "precipitation": 1, "landcover": 1}
CASA = {"ndvi": 12, "solar": 12, "temperature": 12, "precipitation": 12, "landcover": 1}


def tasks(folder: Path, grid: Grid, method: Method, names: dict[str, int], out: Path) -> list[tiles.TileTask]:
    """The tasks of a run whose inputs lie in one folder and whose tiles go into another."""
    link = out / "inputs"
    out.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(folder / "inputs")
        (out / "zones").symlink_to(folder / "zones")
    layers = {name: (f"inputs/{name}.tif", "") for name in names}
    levels = {"town": ("zones/town.tif", "")}
    return [tiles.TileTask(str(out), 2023, tile, grid, method, layers, levels, "", "bench") for tile in grid.windows()]


# -- what is timed -----------------------------------------------------------------------------------------------------


def move(task: tiles.TileTask) -> int:
    """The limit: read what the task reads, write files like those it writes, compute nothing."""
    with tiles.Inputs(task) as inputs:
        for top, left, height, width in tiles.parts(task, inputs.bytes_per_cell):
            inputs.read(top, left, height, width)
    made = Path(task.folder).parent / "made" / "tiles" / task.name
    copy = Path(task.folder) / "copy" / task.tile.name
    # what a run made, so that it compresses alike; mapped, so that getting it costs the limit next to nothing
    outputs = {name: np.load(made / f"{name}.npy", mmap_mode="r") for name in tiles.OUTPUTS}
    store.write_all(copy, outputs, crs=task.grid.crs, transform=task.grid.of_tile(task.tile))
    return 0


def unpacked(out: Path, made: Path) -> None:
    """Put the numbers of a run's tiles beside it uncompressed: the limit writes them again without computing."""
    for path in sorted((out / "tiles").glob("*/*/*.tif")):
        target = made / path.relative_to(out).with_suffix(".npy")
        target.parent.mkdir(parents=True, exist_ok=True)
        with rasterio.open(path) as file:
            np.save(target, file.read())


def timed(
    function: Callable[[tiles.TileTask], Any],
    work: list[tiles.TileTask],
    *,
    scheduler: str | None = None,
    workers: int = WORKERS,
) -> float:
    """Seconds for all tasks, the start of the workers among them; the disk is at rest when they begin."""
    os.sync()
    begun = time.perf_counter()
    for _, answer in execution.chained(function, [[one] for one in work], workers=workers, scheduler=scheduler):
        if isinstance(answer, execution.Refused):
            raise answer.refusal
    return time.perf_counter() - begun


def started(task: tiles.TileTask) -> int:
    """Nothing, in a worker that is up."""
    return 0


def loaded(task: tiles.TileTask) -> int:
    """Nothing, in a worker that has its loops."""
    from tanhui.nep import compiled_kernel  # noqa: F401

    return 0


def ratio(folder: Path, size: int, names: dict[str, int], method: Method, rounds: int) -> tuple[float, float]:
    """Seconds of computing and of moving alone by workers that are up, medians turn about."""
    grid = generate(folder, size, names)
    shutil.rmtree(folder / "made", ignore_errors=True)
    first = tasks(folder, grid, method, names, folder / "first")
    timed(tiles.carry_out, first)
    unpacked(folder / "first", folder / "made")
    shutil.rmtree(folder / "first")
    turns = [(tiles.carry_out, loaded), (move, started)]
    took: dict[Any, list[float]] = {function: [] for turn in turns for function in turn}
    for number in range(rounds):
        for function, start in turns[:: 1 if number % 2 else -1]:
            out = folder / f"run{number}"
            work = tasks(folder, grid, method, names, out)
            took[start].append(timed(start, work[: WORKERS * 2]))
            took[function].append(timed(function, work))
            shutil.rmtree(out)
    middle = {function: base.median(seconds) for function, seconds in took.items()}
    up, ready = middle[started], middle[loaded]
    print(f"  {WORKERS} workers are up after {up:.2f} s, and with their loops after {ready:.2f} s")
    return middle[tiles.carry_out] - ready, middle[move] - up


def fused_method(models: int = 1) -> Method:
    return Method("raster", MODELS[:models], 2023, periods=1)


def fused(place: Path, size: int, rounds: int) -> Iterator[base.Line]:
    cells = size * size / 1e6
    for models, asked in ((2, 0.6), (1, 0.75)):
        took, limit = ratio(place / "fused", size, FUSED, fused_method(models), rounds)
        name = f"fused NPP, Rh by {models} model{'s'[: models - 1]}, NEP, sums of 400 zones × types"
        yield base.Line(name, cells / took, "M/s", cells / limit, asked)


def casa(place: Path, size: int, rounds: int) -> Iterator[base.Line]:
    side = min(size, 5_000)  # 48 bands: as many numbers as 35,000 cells a side of one
    took, limit = ratio(place / "casa", side, CASA, Method("casa", MODELS, 2023, by_type=True), rounds)
    cells = side * side / 1e6
    yield base.Line(f"CASA of twelve months, {side} cells a side", cells / took, "M/s", cells / limit, 0.6)


def compiling(place: Path) -> Iterator[base.Line]:
    """Seconds of a process that compiles the loops, and of one that loads them."""
    command = [sys.executable, "-c", "import tanhui.nep.compiled"]
    took = []
    for _ in range(2):
        begun = time.perf_counter()
        subprocess.run(command, env=os.environ | {"TANHUI_VAR": str(place / "var")}, check=True)
        took.append(time.perf_counter() - begun)
    yield base.Line("seconds to compile once a machine, over loading", took[0], "s", took[1], 60, "less")


# -- memory and growth -------------------------------------------------------------------------------------------------


def peak(task: tiles.TileTask) -> float:
    """MB a worker has needed at most so far."""
    import resource

    tiles.carry_out(task)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sizes(size: int) -> tuple[int, int, int]:
    return (size // 2, size, size * 2)


def measured(place: Path, size: int, rounds: int) -> dict[int, tuple[float, float]]:
    """MB of the largest worker and microseconds a cell, by side."""
    made: dict[int, tuple[float, float]] = {}
    for side in sizes(size):
        folder = place / f"size{side}"
        grid = generate(folder, side, FUSED)
        memory, took = 0.0, []
        for number in range(rounds):
            out = folder / f"run{number}"
            work = tasks(folder, grid, fused_method(), FUSED, out)
            start = timed(loaded, work[: WORKERS * 2])
            begun = time.perf_counter()
            for _, answer in execution.chained(peak, [[one] for one in work], workers=WORKERS):
                memory = max(memory, float(answer))  # type: ignore[arg-type]
            took.append((time.perf_counter() - begun - start) / side / side * 1e6)
            shutil.rmtree(out)
        shutil.rmtree(folder)
        made[side] = memory, base.median(took)
    return made


def memory_lines(found: dict[int, tuple[float, float]]) -> Iterator[base.Line]:
    for side, (memory, _) in found.items():
        yield base.Line(f"memory of a worker, {side:,} cells a side", memory, "MB", MEMORY, 1.0, "less")


def growth_lines(found: dict[int, tuple[float, float]]) -> Iterator[base.Line]:
    small, large = min(found), max(found)
    name = f"µs a thousand cells, {large:,} over {small:,} cells a side"
    yield base.Line(name, found[large][1] * 1000, "µs", found[small][1] * 1000, 1.15, "less")


# -- a cluster ---------------------------------------------------------------------------------------------------------


def dask(place: Path, size: int, rounds: int, seconds: float) -> Iterator[base.Line]:
    """Cells a second of two workers of a cluster, over one; on a run of a minute at least for one."""
    folder = place / "dask"
    grid = generate(folder, size, FUSED)
    from distributed import Client

    rates: dict[int, list[float]] = {1: [], 2: []}
    repeats = 1
    for number in range(rounds + 1):
        for workers in rates:
            with execution.local_cluster(workers) as cluster:
                address = cluster.scheduler_address
                with Client(cluster) as client:
                    client.wait_for_workers(workers)
                work = [
                    one
                    for repeat in range(repeats)
                    for one in tasks(folder, grid, fused_method(), FUSED, folder / f"run{workers}-{repeat}")
                ]
                took = timed(tiles.carry_out, work, scheduler=address)
            for repeat in range(repeats):
                shutil.rmtree(folder / f"run{workers}-{repeat}")
            if number:
                rates[workers].append(len(work) / took)
            elif workers == 1:
                repeats = max(1, math.ceil(seconds / took))
    one, two = base.median(rates[1]), base.median(rates[2])
    yield base.Line("tiles a second of two cluster workers, over one", two, "/s", one, 1.6)


# -- peers -------------------------------------------------------------------------------------------------------------

PEER = """
import json, logging, os, sys, time, warnings
warnings.simplefilter("ignore")
folder, out = sys.argv[1:]
import numpy as np, pygeoprocessing, shapely.geometry
from osgeo import gdal
gdal.UseExceptions()
logging.disable(logging.CRITICAL)
file = {name: (f"{folder}/inputs/{name}.tif", 1) for name in ("npp", "temperature", "precipitation", "landcover")}
STORE = ("GTIFF", ("TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=ZSTD", "ZSTD_LEVEL=1", "PREDICTOR=2"))

def respired(warmth, rain):
    warmth, rain = warmth * np.float32(.01), rain * np.float32(.1 / 12)
    return .22 * (np.exp(.0912 * warmth) + np.log(.3145 * rain + 1)) * 360 * .465

def counted(cover):
    return (cover > 0) & (cover < 6)

def net(npp, warmth, rain, cover):
    return np.where(counted(cover), npp * np.float32(.1) - respired(warmth, rain), -9999).astype(np.float32)

def bare():
    names = ("npp", "temperature", "precipitation", "landcover")
    pygeoprocessing.raster_calculator([file[one] for one in names], net, out + "/bare.tif", gdal.GDT_Float32, -9999,
                                      calc_raster_stats=False)

def whole():
    def write(names, op, name, kind, nodata):
        pygeoprocessing.raster_calculator([file[one] for one in names], op, f"{out}/{name}.tif", kind, nodata,
                                          calc_raster_stats=False, raster_driver_creation_tuple=STORE)
        file[name] = (f"{out}/{name}.tif", 1)
    write(("npp", "landcover"), lambda npp, cover: np.where(counted(cover), npp, -32768), "out", gdal.GDT_Int16, -32768)
    write(("temperature", "precipitation", "landcover"), lambda warmth, rain, cover: np.where(
        counted(cover), np.clip(np.rint(respired(warmth, rain) * 10), 0, 65534), 65535).astype(np.uint16),
        "rh", gdal.GDT_UInt16, 65535)
    write(("out", "rh"), lambda npp, rh: np.where(rh == 65535, -32768, npp - rh.astype(np.float32)).astype(np.int16),
          "nep", gdal.GDT_Int16, -32768)
    for name in ("out", "rh", "nep"):
        pygeoprocessing.zonal_statistics(file[name], towns(), working_dir=out)

def towns():
    path = out + "/towns.gpkg"
    if not os.path.exists(path):
        info = pygeoprocessing.get_raster_info(file["npp"][0])
        west, south, east, north = info["bounding_box"]
        wide, high = (east - west) / 20, (north - south) / 20
        boxes = [shapely.geometry.box(west + wide * column, south + high * row, west + wide * (column + 1),
                                      south + high * (row + 1)) for row in range(20) for column in range(20)]
        pygeoprocessing.shapely_geometry_to_vector(boxes, path, info["projection_wkt"], "GPKG")
    return path

def invest():
    from natcap.invest import carbon
    table = out + "/pools.csv"
    with open(table, "w") as pools:
        pools.write("lucode,c_above,c_below,c_soil,c_dead\\n")
        pools.writelines(f"{code},{code},{code / 2},{code * 3},{code / 4}\\n" for code in range(1, 9))
    carbon.execute({"workspace_dir": f"{out}/invest{len(took)}", "lulc_bas_path": file["landcover"][0],
                    "calc_sequestration": False, "do_valuation": False, "do_redd": False,
                    "carbon_pools_path": table, "n_workers": 2})

if __name__ == "__main__":
    found = {}
    for job in (bare, whole, invest):
        took = []
        for _ in range(3):
            begun = time.perf_counter()
            try:
                job()
            except ImportError:
                break
            took.append(time.perf_counter() - begun)
        if took:
            found[job.__name__] = sorted(took)[1]
    print(json.dumps(found))
"""
JOBS = {
    "whole": ("fused, over raster_calculator ×3, zonal_statistics ×3", 3.0),
    "bare": ("fused, over one raster_calculator: NEP alone, no sums", 1.0),
    "invest": ("fused, over InVEST's carbon model with two workers", 5.0),
}


def peers(place: Path, python: str, size: int, took: float) -> Iterator[base.Line]:
    """What a script of another tool does with the same files.

    ``whole`` is the job nearest to ours: NPP, Rh by one model and NEP written in the same store, each summed over 400
    zones. It has no sums by type, no flags, no spread, no cell areas on the ellipsoid, no hashes, nothing synced to the
    disk, and one process, as the tool has. ``bare`` is one call: one raster of floats, nothing summed. InVEST's carbon
    model looks up four pools by land cover and adds them: no climate, no zones.
    """
    (place / "peers").mkdir()
    script = place / "peers" / "jobs.py"  # a file: InVEST's workers import it again
    script.write_text(PEER)
    command = [python, str(script), str(place / "fused"), str(place / "peers")]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    cells = size * size / 1e6
    for job, other in json.loads(said.stdout.splitlines()[-1]).items():
        name, asked = JOBS[job]
        yield base.Line(name, cells / took, "M/s", cells / other, asked)
    shutil.rmtree(place / "peers")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="3,000 cells a side instead of 10,000, shorter runs")
    parser.add_argument("--size", type=int, help="cells a side")
    parser.add_argument("--only", default=",".join(SECTIONS), help="some of " + ", ".join(SECTIONS))
    parser.add_argument("--rounds", type=int, default=base.ROUNDS)
    parser.add_argument("--place", type=Path, help="folder for the data (default: a temporary one)")
    parser.add_argument("--peers", help="a Python with pygeoprocessing or natcap.invest")
    args = parser.parse_args()
    size = args.size or (3_000 if args.quick else 10_000)
    only = args.only.split(",")
    place = Path(tempfile.mkdtemp(prefix="tanhui-nep-", dir=args.place))
    lines: list[base.Line] = []

    def show(found: Iterator[base.Line]) -> None:
        for line in found:
            lines.append(line)
            base.tell([line], as_json=args.json)

    try:
        if "fused" in only:
            show(fused(place, size, args.rounds))
            if args.peers:
                show(peers(place, args.peers, size, size * size / 1e6 / lines[-1].figure))
            shutil.rmtree(place / "fused")
        if "casa" in only:
            show(casa(place, size, args.rounds))
            shutil.rmtree(place / "casa")
        if "compiling" in only:
            show(compiling(place))
        if "memory" in only or "growth" in only:
            found = measured(place, size, args.rounds)
            show(memory_lines(found) if "memory" in only else iter(()))
            show(growth_lines(found) if "growth" in only else iter(()))
        if "dask" in only:
            show(dask(place, size, args.rounds, 5 if args.quick else 60))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0 if all(line.met for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
