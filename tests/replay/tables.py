"""Small tables in the source's own layout, in which each trap can be laid by itself."""

import csv
from contextlib import suppress

from tanhui.registry.tasks import carb

SNAPSHOT = "2024-11-27"
ROW = {
    "CARB Issuance ID": "CAFR5001-A", "OPR Project ID": "CAR001", "Project Type": "Forest",
    "Early Action/ Compliance": "COP", "Reporting Period Start Date": "2014-01-01",
    "Reporting Period End Date": "2014-12-31", "Vintage": "2014.0", "ARB Offset Credits Issued": "1000",
    "Forest Buffer Account Contribution": "", "Issuance Date": "2015-03-01", "Offset Project Name": "First Forest",
    "Offset Project Operator": "Forest Owner, LLC", "Verification Body": "Careful Verifiers, Inc.", "State": "CA",
    "Comment": "",
} | dict.fromkeys(carb.COLUMNS.values(), "0")  # fmt: skip
SHORT = {
    "id": "CARB Issuance ID", "listed": "OPR Project ID", "start": "Reporting Period Start Date",
    "end": "Reporting Period End Date", "vintage": "Vintage", "issued": "ARB Offset Credits Issued",
    "buffer": "Forest Buffer Account Contribution", "on": "Issuance Date", "operator": "Offset Project Operator",
    "verifier": "Verification Body", "comment": "Comment", "state": "State", **carb.COLUMNS,
}  # fmt: skip
SURRENDER = {
    "report": "CP1_2013-2014", "entity_id": "CA1001", "legal_name": "Refinery, Inc.", "vintage": "2014",
    "quantity": "100", "carb_issuance_id": "CAFR5001-A",
}  # fmt: skip


def row(**cells):
    """A row of the issuance table: ``row(id="CAFR5001-B", issued="50", period_1="20")``."""
    return ROW | {SHORT[name]: value for name, value in cells.items()}


def surrender(**cells):
    return SURRENDER | cells


def write(folder, rows, surrenders=(), *, snapshot=SNAPSHOT, summary=None):
    """The folder with its tables; ``summary`` is (report, entity, tonnes) each."""
    save(folder / f"arb_offset_issuance_{snapshot}.csv", list(ROW), rows)
    save(folder / "offset_surrenders.csv", list(SURRENDER), surrenders)
    if summary is not None:
        columns = ["report", "entity_id", "offsets_surrendered"]
        save(folder / "compliance_summary.csv", columns, [dict(zip(columns, one, strict=True)) for one in summary])
    return folder


def save(path, columns, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def read(folder, rows, surrenders=(), **options):
    """The tables, written and read back."""
    write(folder, rows, surrenders, **options)
    return carb.read(folder, options.get("snapshot", SNAPSHOT))


def causes(found):
    """Code and effect of each cause, by issuance and reason."""
    told = {}
    for cause in found:
        told.setdefault((cause.issuance, cause.reason), []).append((cause.code, cause.effect_t))
    return told


def part(tables, projects):
    """The tables with only these projects, and only the surrenders that can mean one of their issuances."""
    from dataclasses import replace

    from tanhui.registry.tasks.matching import match

    every = {one.id: one for one in tables.rows if one.issued_t}
    surrenders, summary = [], {}
    for one in tables.surrenders:
        with suppress(AttributeError):  # one that means no issuance stays out
            if match(one, every, "")[0].project in projects:
                surrenders.append(one)
                summary[one.entity] = summary.get(one.entity, 0) + one.quantity_t
    rows = [one for one in tables.rows if one.project in projects]
    return replace(tables, rows=rows, surrenders=surrenders, summary=summary)
