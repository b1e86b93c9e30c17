"""Land as polygons: area, what lies inside, and points laid over it.

Points are arrays of shape (n, 2). A ring is such an array, closed or not; a polygon is its outer ring followed by its
holes; a piece of land is a list of polygons. In the plane: ``metres`` gives a plane in which areas are true.
"""

from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tanhui.science.biomass import Values

Polygon: TypeAlias = list[Values]
Land: TypeAlias = list[Polygon]

RADIUS = 6_371_007.181  # m, of the sphere with the area of the WGS 84 (and CGCS 2000) ellipsoid
AT_ONCE = 2_000_000  # points × edges compared in one step
VAIN = 20  # thousand random points without one that fits
SHRINK, TRIES = 0.97, 160  # of a grid's spacing until it has enough points; the last is under a hundredth of the first


class NoRoom(ValueError):
    """The land has no room for so many points at that distance."""


def metres(degrees: Values, parallel: float) -> Values:
    """Longitude and latitude (°) to metres, by the cylindrical equal-area projection with a standard parallel (°):
    areas are true everywhere, shapes near the parallel. A sphere, so within 0.5 % of the ellipsoid in area."""
    scale = np.cos(np.radians(parallel))
    longitude, latitude = np.radians(np.asarray(degrees, dtype=np.float64)).T
    return np.stack([RADIUS * longitude * scale, RADIUS * np.sin(latitude) / scale], axis=-1)


def degrees(plane: Values, parallel: float) -> Values:
    """The inverse of ``metres``."""
    scale = np.cos(np.radians(parallel))
    x, y = np.asarray(plane, dtype=np.float64).T
    found: Values = np.degrees(np.stack([x / RADIUS / scale, np.arcsin(y * scale / RADIUS)], axis=-1))
    return found


def edges(polygon: Polygon) -> tuple[Values, Values]:
    """Both ends of every edge of a polygon's rings, holes included."""
    return np.concatenate(polygon), np.concatenate([np.roll(ring, -1, axis=0) for ring in polygon])


def area(land: Land) -> float:
    """Area in the square of the unit of the coordinates; holes are taken off."""
    return float(sum(_ring_area(polygon[0]) - sum(map(_ring_area, polygon[1:])) for polygon in land))


def _ring_area(ring: Values) -> float:
    x, y = (ring - ring[0]).T  # near the origin, so that nothing cancels
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def inside(points: Values, land: Land) -> NDArray[np.bool_]:
    """Which points lie in one of the polygons, by the parity of the edges crossed on the way east."""
    found = np.zeros(len(points), dtype=np.bool_)
    for polygon in land:
        low, high = _box(polygon)
        near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1) & ~found)
        first, last = edges(polygon)
        for part in _parts(near, len(first)):
            x, y = points[part, :1], points[part, 1:]
            across = (first[:, 1] > y) != (last[:, 1] > y)
            with np.errstate(divide="ignore", invalid="ignore"):
                where = first[:, 0] + (y - first[:, 1]) / (last[:, 1] - first[:, 1]) * (last[:, 0] - first[:, 0])
            found[part] = (across & (x < where)).sum(axis=1) % 2 == 1
    return found


def clearance(points: Values, land: Land) -> Values:
    """Distance of each point to the nearest edge of the land."""
    nearest = np.full(len(points), np.inf)
    for polygon in land:
        first, last = edges(polygon)
        along = last - first
        length = (along * along).sum(axis=1)
        for part in _parts(np.arange(len(points)), len(first)):
            away = points[part, None, :] - first
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.where(length > 0, (away * along).sum(axis=2) / length, 0.0)
            away -= np.clip(share, 0, 1)[:, :, None] * along
            nearest[part] = np.minimum(nearest[part], np.sqrt((away * away).sum(axis=2)).min(axis=1))
    return nearest


def _parts(places: NDArray[np.intp], width: int) -> list[NDArray[np.intp]]:
    return np.array_split(places, max(1, -(-len(places) * width // AT_ONCE)))


def on_grid(land: Land, count: int, generator: Generator, margin: float = 0.0) -> Values:
    """``count`` points of a square grid with a random start, at least ``margin`` from every edge.

    The grid is the widest one tried that has enough points in the land; what it has too many is left out at random.
    From south to north, west to east. ``NoRoom`` when the grid would be narrower than twice the margin.
    """
    start = generator.random(2)
    spacing = float(np.sqrt(area(land) / count)) * 1.1
    for _ in range(TRIES):
        if spacing < 2 * margin:
            break
        points = _lattice(land, start, spacing)
        if margin > 0:
            points = points[clearance(points, land) >= margin]
        if len(points) >= count:
            return points[np.sort(generator.choice(len(points), count, replace=False))]
        spacing *= SHRINK
    raise NoRoom


def _lattice(land: Land, start: Values, spacing: float) -> Values:
    """Points (start + whole numbers)·spacing in the land, from south to north; each polygon's own box is searched, for
    parcels may lie far apart."""
    found = []
    for polygon in land:
        low, high = _box(polygon)
        columns, rows = (np.arange(np.ceil(low[k] / spacing - start[k]), high[k] / spacing - start[k]) for k in (0, 1))
        nodes = np.stack([node.ravel() for node in np.meshgrid(rows, columns, indexing="ij")], axis=-1)
        found.append(nodes[inside((nodes[:, ::-1] + start) * spacing, [polygon])])
    return (np.unique(np.concatenate(found), axis=0)[:, ::-1] + start) * spacing


def _box(polygon: Polygon) -> tuple[Values, Values]:
    """Lower and upper corner of the box around a polygon."""
    return polygon[0].min(axis=0), polygon[0].max(axis=0)


def at_random(land: Land, count: int, generator: Generator, margin: float = 0.0) -> Values:
    """``count`` points, each equally likely anywhere at least ``margin`` from every edge and twice that from every
    earlier point. In the order drawn. ``NoRoom`` after 20,000 attempts in vain, or at once when the circles would fill
    more than half of the land: laid at random they never do."""
    if count * np.pi * margin**2 > area(land) / 2:
        raise NoRoom
    kept, vain = np.empty((0, 2)), 0
    while vain < VAIN:
        vain += 1
        points = _scattered(land, 1000, generator)
        for point in points[clearance(points, land) >= margin]:
            if (np.hypot(*(kept - point).T) >= 2 * margin).all():
                kept, vain = np.vstack([kept, point]), 0
                if len(kept) == count:
                    return kept
    raise NoRoom


def _scattered(land: Land, count: int, generator: Generator) -> Values:
    """Those of ``count`` random points that hit. Each is thrown at the box of one polygon, a larger one more often, so
    that every place of the land is hit equally often."""
    low, high = (np.stack(corners) for corners in zip(*map(_box, land), strict=True))
    size = (high - low).prod(axis=1)
    target = np.sort(generator.choice(len(land), count, p=size / size.sum()))
    points = low[target] + generator.random((count, 2)) * (high - low)[target]
    hit = np.zeros(count, dtype=np.bool_)
    for place in np.unique(target):
        hit[target == place] = inside(points[target == place], [land[place]])
    return generator.permutation(points[hit])
