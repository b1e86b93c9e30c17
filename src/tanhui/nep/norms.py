"""By which norm a sink is found: a method, a norm that admits it, and a version of the norm's table of coefficients.

    chosen = norms.select("nep_ratio", "DB33/T 2274-2025", "2025-03", tables=norms.shelf(folder))
    tonnes = chosen.tonnes_carbon(types, area_m2, production=Measured(grown, "gDM m-2 a-1"))

A table is data with a source for each value. The texts of GB/T 46869-2025 and DB33/T 2274-2025 are sold and not handed
on: their tables are loaded by the operator, from a TOML or CSV file. Shipped is only what has a public source.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tanhui.nep import coefficients, refusals
from tanhui.nep.coefficients import Table
from tanhui.science import npp, sinks
from tanhui.science.biomass import Values

Pair = tuple[str, str]  # Chinese, English


@dataclass(frozen=True)
class Method:
    """A way to a sink. ``quantities``: tables it takes from the norm, each by type."""

    key: str
    zh: str
    en: str
    quantities: tuple[str, ...] = ()


METHODS: Mapping[str, Method] = {
    one.key: one
    for one in (
        Method("nep", "净生态系统生产力法（NPP − Rh）", "NEP (NPP − Rh)"),
        Method("nep_ratio", "净生态系统生产力法（NEP/NPP 转换系数）", "NEP by a ratio to NPP", ("alpha",)),
        Method("biomass", "生物量法（两期生物量之差）", "Change of biomass", ("carbon_fraction",)),
        Method("rate", "固碳速率法", "Sequestration rate", ("rate",)),
    )
}


@dataclass(frozen=True)
class Norm:
    """A norm, since when it holds, which methods it admits, and how well that is known."""

    id: str
    title: str
    since: str
    methods: tuple[str, ...]
    clause: str
    grade: str


NORMS: Mapping[str, Norm] = {
    one.id: one
    for one in (
        Norm(
            "上虞区存量碳汇办法 2024",
            "上虞区生态系统存量碳汇核算及使用管理办法",
            "2024-06-17",
            ("nep",),
            "第六条",
            "A",
        ),
        Norm(
            "GB/T 46869-2025",
            "生态系统评估 陆域生态产品总值核算技术指南",
            "2025-12-31",
            ("nep", "nep_ratio", "biomass", "rate"),
            "附录 A.7（方法清单见于第三方文件，未见原文）",
            "C",
        ),
        Norm(
            "DB33/T 2274-2025",
            "生态系统生产总值（GEP）核算技术规范 陆域生态系统",
            "2025-03-21",
            ("nep", "nep_ratio", "biomass", "rate"),
            "未见原文",
            "D",
        ),
        Norm(
            "GEP 指南 2020",
            "陆地生态系统生产总值（GEP）核算技术指南",
            "2020",
            ("nep", "nep_ratio", "rate"),
            "结构凭记忆，未核对",
            "D",
        ),
        Norm("public", "有公开出处的固碳速率", "", ("rate",), "逐值注明出处", "B"),
    )
}


@dataclass(frozen=True)
class Measured:
    """Values of zones with the unit they came in."""

    values: Values
    unit: str


@dataclass(frozen=True)
class Surveys:
    """Biomass at two surveys, t of dry matter ha-1, and the years between them."""

    before: Values
    after: Values
    years: float


@dataclass(frozen=True)
class Selection:
    """A method under a norm with the tables it takes."""

    method: Method
    norm: Norm
    tables: Mapping[str, Table]

    @property
    def record(self) -> dict[str, str]:
        """What a result says of itself: method, norm, and the version and hash of the table."""
        said = {"method": self.method.key, "norm": self.norm.id, "grade": self.grade}
        for quantity, table in self.tables.items():
            said |= {f"{quantity}_version": table.version, f"{quantity}_sha256": table.sha256}
        return said

    @property
    def grade(self) -> str:
        """The weakest grade of norm and rows: A official text … D recalled."""
        rows = [row.grade for table in self.tables.values() for row in table.rows]
        return max([self.norm.grade, *rows], key="APBCD".index)

    def tonnes_carbon(
        self,
        types: Sequence[str],
        area_m2: ArrayLike,
        *,
        region: str = "",
        production: Measured | None = None,
        respired: Measured | None = None,
        biomass: Surveys | None = None,
    ) -> Values:
        """tC a-1 of rows of one type each. ``production`` (NPP) and ``respired`` (Rh) are their means with a unit.

        NPP − Rh wants carbon, the ratio dry matter: the wrong unit is refused, as is a type without a coefficient.
        """
        area = np.asarray(area_m2, dtype=np.float64)
        if self.method.key == "nep":
            return (self._carbon(production, "npp") - self._carbon(respired, "rh")) * area / 1e6
        if self.method.key == "nep_ratio":
            return sinks.by_ratio(self._dry(production), self._column("alpha", types, region), area)
        if self.method.key == "rate":
            rows = [self.tables["rate"].row(kind, region) for kind in types]
            return sinks.by_rate([row.value for row in rows], area, [row.beta for row in rows])
        if biomass is None:
            raise refusals.InputOfMethodMissing(method=self.method.key, input="biomass")
        fraction = self._column("carbon_fraction", types, region)
        return sinks.by_biomass(biomass.before, biomass.after, biomass.years, fraction, area)

    def _column(self, quantity: str, types: Sequence[str], region: str) -> list[float]:
        return [self.tables[quantity].row(kind, region).value for kind in types]

    def _carbon(self, given: Measured | None, name: str) -> Values:
        if given is None:
            raise refusals.InputOfMethodMissing(method=self.method.key, input=name)
        try:
            return given.values * npp.factor(given.unit)
        except npp.NotCarbon as problem:
            raise self._unit(given, problem) from problem

    def _dry(self, given: Measured | None) -> Values:
        if given is None:
            raise refusals.InputOfMethodMissing(method=self.method.key, input="npp")
        try:
            return given.values * npp.dry_factor(given.unit)
        except npp.NotCarbon as problem:
            raise self._unit(given, problem) from problem

    def _unit(self, given: Measured, problem: npp.NotCarbon) -> refusals.UnitOfMethod:
        return refusals.UnitOfMethod(method=self.method.key, unit=given.unit, wanted=problem.wanted)


def shelf(*folders: Path) -> tuple[Table, ...]:
    """Tables that ship with the product, then those of the operator's folders (TOML and CSV), by name."""
    found = [coefficients.load(path) for path in coefficients.shipped()]
    for folder in folders:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".toml", ".csv")) if folder.is_dir() else []
        found += [coefficients.load(path) for path in paths]
    return tuple(found)


def select(method: str, norm: str, table: str = "", *, tables: Iterable[Table] = ()) -> Selection:
    """The method under the norm with the table of that version (the only one, where none is named).

    Refuses an unknown norm, a method the norm does not admit, and a table that was not loaded.
    """
    if norm not in NORMS:
        raise refusals.NormUnknown(norm=norm, known="、".join(NORMS))
    admitted(method, norm)
    loaded = list(tables)
    wanted = METHODS[method].quantities
    return Selection(METHODS[method], NORMS[norm], {one: _table(one, norm, table, loaded) for one in wanted})


def admitted(method: str, norm: str) -> None:
    """Refuse a method that a norm does not admit."""
    methods = NORMS[norm].methods
    if method not in methods:
        raise refusals.MethodNotInNorm(method=method, norm=norm, admitted=", ".join(methods))


def _table(quantity: str, norm: str, version: str, tables: Sequence[Table]) -> Table:
    ours = [one for one in tables if (one.norm, one.quantity) == (norm, quantity)]
    found = [one for one in ours if version in ("", one.version)]
    if len(found) != 1:
        raise refusals.TableNotLoaded(
            quantity=quantity,
            norm=norm,
            version=version or "-",
            loaded="、".join(one.version for one in ours) or "-",
        )
    return found[0]
