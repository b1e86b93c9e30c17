"""GeoPackage (OGC 12-128) and NetCDF by what they say of themselves at their beginning; no values are read."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine, head

SQLITE = b"SQLite format 3\x00"
GPKG = (b"GPKG", b"GP10", b"GP11")  # the application id at byte 68
CLASSIC = (b"CDF\x01", b"CDF\x02", b"CDF\x05")
HDF5 = b"\x89HDF\r\n\x1a\n"
MOST_LAYERS = 200


def geopackage(path: Path) -> Facts:
    """``layers``: the names of its contents."""
    start = head(path, 100)
    if not start.startswith(SQLITE) or start[68:72] not in GPKG:
        raise NotMine
    try:
        # Nothing is written beside the file, whatever it says of its journal.
        with sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True) as database:
            rows = database.execute("SELECT table_name FROM gpkg_contents LIMIT ?", [MOST_LAYERS]).fetchall()
    except sqlite3.Error as fault:
        raise refusals.FileUnreadable(format="GeoPackage") from fault
    return {"layers": [str(name)[:80] for (name,) in rows]}


def netcdf(path: Path) -> Facts:
    """``kind``: classic, or HDF5, in which NetCDF 4 is kept."""
    start = head(path, 8)
    if start[:4] in CLASSIC:
        return {"kind": "classic"}
    if start == HDF5:
        return {"kind": "hdf5"}
    raise NotMine
