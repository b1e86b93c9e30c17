"""The table of towns as people fill it in: pasted from a spreadsheet, hectares to four decimals, one line a town."""

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext, gettext_lazy

from tanhui.inventory import stock
from tanhui.inventory.compensating import Formula, Town, TownsUnclear
from tanhui.inventory.models import AccountingYear, Restoration
from tanhui.kernel import typed

MOST_TOWNS = 2000
M2 = 10_000
LARGEST_HA = 10**9
CLASSES = {
    "red_line": gettext_lazy("Ecological red line"),
    "nature_reserve": gettext_lazy("Nature reserve"),
    "ordinary": gettext_lazy("Without special protection"),
    "public_welfare": gettext_lazy("Public-welfare forest"),
    "commercial": gettext_lazy("Commercial forest"),
}


def called(name: str) -> str:
    """A class of a formula by its name in the visitor's language, or its code where we know none."""
    return str(CLASSES.get(name, name))


def template(year: AccountingYear, formula: Formula) -> list[list[str]]:
    """The head and a line for every town of the year, with the restoration works entered so far."""
    head = [gettext("Code"), gettext("Town")]
    head += [f"{called(name)} ({gettext('ha')})" for name in (*formula.protection, *formula.management)]
    head.append(f"{gettext('Restoration works')} ({gettext('ha')})")
    works: dict[str, int] = {}
    for town, area in Restoration.objects.filter(organisation=year.organisation_id).values_list("town_code", "area_m2"):
        works[town] = works.get(town, 0) + area
    blank = ["0"] * (len(formula.protection) + len(formula.management))
    rows = [[code, name, *blank, hectares(works.get(code, 0))] for code, (name, _, _) in stock.towns(year).items()]
    return [head, *rows]


def text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a spreadsheet puts them on the clipboard."""
    return "\n".join("\t".join(row) for row in rows)


def read(given: str, year: AccountingYear, formula: Formula) -> list[Town]:
    """The towns in a pasted table; forest area and sink come from the year's published figures, never from a hand.

    Refuses with ``compensating.TownsUnclear``, naming the line and what is wrong with it.
    """
    known = stock.towns(year)
    delimiter = "\t" if "\t" in given else ","
    try:
        lines = [line for line in csv.reader(io.StringIO(given.replace("\x00", "")), delimiter=delimiter) if any(line)]
    except csv.Error as error:
        raise TownsUnclear(what=str(error)) from error
    protection, management = list(formula.protection), list(formula.management)
    wanted = 3 + len(protection) + len(management)
    towns: list[Town] = []
    for number, line in enumerate(lines[: MOST_TOWNS + 2], 1):
        code = typed.plain(line[0]).strip()
        if number == 1 and code not in known:
            continue  # the head
        if len(line) != wanted:
            raise TownsUnclear(what=f"{number}: {len(line)} ≠ {wanted}")
        if code not in known:
            raise TownsUnclear(what=f"{number}: {code[:30] or '—'} ∉ {year}")
        areas = [square_metres(cell, number) for cell in line[2:]]
        name, forest, sink = known[code]
        towns.append(
            Town(
                code=code,
                name=name,
                forest_m2=forest,
                protection_m2=dict(zip(protection, areas, strict=False)),
                management_m2=dict(zip(management, areas[len(protection) :], strict=False)),
                restoration_m2=areas[-1],
                sink_kg=sink,
            )
        )
    refuse_missing(towns, known)
    return towns


def refuse_missing(towns: Sequence[Town], known: Mapping[str, tuple[str, int, int]]) -> None:
    """Every town of the year has its line, so that nobody is left out by mistake."""
    missing = sorted(set(known) - {one.code for one in towns})
    if missing:
        raise TownsUnclear(what=f"— {', '.join(known[code][0] for code in missing[:5])}")


def square_metres(cell: str, number: int) -> int:
    """Hectares with at most four decimals, as whole square metres."""
    plain = typed.plain(cell).strip().replace(",", "") or "0"
    try:
        value = Decimal(plain) * M2
    except InvalidOperation:
        raise TownsUnclear(what=f"{number}: {cell[:20]}") from None
    if not value.is_finite() or not 0 <= value <= LARGEST_HA * M2 or value != value.to_integral_value():
        raise TownsUnclear(what=f"{number}: {cell[:20]}")
    return int(value)


def hectares(m2: int) -> str:
    """Square metres as hectares, without loss."""
    return f"{Decimal(m2) / M2:f}"
