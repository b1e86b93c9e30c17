"""Which tiles are done: asked and told by whoever carries a run out. The folder answers it; so may a database."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tanhui.nep import tiles
from tanhui.nep.tiles import TileResult


class Progress(Protocol):
    """``done`` gives the results known so far by tile name (``2018/000-001``); ``keep`` takes one more, on disk
    already. A result counts only while the tile's files have the bytes it names, whatever is kept here."""

    def done(self) -> Mapping[str, TileResult]: ...

    def keep(self, name: str, result: TileResult) -> None: ...


class Folder:
    """The run's folder itself: a tile is done when its result stands there and its files have the bytes it names."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def done(self) -> Mapping[str, TileResult]:
        found = {}
        for path in sorted(self.folder.glob("tiles/*/*/result.json")):
            result = tiles.standing(path.parent)
            if result is not None:
                found[result.name] = result
        return found

    def keep(self, name: str, result: TileResult) -> None:
        """Nothing to do: the task wrote its result last."""
