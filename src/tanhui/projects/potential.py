"""What land could become a project: the predicates of every methodology asked of every parcel, and an expected yield.

Parcels that a methodology cannot tell apart are asked about once: the database groups them by what the predicates look
at (``Key``), so that 100,000 parcels cost what a few hundred do. Predicates and formulas are those of the packages on
the shelf; which facts a survey can give, what is assumed of the design and how a hectare is estimated stands in
``potential.toml``. Facts nobody knows yet stay open: the parcel is then eligible on conditions, and the evidence asked
for is said. The yield is an expectation for planning and never a basis of issuance.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from django.db import models
from django.db.models import Case, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Left

from tanhui.kernel.refusal import Refusal
from tanhui.methods.engine import cases, evidence, predicate, shelf
from tanhui.projects import classes
from tanhui.projects.models import ParcelVersion, Survey

TABLE = Path(__file__).with_name("potential.toml")
MECHANISM_SINCE = 2013  # plantations begun before 2012-11-08 are no CCER projects; 2013 is the first whole year
YOUNG, MIDDLE = 20, 40  # years up to which a planted stand counts as young, as middle-aged (conifers of the north)
EASY, HARD = 2, 4  # pieces of evidence still to bring, up to which a parcel is easy, beyond which it is hard
EASE = {"low": 90, "medium": 60, "high": 30}  # marks of a candidate that starts from an assessment
LEAST_AGE = 3.0  # of a stand whose age the survey does not say, for the growth curve
Verdict = Literal["eligible", "conditional", "excluded"]
Difficulty = Literal["low", "medium", "high"]


class Key(NamedTuple):
    """All that the assessment looks at in a parcel."""

    county: str
    year: int
    ecosystem: str
    land_class: str
    species: str
    planted_year: int | None
    age: int | None
    titled: bool
    open_before: bool  # three years earlier or more it was surveyed, and was no forest then
    size_m2: int  # the largest step of area it reaches


@dataclass(frozen=True, slots=True)
class Method:
    """One methodology as the assessment asks it."""

    package: shelf.Package
    about: Mapping[str, Any]

    @property
    def code(self) -> str:
        return self.package.name

    def label(self, language: str) -> str:
        return str(self.about["label_zh" if language.startswith("zh") else "label_en"])

    def assumed(self, language: str) -> str:
        return str(self.about["assumed_zh" if language.startswith("zh") else "assumed_en"])

    @property
    def grade(self) -> str:
        """The weakest evidence under the yield; assumptions of ours are D."""
        return evidence.worst(["D", self.package.weakest]) if "yield" in self.about else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a methodology says of parcels alike: ``reasons`` are conditions that fail, ``asked`` those still open."""

    verdict: Verdict
    reasons: tuple[str, ...]
    asked: tuple[str, ...]
    difficulty: Difficulty
    tonnes_per_ha: float | None


@dataclass(slots=True)
class Line:
    """Land of one methodology, in all or of a county."""

    parcels: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("eligible", "conditional", "excluded"), 0))
    area_m2: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("eligible", "conditional", "excluded"), 0))
    tonnes: float = 0.0
    difficulty: Counter[str] = field(default_factory=Counter)  # m² by difficulty
    reasons: Counter[str] = field(default_factory=Counter)  # m² that a condition keeps out
    asked: Counter[str] = field(default_factory=Counter)  # m² for which this evidence is still to bring

    @property
    def possible_m2(self) -> int:
        return self.area_m2["eligible"] + self.area_m2["conditional"]

    def add(self, outcome: Outcome, parcels: int, area_m2: int) -> None:
        self.parcels[outcome.verdict] += parcels
        self.area_m2[outcome.verdict] += area_m2
        self.reasons.update(dict.fromkeys(outcome.reasons, area_m2))
        if outcome.verdict == "excluded":
            return
        self.asked.update(dict.fromkeys(outcome.asked, area_m2))
        self.difficulty[outcome.difficulty] += area_m2
        self.tonnes += (outcome.tonnes_per_ha or 0.0) * area_m2 / 10_000


@dataclass(slots=True)
class Assessment:
    """The potential of a survey: by methodology, in all (county ``""``) and by county."""

    methods: tuple[Method, ...]
    lines: dict[tuple[str, str], Line]
    parcels: int
    area_m2: int

    def line(self, method: str, county: str = "") -> Line:
        return self.lines.setdefault((method, county), Line())

    @property
    def counties(self) -> list[str]:
        return sorted({county for _method, county in self.lines if county})


@cache
def table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))


@cache
def methods() -> tuple[Method, ...]:
    """The methodologies that are assessed, as far as they are on the shelf."""
    found = []
    for one in table()["methodology"]:
        try:
            found.append(Method(shelf.load(one["package"]), one))
        except Refusal:  # a shelf without it assesses without it
            continue
    return tuple(found)


def assess(survey: Survey, *, rain_mm: int | None = None) -> Assessment:
    """The potential of a survey's parcels, grouped in the database. ``rain_mm``: precipitation of a usual year."""
    found = Assessment(methods(), {}, 0, 0)
    rows = keyed(survey.versions.all()).values_list(*Key._fields).annotate(number=Count("pk"), land=Sum("area_m2"))
    for *values, number, land in rows.order_by():
        key = Key(*values)
        found.parcels += number
        found.area_m2 += land
        for method in found.methods:
            outcome = ask(method, key, rain_mm)
            if outcome is not None:
                found.line(method.code).add(outcome, number, land)
                found.line(method.code, key.county).add(outcome, number, land)
    return found


def each(survey: Survey, method: Method, *, rain_mm: int | None = None) -> Iterator[tuple[ParcelVersion, Outcome]]:
    """Every parcel a methodology looks at, with what it says, in the order of the file."""
    for one in (
        keyed(survey.versions.select_related("parcel").defer("geometry", "attributes")).order_by("row").iterator(2000)
    ):
        if (outcome := ask(method, key_of(one), rain_mm)) is not None:
            yield one, outcome


@dataclass(frozen=True, slots=True)
class Prospect:
    """Land of a survey that a methodology would take, in all or of one county: what a candidate can start from."""

    method: Method
    survey: Survey
    county: str
    line: Line
    rain_mm: int | None

    @property
    def ease(self) -> int:
        """How easy its development is, from 0 to 100: the mark of each difficulty, weighed by land."""
        land = sum(self.line.difficulty.values())
        return round(sum(EASE[one] * area for one, area in self.line.difficulty.items()) / land) if land else 0


def prospect(survey: Survey, code: str, county: str, *, rain_mm: int | None = None) -> Prospect | None:
    """What a methodology would take of a survey (``county`` empty) or of a county; none where that is nothing."""
    done = assess(survey, rain_mm=rain_mm)
    for method in done.methods:
        if method.code == code and (line := done.line(code, county)).possible_m2:
            return Prospect(method, survey, county, line, rain_mm)
    return None


def land_of(found: Prospect) -> list[Any]:
    """The ids of the parcels of a prospect, in the order of the file."""
    about, code = found.method.about, found.method.code
    rows = found.survey.versions.filter(division_code__startswith=found.county, ecosystem__in=about["ecosystems"])
    taken = []
    for parcel, *values in keyed(rows).order_by("row").values_list("parcel", *Key._fields).iterator(10_000):
        outcome = answer(code, Key(*values)._replace(county=""), found.rain_mm)
        if outcome is not None and outcome.verdict != "excluded":
            taken.append(parcel)
    return taken


def keyed(rows: QuerySet[ParcelVersion]) -> QuerySet[Any]:
    """Versions with the fields of ``Key`` beside them."""
    earlier = ParcelVersion.objects.filter(
        parcel=OuterRef("parcel"), year__lte=OuterRef("year") - 3, survey__state=Survey.State.TAKEN
    ).exclude(ecosystem="forest")
    steps = sorted(table()["area_steps"], reverse=True)
    return rows.annotate(
        county=Left("division_code", 6),
        titled=ExpressionWrapper(~Q(certificate_no="") | ~Q(contract=""), output_field=models.BooleanField()),
        open_before=Exists(earlier),
        size_m2=Case(*(When(area_m2__gte=step, then=Value(step)) for step in steps), default=Value(0)),
    )


def key_of(version: Any) -> Key:
    """The key of a version that ``keyed`` gave."""
    return Key(*(getattr(version, name) for name in Key._fields))


@lru_cache(maxsize=4096)
def rate(method: str, species: str, age: int | None) -> float | None:
    """Tonnes of CO₂ a hectare takes up or spares in a year, by the formulas of the package; None: nothing estimates it.

    A species without a growth curve counts as ``unknown_species``.
    """
    about = next(one.about for one in methods() if one.code == method).get("yield")
    if about is None:
        return None
    package = shelf.load(about["package"])
    for name in (species, table()["unknown_species"]):
        filled = {"{species}": name, "{age}": max(float(age or 0), LEAST_AGE)}
        given = {
            key: [filled.get(one, one) if isinstance(one, str) else one for one in value]
            if isinstance(value, list)
            else value
            for key, value in about["given"].items()
        }
        try:
            total = cases.chain(package, {"given": given})[about["quantity"]]
        except Refusal:
            continue
        return max(0.0, float(total)) / float(about["years"]) * float(about.get("share", 1.0))
    return None


def ask(method: Method, key: Key, rain_mm: int | None = None) -> Outcome | None:
    """What a methodology says of a parcel with this key; None where it is about other land altogether.

    The county says nothing about eligibility, so that one answer serves all of them.
    """
    return answer(method.code, key._replace(county=""), rain_mm)


@lru_cache(maxsize=65536)
def answer(code: str, key: Key, rain_mm: int | None) -> Outcome | None:
    method = next(one for one in methods() if one.code == code)
    about = method.about
    if key.ecosystem not in about["ecosystems"]:
        return None
    if (wanted := about.get("land_classes")) and not any(named(one, key.land_class) for one in wanted):
        return None
    answers = predicate.ask_all(method.package.predicates, facts(key, rain_mm) | about["assumed"])
    reasons = tuple(one["predicate"] for one in answers if one["answer"] == "fail")
    asked = tuple(one["predicate"] for one in answers if one["answer"] == "needs_evidence")
    verdict: Verdict = "excluded" if reasons else "conditional" if asked else "eligible"
    difficulty: Difficulty = "low" if len(asked) <= EASY else "high" if len(asked) > HARD else "medium"
    return Outcome(verdict, reasons, asked, difficulty, None if reasons else rate(code, key.species, key.age))


def named(wanted: str, land_class: str) -> bool:
    """A code by its beginning (0101 also 0101K), a name wherever it stands."""
    return land_class.startswith(wanted) if wanted.isdigit() else wanted in land_class


def facts(key: Key, rain_mm: int | None) -> dict[str, Any]:
    """What a survey tells of the facts that predicates ask for; what it does not tell is left open."""
    forest = key.ecosystem == "forest"
    planted = key.planted_year or 0
    found: dict[str, Any] = {
        "parcel_min_m2": key.size_m2,
        "start_year": planted if forest and planted else key.year + 1,
        "on_wetland": key.ecosystem == "wetland",
        "title_document": key.titled,
        "irrigation_is_controlled": key.land_class.startswith("0101") or "水田" in key.land_class,
    }
    if key.titled:
        found["title_is_clear"] = True
    if rain_mm is not None:
        found["annual_precipitation_mm"] = rain_mm
    if forest:
        if planted < MECHANISM_SINCE:
            found["years_not_forest"] = 0  # forest already, or planted before the mechanism began
        found["planted_for_forest"] = True
    elif key.open_before:
        found["years_not_forest"] = 3
    if classes.plantable(key.land_class):
        found["planned_for_forest"] = True
    elif key.ecosystem in ("crop", "water", "urban"):
        found["planned_for_forest"] = False
    if planted or key.age is not None:
        age = key.age if key.age is not None else 0
        found["stand_stage"] = "young" if age <= YOUNG else "middle-aged" if age <= MIDDLE else "mature"
    if planted:
        found["is_planted_forest"] = True
    return found


def said(method: Method, name: str, language: str) -> dict[str, str]:
    """A condition in words: what it asks, its clause and the evidence it wants."""
    one = next(one for one in method.package.predicates if one.name == name)
    zh = language.startswith("zh")
    parts = [part.strip() for part in one.evidence_asked.split(" / ")]
    clauses = [part.strip() for part in one.clause.split(" / ")]
    return {
        "label": one.label_zh if zh else one.label_en,
        "clause": clauses[0] if zh else clauses[-1],
        "evidence": parts[0] if zh else parts[-1],
    }
