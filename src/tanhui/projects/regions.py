"""The potential of counties and cities: the surveys of several sources together, each county counted by one of them.

Two sources may survey the same ground (a forest inventory and the national land survey). A county is therefore counted
by one survey alone, the one of the latest year and, of these, the one with most land; the others are named beside it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, Sum

from tanhui.projects import potential
from tanhui.projects.models import ParcelVersion, Survey


@dataclass(slots=True)
class County:
    """A county (six digits) with the survey it is counted by, and surveys that also have land in it."""

    code: str
    survey: Survey
    parcels: int
    area_m2: int
    beside: list[Survey] = field(default_factory=list)


@dataclass(slots=True)
class Region:
    """What a methodology could take: in all (division ``""``), by city (four digits) and by county (six)."""

    methods: tuple[potential.Method, ...]
    counties: list[County] = field(default_factory=list)
    lines: dict[tuple[str, str], potential.Line] = field(default_factory=dict)

    def line(self, method: str, division: str = "") -> potential.Line:
        return self.lines.setdefault((method, division), potential.Line())

    @property
    def cities(self) -> dict[str, list[County]]:
        """The counties of each city, by their codes."""
        found: dict[str, list[County]] = {}
        for one in self.counties:
            found.setdefault(one.code[:4], []).append(one)
        return found

    @property
    def parcels(self) -> int:
        return sum(one.parcels for one in self.counties)

    @property
    def area_m2(self) -> int:
        return sum(one.area_m2 for one in self.counties)

    def counted(self) -> Q:
        """Which parcels are counted."""
        found = Q(pk__in=[])
        for one in self.counties:
            found |= Q(survey=one.survey, division_code__startswith=one.code)
        return found


def together(surveys: Sequence[Survey], *, rain_mm: int | None = None) -> Region:
    """The potential of these surveys' counties, grouped in the database by one statement.

    ``rain_mm``: precipitation of a usual year.
    """
    by_key = {one.pk: one for one in surveys}
    rows = potential.keyed(ParcelVersion.objects.filter(survey__in=surveys))
    names = ("survey", *potential.Key._fields)
    groups: dict[str, dict[Survey, list[tuple[potential.Key, int, int]]]] = defaultdict(lambda: defaultdict(list))
    for survey, *values, number, land in (
        rows.values_list(*names).annotate(n=Count("pk"), land=Sum("area_m2")).order_by()
    ):
        key = potential.Key(*values)
        groups[key.county][by_key[survey]].append((key, number, land))
    region = Region(potential.methods())
    for code in sorted(groups):
        ranked = sorted(groups[code], key=lambda one: (-one.year, -size(groups[code][one]), str(one.pk)))
        counted = groups[code][ranked[0]]
        number = sum(number for _key, number, _land in counted)
        region.counties.append(County(code, ranked[0], number, size(counted), ranked[1:]))
        for key, number, land in counted:
            for method in region.methods:
                outcome = potential.ask(method, key, rain_mm)
                if outcome is not None:
                    for division in ("", code[:4], code):
                        region.line(method.code, division).add(outcome, number, land)
    return region


def size(groups: list[tuple[potential.Key, int, int]]) -> int:
    return sum(land for _key, _number, land in groups)
