"""A raster on file as a map, and the tiles it is drawn from."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tanhui.files import access, rasters
from tanhui.files.models import Raster
from tanhui.files.pages.documents import visitor
from tanhui.identity import rights


@require_safe
@rights.needs(rights.PUBLIC)
def shown(request, key, number):
    """The raster over the graticule with its legend; while it is being converted, how far that is."""
    found = access.raster(visitor(request), key, number, at=timezone.now())
    context = {"raster": found, "version": found.version, "document": found.version.document}
    if found.state == Raster.State.READY:
        low, high = found.facts["span"]
        context |= {"frame": frame(found), "low": f"{low:.4g}", "high": f"{high:.4g}", "colours": rasters.palette()}
    return render(request, "files/raster.html", context)


@require_safe
@rights.needs(rights.PUBLIC)
def tile(request, key, number, level, column, row):
    """One tile. Whether it may be seen can change, so browsers keep it for minutes only."""
    found = access.raster(visitor(request), key, number, at=timezone.now())
    drawn = rasters.tile(found, level, column, row) if found.state == Raster.State.READY else None
    if drawn is None:
        return HttpResponse(status=404)
    return HttpResponse(drawn, content_type="image/png", headers={"Cache-Control": "private, max-age=300"})


def frame(found):
    """The raster's extent as a place on the map, so that the map opens on it."""
    west, south, east, north = found.facts["bounds"]
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    place = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": ring},
        "properties": {"tone": "quiet"},
    }
    return {"type": "FeatureCollection", "features": [place]}
