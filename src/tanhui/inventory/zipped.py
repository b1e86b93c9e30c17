"""A folder as one ZIP while it is sent: nothing is kept of it, however large it is.

Files stand uncompressed in the order of their names, without times, and last ``SHA256SUMS``, by which whoever fetched
them checks each (``sha256sum -c``).
"""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

PIECE = 1 << 20
LIST = "SHA256SUMS"


class Pipe:
    """What a ZIP writes into and is taken out of again."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, content: bytes) -> int:
        self.held += content
        return len(content)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = bytes(self.held)
        self.held.clear()
        return taken


def stream(folder: Path) -> Iterator[bytes]:
    """The bytes of the ZIP, piece by piece; every entry lies below the folder's own name."""
    pipe, sums = Pipe(), []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as made:  # type: ignore[call-overload]  # never sought in
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            inner, found = path.relative_to(folder).as_posix(), hashlib.sha256()
            entry = zipfile.ZipInfo(f"{folder.name}/{inner}")
            with path.open("rb") as source, made.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(PIECE):
                    found.update(piece)
                    target.write(piece)
                    yield pipe.take()
            sums.append(f"{found.hexdigest()}  {inner}\n")
        made.writestr(zipfile.ZipInfo(f"{folder.name}/{LIST}"), "".join(sums))
    yield pipe.take()
