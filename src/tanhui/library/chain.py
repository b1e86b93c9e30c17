"""A chain of formulas as a picture: each stands below those it is computed from. A template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tanhui.methods.engine.blocks import pieces
from tanhui.methods.engine.formula import Formula

WIDTH, HEIGHT = 118, 40  # of a box
ACROSS, DOWN = 22, 34  # between boxes
MARGIN = 8
SIGNS = 15  # that fit into a box
PAGE = 1000  # pixels a page has for it on a desk


@dataclass(frozen=True)
class Box:
    name: str
    label_en: str
    label_zh: str
    unit: str
    runs: list[tuple[str, bool]]
    x: int
    y: int
    result: bool

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def line(self) -> int:
        """Where the text stands."""
        return self.y + HEIGHT // 2 + 4


@dataclass(frozen=True)
class Picture:
    """``boxes`` of WIDTH × HEIGHT and ``arrows`` as SVG paths from a box to one below it."""

    boxes: list[Box]
    arrows: list[str]
    width: int
    height: int
    wide: bool
    box_width: int = WIDTH
    box_height: int = HEIGHT


def draw(formulas: Sequence[Formula]) -> Picture:
    """The picture of a chain: each quantity right above the first that needs it; within a row near what it is computed
    from."""
    rank = _rows(formulas)
    rows: list[list[Formula]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for one in formulas:
        rows[rank[one.name]].append(one)
    width = max((len(row) for row in rows), default=0) * (WIDTH + ACROSS) - ACROSS + 2 * MARGIN
    place: dict[str, Box] = {}
    for down, row in enumerate(rows):
        ordered = sorted(row, key=lambda one: _pull(one, place))
        start = (width - len(row) * (WIDTH + ACROSS) + ACROSS) // 2
        for across, one in enumerate(ordered):
            x, y = start + across * (WIDTH + ACROSS), MARGIN + down * (HEIGHT + DOWN)
            runs = _fitting(one.symbol)
            last = one is formulas[-1]
            place[one.name] = Box(one.name, one.label_en, one.label_zh, one.unit, runs, x, y, last)
    arrows = [
        _arrow(place[name], place[one.name])
        for one in formulas
        for name in one.arguments
        if name in place and rank[name] < rank[one.name]
    ]
    height = len(rows) * (HEIGHT + DOWN) - DOWN + 2 * MARGIN
    return Picture([place[one.name] for one in formulas], arrows, width, height, width > PAGE)


def _rows(formulas: Sequence[Formula]) -> dict[str, int]:
    """The row of each formula. First by the longest way from the input, then down to what needs it, so that the picture
    is not all first row. What nothing needs stays where it can first be known."""
    rank: dict[str, int] = {}
    for one in formulas:
        rank[one.name] = max((rank[name] + 1 for name in one.arguments if name in rank), default=0)
    for above in reversed(formulas):
        needed = [
            rank[one.name] for one in formulas if above.name in one.arguments and rank[one.name] > rank[above.name]
        ]
        if needed:
            rank[above.name] = min(needed) - 1
    return rank


def _pull(one: Formula, place: dict[str, Box]) -> float:
    """Where the boxes it is computed from stand, on average."""
    above = [place[name].middle for name in one.arguments if name in place]
    return sum(above) / len(above) if above else 0


def _fitting(symbol: str) -> list[tuple[str, bool]]:
    return pieces(symbol if len(symbol) <= SIGNS else symbol[: SIGNS - 1] + "…")


def _arrow(above: Box, below: Box) -> str:
    top, bottom = above.y + HEIGHT, below.y
    bend = (top + bottom) // 2
    return f"M{above.middle} {top}C{above.middle} {bend} {below.middle} {bend} {below.middle} {bottom}"
