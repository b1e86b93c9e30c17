"""What a project file says beside the tables: declared values, periods, strata, the project's own parameter values.

Every function reads one section of a ``Submission``, adds what is wrong to its faults and answers with something
usable, so that all faults of an input are found in one go.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from tanhui.methods.engine import evidence, tables, units
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.evidence import Graded
from tanhui.methods.engine.faults import PROJECT, Fault
from tanhui.methods.engine.parameter import Parameter, Row
from tanhui.science.biomass import Values

SECTIONS: dict[str, type[dict[str, Any]] | type[list[Any]]] = {  # of a project file, and whether once or many times
    "surveys": dict,
    "period": dict,
    "crediting": dict,
    "units": dict,
    "declared": dict,
    "facts": dict,
    "stratum": list,
    "exclude": list,
    "deviation": list,
    "own": list,
}
DAYS_PER_YEAR = 365.25
STATED = {"value", "unit", "evidence", "source"}  # what a value of the project's own must come with
FOREVER = dt.date(9999, 12, 31)


def misshapen(project: Mapping[str, Any]) -> list[Fault]:
    """Sections of a project file that are not what a project file has there, and names that no record can keep."""
    faults = []
    for name, kind in SECTIONS.items():
        section = project.get(name, kind())
        whole = isinstance(section, kind)
        if not whole or (kind is list and not all(isinstance(one, dict) for one in section)):
            faults.append(Fault("wrong_section", PROJECT, 0, name, str(section)[:60]))
    parcels = project.get("parcels", [])  # official names of the land, by which nobody else may count it
    if not isinstance(parcels, list) or not all(isinstance(one, str) and one.strip() for one in parcels):
        faults.append(Fault("wrong_section", PROJECT, 0, "parcels", str(parcels)[:60]))
    return faults + [Fault("not_ascii", PROJECT, 0, name, name) for name in _names(project) if not name.isascii()]


def _names(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [*map(str, value), *(name for inner in value.values() for name in _names(inner))]
    return [name for inner in value for name in _names(inner)] if isinstance(value, list) else []


def declare(submission: Submission, arranged: Arranged) -> None:
    """The values that ``[[declared]]`` of the package asks for, each from ``[declared.<name>]`` of the project with
    value, unit, evidence and source. One left out takes the package's default, which the record names."""
    stated = submission.project.get("declared", {})
    for spec in submission.spec.get("declared", []):
        name = spec["name"]
        if name not in stated and "default" in spec:
            arranged.given[name] = float(spec["default"])
            arranged.defaults.append(_default(spec))
        elif (value := _stated(submission, f"declared.{name}", stated.get(name), spec)) is not None:
            arranged.given[name] = value
            arranged.declared.append(Graded(name, stated[name]["evidence"], stated[name]["source"]))


def _default(spec: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": spec["name"],
        "value": str(spec["default"]),
        "unit": spec["unit"],
        "source": spec.get("source", "default of the methodology"),
        "grade": spec.get("evidence", "D"),
    }


def _stated(submission: Submission, place: str, one: Any, spec: Mapping[str, Any]) -> float | None:
    """A number the project states itself, in the unit and within the bounds that ``spec`` asks for."""
    if not isinstance(one, dict) or not set(one) >= STATED:
        submission.wrong("missing_fact", place, "" if one is None else one)
        return None
    accepts = spec.get("accepts", {spec["unit"]: 1})
    if one["unit"] not in accepts:
        submission.faults.append(units.fault(PROJECT, place, str(one["unit"]), tuple(accepts)))
    if not evidence.is_grade(one["evidence"]):
        submission.wrong("not_a_grade", place, one["evidence"])
        return None
    try:
        value = float(tables.decimal(one["value"])) / float(accepts.get(one["unit"], 1))
    except ValueError:
        submission.wrong("not_a_number", place, one["value"])
        return None
    low, high = (float(bound) for bound in spec.get("bounds") or (-np.inf, np.inf))
    if spec.get("positive") and not value > 0:
        submission.wrong("not_positive", place, one["value"])
    elif not low <= value <= high:
        facts = {"converted": f"{value:g} {spec['unit']}", "low": f"{low:g}", "high": f"{high:g} {spec['unit']}"}
        submission.wrong("out_of_bounds", place, one["value"], unit=one["unit"], **facts)
    return value


def check_facts(submission: Submission) -> None:
    """Facts with a list of possible values have one of them."""
    stated = submission.project.get("facts", {})
    for spec in submission.spec.get("fact", []):
        value = stated.get(spec["name"])
        if value is not None and "values" in spec and value not in spec["values"]:
            known = ", ".join(map(str, spec["values"]))
            submission.wrong("unknown_value", f"facts.{spec['name']}", value, known=known)


def facts(submission: Submission, arranged: Arranged) -> None:
    """Facts that are text are quantities too, so that a parameter may be looked up by them; one that is none of its
    possible values is not, for every look-up by it would only repeat that fault."""
    stated = submission.project.get("facts", {})
    for spec in submission.spec.get("fact", []):
        value = stated.get(spec["name"])
        if isinstance(value, str) and value in spec.get("values", [value]):
            arranged.given.setdefault(spec["name"], value)


def date(submission: Submission, section: str, name: str) -> dt.date | None:
    """A date of the project file; ``None`` and a fault when it is none."""
    value = submission.project.get(section, {}).get(name, "")
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        submission.wrong("bad_date", f"{section}.{name}", value)
        return None


def years(submission: Submission, section: str = "period", first: str = "start", last: str = "end") -> float:
    """Length of a period in years, both days included; its days must be in order and within the crediting period."""
    begin, end = date(submission, section, first), date(submission, section, last)
    if begin is None or end is None:
        return 1.0
    if end <= begin:
        submission.wrong("bad_date", f"{section}.{last}", end)
        return 1.0
    if credited := crediting(submission):
        for name, day in ((first, begin), (last, end)):
            if not credited[0] <= day <= credited[1]:
                facts = {"start": credited[0].isoformat(), "end": credited[1].isoformat()}
                submission.wrong("outside_crediting_period", f"{section}.{name}", day, **facts)
    return ((end - begin).days + 1) / DAYS_PER_YEAR


def crediting(submission: Submission) -> tuple[dt.date, dt.date] | None:
    """First and last day of the crediting period, if the project has one that can be read."""
    return _span(submission.project, "crediting", "start", "end")


def span(project: Mapping[str, Any]) -> tuple[dt.date, dt.date] | None:
    """First and last day of what a run covers: the monitoring period, or the days of the two surveys."""
    return _span(project, "period", "start", "end") or _span(project, "surveys", "first", "second")


def _span(project: Mapping[str, Any], section: str, first: str, last: str) -> tuple[dt.date, dt.date] | None:
    try:
        stated = project[section]
        return dt.date.fromisoformat(str(stated[first])), dt.date.fromisoformat(str(stated[last]))
    except (KeyError, TypeError, ValueError):
        return None


def check_crediting(submission: Submission, about: Mapping[str, Any]) -> None:
    """The crediting period in order and no longer than the methodology (its package.toml) allows, and begun while the
    methodology was valid."""
    if "crediting" not in submission.project:
        return
    first, last = date(submission, "crediting", "start"), date(submission, "crediting", "end")
    if first is None or last is None:
        return
    if last <= first:
        submission.wrong("bad_date", "crediting.end", last)
    most = about.get("crediting_years_max")
    if most and (last - first).days + 1 > int(most) * DAYS_PER_YEAR + 1:
        submission.wrong("crediting_too_long", "crediting.end", last, most=most)
    if (until := about.get("valid_to")) and first > until:
        submission.wrong("outside_validity", "crediting.start", first, start=about["valid_from"], end=until)


def check_dates(submission: Submission) -> None:
    """Every date column of the tables lies in the crediting period, or in the monitoring period if its column says
    ``within = "period"``."""
    for name, table in submission.tables.items():
        for spec in submission.columns(name):
            if spec["kind"] != "date" or spec["name"] not in table.texts:
                continue
            monitored = spec.get("within") == "period"
            limits = span(submission.project) if monitored else crediting(submission)
            if limits is None:
                continue
            first, last = limits[0].isoformat(), limits[1].isoformat()
            cells = table.texts[spec["name"]]  # ISO dates stand in the order of time
            rule = "outside_period" if monitored else "outside_crediting_period"
            readable = np.char.str_len(cells) == len(first)  # the rest are faults already
            outside = readable & ((cells < first) | (cells > last))
            submission.faults.extend(table.faults(rule, outside, spec["name"], start=first, end=last))


def strata(submission: Submission) -> tuple[list[str], Values]:
    """Codes of the strata of the project file and the fixed area of each in ha. More land at a later survey
    (``area_ha_second``) is a fault: it would pose as growth."""
    stated = submission.project.get("stratum", [])
    codes = [str(one.get("code", number)) for number, one in enumerate(stated)]
    area = np.ones(len(stated))
    if not stated:
        submission.wrong("missing_fact", "stratum")
    for number, (code, one) in enumerate(zip(codes, stated, strict=True)):
        place = f"stratum.{code}"
        if code in codes[:number]:
            submission.wrong("stratum_twice", place, code)
        try:
            area[number] = float(tables.decimal(one.get("area_ha", "")))
        except ValueError:
            submission.wrong("not_a_number", f"{place}.area_ha", one.get("area_ha", ""))
            continue
        if not area[number] > 0:
            submission.wrong("not_positive", f"{place}.area_ha", one["area_ha"])
        if str(one.get("area_ha_second", one["area_ha"])) != str(one["area_ha"]):
            submission.wrong("area_changed", f"{place}.area_ha_second", one["area_ha_second"])
    _add_up(submission, stated)
    return codes, area


def _add_up(submission: Submission, stated: list[dict[str, Any]]) -> None:
    """The areas of the strata against the project's own total (``area_ha``), if it states one: A = Σ A_i, exactly."""
    if "area_ha" not in submission.project or not stated:
        return
    try:
        whole = tables.decimal(submission.project["area_ha"])
        parts = sum(tables.decimal(one.get("area_ha", "")) for one in stated)
    except ValueError:
        submission.wrong("not_a_number", "area_ha", submission.project["area_ha"])
        return
    if parts != whole:
        submission.wrong("areas_do_not_add_up", "area_ha", whole, sum=parts)


def resolve(submission: Submission, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """The parameters as they apply to the project: by its ``region``, on the last day it covers, with its ``[[own]]``
    values where the methodology allows them."""
    region = str(submission.project.get("region", ""))
    covered = span(submission.project)
    if covered is None and any(one.dated for name, one in parameters.items() if name in submission.asked):
        submission.wrong("missing_fact", "period.end")
    own = _own(submission, parameters)
    on = covered[1] if covered else None
    return {name: one.resolve(region=region, on=on, own=own.get(name, ())) for name, one in parameters.items()}


def _own(submission: Submission, parameters: Mapping[str, Parameter]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for number, one in enumerate(submission.project.get("own", []), 1):
        name, place = str(one.get("parameter", "")), f"own.{number}"
        if name not in parameters:
            submission.wrong("unknown_parameter", place, name, known=", ".join(sorted(parameters)))
            continue
        known = parameters[name]
        if not known.own_values:
            submission.wrong("not_own", place, name)
            continue
        value = _stated(submission, place, one, {"unit": known.unit, "bounds": known.bounds})
        if value is not None:
            amount = tables.decimal(one["value"])
            row = Row(str(one.get("key", "")), amount, one["evidence"], one["source"], FOREVER, tier="project")
            rows.setdefault(name, []).append(row)
    return rows
