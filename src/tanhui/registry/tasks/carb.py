"""Reads the offset tables of the California Air Resources Board: issuances with what became of them, and surrenders.

The figures are whole tonnes of CO₂e. Nothing is corrected here: a row is given as it stands, with what could not be
read as a quantity kept as text. What the source's own documents say about a column: the quantity issued includes the
share put into the forest buffer account; the first eight characters of an issuance id are the project; a number behind
the period's letter marks a further issuance for the same reporting period; an id ending in a word in parentheses is a
remark about a period, not an issuance. A full compliance-period report contains the annual ones before it.
"""

import calendar
import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tanhui.kernel.period import Period
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.tasks import remarks

BUFFER_POOL, INTENTIONAL, VOLUNTARY, QUEBEC = "buffer_pool", "intentional_reversal", "voluntary", "quebec"
PERIODS = {"period_1": (2013, 2014), "period_2": (2015, 2017), "period_3": (2018, 2020), "period_4": (2021, 2023)}
COLUMNS = {
    BUFFER_POOL: "Buffer Pool Retired",
    INTENTIONAL: "Retired for Intentional Reversal",
    VOLUNTARY: "Retired Voluntarily",
    "period_1": "Retired 1st Compliance Period (CA)",
    "period_2": "Retired 2nd Compliance Period (CA)",
    "period_3": "Retired 3rd Compliance Period (CA)",
    "period_4": "Retired 4th Compliance Period (CA)",
    QUEBEC: "Retired for Compliance in Quebec",
}
ISSUED, BUFFER = "ARB Offset Credits Issued", "Forest Buffer Account Contribution"
NEEDED = {
    "CARB Issuance ID", "OPR Project ID", "Project Type", "Early Action/ Compliance", "Reporting Period Start Date",
    "Reporting Period End Date", "Vintage", ISSUED, BUFFER, "Issuance Date", "Offset Project Name",
    "Offset Project Operator", "Verification Body", "State", "Comment",
}  # fmt: skip
SURRENDER_COLUMNS = {"report", "entity_id", "legal_name", "vintage", "quantity", "carb_issuance_id"}
FULL_REPORT = re.compile(r"CP\d+_(\d{4})-(\d{4})")
ANNUAL_REPORT = re.compile(r"annual_(\d{4})")
POSTED = re.compile(r"Posted (\w+ \d{1,2}, \d{4})")


class TableMissing(Refusal):
    code = "registry.replay_table_missing"
    sentence = gettext_noop("There is no %(file)s in %(folder)s. Name the folder that holds the tables.")
    clause = "ARCHITECTURE.md §6.9"
    status = 422


class ColumnsMissing(Refusal):
    code = "registry.replay_columns_missing"
    sentence = gettext_noop("The table %(file)s lacks the columns %(columns)s. Take the table as it was published.")
    clause = "ARCHITECTURE.md §6.9"
    status = 422


class CellUnreadable(Refusal):
    code = "registry.replay_cell_unreadable"
    sentence = gettext_noop(
        "In %(file)s, line %(line)s, “%(value)s” in the column %(column)s cannot be read. Correct it by the original."
    )
    clause = "ARCHITECTURE.md §6.9"
    status = 422


class IssuanceTwice(Refusal):
    code = "registry.replay_issuance_twice"
    sentence = gettext_noop("%(file)s issues %(issuance)s twice, in lines %(first)s and %(second)s. Remove the copy.")
    clause = "ARCHITECTURE.md §6.9"
    status = 422


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the issuance table. ``issued_t`` is ``None`` where ``stated``, its cell, is no number."""

    line: int
    id: str
    listed_as: str
    kind: str
    programme: str
    span: Period | None
    vintage: int | None
    issued_t: int | None
    stated: str
    buffer_t: int
    issued_on: date | None
    name: str
    operator: str
    verifier: str
    state: str
    retired: Mapping[str, int]
    comment: str
    cells: Mapping[str, str] = field(repr=False)
    said: tuple[remarks.Remark, ...] = ()

    @property
    def project(self) -> str:
        """The project's id: the first eight characters."""
        return self.id[:8]


@dataclass(frozen=True, slots=True)
class Surrender:
    """One line of the surrender table: an entity's credits of one issuance in one compliance report."""

    line: int
    report: str
    entity: str
    name: str
    vintage: int
    quantity_t: int
    issuance: str


@dataclass(frozen=True, slots=True)
class Report:
    """A compliance report: the reason its surrenders count under, the years it covers, and when it came out."""

    name: str
    reason: str
    years: tuple[int, int]
    posted_on: date

    @property
    def due_on(self) -> date:
        """When the surrender was due: 1 November of the year after (17 CCR §95856(d), §95855)."""
        return date(self.years[1] + 1, 11, 1)


@dataclass(frozen=True, slots=True)
class Tables:
    """All of it. ``surrenders`` holds those of ``reports`` only; ``left_out`` says which reports were not taken and why
    (``contained`` in a fuller one, or ``later`` than the snapshot)."""

    snapshot: date
    rows: list[Row]
    surrenders: list[Surrender]
    reports: dict[str, Report]
    left_out: dict[str, str]
    summary: dict[str, int]


def read(folder: Path, snapshot: str) -> Tables:
    """The tables of one snapshot. Refuses with ``TableMissing``, ``ColumnsMissing``, ``CellUnreadable``, or
    ``IssuanceTwice``."""
    on = day(snapshot, file="--snapshot", line=0, column="snapshot")
    if on is None:
        raise CellUnreadable(file="--snapshot", line=0, column="snapshot", value=snapshot)
    rows = issuances(folder / f"arb_offset_issuance_{snapshot}.csv")
    found = surrenders(folder / "offset_surrenders.csv")
    reports, left_out = taken(folder, {one.report for one in found}, on)
    return Tables(
        snapshot=on,
        rows=rows,
        surrenders=[one for one in found if one.report in reports],
        reports=reports,
        left_out=left_out,
        summary=summary(folder / "compliance_summary.csv", reports),
    )


def issuances(path: Path) -> list[Row]:
    """Every line of an issuance table, remarks about periods included."""
    rows = [issuance(path.name, number, cells) for number, cells in lines(path, NEEDED)]
    first: dict[str, int] = {}
    for row in rows:
        if row.issued_t and row.id in first:
            raise IssuanceTwice(file=path.name, issuance=row.id, first=first[row.id], second=row.line)
        if row.issued_t:
            first[row.id] = row.line
    return rows


def issuance(file: str, line: int, cells: Mapping[str, str]) -> Row:
    def tonnes(column: str) -> int | None:
        return quantity(cells.get(column, ""), file=file, line=line, column=column)

    def on(column: str) -> date | None:
        return day(cells[column], file=file, line=line, column=column)

    first, last = on("Reporting Period Start Date"), on("Reporting Period End Date")
    return Row(
        line=line,
        id=cells["CARB Issuance ID"],
        listed_as=cells["OPR Project ID"],
        kind=cells["Project Type"],
        programme=cells["Early Action/ Compliance"],
        span=Period.inclusive(first, last) if first and last else None,
        vintage=tonnes("Vintage"),
        issued_t=tonnes(ISSUED),
        stated=cells[ISSUED],
        buffer_t=tonnes(BUFFER) or 0,
        issued_on=on("Issuance Date"),
        name=cells["Offset Project Name"],
        operator=cells["Offset Project Operator"],
        verifier=cells["Verification Body"],
        state=cells["State"],
        retired={reason: tonnes(column) or 0 for reason, column in COLUMNS.items()},
        comment=cells["Comment"],
        cells=cells,
        said=remarks.read(cells["Comment"]),
    )


def surrenders(path: Path) -> list[Surrender]:
    found = []
    for line, cells in lines(path, SURRENDER_COLUMNS):
        numbers = {}
        for column in ("vintage", "quantity"):
            number = quantity(cells[column], file=path.name, line=line, column=column)
            if number is None:
                raise CellUnreadable(file=path.name, line=line, column=column, value=cells[column])
            numbers[column] = number
        found.append(
            Surrender(
                line=line,
                report=cells["report"],
                entity=cells["entity_id"],
                name=cells["legal_name"],
                vintage=numbers["vintage"],
                quantity_t=numbers["quantity"],
                issuance=cells["carb_issuance_id"],
            )
        )
    return found


def summary(path: Path, reports: Iterable[str]) -> dict[str, int]:
    """Tonnes each entity surrendered in offsets, by the reports' own summaries; empty without that table."""
    if not path.exists():
        return {}
    told: dict[str, int] = {}
    for line, cells in lines(path, {"report", "entity_id", "offsets_surrendered"}):
        if cells["report"] in reports:
            tonnes = quantity(cells["offsets_surrendered"], file=path.name, line=line, column="offsets_surrendered")
            told[cells["entity_id"]] = told.get(cells["entity_id"], 0) + (tonnes or 0)
    return {entity: tonnes for entity, tonnes in told.items() if tonnes}


def taken(folder: Path, names: Iterable[str], snapshot: date) -> tuple[dict[str, Report], dict[str, str]]:
    """Which reports count: not those a fuller one contains, and not those that came out after the snapshot."""
    reports: dict[str, Report] = {}
    left_out: dict[str, str] = {}
    for name in sorted(names):
        if full := FULL_REPORT.fullmatch(name):
            years = int(full[1]), int(full[2])
        elif annual := ANNUAL_REPORT.fullmatch(name):
            years = int(annual[1]), int(annual[1])
        else:
            raise CellUnreadable(file="offset_surrenders.csv", line=0, column="report", value=name)
        reason = next((key for key, (start, end) in PERIODS.items() if start <= years[0] and years[1] <= end), None)
        if reason is None:
            raise CellUnreadable(file="offset_surrenders.csv", line=0, column="report", value=name)
        reports[name] = Report(name, reason, years, posted(folder, name) or date(years[1] + 1, 12, 1))
    for name, report in list(reports.items()):
        fuller = [one for one in reports.values() if one.years != report.years and covers(one.years, report.years)]
        if report.posted_on > snapshot:
            left_out[name] = "later"
        elif any(one.posted_on <= snapshot for one in fuller):
            left_out[name] = "contained"
    return {name: report for name, report in reports.items() if name not in left_out}, left_out


def covers(outer: tuple[int, int], inner: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def posted(folder: Path, report: str) -> date | None:
    """When a report was first posted, as printed in its workbook; ``None`` without one or where it does not say."""
    path = folder / f"compliance_report_{report}.xlsx"
    if not path.exists():
        return None
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        for row in book.get_sheet_by_name(name).to_python()[:4]:
            for cell in row:
                if isinstance(cell, str) and (found := POSTED.search(cell)):
                    return written_out(found[1])
    return None


def written_out(text: str) -> date | None:
    """``December 1, 2021`` as a day."""
    month, number, year = text.replace(",", "").split()
    names = list(calendar.month_name)
    return date(int(year), names.index(month), int(number)) if month in names else None


def lines(path: Path, needed: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each record with the number of its line in a spreadsheet, cells stripped of blanks and line breaks around."""
    if not path.is_file():
        raise TableMissing(file=path.name, folder=path.parent)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if missing := sorted(set(needed) - set(reader.fieldnames or ())):
            raise ColumnsMissing(file=path.name, columns=", ".join(missing))
        for number, cells in enumerate(reader, 2):
            yield number, {column: " ".join((value or "").split()) for column, value in cells.items() if column}


def quantity(text: str, *, file: str, line: int, column: str) -> int | None:
    """Whole tonnes, or ``None`` for a blank or a word. Spreadsheets write whole numbers as ``107542.0``.

    Refuses a number that is negative or not whole with ``CellUnreadable``.
    """
    if re.fullmatch(r"\d+(\.0+)?", text):
        return int(text.partition(".")[0])
    if re.fullmatch(r"[-+]?[\d.,]+", text):
        raise CellUnreadable(file=file, line=line, column=column, value=text)
    return None


def day(text: str, *, file: str, line: int, column: str) -> date | None:
    """A day in ISO 8601, or ``None`` for a blank or a word such as ``INVALIDATED``."""
    if not re.match(r"\d{4}-", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CellUnreadable(file=file, line=line, column=column, value=text) from None
