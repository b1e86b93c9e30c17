"""What everyone may see of one project besides its papers: where it lies, what it yielded, who had a share."""

from dataclasses import dataclass
from typing import Any

import shapely
from django.db.models import Sum

from tanhui.projects import shapes
from tanhui.projects.models import Development
from tanhui.projects.queries import cycle, shares
from tanhui.registry import models as registry

COARSE = 0.001  # degrees, some hundred metres: exact borders are not published (rules §12)
DIGITS = 3
DRAWN = 200  # outlines on the map


@dataclass(frozen=True, slots=True)
class Quantities:
    """Kilograms computed and verified over the public monitoring periods, tonnes issued; periods and those issued."""

    periods: int
    computed_kg: int
    verified_kg: int
    issued_t: int


def places(development: Development) -> dict[str, Any] | None:
    """The land as a map draws it, every corner on a grid of a hundred metres; small parcels become such a square."""
    features = []
    for row in development.boundaries.order_by("-area_m2", "pk")[:DRAWN]:
        coarse = shapes.geometry(row.geometry).convex_hull.simplify(COARSE)
        ring = [(round(x, DIGITS), round(y, DIGITS)) for x, y in shapely.get_coordinates(coarse)]
        if len(set(ring)) < 3:
            west, south, _, _ = (round(side, DIGITS) for side in coarse.bounds)
            ring = [
                *shapely.get_coordinates(shapely.box(west, south, west + COARSE, south + COARSE)).round(DIGITS).tolist()
            ]
        properties = {"title": row.name, "text": "", "tone": "good"}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features} if features else None


def quantities(development: Development) -> Quantities:
    """What the public monitoring periods say, and what was issued."""
    rows = cycle.disclosed_periods().filter(development=development)
    sums = rows.order_by().aggregate(computed=Sum("quantity_kg"), verified=Sum("verified_kg"))
    issued = 0
    if development.registered_id:
        issues = registry.Issuance.objects.filter(period__project=development.registered_id)
        issued = issues.aggregate(tonnes=Sum("quantity_t"))["tonnes"] or 0
    return Quantities(rows.count(), sums["computed"] or 0, sums["verified"] or 0, issued)


def benefit(development: Development) -> dict[str, Any] | None:
    """What was sold and how it was shared out, by tier in fen; nothing where nothing was sold. No person is named."""
    if development.registered_id is None:
        return None
    found = shares.sums([development.registered_id]).get(development.registered_id)
    if not found:
        return None
    by_tier = shares.tiers([development.registered_id]).get(development.registered_id, {})
    return {"tonnes": found["tonnes"], "fen": found["fen"], "sales": found["count"], "tiers": by_tier}
