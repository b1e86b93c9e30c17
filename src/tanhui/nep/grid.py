"""The one grid of a run: coordinate system, origin, cell size, tiles, and the true area of every cell."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.windows import Window

Array = NDArray[Any]
TILE = 512
LATTICE = 512  # most cells between the points at which a projected grid's cell area is computed; linear between them
SPAN = 5000.0  # and most metres: the error of the line between stays below 2e-7 of the area
WGS84 = (6378137.0, 1 / 298.257223563)


class Tile(NamedTuple):
    """A rectangle of cells: its place among the tiles, and its first row and column and size in cells."""

    row: int
    column: int
    top: int
    left: int
    height: int
    width: int

    @property
    def name(self) -> str:
        return f"{self.row:03d}-{self.column:03d}"

    @property
    def window(self) -> Window:
        return Window(self.left, self.top, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Grid:
    """North-up or not, any CRS. ``transform`` is a, b, c, d, e, f of ``x = a·column + b·row + c; y = d·column + …``.

    ``tile`` is the side of a task in cells, a multiple of 512 (the side of a block in the files).
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int
    tile: int = TILE

    @classmethod
    def of(cls, dataset: Any, *, crs: str = "", tile: int = TILE) -> Self:
        """The grid of an open raster; ``crs`` where the file itself does not say."""
        named = crs or named_crs(dataset.crs)
        a, b, c, d, e, f = tuple(dataset.transform)[:6]
        return cls(named, (a, b, c, d, e, f), dataset.width, dataset.height, tile)

    @classmethod
    def over(cls, crs: str, bounds: tuple[float, float, float, float], cell: tuple[float, float], tile: int) -> Self:
        """The grid of a cell size that covers west, south, east, north."""
        west, south, east, north = bounds
        width, height = (math.ceil(round(span / side, 6)) for span, side in zip((east - west, north - south), cell))  # noqa: B905
        return cls(crs, (cell[0], 0.0, west, 0.0, -cell[1], north), width, height, tile)

    @property
    def affine(self) -> Affine:
        return Affine(*self.transform)

    @property
    def cells(self) -> int:
        return self.width * self.height

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the grid's CRS."""
        corners = [
            self.affine * corner for corner in ((0, 0), (self.width, 0), (0, self.height), (self.width, self.height))
        ]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def windows(self) -> Iterator[Tile]:
        """The tiles, row by row."""
        for row in range(math.ceil(self.height / self.tile)):
            for column in range(math.ceil(self.width / self.tile)):
                top, left = row * self.tile, column * self.tile
                yield Tile(row, column, top, left, min(self.tile, self.height - top), min(self.tile, self.width - left))

    def of_tile(self, tile: Tile) -> Affine:
        """The transform of a tile's own raster."""
        return self.affine * Affine.translation(tile.left, tile.top)

    def row_areas_m2(self) -> Array:
        """Ellipsoidal area of the cells of each row, m², shape (height, 1), where it depends on the row alone;
        otherwise that of the row's middle cell."""
        middle = Tile(0, 0, 0, self.width // 2, self.height, 1)
        return self.areas_m2(middle)

    def areas_m2(self, tile: Tile) -> Array:
        """Ellipsoidal area of the tile's cells, m²: float64 of shape (height, 1) on a geographic grid, else
        (height, width).

        Geographic: the closed form of the zone between two parallels. Projected: the Jacobian of the inverse
        projection on the ellipsoid (a sphere's coordinates are read as WGS 84), exact every few cells, linear between.
        """
        return self.areas(tile).of(slice(0, tile.height), slice(0, tile.width))

    def areas(self, tile: Tile) -> "Areas":
        """The same, for a tile that is worked through part by part."""
        if self.is_geographic:
            _, _, _, _, e, f = self.transform
            edges = f + e * np.arange(tile.top, tile.top + tile.height + 1)
            zones = np.abs(np.diff(northward(np.radians(edges), *ellipsoid(self.crs))))
            return Areas((zones * abs(math.radians(self.transform[0])))[:, None])
        rows, columns = lattice(tile.top, tile.height, self.step), lattice(tile.left, tile.width, self.step)
        nodes = self.node_areas(rows, columns)
        left, share = between(columns, tile.left, tile.width, self.step)
        across = nodes[:, left] * (1 - share) + nodes[:, left + 1] * share
        return Areas(across, *between(rows, tile.top, tile.height, self.step), tile.left, self.step)

    @property
    def step(self) -> int:
        """Cells between the points at which a cell's area is computed."""
        side = max(math.hypot(self.transform[0], self.transform[3]), math.hypot(self.transform[1], self.transform[4]))
        return max(1, min(LATTICE, int(SPAN / side)))

    @property
    def is_geographic(self) -> bool:
        return system(self.crs).is_geographic and self.transform[1] == self.transform[3] == 0

    def node_areas(self, rows: Array, columns: Array) -> Array:
        """Area a cell would have around each point of a lattice given in cells, m²."""
        inverse = Transformer.from_crs(system(self.crs), system(self.crs).geodetic_crs, always_xy=True)
        right, down = np.meshgrid(columns.astype(float), rows.astype(float))
        half = 0.5

        def degrees(dx: float, dy: float) -> tuple[Array, Array]:
            x, y = self.affine * (right + dx, down + dy)
            lon, lat = inverse.transform(x, y) if not system(self.crs).is_geographic else (x, y)
            return np.radians(lon), np.radians(lat)

        (east, east_lat), (west, west_lat) = degrees(half, 0), degrees(-half, 0)
        (south, south_lat), (north, north_lat) = degrees(0, half), degrees(0, -half)
        turned = (around(east - west)) * (south_lat - north_lat) - around(south - north) * (east_lat - west_lat)
        lat = (east_lat + west_lat + south_lat + north_lat) / 4
        a, flat = ellipsoid(self.crs)
        square = flat * (2 - flat)
        curve = 1 - square * np.sin(lat) ** 2
        area = np.abs(turned) * a * a * (1 - square) / curve**2 * np.cos(lat)
        return np.where(np.isfinite(area), area, 0.0)


@dataclass(frozen=True, slots=True)
class Areas:
    """Cell areas of a tile: by row, or on the lattice's rows with each row's place between two of them."""

    values: Array
    before: Array | None = None
    share: Array | None = None
    left: int = 0
    step: int = 1 << 30

    def breaks(self, columns: slice) -> Array:
        """Columns of a part at which a run of cells must end for ``mean`` to hold."""
        start = self.left + columns.start
        return np.arange(-start % self.step, columns.stop - columns.start, self.step)

    def mean(self, rows: Array, first: Array, last: Array) -> Array:
        """Mean area of runs of cells, each in one row and between two breaks: there it is linear. m²."""
        if self.before is None or self.share is None:
            return np.asarray(self.values[rows, 0])
        place, share = self.before.take(rows) * self.values.shape[1], self.share.take(rows)
        above, below = self.values, self.values[1:]
        ends = [
            above.take(place + column) * (1 - share) + below.take(place + column) * share for column in (first, last)
        ]
        return np.asarray((ends[0] + ends[1]) / 2)

    def of(self, rows: slice, columns: slice) -> Array:
        """Areas of some rows and columns of the tile, m²."""
        if self.before is None or self.share is None:
            return self.values[rows]
        before, share = self.before[rows], self.share[rows, None]
        lines = self.values[:, columns]
        if before[0] == before[-1]:  # nothing is gathered where the rows lie between the same two
            return np.asarray(lines[before[0]] * (1 - share) + lines[before[0] + 1] * share)
        return np.asarray(lines[before] * (1 - share) + lines[before + 1] * share)


def around(angle: Array) -> Array:
    """A difference of longitudes without the jump at the date line."""
    return (angle + math.pi) % (2 * math.pi) - math.pi


def northward(lat: Array, a: float, flat: float) -> Array:
    """Area from the equator to a parallel, per radian of longitude, m² (Snyder 1987, eq. 3-12)."""
    if not flat:
        return np.asarray(a * a * np.sin(lat))
    e = math.sqrt(flat * (2 - flat))
    sine = np.sin(lat)
    return np.asarray(a * a * (1 - e * e) / 2 * (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e))


def lattice(start: int, size: int, step: int) -> Array:
    """The lattice's lines around some cells; the same lines whatever the tiles."""
    return np.arange(start // step, -(-(start + size) // step) + 1) * step


def between(lines: Array, start: int, size: int, step: int) -> tuple[Array, Array]:
    """For each cell the number of the line before its middle, and how far towards the next it lies."""
    at = (np.arange(start, start + size) + 0.5 - lines[0]) / step
    before = np.minimum(at.astype(int), len(lines) - 2)
    return before, at - before


@lru_cache(maxsize=16)
def system(crs: str) -> CRS:
    return CRS.from_user_input(crs)


@lru_cache(maxsize=16)
def ellipsoid(crs: str) -> tuple[float, float]:
    """Semi-major axis and flattening; WGS 84 where the CRS has only a sphere."""
    shape = system(crs).ellipsoid
    if shape is None or not shape.inverse_flattening:
        return WGS84
    return shape.semi_major_metre, 1 / shape.inverse_flattening


def named_crs(crs: Any) -> str:
    """``EPSG:n`` where there is one, otherwise WKT; empty for none."""
    if not crs:
        return ""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.to_wkt())
