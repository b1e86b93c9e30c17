"""Outlines that are handed in for a draft or a look: zipped Shapefile, GeoPackage, GeoJSON or XLSX, each row a polygon.

Read and placed as a survey is (``reading``, ``placing``); nothing is stored here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tanhui.files import inspection, store
from tanhui.files.acts import filing
from tanhui.files.models import Upload
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import placing, reading

KIND = "projects.outlines"
NAMES = (
    "name", "名称", "小班号", "小班", "xiao_ban", "xiaoban", "地块编号", "地块名称", "图斑编号", "tbbh", "code", "编号",
    "id",
)  # fmt: skip
POLYGONS = (3, 6)  # as shapely numbers them: a polygon, several of them


class OutlineFaulty(Refusal):
    code = "projects.outline_faulty"
    sentence = gettext_noop(
        "Row %(row)s of “%(file)s” has no valid polygon: it is missing, crosses itself or is no area. Correct it."
    )
    clause = "OGC 06-103r4 §6.1.11"
    status = 422


def read(upload: Upload, crs: str, *, most: int) -> list[tuple[str, BaseGeometry]]:
    """The polygons of an uploaded file in degrees of CGCS2000, each with its name: that of its usual column, or the
    number of its row. ``crs``: what the person declares of the file's coordinates (empty: as it says itself).

    Refuses with ``OutlineFaulty``, naming the row, ``files.upload_unfinished``, or as ``reading.read``,
    ``placing.place`` and the inspection of files do. Beyond ``most`` rows one more is given, so that it is seen.
    """
    sheet, outlines = opened(upload, lambda sheet: crs, most + 1)
    found = list(zip(names(sheet), outlines, strict=True))
    seen: dict[str, int] = {}
    for place, (name, outline) in enumerate(found):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:  # parts of one sub-compartment have one number
            found[place] = (f"{name[:72]} ({seen[name]})", outline)
    return found


def opened(
    upload: Upload, declared: Callable[[reading.Sheet], str], most: int
) -> tuple[reading.Sheet, list[BaseGeometry]]:
    """The table of a file and its outlines, every one of them a valid polygon; ``declared``: its coordinates."""
    if upload.refusal:
        raise inspection.refusal(upload.refusal)
    if upload.state != Upload.State.FINISHED:
        raise filing.UploadUnfinished(name=upload.name)
    with store.as_file(upload.sha256, upload.size_bytes) as path:
        sheet = reading.read(path, upload.name, upload.format, encoding=upload.encoding or "gb18030", most=most)
    placed = placing.place(sheet.outlines, sheet.crs, declared(sheet), as_text=sheet.as_text).outlines
    there = ~np.asarray(shapely.is_missing(placed)) & np.isin(shapely.get_type_id(placed), POLYGONS)
    for row in np.flatnonzero(~(there & shapely.is_valid(placed))):
        raise OutlineFaulty(row=int(row) + sheet.first_row, file=upload.name)
    return sheet, list(placed)


def names(sheet: reading.Sheet) -> list[str]:
    """The name of each row by the first usual column there is, else its number."""
    columns = {heading.strip().lower(): values for heading, values in sheet.columns.items()}
    values: Any = next((columns[one] for one in NAMES if one in columns), [None] * len(sheet))
    return [said(value) or str(sheet.first_row + at) for at, value in enumerate(values)]


def said(value: object) -> str:
    """A cell as a name: text without NUL, a whole number without its point; nothing where it is empty."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None or value != value else str(value)  # the last: no number
    return text.replace("\x00", "").strip()[:80]
