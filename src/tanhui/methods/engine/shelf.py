"""The shelf: methodology packages, each a folder of data and formulas that stands by itself.

Packages of the house lie in ``methods/packages``; others are installed as Python distributions that name their package
module in the entry point group ``tanhui.methods`` under ``code.version``.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import parameter
from tanhui.methods.engine.formula import Formula
from tanhui.methods.engine.parameter import Parameter
from tanhui.methods.engine.predicate import Predicate

HOUSE = Path(__file__).resolve().parent.parent / "packages"
GROUP = "tanhui.methods"


class NoSuchPackage(Refusal):
    code = "methods.no_such_package"
    sentence = gettext_noop("There is no methodology %(package)s on the shelf. Available are: %(known)s.")
    clause = "ARCHITECTURE.md §3, methods"
    status = 404


@dataclass(frozen=True)
class Package:
    """One version of one methodology."""

    code: str
    version: str
    publisher: str
    sha256: str
    metadata: dict[str, Any]
    columns: dict[str, Any]
    parameters: dict[str, Parameter]
    formulas: tuple[Formula, ...]
    predicates: tuple[Predicate, ...]
    inputs: ModuleType
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.code}/{self.version}"

    def cases(self) -> list[dict[str, Any]]:
        """The worked examples, by file name."""
        return [_toml(path) | {"name": path.stem} for path in sorted((self.folder / "cases").glob("*.toml"))]

    def identity(self) -> dict[str, str]:
        return {"code": self.code, "version": self.version, "sha256": self.sha256, "publisher": self.publisher}


@cache
def load(name: str) -> Package:
    """The package ``code/version``. ``NoSuchPackage`` lists what there is."""
    code, _, version = name.partition("/")
    folder = HOUSE / code / version
    if code.isidentifier() and version.isidentifier() and (folder / "package.toml").is_file():
        return _read(f"tanhui.methods.packages.{code}.{version}", "tanhui")
    for entry in metadata.entry_points(group=GROUP, name=f"{code}.{version}"):
        return _read(entry.value, entry.dist.name if entry.dist else "-")
    raise NoSuchPackage(package=name, known=", ".join(names()))


def names() -> list[str]:
    """Every ``code/version`` on the shelf, the house's own and installed ones."""
    own = {f"{path.parent.parent.name}/{path.parent.name}" for path in HOUSE.glob("*/*/package.toml")}
    return sorted(own | {entry.name.replace(".", "/") for entry in metadata.entry_points(group=GROUP)})


def digest(folder: Path) -> str:
    """SHA-256 over the sorted files of a package: relative path, length and bytes of each."""
    whole = hashlib.sha256()
    for path in _files(folder):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    yield from sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)


def _read(module: str, publisher: str) -> Package:
    folder = Path(str(import_module(module).__file__)).parent
    about = _toml(folder / "package.toml")
    formulas = vars(import_module(f"{module}.formulas")).values()
    predicates = vars(import_module(f"{module}.predicates")).values()
    return Package(
        code=about["code"],
        version=about["version"],
        publisher=publisher,
        sha256=digest(folder),
        metadata=about,
        columns=_toml(folder / "inputs.toml"),
        folder=folder,
        inputs=import_module(f"{module}.inputs"),
        parameters={path.stem: parameter.read(path) for path in sorted((folder / "parameters").glob("*.toml"))},
        formulas=tuple(value for value in formulas if isinstance(value, Formula)),
        predicates=tuple(value for value in predicates if isinstance(value, Predicate)),
    )
