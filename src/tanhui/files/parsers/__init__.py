"""One module for each family of formats. ``look(path)`` opens a file as that format and says what it is.

A parser returns facts as JSON values, raises ``NotMine`` when the file is something else, or a refusal when it is the
format but may not come in. It runs in the limited child process of ``inspecting`` and knows no Django.
"""

from pathlib import Path
from typing import Any

Facts = dict[str, Any]


class NotMine(Exception):
    """The file is not of this format."""


def head(path: Path, length: int = 1024) -> bytes:
    with path.open("rb") as file:
        return file.read(length)
