"""How a transfer budget is shared among towns by what their land does (policy document 4, art. 13): exact arithmetic.

Weights, normalisation and caps are data of a rule pack; the worksheet shows every term of every town, so that anyone
repeats the sum by hand. All numbers are integers or fractions: nothing is rounded before the last fen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.rulepacks.packs import Pack

CLAUSE = "《上虞区生态系统存量碳汇核算及使用管理办法》第十三条"
TERMS = ("forest_area", "protection", "management", "restoration", "sink")
NORMALISATIONS = ("share", "largest")
HUNDRED = 100


class FormulaIncomplete(Refusal):
    code = "inventory.formula_incomplete"
    sentence = gettext_noop(
        "The rule pack %(pack)s is no compensation formula: %(what)s. Correct the pack and ship it as a new version."
    )
    clause = CLAUSE
    status = 422


class TownsUnclear(Refusal):
    code = "inventory.towns_unclear"
    sentence = gettext_noop("The table of towns cannot be used: %(what)s. Correct the table and load it again.")
    clause = CLAUSE
    status = 422


class NothingToShare(Refusal):
    code = "inventory.nothing_to_share"
    sentence = gettext_noop(
        "No town has anything that counts, so that the budget cannot be shared. Enter areas, projects or sinks first."
    )
    clause = CLAUSE
    status = 422


@dataclass(frozen=True, slots=True)
class Formula:
    """A compensation formula as its rule pack has it. Weights and cap in percent, factors in percent of an area."""

    pack: str
    version: str
    sha256: str
    weights: Mapping[str, int]
    normalisation: str
    cap: int
    protection: Mapping[str, int]
    management: Mapping[str, int]

    @classmethod
    def read(cls, pack: Pack) -> "Formula":
        """The formula in a rule pack. Refuses with ``FormulaIncomplete``, saying what is missing or wrong."""

        def whole(key: str) -> int:
            value = pack.params[key].value if key in pack.params else None
            if type(value) is not int or not 0 <= value <= HUNDRED:
                raise FormulaIncomplete(pack=pack.id, what=f"{key} = 0 … 100")
            return value

        def classes(key: str) -> Mapping[str, int]:
            found = [pack.params.get(f"{key}_{part}") for part in ("classes", "factors")]
            names, factors = ([*one.value] if one and isinstance(one.value, tuple) else [] for one in found)
            if not len({*names}) == len(names) == len(factors) > 0:
                raise FormulaIncomplete(pack=pack.id, what=f"{key}_classes, {key}_factors")
            given = {
                str(name): one for name, one in zip(names, factors, strict=True) if isinstance(one, int) and one >= 0
            }
            if len(given) < len(factors):
                raise FormulaIncomplete(pack=pack.id, what=f"{key}_factors ≥ 0")
            return given

        weights = {term: whole(f"weight_{term}") for term in TERMS}
        if sum(weights.values()) != HUNDRED:
            raise FormulaIncomplete(pack=pack.id, what=f"Σ weight = {sum(weights.values())} ≠ 100")
        way = pack.params["normalisation"].value if "normalisation" in pack.params else ""
        if way not in NORMALISATIONS:
            raise FormulaIncomplete(pack=pack.id, what=f"normalisation = {' | '.join(NORMALISATIONS)}")
        cap = whole("term_cap")
        if not cap:
            raise FormulaIncomplete(pack=pack.id, what="term_cap = 1 … 100")
        return cls(
            pack.id, pack.version, pack.sha256, weights, str(way), cap, classes("protection"), classes("management")
        )


@dataclass(frozen=True, slots=True)
class Town:
    """What a town has: areas in m², the sink's conservative bound in kg CO₂ a year (a source counts as nothing)."""

    code: str
    name: str
    forest_m2: int
    protection_m2: Mapping[str, int]
    management_m2: Mapping[str, int]
    restoration_m2: int
    sink_kg: int


@dataclass(frozen=True, slots=True)
class Term:
    """One term of one town: what was measured, after its factors, as part of all or of the largest, and weighed."""

    raw: Fraction
    normalised: Fraction
    capped: bool
    weighed: Fraction


@dataclass(frozen=True, slots=True)
class Row:
    """A town's line of the worksheet; ``share`` of the budget as a fraction, ``fen`` as it is paid."""

    town: Town
    terms: Mapping[str, Term]
    index: Fraction
    share: Fraction
    fen: int


def worksheet(towns: Sequence[Town], formula: Formula, budget_fen: int) -> list[Row]:
    """Every town's terms, index and share of a budget, ordered by code; the fen add up to the budget exactly.

    index = Σ weight · min(cap, term / Σ term), or term / largest term where the formula says so; a term that no town
    has adds nothing. Refuses with ``TownsUnclear`` or ``NothingToShare``.
    """
    refuse_unclear(towns, formula, budget_fen)
    ordered = sorted(towns, key=lambda town: town.code)
    raw = {town.code: measured(town, formula) for town in ordered}
    cap = Fraction(formula.cap, HUNDRED)
    lines: dict[str, dict[str, Term]] = {}
    for town in ordered:
        lines[town.code] = {}
        for term in TERMS:
            column = [raw[other.code][term] for other in ordered]
            whole = sum(column, Fraction()) if formula.normalisation == "share" else max(column)
            part = raw[town.code][term] / whole if whole else Fraction()
            held = min(part, cap)
            weighed = held * formula.weights[term] / HUNDRED
            lines[town.code][term] = Term(raw[town.code][term], held, held < part, weighed)
    index = {code: sum((one.weighed for one in terms.values()), Fraction()) for code, terms in lines.items()}
    total = sum(index.values(), Fraction())
    if not total:
        raise NothingToShare
    shares = {code: one / total for code, one in index.items()}
    fen = largest_remainder(shares, budget_fen)
    return [Row(town, lines[town.code], index[town.code], shares[town.code], fen[town.code]) for town in ordered]


def measured(town: Town, formula: Formula) -> dict[str, Fraction]:
    """The five terms before normalisation: hectares (weighed by class where the term has classes) and tonnes."""

    def by_class(areas: Mapping[str, int], factors: Mapping[str, int]) -> Fraction:
        return Fraction(sum(area * factors[name] for name, area in areas.items()), HUNDRED * 10_000)

    return {
        "forest_area": Fraction(town.forest_m2, 10_000),
        "protection": by_class(town.protection_m2, formula.protection),
        "management": by_class(town.management_m2, formula.management),
        "restoration": Fraction(town.restoration_m2, 10_000),
        "sink": Fraction(max(town.sink_kg, 0), 1_000),
    }


def refuse_unclear(towns: Sequence[Town], formula: Formula, budget_fen: int) -> None:
    if not towns:
        raise TownsUnclear(what="0")
    if budget_fen <= 0:
        raise TownsUnclear(what=f"{budget_fen} fen")
    seen: set[str] = set()
    for town in towns:
        if town.code in seen:
            raise TownsUnclear(what=f"{town.code} {town.name} × 2")
        seen.add(town.code)
        for areas, known in ((town.protection_m2, formula.protection), (town.management_m2, formula.management)):
            if unknown := [name for name in areas if name not in known]:
                raise TownsUnclear(what=f"{town.name}: {', '.join(unknown)} ∉ {', '.join(known)}")
            if any(area < 0 for area in areas.values()):
                raise TownsUnclear(what=f"{town.name}: < 0 m²")
        if town.forest_m2 < 0 or town.restoration_m2 < 0:
            raise TownsUnclear(what=f"{town.name}: < 0 m²")


def largest_remainder(shares: Mapping[str, Fraction], whole: int) -> dict[str, int]:
    """``whole`` in integers by shares that add up to one: floors first, what is left to the largest remainders.

    Equal remainders go by code, so that the order of the table changes nothing.
    """
    quotas = {code: share * whole for code, share in shares.items()}
    given = {code: int(quota) for code, quota in quotas.items()}  # never negative: this is the floor
    left = whole - sum(given.values())
    for code in sorted(quotas, key=lambda code: (given[code] - quotas[code], code))[:left]:
        given[code] += 1
    return given
