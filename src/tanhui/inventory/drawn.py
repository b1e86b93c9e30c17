"""How each layer of a published year is coloured: fixed classes, so that two years and two places compare.

Edges are in the layer's own unit, and a value equal to an edge belongs to the class above it. The colours are those of
the printed atlas (``nep.palette``), which stay apart for eyes without red or green.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tanhui.inventory.models import Type
from tanhui.nep import palette

Kind = Literal["steps", "codes", "bits"]
PER_AREA = "gC·m⁻²·a⁻¹"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as a map shows it.

    ``steps``: ``colours`` has one more than ``edges``. ``codes``: the value itself, from 1, is the colour's place.
    ``bits``: the n-th bit alone is the n-th colour, several bits together the last one, and none is left clear.
    ``words`` names codes and bits in a legend.
    """

    name: str
    label: str | Promise
    note: str | Promise
    kind: Kind
    colours: tuple[str, ...]
    edges: tuple[float, ...] = ()
    words: tuple[str | Promise, ...] = ()
    unit: str = ""

    def legend(self) -> list[tuple[str, str | Promise]]:
        """Colour and words of each class, from the lowest."""
        if self.kind != "steps":
            return list(zip(self.colours, self.words, strict=True))
        low = [f"< {told(self.edges[0])}"]
        between = [f"{told(one)} – {told(two)}" for one, two in zip(self.edges, self.edges[1:], strict=False)]
        return list(zip(self.colours, [*low, *between, f"≥ {told(self.edges[-1])}"], strict=True))


def told(edge: float) -> str:
    """A number with a true minus sign."""
    return f"{edge:g}".replace("-", "\N{MINUS SIGN}")


NEP = Layer(
    "nep", _("Net ecosystem production (NEP)"),
    _("What an ecosystem takes up in a year, less what it breathes out. Brown is a source, green to blue a sink."),
    "steps", (*palette.SOURCES, *palette.SINKS), (-200, -50, 0, 100, 200, 300, 400, 600), unit=PER_AREA,
)  # fmt: skip
NPP = Layer(
    "npp", _("Net primary production (NPP)"), _("What plants bind in a year, less their own respiration."), "steps",
    ("#ffffe5", "#f0f9c0", "#d5ee9f", "#aedd8b", "#7cc674", "#45ab5c", "#218543", "#04673a", "#00422b"),
    (100, 200, 300, 400, 500, 600, 800, 1000), unit=PER_AREA,
)  # fmt: skip
RH = Layer(
    "rh", _("Soil respiration (Rh)"), _("What soil organisms give off in a year: the mean of several models."), "steps",
    ("#fff7df", "#fee8b0", "#fed26f", "#feb33f", "#f58a20", "#dc6410", "#b74404", "#7d2d05"),
    (100, 200, 300, 400, 500, 600, 800), unit=PER_AREA,
)  # fmt: skip
SPREAD = Layer(
    "spread", _("Uncertainty"),
    _("How far the respiration models lie apart. The darker, the less the figure of this place may be relied on."),
    "steps", palette.WIDTHS, (25, 50, 100, 200, 300), unit=PER_AREA,
)  # fmt: skip
FLAGS = Layer(
    "flags", _("Suspicious cells"),
    _("Cells to look at before anybody uses their figure. None is left out of the sums."), "bits",
    tuple(palette.FLAGS[bits] for bits in (1, 2, 4, 7)),
    words=(
        _("Soil respires more than the whole ecosystem can"), _("Outside the plausible range"),
        _("Jump against the year before"), _("Several of these"),
    ),
)  # fmt: skip
TYPES = Layer(
    "types", _("Ecosystem types"), _("Which type of ecosystem each cell was counted as."), "codes",
    tuple(palette.TYPES.values()), words=tuple(one.label for one in Type if one != Type.ALL),
)  # fmt: skip

LAYERS = {layer.name: layer for layer in (NEP, NPP, RH, SPREAD, FLAGS, TYPES)}
LOOK = [(one.name, one.kind, one.colours, one.edges) for one in LAYERS.values()]
VERSION = hashlib.sha256(repr(LOOK).encode()).hexdigest()[:8]  # another one as soon as any colour or edge is
