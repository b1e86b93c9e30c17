"""What a file handed in looks like before it is taken over: headings, first rows, coordinate system, layers."""

from dataclasses import dataclass, field

import numpy as np

from tanhui.files import store
from tanhui.files.models import Upload
from tanhui.projects import checking, placing, reading

SHOWN = 5


@dataclass(slots=True)
class Preview:
    headings: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    system: str = ""  # what the file says; empty: nothing
    settled: bool = False  # whether that is CGCS2000, so that nothing must be declared
    guess: str = ""
    first: str = ""  # the first coordinate
    layers: list[str] = field(default_factory=list)


def look(upload: Upload, layer: str = "") -> Preview:
    """The first rows of a file. Refuses as ``reading.read`` does."""
    found = Preview()
    with store.as_file(upload.sha256, upload.size_bytes) as path:
        if upload.format == "gpkg":
            with reading.suffixed(path) as link:
                found.layers = reading.layers(link, upload.name)
            layer = layer if layer in found.layers else (found.layers or [""])[0]
        sheet = reading.read(path, upload.name, upload.format, encoding=upload.encoding, layer=layer, most=SHOWN)
    found.headings = list(sheet.columns)
    found.rows = [[checking.text(cells[at])[:40] for cells in sheet.columns.values()] for at in range(len(sheet))]
    x, y = placing.first(sheet.outlines)
    if sheet.as_text and placing.exchanged(sheet.outlines):
        x, y = y, x
    found.first = f"{x:.4f}, {y:.4f}" if np.isfinite(x) else ""
    crs = placing.known(sheet.crs)
    if crs is not None:
        found.system, found.settled = placing.name(crs), placing.is_cgcs2000(crs)
    found.guess = "" if found.settled else placing.guess(x, y) if crs is None else placing.WGS84
    return found
