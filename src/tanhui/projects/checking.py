"""A survey checked whole: every row against every rule, in columns; what passes becomes values to store.

All of a file is looked at before anything is stored, so that one sheet says all there is to correct.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tanhui.kernel import typed
from tanhui.projects import classes, columns, divisions, overlap, placing, shapes
from tanhui.projects.columns import FIELDS, UNITS
from tanhui.projects.findings import CODE, OUTLINE, Finding
from tanhui.projects.reading import Array, Sheet, filled

CHUNK = 10_000
YES = {"是", "1", "y", "yes", "true", "t", "在", "内", "红线内"}
NO = {"否", "0", "n", "no", "false", "f", "不在", "外", "红线外"}
REPLACED = "\ufffd"
ATTRIBUTE = 200  # characters of what the mapping gave no meaning to


@dataclass(frozen=True, slots=True)
class Limits:
    """What a survey is measured against, from the rule pack: a difference of areas in percent, a sliver in m², and
    what is no overlap yet."""

    area_percent: float
    sliver_m2: int
    overlap: overlap.Tolerance


@dataclass(slots=True)
class Checked:
    """What came of it: ``values`` are what a ``ParcelVersion`` keeps of every row, ``good`` says which may be taken."""

    outlines: Array
    bounds: NDArray[np.float64]
    wkb: Array
    areas: NDArray[np.int64]
    digests: list[str]
    values: dict[str, Array]
    good: NDArray[np.bool_]
    first_row: int
    findings: list[Finding] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.good)

    @property
    def faulty(self) -> int:
        return int((~self.good).sum())


def check(
    sheet: Sheet, placed: placing.Placed, mapping: Mapping[str, Any], *, year: int, kind: str, limits: Limits,
    progress: Callable[[int], None] = lambda done: None,
) -> Checked:  # fmt: skip
    """Check every row. ``kind`` is a ``Source.Kind``; ``progress`` hears how many rows are done.

    Refuses with ``columns.CodeUnmapped`` or ``columns.ColumnMissing``; what is wrong with a row is a finding.
    """
    columns.check(mapping, sheet.columns)
    rows = len(sheet)
    found = Checked(
        outlines=placed.outlines, bounds=shapely.bounds(placed.outlines), wkb=np.empty(rows, dtype=object),
        areas=np.zeros(rows, dtype=np.int64), digests=[""] * rows, values={}, good=np.ones(rows, dtype=bool),
        first_row=sheet.first_row,
    )  # fmt: skip
    desk = Desk(found, mapping, sheet, year)
    desk.texts()
    desk.codes()
    for start in range(0, rows, CHUNK):
        outlines(desk, placed, slice(start, start + CHUNK), limits)
        progress(min(start + CHUNK, rows))
    twice(desk)
    overlaps(desk, limits)
    desk.numbers()
    desk.divisions()
    desk.ecosystems(kind)
    areas(desk, limits)
    desk.rest()
    found.findings.sort(key=lambda one: (one.row, one.field))
    return found


class Desk:
    """One survey being checked: its columns by our fields, and a place to write findings down."""

    def __init__(self, found: Checked, mapping: Mapping[str, Any], sheet: Sheet, year: int) -> None:
        self.found, self.sheet, self.mapping, self.year = found, sheet, mapping, year
        self.used = {column for some in mapping["columns"].values() for column in some}
        self.names: Array = filled([])

    def say(self, at: int, field: str, rule: str, **facts: Any) -> None:
        one = Finding(self.found.first_row + at, str(self.names[at]) if len(self.names) else "", field, rule, facts)
        self.found.findings.append(one)
        if one.fault:
            self.found.good[at] = False

    def column(self, field: str) -> Array | None:
        """The column mapped to a field as text, blanks cut; of several, joined by hyphens."""
        wanted = self.mapping["columns"].get(field) or []
        parts = [[text(cell) for cell in self.sheet.columns[one]] for one in wanted]
        if not parts:
            return None
        return filled(
            parts[0] if len(parts) == 1 else ("-".join(filter(None, one)) for one in zip(*parts, strict=True))
        )

    def codes(self) -> None:
        """The parcels' numbers: there, short enough, each once."""
        rows, most = self.found.rows, FIELDS[CODE].longest
        given = None if self.mapping.get("numbered") else self.column(CODE)
        self.names = given if given is not None else filled(str(self.found.first_row + at) for at in range(rows))
        seen: dict[str, int] = {}
        for at, code in enumerate(self.names):
            if not code:
                self.say(at, CODE, "code_missing")
            elif len(code) > most:
                self.say(at, CODE, "code_long", most=most)
            elif seen.setdefault(code, at) != at:
                self.say(at, CODE, "code_twice", other=self.found.first_row + seen[code])
        self.found.values[CODE] = filled(self.names)

    def texts(self) -> None:
        names = self.column(CODE)
        if names is not None and not self.mapping.get("numbered"):
            self.names = names
        for name in (
            one.name for one in FIELDS.values() if one.kind == "text" and one.name not in (CODE, "division_code")
        ):
            given = self.column(name)
            if given is None:
                given = np.full(self.found.rows, "", dtype=object)
            most = FIELDS[name].longest
            for at, cell in enumerate(given):
                if len(cell) > most:
                    self.say(at, name, "text_long", length=len(cell), most=most)
                elif REPLACED in cell:
                    self.say(at, name, "text_unreadable")
            self.found.values[name] = given

    def numbers(self) -> None:
        """Numbers and flags, each within what its field takes; an empty cell is none."""
        for one in FIELDS.values():
            if one.kind == "text":
                continue
            given = self.column(one.name)
            made = np.full(self.found.rows, None, dtype=object)
            if given is not None:
                for at, cell in enumerate(given):
                    if cell:
                        made[at] = self.flag(at, cell) if one.kind == "flag" else self.number(at, one, cell)
            self.found.values[one.name] = made
        planted = self.found.values["planted_year"]
        for at in np.flatnonzero([one is not None and one > self.year for one in planted]):
            self.say(int(at), "planted_year", "planted_later", planted=planted[at], year=self.year)
        unit = UNITS[self.mapping.get("unit") or "m2"]
        surveyed = self.found.values.pop("surveyed_area")
        self.found.values["surveyed_area_m2"] = filled(
            None if one is None else int(one * Decimal(repr(unit)) + Decimal("0.5")) for one in surveyed
        )

    def number(self, at: int, field: columns.Field, cell: str) -> Decimal | int | None:
        try:
            value = Decimal(cell)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            self.say(at, field.name, "not_a_number", given=cell[:30])
            return None
        if field.kind == "whole" and (value == 0 and field.span[0] > 0):
            return None  # surveys write 0 for a year they do not know
        if field.kind == "whole" and value != value.to_integral_value():
            self.say(at, field.name, "not_whole", given=cell[:30])
            return None
        least, most = field.span
        if not least <= value <= most or (field.name == "tenure_share" and value == 0):
            self.say(at, field.name, "out_of_bounds", given=cell[:30], least=f"{least:g}", most=f"{most:g}")
            return None
        return int(value) if field.kind == "whole" else value

    def flag(self, at: int, cell: str) -> bool | None:
        said = cell.lower()
        if said not in YES and said not in NO:
            self.say(at, "red_line", "not_a_flag", given=cell[:30])
            return None
        return said in YES

    def divisions(self) -> None:
        """Division codes as of the year of the survey; one given for all stands in where a row has none."""
        given, default = self.column("division_code"), str(self.mapping.get("division") or "")
        verdicts: dict[str, tuple[str, dict[str, Any]] | None] = {}
        made = np.empty(self.found.rows, dtype=object)
        for at in range(self.found.rows):
            code = (given[at] if given is not None else "") or default
            made[at] = code = code[:12]  # the land survey's codes of ownership have 19 digits, the first 12 the village
            if not code:
                self.say(at, "division_code", "division_missing")
                continue
            if code not in verdicts:
                verdicts[code] = divisions.fault(code, self.year)
            if verdict := verdicts[code]:
                self.say(at, "division_code", verdict[0], **verdict[1])
        self.found.values["division_code"] = made

    def ecosystems(self, kind: str) -> None:
        """The ecosystem type of each land class; a forest survey without classes is of forest."""
        fallback = "forest" if kind == "SUBCOMPARTMENT" else "other"
        known: dict[str, str] = {}
        made = np.empty(self.found.rows, dtype=object)
        for at, said in enumerate(self.found.values["land_class"]):
            if said not in known:
                known[said] = classes.ecosystem(said) if said else fallback
            if said and not known[said]:
                self.say(at, "land_class", "class_unknown", given=said)
            made[at] = known[said] or "other"
        self.found.values["ecosystem"] = made

    def rest(self) -> None:
        """What the mapping gave no meaning to, as it stands; cells that say nothing are left out."""
        made: list[dict[str, Any]] = [{} for _ in range(self.found.rows)]
        for name, cells in self.sheet.columns.items():
            if name not in self.used:
                for row, cell in zip(made, cells, strict=True):
                    if (plain := kept(cell)) not in ("", None):
                        row[name] = plain
        self.found.values["attributes"] = filled(made)


def outlines(desk: Desk, placed: placing.Placed, part: slice, limits: Limits) -> None:
    """Each outline: there, a polygon, valid, in its place, large enough; its WKB, area and digest."""
    found, some = desk.found, placed.outlines[part]
    start = part.start
    kinds = shapely.get_type_id(some)
    polygons = np.isin(kinds, (3, 6)) & ~shapely.is_empty(some)
    for at in np.flatnonzero(~polygons):
        if some[at] is None or shapely.is_empty(some[at]):
            desk.say(start + int(at), OUTLINE, "outline_missing")
        else:
            desk.say(start + int(at), OUTLINE, "outline_kind", kind=some[at].geom_type)
    bounds = found.bounds[part]
    west, south, east, north = placing.CHINA
    inside = (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
    abroad = "taken_as_cgcs2000" in placed.notes
    whole = polygons & (inside | abroad) & np.isfinite(bounds).all(axis=1)
    for at in np.flatnonzero(polygons & ~inside):
        rule = "outside_china" if abroad and whole[at] else "outline_outside"
        desk.say(start + int(at), OUTLINE, rule, place=f"{bounds[at][0]:.4f}, {bounds[at][1]:.4f}")
    sound = whole & shapely.is_valid(some)
    for at in np.flatnonzero(whole & ~sound):
        reason, _, where = shapely.is_valid_reason(some[at]).partition("[")
        desk.say(start + int(at), OUTLINE, "outline_broken", reason=reason, place=placed_at(where))
    kept = np.flatnonzero(sound)
    if not len(kept):
        return
    good = some[kept]
    found.areas[start + kept] = shapes.areas_m2(good)
    found.wkb[start + kept] = shapely.to_wkb(good, byte_order=1, output_dimension=2)
    for at, one in zip(kept, shapes.digests(good), strict=True):
        found.digests[start + int(at)] = one
    for at in kept[found.areas[start + kept] < 1]:
        desk.say(start + int(at), OUTLINE, "outline_small")
    for at in kept[(found.areas[start + kept] >= 1) & (found.areas[start + kept] < limits.sliver_m2)]:
        desk.say(start + int(at), OUTLINE, "sliver", area=int(found.areas[start + int(at)]))
    parts = shapely.get_num_geometries(good)
    for at, number in zip(kept[parts > 1], parts[parts > 1], strict=True):
        desk.say(start + int(at), OUTLINE, "parts", parts=int(number))


def placed_at(where: str) -> str:
    """``118.9012 42.2034]`` as people read it."""
    try:
        x, y = where.rstrip("]").split()[:2]
        return f"{float(x):.6f}, {float(y):.6f}"
    except ValueError:
        return where.rstrip("]")


def twice(desk: Desk) -> None:
    """The same outline in two rows."""
    seen: dict[str, int] = {}
    for at, one in enumerate(desk.found.digests):
        if one and seen.setdefault(one, at) != at:
            desk.say(at, OUTLINE, "outline_twice", other=desk.found.first_row + seen[one])


def overlaps(desk: Desk, limits: Limits) -> None:
    """Ground in two rows: a fault of the later row, or a note where the rule pack takes it for a sliver."""
    found = desk.found
    places = np.flatnonzero(found.areas >= 1)
    pairs = overlap.among(found.outlines[places], limits.overlap)
    for earlier, later, area, width, sliver in zip(
        places[pairs.mine], places[pairs.theirs], pairs.area_m2, pairs.width_m, pairs.sliver, strict=True
    ):
        if found.digests[earlier] == found.digests[later]:
            continue  # said already: the same outline twice
        facts = {"other": found.first_row + int(earlier), "area": f"{area:.1f}", "width": f"{width:.2f}"}
        desk.say(int(later), OUTLINE, "overlap_sliver" if sliver else "overlaps", **facts)


def areas(desk: Desk, limits: Limits) -> None:
    """Surveyed and computed area side by side, where they differ by more than the rule pack allows for."""
    for at, surveyed in enumerate(desk.found.values["surveyed_area_m2"]):
        computed = int(desk.found.areas[at])
        if surveyed is None or not computed or not desk.found.good[at]:
            continue
        off = 100 * abs(surveyed - computed) / computed
        if off > limits.area_percent:
            desk.say(at, "surveyed_area", "area_differs", surveyed=surveyed, computed=computed, percent=f"{off:.1f}")


def text(cell: object) -> str:
    """A cell as text; 150404.0 is 150404, not-a-number is nothing."""
    if isinstance(cell, str):
        plain = cell.replace("\x00", "")
        return plain.strip() if plain.isascii() else typed.plain(plain)
    if cell is None:
        return ""
    if isinstance(cell, float | np.floating):
        if np.isnan(cell):
            return ""
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return str(cell)


def kept(cell: object) -> str | int | float | bool | None:
    """A cell as JSON keeps it."""
    if isinstance(cell, str):
        return text(cell)[:ATTRIBUTE]
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, int | np.integer):
        return int(cell)
    if isinstance(cell, float | np.floating):
        return float(cell) if np.isfinite(cell) else None
    if isinstance(cell, dt.date | np.datetime64):
        return str(cell)
    return text(cell)[:ATTRIBUTE]
