"""What may be handed in: formats that a parser here can open, and kinds of paper with the formats and size they take.

A kind says what a paper is for; rooms register theirs in their ``doors.py``. Which format a file has, its parser
decides: neither its name nor what the sender calls it counts.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from tanhui.kernel.refusal import Refusal, gettext_noop

MB = 1 << 20
GB = 1 << 30


class KindUnknown(Refusal):
    code = "files.kind_unknown"
    sentence = gettext_noop("There is no kind of paper “%(kind)s”. Name one of: %(known)s.")
    clause = "ARCHITECTURE.md §3"
    status = 422


@dataclass(frozen=True)
class Format:
    """A format: its parser's name, what it is called, how it is sent, and the suffixes a file dialogue offers."""

    name: str
    label: str | Promise
    media_type: str
    suffixes: tuple[str, ...]
    inline: bool = False


OOXML = "application/vnd.openxmlformats-officedocument"
# In the order in which the parsers try: what anything could be comes last.
FORMATS = {
    one.name: one
    for one in (
        Format("pdf", "PDF", "application/pdf", (".pdf",), inline=True),
        Format("png", "PNG", "image/png", (".png",), inline=True),
        Format("jpeg", "JPEG", "image/jpeg", (".jpg", ".jpeg"), inline=True),
        Format("geotiff", "GeoTIFF", "image/tiff", (".tif", ".tiff")),
        Format("xlsx", "XLSX", f"{OOXML}.spreadsheetml.sheet", (".xlsx",)),
        Format("docx", "DOCX", f"{OOXML}.wordprocessingml.document", (".docx",)),
        Format("shape", _("Shapefile (ZIP)"), "application/zip", (".zip",)),
        Format("geojson", "GeoJSON", "application/geo+json", (".geojson", ".json")),
        Format("gpkg", "GeoPackage", "application/geopackage+sqlite3", (".gpkg",)),
        Format("netcdf", "NetCDF", "application/x-netcdf", (".nc", ".nc4")),
        Format("csv", "CSV", "text/csv", (".csv",)),
        Format("text", _("plain text"), "text/plain", (".txt",)),
    )
}


@dataclass(frozen=True)
class Kind:
    """A kind of paper: what people call it, the formats it takes, and how large it may be in bytes."""

    name: str
    label: str | Promise
    formats: tuple[str, ...]
    most_bytes: int

    @property
    def accept(self) -> str:
        """For a file dialogue: the suffixes to offer."""
        return ",".join(suffix for name in self.formats for suffix in FORMATS[name].suffixes)

    @property
    def spoken(self) -> str:
        return " · ".join(str(FORMATS[name].label) for name in self.formats)


PAPER = ("pdf", "png", "jpeg")
_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    _kinds.update((kind.name, kind) for kind in kinds)


register(
    Kind("any", _("File"), tuple(FORMATS), 500 * MB),
    Kind("paper", _("Paper"), PAPER, 20 * MB),
    Kind("report", _("Report"), ("pdf", "docx"), 100 * MB),
    Kind("picture", _("Picture"), ("png", "jpeg"), 30 * MB),
    Kind("sheet", _("Data sheet"), ("xlsx", "csv"), 100 * MB),
    Kind("boundary", _("Boundary"), ("shape", "geojson"), 100 * MB),
    Kind("raster", _("Raster image"), ("geotiff",), 2 * GB),
)


def known() -> Collection[Kind]:
    autodiscover_modules("doors")
    return _kinds.values()


def named(name: str) -> Kind:
    """The kind of that name. Refuses with ``KindUnknown``."""
    known()
    if name not in _kinds:
        raise KindUnknown(kind=name[:60], known=", ".join(_kinds))
    return _kinds[name]
