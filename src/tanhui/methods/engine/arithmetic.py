"""The shared arithmetic a package's formulas rest on: which modules they import, and the hash of each.

A package's own hash covers its folder and its family's. What lies in ``tanhui.science``, beside the engine in
``tanhui.methods`` (guards, precision), or in a family it borrows from without naming it, is read here: the imports of
its Python files, their imports, and so on, from the source without running it. The engine itself is not among them.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tanhui.kernel import canonical

ROOT = Path(__file__).resolve().parents[2]  # src/tanhui
SHARED = re.compile(r"tanhui\.(science(\.\w+)*|methods\.(?!engine\b|packages\b)\w+|methods\.families(\.\w+)+)")
IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(?P<base>tanhui[.\w]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n]*)"
    rb"|import[ \t]+(?P<plain>tanhui[.\w]*))",
    re.MULTILINE,
)


def modules(*folders: Path) -> dict[str, str]:
    """Every shared module that the Python files of the folders rest on, by name, with the SHA-256 of its source."""
    own = [folder.resolve() for folder in folders]
    waiting = [name for folder in own for path in sorted(folder.rglob("*.py")) for name in _read(path)[1]]
    found: dict[str, str] = {}
    for name in waiting:  # grows while it is walked
        path = _source(name)
        if name in found or path is None or any(path.is_relative_to(folder) for folder in own):
            continue
        found[name], imports = _read(path)
        waiting += imports
    return dict(sorted(found.items()))


def digest(found: dict[str, str]) -> str:
    """One SHA-256 of them all."""
    return canonical.sha256(found)


@cache
def _read(path: Path) -> tuple[str, tuple[str, ...]]:
    """A file's hash, and the shared modules it imports."""
    source = path.read_bytes()
    return hashlib.sha256(source).hexdigest(), tuple(sorted(set(_imported(source))))


def _imported(source: bytes) -> Iterable[str]:
    for met in IMPORT.finditer(source):
        base = (met["base"] or met["plain"]).decode()
        names = re.sub(rb"#[^\n]*|[()\\]", b" ", met["names"] or b"").decode()
        inner = [f"{base}.{one.split()[0]}" for one in names.split(",") if one.split()]
        yield from (name for name in (base, *inner) if SHARED.fullmatch(name) and _source(name))


@cache
def _source(name: str) -> Path | None:
    """The file of a module; nothing for a folder of modules that says nothing itself, or a name that is no module."""
    place = ROOT.joinpath(*name.split(".")[1:])
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file() and path.stat().st_size:
            return path
    return None
