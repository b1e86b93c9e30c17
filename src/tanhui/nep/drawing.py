"""Rasters of any size as small pictures: read at the size of the paper, put into classes, painted with a palette.

Memory depends on the paper alone: rasterio reads through overviews or block by block. A picture is an indexed PNG and
the same bytes for the same raster. Cells without data are left transparent: the hatching of the sheet shows through.
"""

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from rasterio.windows import Window

from tanhui.nep import palette

BLANK, OUTSIDE, ELSEWHERE, UNSUITED, FIRST = range(5)  # indices of a picture; classes begin at FIRST
STRIP = 1 << 22  # cells read at a time where every one must be seen
CACHE = 96 << 20  # bytes GDAL may keep of a raster while it is drawn

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class View:
    """The part of a grid on paper: first column and row, extent in cells, and in cells of the picture."""

    column: int
    row: int
    width: int
    height: int
    columns: int
    rows: int

    @property
    def window(self) -> Window:
        return Window(self.column, self.row, self.width, self.height)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def decimation(self) -> int:
        """Cells of the grid along one side of a cell of the picture."""
        return max(1, math.ceil(self.width / self.columns), math.ceil(self.height / self.rows))


def view(width: int, height: int, *, most: int, within: tuple[int, int, int, int] | None = None) -> View:
    """A view of a grid, or of ``within`` (first column, first row, width, height), at most ``most`` cells a side."""
    column, row, wide, high = within or (0, 0, width, height)
    shrink = max(1.0, wide / most, high / most)
    return View(column, row, wide, high, max(1, round(wide / shrink)), max(1, round(high / shrink)))


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A raster, and no more of it in GDAL's cache than drawing needs."""
    with rasterio.Env(GDAL_CACHEMAX=CACHE), rasterio.open(path) as layer:
        yield layer


def values(path: Path, seen: View) -> Floats:
    """A layer in its own unit (scale and offset applied), NaN without data; each cell the mean of those beneath it."""
    with opened(path) as layer:
        raw = layer.read(1, window=seen.window, out_shape=seen.shape, resampling=Resampling.average, masked=True)
        scale, offset = layer.scales[0] or 1.0, layer.offsets[0] or 0.0
    result = np.ma.filled(raw.astype(np.float32), np.float32("nan"))
    return np.asarray(result * np.float32(scale) + np.float32(offset), dtype=np.float32)


def codes(path: Path, seen: View) -> NDArray[np.int64]:
    """A layer of classes or zone numbers, 0 without data, by the nearest cell."""
    with opened(path) as layer:
        raw = layer.read(1, window=seen.window, out_shape=seen.shape, resampling=Resampling.nearest, masked=True)
    return np.asarray(np.ma.filled(raw.astype(np.int64), 0), dtype=np.int64)


def bits(path: Path, seen: View) -> Bytes:
    """A layer of bits; a cell of the picture has each bit that any cell beneath it has, so that a lone flag is seen."""
    starts = np.linspace(0, seen.width, seen.columns, endpoint=False).astype(np.int64)
    edges = np.linspace(0, seen.height, seen.rows + 1).astype(np.int64)
    result = np.zeros(seen.shape, dtype=np.uint8)
    deep = max(1, STRIP // seen.width // max(1, seen.decimation))
    with opened(path) as layer:
        for first in range(0, seen.rows, deep):
            last = min(first + deep, seen.rows)
            top, bottom = int(edges[first]), int(edges[last])
            strip = layer.read(
                1, window=Window(seen.column, seen.row + top, seen.width, bottom - top), masked=True
            ).filled(0)
            folded = np.bitwise_or.reduceat(strip.astype(np.uint8), starts, axis=1)
            result[first:last] = np.bitwise_or.reduceat(folded, edges[first:last] - top, axis=0)
    return result


def extent(present: Mask, seen: View, *, margin: float = 0.03) -> tuple[int, int, int, int]:
    """The rectangle of grid cells (as ``view`` takes it) that holds what is present in a view, with a margin."""
    rows, columns = np.flatnonzero(present.any(axis=1)), np.flatnonzero(present.any(axis=0))
    if not rows.size:
        return seen.column, seen.row, seen.width, seen.height
    wide, high = seen.width / seen.columns, seen.height / seen.rows
    spare = margin * max((columns[-1] + 1 - columns[0]) * wide, (rows[-1] + 1 - rows[0]) * high)
    left = max(0, math.floor(columns[0] * wide - spare))
    top = max(0, math.floor(rows[0] * high - spare))
    right = min(seen.width, math.ceil((columns[-1] + 1) * wide + spare))
    bottom = min(seen.height, math.ceil((rows[-1] + 1) * high + spare))
    return seen.column + left, seen.row + top, right - left, bottom - top


def classified(measured: Floats, classes: palette.Classes) -> Bytes:
    """Index of each value's class, ``BLANK`` where it is NaN."""
    index = np.digitize(measured, classes.breaks).astype(np.uint8) + np.uint8(FIRST)
    return np.where(np.isnan(measured), np.uint8(BLANK), index)


def spread(index: Bytes, dots: Mask, *, cells: int) -> Bytes:
    """The picture with each cell of ``dots`` grown by so many cells to all sides, the upper left in front."""
    grown = index.copy()
    rows, columns = np.nonzero(dots)
    for row, column in zip(rows[::-1].tolist(), columns[::-1].tolist(), strict=True):
        grown[max(0, row - cells) : row + cells + 1, max(0, column - cells) : column + cells + 1] = index[row, column]
    return grown


def numbered(present: NDArray[np.int64], order: Sequence[int]) -> Bytes:
    """Index of each code, as it stands in ``order``; ``BLANK`` for a code that does not."""
    index = np.full(present.shape, BLANK, dtype=np.uint8)
    for place, code in enumerate(order):
        index[present == code] = FIRST + place
    return index


def png(index: Bytes, colours: Sequence[str]) -> bytes:
    """The picture: ``colours`` of the classes from ``FIRST`` on; ``BLANK`` transparent."""
    image = Image.fromarray(index, mode="P")
    table = (palette.CLEAR, palette.CLEAR, palette.ELSEWHERE, palette.UNSUITED, *colours)
    image.putpalette([part for colour in table for part in palette.rgb(colour)])
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=9, transparency=BLANK)
    return out.getvalue()


def thumbnail(index: Bytes, colours: Sequence[str], *, width: int, ratio: float) -> bytes:
    """The same without words for a list of maps, ``width`` pixels wide and ``ratio`` times as high, gaps hatched."""
    height = max(1, round(width * ratio))
    picture = Image.open(io.BytesIO(png(index, colours))).convert("RGBA")
    small = picture.resize(
        (width, height), Image.Resampling.BOX if index.shape[1] > width else Image.Resampling.NEAREST
    )
    down, across = np.indices((height, width))
    paper = np.where(((down + across) % 8 < 2)[..., None], np.uint8(176), np.uint8(240)).repeat(3, axis=2)
    under = Image.fromarray(np.ascontiguousarray(paper, dtype=np.uint8), mode="RGB").convert("RGBA")
    out = io.BytesIO()
    Image.alpha_composite(under, small).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(
        out, "PNG", compress_level=9
    )
    return out.getvalue()
