"""The operator's own map tiles, handed on by this site: the key stays here, and no visitor is sent elsewhere.

A map shown in public needs a review number (审图号); without one configured nothing is handed on.
"""

from dataclasses import dataclass, field
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings

DEEPEST = 18
LARGEST = 2_000_000  # bytes of one tile
PATIENCE = 5  # seconds


@dataclass(frozen=True)
class Base:
    """What lies beneath the map: addresses with ``{z}``, ``{x}`` and ``{y}``, undermost first, and what to say."""

    layers: list[str] = field(default_factory=list)
    approval: str = ""
    source: str = ""

    @property
    def credit(self) -> str:
        return " · ".join(part for part in (self.source, self.approval) if part)


def configured() -> Base:
    """``settings.TANHUI_MAP``: ``layers``, ``approval`` (审图号) and ``source``. Nothing without an approval number.

    For 天地图 in its Web-Mercator grid a layer is the address of a WMTS GetTile request with ``TILEMATRIX={z}``,
    ``TILECOL={x}``, ``TILEROW={y}`` and the operator's own key.
    """
    given = getattr(settings, "TANHUI_MAP", {})
    if not given.get("approval"):
        return Base()
    layers = [each for each in given.get("layers", []) if each.startswith(("https://", "http://"))]
    return Base(layers, given["approval"], given.get("source", ""))


def fetch(layer: int, level: int, column: int, row: int) -> tuple[bytes, str] | None:
    """One tile and its media type; ``None`` where there is none or its source does not answer with a picture."""
    base = configured()
    if layer >= len(base.layers) or level > DEEPEST or max(column, row) >= 2**level:
        return None
    url = base.layers[layer].replace("{z}", str(level)).replace("{x}", str(column)).replace("{y}", str(row))
    try:
        asked = Request(url, headers={"User-Agent": "tanhui"})  # noqa: S310  (``configured`` lets only http through)
        with urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
            kind = answer.headers.get_content_type()
            content = answer.read(LARGEST + 1)
    except (URLError, OSError):
        return None
    return (content, kind) if kind in {"image/png", "image/jpeg", "image/webp"} and len(content) <= LARGEST else None
