"""The shelf: methodology packages, each a folder of data and formulas that stands by itself.

Packages of the house lie in ``methods/packages``; others are installed as Python distributions that name their package
module in the entry point group ``tanhui.methods`` under ``code.version``. A package of data alone names the ``family``
in ``methods/families`` that has its formulas.
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import arithmetic, arranging, evidence, parameter
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.faults import Fault
from tanhui.methods.engine.formula import Formula
from tanhui.methods.engine.parameter import Parameter
from tanhui.methods.engine.predicate import Predicate

HOUSE = Path(__file__).resolve().parent.parent / "packages"
FAMILIES = HOUSE.parent / "families"
GROUP = "tanhui.methods"
KINDS = ("credit", "inclusion", "footprint", "statistical", "co_benefit", "tool")
ISSUING = {"credit", "inclusion"}
REQUIRED = {  # of package.toml, and the type of each
    "code": str,
    "version": str,
    "title_en": str,
    "title_zh": str,
    "kind": str,
    "scheme": str,
    "sector": str,
    "quantity": str,
    "authority": str,
    "legal_status": str,
    "valid_from": dt.date,
    "source_document": str,
    "rounding": dict,
    "permanence": dict,
}


class NoSuchPackage(Refusal):
    code = "methods.no_such_package"
    sentence = gettext_noop("There is no methodology %(package)s on the shelf. Available are: %(known)s.")
    clause = "ARCHITECTURE.md §3, methods"
    status = 404


class BrokenPackage(Refusal):
    code = "methods.broken_package"
    sentence = gettext_noop(
        "The methodology %(package)s, published by %(publisher)s, is not usable: %(problem)s. Correct the package."
    )
    clause = "ARCHITECTURE.md §3, methods"
    status = 500


class NeverIssues(Refusal):
    code = "methods.never_issues"
    sentence = gettext_noop(
        "%(package)s is of the kind %(kind)s, and no unit is ever issued on it. "
        "Use its number as what it is, or choose a methodology that credits."
    )
    clause = "ARCHITECTURE.md §6.7"
    status = 422


@dataclass(frozen=True)
class Package:
    """One version of one methodology. ``monitoring`` is its plan, ``columns`` its inputs.toml; ``arrange`` makes
    quantities of checked input and ``remarks`` says what a reader of the numbers must know. ``science`` are the shared
    modules its formulas rest on, each with the hash of its source; ``sha256`` covers its own files and its family's."""

    code: str
    version: str
    publisher: str
    sha256: str
    metadata: dict[str, Any]
    columns: dict[str, Any]
    monitoring: list[dict[str, Any]]
    parameters: dict[str, Parameter]
    formulas: tuple[Formula, ...]
    predicates: tuple[Predicate, ...]
    arrange: Callable[[Submission], Arranged]
    remarks: Callable[[Mapping[str, Any]], list[dict[str, Any]]]
    folder: Path
    family: Path | None = None
    science: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.code}/{self.version}"

    @property
    def kind(self) -> str:
        return str(self.metadata["kind"])

    @property
    def may_issue(self) -> bool:
        return self.kind in ISSUING

    @property
    def result_unit(self) -> str:
        """t, kg or g of CO2e: the unit of the last formula. A tool may count something else."""
        return str(self.metadata.get("result_unit", "t"))

    @property
    def weakest(self) -> str:
        """The weakest grade of a parameter: no run can rest on less. Empty without parameters."""
        grades = [row.grade for one in self.parameters.values() for row in one.rows]
        return evidence.worst(grades) if grades else ""

    @property
    def changes(self) -> str:
        """What differs from the version before, as Markdown."""
        path = self.folder / "CHANGES.md"
        return path.read_text("utf-8") if path.is_file() else ""

    @property
    def changes_zh(self) -> str:
        """The same in Chinese."""
        path = self.folder / "CHANGES.zh.md"
        return path.read_text("utf-8") if path.is_file() else ""

    def cases(self) -> list[dict[str, Any]]:
        """The worked examples, by file name."""
        return [_toml(path) | {"name": path.stem} for path in sorted((self.folder / "cases").glob("*.toml"))]

    def identity(self) -> dict[str, str]:
        """What it is, byte for byte: its own files, and the shared arithmetic under them."""
        own = {"code": self.code, "version": self.version, "sha256": self.sha256, "publisher": self.publisher}
        return own | {"science_sha256": arithmetic.digest(dict(self.science))}

    def demand_kind(self, purpose: str) -> None:
        """Refuse an issuance by a methodology that only counts, compares or describes."""
        if purpose == "issuance" and not self.may_issue:
            raise NeverIssues(package=self.name, kind=self.kind)

    def clause(self, fault: Fault) -> str:
        """What a fault of the input offends: the clause of its column or declared value, or the source document."""
        specs = [one for table in self.columns.get("table", []) for one in table["column"]]
        specs += [one | {"name": f"declared.{one['name']}"} for one in self.columns.get("declared", [])]
        found = (one["clause"] for one in specs if one["name"] == fault.column and "clause" in one)
        return str(next(found, self.metadata["source_document"]))


@cache
def load(name: str) -> Package:
    """The package ``code/version``. ``NoSuchPackage`` lists what there is; ``BrokenPackage`` says what is wrong."""
    code, _, version = name.partition("/")
    folder = HOUSE / code / version
    if code.isidentifier() and version.isidentifier() and (folder / "package.toml").is_file():
        return _read(name, f"tanhui.methods.packages.{code}.{version}", "tanhui")
    entries = {(module, publisher) for entry, module, publisher in installed() if entry == name}
    if len(entries) > 1:
        publishers = ", ".join(sorted(publisher for _, publisher in entries))
        raise BrokenPackage(package=name, publisher=publishers, problem="it is published more than once")
    for module, publisher in entries:
        return _read(name, module, publisher)
    raise NoSuchPackage(package=name, known=", ".join(names()))


def names() -> list[str]:
    """Every ``code/version`` on the shelf, the house's own and installed ones."""
    own = {f"{path.parent.parent.name}/{path.parent.name}" for path in HOUSE.glob("*/*/package.toml")}
    return sorted(own | {name for name, _, _ in installed()})


def installed() -> list[tuple[str, str, str]]:
    """Name, module and publisher of every package that an installed distribution offers."""
    from importlib import metadata  # slow to load, and nobody needs it who knows the package

    return [
        (one.name.replace(".", "/"), one.value, one.dist.name if one.dist else "-")
        for one in metadata.entry_points(group=GROUP)
    ]


def survey() -> tuple[list[Package], list[Refusal]]:
    """Every package that can be used, and why the others cannot: one broken package leaves the shelf standing."""
    whole, broken = [], []
    for name in names():
        try:
            whole.append(load(name))
        except Refusal as refusal:
            broken.append(refusal)
    return whole, broken


def digest(folder: Path, family: Path | None = None) -> str:
    """SHA-256 over the sorted files of a package, then of its family: relative path, length and bytes of each."""
    whole = hashlib.sha256()
    for root, prefix in ((folder, ""), (family, "family/")):
        if root is None:
            continue
        for path in _files(root):
            content = path.read_bytes()
            whole.update(f"{prefix}{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
            whole.update(content)
    return whole.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    yield from sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)


def _read(name: str, module: str, publisher: str) -> Package:
    """The package of a module. Whatever is wrong with what others wrote is theirs: it becomes a ``BrokenPackage``."""
    try:
        package = _assemble(module, publisher)
        _check(name, package)
    except (Exception, SystemExit) as problem:
        says = f"{type(problem).__name__}: {problem}"
        raise BrokenPackage(package=name, publisher=publisher, problem=says) from problem
    return package


def _assemble(module: str, publisher: str) -> Package:
    folder = Path(str(import_module(module).__file__)).parent
    about = _toml(folder / "package.toml")
    modules, folders = [module], [folder]
    if family := about.get("family"):
        lineage, _, version = str(family).partition("/")
        modules.append(f"tanhui.methods.families.{lineage}.{version}")
        folders.append(FAMILIES / lineage / version)

    def piece(part: str) -> ModuleType | None:
        """A module of the package, or else of its family."""
        found = zip(modules, folders, strict=True)
        return next((import_module(f"{one}.{part}") for one, at in found if (at / f"{part}.py").is_file()), None)

    def data(part: str) -> dict[str, Any]:
        return next((_toml(at / part) for at in folders if (at / part).is_file()), {})

    formulas, predicates, inputs = piece("formulas"), piece("predicates"), piece("inputs") or arranging
    if formulas is None:
        raise ValueError("there is no formulas.py, and no family that has one")
    files = {path.stem: path for at in reversed(folders) for path in sorted((at / "parameters").glob("*.toml"))}
    return Package(
        code=about["code"],
        version=about["version"],
        publisher=publisher,
        sha256=digest(*folders),
        metadata=about,
        columns=data("inputs.toml"),
        monitoring=data("monitoring.toml").get("symbol", []),
        parameters={stem: parameter.read(files[stem]) for stem in sorted(files)},
        formulas=tuple(one for one in vars(formulas).values() if isinstance(one, Formula)),
        predicates=tuple(
            one for one in (vars(predicates).values() if predicates else ()) if isinstance(one, Predicate)
        ),
        arrange=inputs.arrange,
        remarks=getattr(inputs, "remarks", arranging.remarks),
        folder=folder,
        family=folders[1] if family else None,
        science=arithmetic.modules(*folders),
    )


def _check(name: str, package: Package) -> None:
    """What a package must say of itself. ``ValueError`` names what is missing or contradictory."""
    about = package.metadata
    wrong = [key for key, kind in REQUIRED.items() if not isinstance(about.get(key), kind)]
    if wrong:
        raise ValueError(f"package.toml must say {', '.join(wrong)}")
    if package.name != name:
        raise ValueError(f"it calls itself {package.name}")
    if about["kind"] not in KINDS:
        raise ValueError(f"kind is {about['kind']}, none of {', '.join(KINDS)}")
    if package.result_unit not in {"t", "kg", "g"} and package.kind != "tool":
        raise ValueError(f"result_unit is {package.result_unit}, none of t, kg, g")
    if not package.formulas:
        raise ValueError("it has no formula")
    if package.formulas[-1].over != "project":
        raise ValueError(f"the last formula, {package.formulas[-1].name}, is not the result of the whole project")
    known = set(package.parameters)
    for table in package.columns.get("table", []):
        for column in table["column"]:
            if "parameter" in column and column["parameter"] not in known:
                raise ValueError(f"column {column['name']} asks for the parameter {column['parameter']}: there is none")
            if column["kind"] == "number" and not str(column.get("unit", "")).strip():
                raise ValueError(f"column {column['name']} has no unit")
