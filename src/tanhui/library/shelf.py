"""The shelf as everyone reads it: packages with how they stand, their parameters row by row, their worked examples, and
what changed from version to version. Packages never change while the process runs, so each is read and played once.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.http import Http404

from tanhui.kernel.refusal import Refusal
from tanhui.library import queries
from tanhui.library.models import Version
from tanhui.library.queries import Stands
from tanhui.methods.engine import cases, changes, evidence, shelf
from tanhui.methods.engine.changes import Report
from tanhui.methods.engine.parameter import Parameter, Row
from tanhui.methods.engine.shelf import Package

UNLISTED = "UNLISTED"  # on the shelf, and not published on this platform
HOUSE = "tanhui"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive knows: it carries no time


class Shelved(NamedTuple):
    """Every package that can be used, and why the others cannot."""

    packages: dict[str, Package]
    broken: list[Refusal]


@dataclass(frozen=True)
class Entry:
    """One version in the library: its package, its publication here, or both. ``stands`` is how it stands today."""

    package: Package | None
    stands: Stands | None

    @property
    def version_published(self) -> Version | None:
        return self.stands.version if self.stands else None

    @property
    def code(self) -> str:
        """The code its pages have in their address."""
        return self.package.code if self.package else self._published.methodology.code

    @property
    def version(self) -> str:
        return self.package.version if self.package else self._published.version

    @property
    def _published(self) -> Version:
        assert self.stands is not None
        return self.stands.version

    @property
    def full_code(self) -> str:
        """As the register names it: ``AR-CM-001-V01``."""
        return self.stands.version.full_code if self.stands else printed(self.package)

    def title(self, *, chinese: bool) -> str:
        if self.stands and (chinese or self.stands.version.name_en):
            return self.stands.version.name if chinese else self.stands.version.name_en
        assert self.package is not None or self.stands is not None
        if self.package is None:
            return self._published.name
        return str(self.package.metadata["title_zh" if chinese else "title_en"])

    @property
    def scheme(self) -> str:
        return str(self.package.metadata["scheme"]) if self.package else self._published.methodology.scheme

    @property
    def sector(self) -> str:
        return (str(self.package.metadata["sector"]) if self.package else self._published.methodology.sector).lower()

    @property
    def kind(self) -> str:
        """credit, inclusion, footprint, statistical or co_benefit; of a text alone, by its class."""
        if self.package:
            return self.package.kind
        return {"PERSONAL": "inclusion", "STAT": "statistical"}.get(self._published.methodology.category, "credit")

    @property
    def state(self) -> str:
        return self.stands.state if self.stands else UNLISTED

    @property
    def grade(self) -> str:
        """The weakest evidence of its parameters; empty where there are none."""
        return weakest(self.package) if self.package else ""

    @property
    def third_party(self) -> bool:
        return self.package is not None and self.package.publisher != HOUSE

    def words(self) -> str:
        """Everything a free search looks through."""
        about = self.package.metadata if self.package else {}
        said = [
            self.full_code,
            self.code,
            self.title(chinese=True),
            self.title(chinese=False),
            self.scheme,
            self.sector,
        ]
        return " ".join([*said, str(about.get("authority", "")), str(about.get("source_document", ""))]).casefold()


class Value(NamedTuple):
    """One value of a parameter."""

    parameter: Parameter
    row: Row


def printed(package: Package | None) -> str:
    """A package's code and version as the register names them."""
    return f"{package.code}-{package.version}".replace("_", "-").upper() if package else ""


@cache
def all_packages() -> Shelved:
    whole, broken = shelf.survey()
    return Shelved({one.name: one for one in whole}, broken)


def weakest(package: Package) -> str:
    grades = {row.grade for one in package.parameters.values() for row in one.rows}
    return evidence.worst(grades) if grades else ""


def entries(on: date) -> list[Entry]:
    """Every version, on the shelf or only published, by code and then the newest first."""
    published = list(queries.versions())
    by_package = {one.package: one for one in reversed(published) if one.package}
    found = [
        Entry(package, queries.stands(by_package[name], on=on) if name in by_package else None)
        for name, package in all_packages().packages.items()
    ]
    known = all_packages().packages
    found += [Entry(None, queries.stands(one, on=on)) for one in published if one.package not in known]
    newest_first = sorted(found, key=lambda one: changes.age(one.version), reverse=True)
    return sorted(newest_first, key=lambda one: one.code)


def newest(found: Iterable[Entry]) -> list[Entry]:
    """Of each methodology the version that takes new projects, or else the newest."""
    by_code: dict[str, Entry] = {}
    for one in found:
        known = by_code.get(one.code)
        takes = one.stands is not None and one.stands.takes_new_projects
        if known is None or (takes and not (known.stands and known.stands.takes_new_projects)):
            by_code[one.code] = one
    return list(by_code.values())


def values(package: Package) -> list[Value]:
    """Every value of every parameter, in the order of their names."""
    return [Value(one, row) for one in package.parameters.values() for row in one.rows]


def place(row: Row) -> str:
    """What narrows a value beside its key: tier, region and days, as one text."""
    days = f"{row.valid_from or ''}–{row.valid_to or ''}" if row.dated else ""
    return " ".join(part for part in ("" if row.tier == "national" else row.tier, row.region, days) if part)


@dataclass(frozen=True)
class Played:
    """A worked example and what came out of it."""

    case: Mapping[str, Any]
    outcomes: Sequence[cases.Outcome]
    problem: str = ""

    @property
    def holds(self) -> bool:
        return not self.problem and all(one.holds for one in self.outcomes)


@cache
def played(name: str) -> list[Played]:
    """Every worked example of a package, computed now."""
    package = all_packages().packages[name]
    found = []
    for case in package.cases():
        try:
            found.append(Played(case, cases.play(package, case)))
        except (Refusal, KeyError, ValueError) as problem:  # an example is data of the package's publisher
            found.append(Played(case, [], str(problem)))
    return found


@cache
def report(before: str, after: str) -> Report:
    """What changed from one version to another; both are ``code/version`` on the shelf."""
    return changes.compare(before, after)


def earlier(package: Package) -> Package | None:
    """The version before on the shelf."""
    known = [name for name in changes.versions(package.code) if name in all_packages().packages]
    place_ = known.index(package.name)
    return all_packages().packages[known[place_ - 1]] if place_ else None


def archive(package: Package) -> bytes:
    """The whole package as a zip archive: the same bytes from whomever and whenever, so that its hash can be compared.

    Files are stored in the order of their names, without times; those of its family under ``family/``.
    """
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as packed:
        for name, path in files(package):
            about = zipfile.ZipInfo(name, EPOCH)
            about.external_attr = 0o644 << 16
            packed.writestr(about, path.read_bytes())
    return whole.getvalue()


def files(package: Package) -> Iterator[tuple[str, Path]]:
    for root, under in ((package.folder, ""), (package.family, "family/")):
        if root is not None:
            found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
            yield from ((under + name, found[name]) for name in sorted(found) if not name.endswith(".pyc"))


def find(code: str, version: str = "", *, on: date) -> Entry:
    """A version by the code of its address, or the one in force; 404 when there is none."""
    known = [one for one in entries(on) if one.code == code]
    if version:
        known = [one for one in known if one.version == version]
    if not known:
        raise Http404(f"{code}/{version}")
    return newest(known)[0]


def versions(code: str, *, on: date) -> list[Entry]:
    """Every version of a methodology, the newest first."""
    return [one for one in entries(on) if one.code == code]


def named(full_code: str, *, on: date) -> Entry:
    """A version as the register names it (``AR-CM-001-V01``); 404 when the library has none of that name."""
    for one in entries(on):
        if full_code in (one.full_code, printed(one.package)):
            return one
    raise Http404(full_code)
