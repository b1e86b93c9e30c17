"""Where the plots of a sampling design stand: polygons and a seed in, points out, the same ones for everybody.

The map says which land belongs to which stratum; the seed is published before anyone goes to the field, so that nobody
can choose the plots. Whoever has map, design and seed lays the same points.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import execution, numbers
from tanhui.methods.engine.record import Run
from tanhui.science import land
from tanhui.science.biomass import Values
from tanhui.science.land import Land

FORMAT = "tanhui.sample-points/1"
TOOL = "ar_tool_03"
DIGITS = 7  # of a degree: about a centimetre
HECTARE = 10_000  # m²
Manner = Literal["systematic", "random"]
LAY = {"systematic": land.on_grid, "random": land.at_random}
SAMPLING = "AR-TOOL03 v2.1.0: plots at random or systematically with a random start"


class NoMap(Refusal):
    code = "methods.no_map"
    sentence = gettext_noop(
        "The map is not GeoJSON with polygons in degrees of longitude and latitude, at %(place)s. Export it again as "
        "WGS 84 or CGCS2000, with each polygon's stratum in the property %(property)s."
    )
    clause = "RFC 7946; ARCHITECTURE.md §5, Numbers"
    status = 422


class NoDesign(Refusal):
    code = "methods.no_design"
    sentence = gettext_noop(
        "This bundle is a run of %(package)s and holds no sampling design. Run %(tool)s first, and give its bundle."
    )
    clause = SAMPLING
    status = 422


class StratumNotOnMap(Refusal):
    code = "methods.stratum_not_on_map"
    sentence = gettext_noop(
        "Stratum %(stratum)s has plots in the design and no polygon on the map, which has: %(known)s. Use one code for "
        "both."
    )
    clause = SAMPLING
    status = 422


class NoRoomForPlots(Refusal):
    code = "methods.no_room_for_plots"
    sentence = gettext_noop(
        "Stratum %(stratum)s has %(hectares)s ha on the map, and %(plots)s plots of %(size)s ha do not fit into it. "
        "Look whether the map is complete, take smaller plots, or join the stratum with another."
    )
    clause = SAMPLING
    status = 422


class StrataOverlap(Refusal):
    code = "methods.strata_overlap"
    sentence = gettext_noop(
        "At %(longitude)s, %(latitude)s the strata %(stratum)s and %(other)s overlap. Land belongs to one stratum: "
        "correct the map."
    )
    clause = SAMPLING
    status = 422


@dataclass(frozen=True)
class Wanted:
    """Plots of a stratum, reserve included; ``reserve`` of them, by lot, stand in for plots that cannot be
    measured. ``hectares`` is the area that the design counted with."""

    plots: int
    reserve: int = 0
    hectares: str = ""


def plots(
    boundary: bytes,
    wanted: Mapping[str, Wanted],
    *,
    plot_area: float,
    seed: int,
    manner: Manner = "systematic",
    stratum_property: str = "stratum",
    design: str = "",
) -> dict[str, Any]:
    """GeoJSON points, plot centres, for each stratum of a GeoJSON map (bytes, so that its hash is that of the file).

    ``plot_area`` in ha: a circular plot of that area lies whole within its stratum and clear of every other plot. Each
    stratum draws from a stream of its own, so one stratum more moves no point. The member ``sampling`` of the result
    records seed, manner, the map's hash and ``design``, the hash of the design's trace. Refuses a map that is none, a
    stratum without polygons or without room, and strata that overlap at a plot.
    """
    strata = read(boundary, stratum_property)
    if missing := [code for code in wanted if code not in strata]:
        raise StratumNotOnMap(stratum=missing[0], known=", ".join(sorted(strata)))
    margin = float(np.sqrt(plot_area * HECTARE / np.pi))
    features, told = [], []
    for code, asked in sorted(wanted.items()):
        parallel = _middle(strata[code])
        plane = [[land.metres(ring, parallel) for ring in polygon] for polygon in strata[code]]
        hectares = land.area(plane) / HECTARE
        generator = _stream(seed, code)
        points = np.empty((0, 2))
        if asked.plots:
            try:
                points = LAY[manner](plane, asked.plots, generator, margin)
            except land.NoRoom as problem:
                facts = {"hectares": f"{hectares:,.2f}", "plots": asked.plots, "size": numbers.text(plot_area)}
                raise NoRoomForPlots(stratum=code, **facts) from problem
        points = land.degrees(points, parallel).round(DIGITS)
        _demand_one_stratum(code, points, strata)
        spare = set(generator.permutation(asked.plots)[: asked.reserve].tolist())
        features += [
            _feature(f"{code}-{number:02d}", code, place, reserve=number - 1 in spare)
            for number, place in enumerate(points.tolist(), 1)
        ]
        told.append(
            {
                "stratum": code,
                "plots": asked.plots,
                "reserve": asked.reserve,
                "map_ha": f"{hectares:.4f}",
                "design_ha": asked.hectares,
                "parallel": numbers.text(parallel),
            }
        )
    record = {
        "format": FORMAT,
        "design": design,
        "seed": seed,
        "manner": manner,
        "plot_area_ha": numbers.text(plot_area),
        "boundary_sha256": hashlib.sha256(boundary).hexdigest(),
        "stratum_property": stratum_property,
        "generator": "PCG64",
        "numpy": np.__version__,
        "strata": told,
    }
    return {"type": "FeatureCollection", "sampling": record, "features": features}


@dataclass(frozen=True)
class Design:
    """What a run of AR-TOOL03 says: plots of each stratum, area of a plot in ha, hash of its trace."""

    wanted: dict[str, Wanted]
    plot_area: float
    trace_sha256: str


def designed(bundle: bytes) -> Design:
    """The design in the bundle of a run of AR-TOOL03. ``NoDesign`` when the bundle is of another methodology."""
    content = execution.read(bundle)
    run = Run(content)
    if run.package_code != TOOL:
        raise NoDesign(package=f"{run.package_code}/{run.package_version}", tool=TOOL)
    wanted = {
        one["stratum"]: Wanted(int(laid), int(spare), area)
        for one, laid, spare, area in zip(
            content["strata"], run.quantity("plots_laid"), run.quantity("reserve"), run.quantity("areas"), strict=True
        )
    }
    return Design(wanted, float(run.quantity("plot_size")[0]), run.trace_sha256)


def read(boundary: bytes, stratum_property: str = "stratum") -> dict[str, Land]:
    """The polygons of each stratum, in degrees. ``NoMap`` names the place that is not as it should be."""

    def refuse(place: str) -> NoMap:
        return NoMap(place=place, property=stratum_property)

    try:
        content = json.loads(boundary)
    except (ValueError, RecursionError) as problem:
        raise refuse("-") from problem
    found: dict[str, Land] = {}
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not features:
        raise refuse("features")
    for number, feature in enumerate(features):
        place = f"features[{number}]"
        if not isinstance(feature, dict) or not isinstance(properties := feature.get("properties"), dict):
            raise refuse(f"{place}.properties")
        if not isinstance(code := properties.get(stratum_property), str | int) or not str(code):
            raise refuse(f"{place}.properties")
        geometry = feature.get("geometry")
        if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
            raise refuse(f"{place}.geometry")
        shapes: Any = geometry.get("coordinates")
        try:
            found.setdefault(str(code), []).extend(_polygons([shapes] if geometry["type"] == "Polygon" else shapes))
        except (TypeError, ValueError, LookupError, OverflowError) as problem:
            raise refuse(f"{place}.geometry.coordinates") from problem
    return found


def _polygons(shapes: Sequence[Sequence[Any]]) -> Land:
    """``ValueError`` or ``TypeError`` for what are no polygons."""
    if not shapes or not all(shapes):
        raise ValueError("no polygon")
    return [[_ring(ring) for ring in shape] for shape in shapes]


def _ring(positions: Sequence[Sequence[float]]) -> Values:
    """A ring without its closing repetition; heights are dropped. ``ValueError`` for less than a triangle."""
    ring = np.array([position[:2] for position in positions], dtype=np.float64)
    if len(ring) and (ring[0] == ring[-1]).all():
        ring = ring[:-1]
    if ring.ndim != 2 or len(ring) < 3 or not (np.abs(ring) <= [180, 90]).all():
        raise ValueError("not a ring in degrees")
    return ring


def _stream(seed: int, code: str) -> Generator:
    return Generator(PCG64(SeedSequence([seed, *code.encode()])))


def _middle(one: Land) -> float:
    """The parallel in the middle of the land, to a tenth of a degree."""
    latitudes = np.concatenate([ring[:, 1] for polygon in one for ring in polygon])
    return round(float(latitudes.min() + latitudes.max()) / 2, 1)


def _demand_one_stratum(code: str, points: Values, strata: Mapping[str, Land]) -> None:
    for other, there in strata.items():
        shared = land.inside(points, there) if other != code else np.zeros(len(points), dtype=np.bool_)
        if shared.any():
            longitude, latitude = points[shared][0].tolist()
            raise StrataOverlap(longitude=longitude, latitude=latitude, stratum=code, other=other)


def _feature(name: str, code: str, place: list[float], *, reserve: bool) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"plot": name, "stratum": code, "reserve": reserve},
        "geometry": {"type": "Point", "coordinates": place},
    }
