"""What towers and chambers measured, beside what the models say for the same place and time.

Flux towers: months of GPP and NEE with gridded weather (FLUXNET2015 as a table). Soil respiration: annual Rh and Rs
with the climate of the place (SRDB). A file is a CSV in UTF-8; units stand in the names of its columns.
"""

import calendar
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.nep import refusals
from tanhui.nep.wording import say, why
from tanhui.science import npp, respiration
from tanhui.science.biomass import Values

FLUX_COLUMNS = ("site", "date", "gpp_gc_m2_d", "nee_gc_m2_d", "tmin_c", "tmax_c", "prec_mm_d")
SITE_COLUMNS = ("site", "igbp")
SRDB_COLUMNS = ("Country", "Manipulation", "Latitude", "MAT", "MAP", "Rs_annual", "Rh_annual")

PEI, RPBL, MEAN = "pei", "raich_potter_bond_lamberty", "mean"
MODELS = (PEI, RPBL, MEAN)

# Months of a place of which only the year is known: half the swing of temperature grows by 0.45 degC for each degree of
# latitude, rain swings by 80 % of its mean, both are highest in July.
SWING, SWING_PER_DEGREE, RAIN_SWING, HOTTEST_MONTH = 1.0, 0.45, 0.8, 6


@dataclass(frozen=True)
class Towers:
    """Site-months: gC m-2 month-1, one value for each month; ``site`` and ``year`` say whose."""

    site: NDArray[np.str_]
    year: NDArray[np.int_]
    china: NDArray[np.bool_]
    observed: Values  # NEP
    respired: Values  # total ecosystem respiration, GPP − NEP
    npp: Values
    pei: Values
    rs: Values
    left_out: int

    def years(self) -> tuple[NDArray[np.intp], int]:
        """Number of each month's complete site-year, −1 where the year is not complete; and how many there are."""
        _, group, count = np.unique(
            np.char.add(np.char.add(self.site, "/"), self.year.astype(str)), return_inverse=True, return_counts=True
        )
        complete = np.flatnonzero(count == 12)
        number = np.full(len(count), -1)
        number[complete] = np.arange(len(complete))
        return number[group], len(complete)


@dataclass(frozen=True)
class Chambers:
    """Annual soil respiration of undisturbed plots, gC m-2 a-1; ``rs`` is 0 where it was not measured."""

    observed: Values
    rs: Values
    modelled: Mapping[str, Values]


def towers(flux: Path, sites: Path) -> Towers:
    """Site-months of a table of towers. Months without weather, and sites without a class of land cover, are left out.

    NPP is the GPP measured times the CUE of the class, so that what is compared is respiration, not light use.
    Refuses a table that lacks a column, holds no number where one is needed, or no month at all.
    """
    rows = table(flux, FLUX_COLUMNS)
    kinds = {row["site"]: npp.IGBP_CODES.get(row["igbp"], 0) for row in table(sites, SITE_COLUMNS)}
    kept = [row for row in rows if all(row[name] for name in FLUX_COLUMNS) and kinds.get(row["site"], 0) in npp.CUE]
    if not kept:
        raise refusals.NothingToCompare(file=flux.name, needed=", ".join(FLUX_COLUMNS))
    date = numbers(flux, kept, "date").astype(int)
    if wrong := [one for one in date if not (1900 <= one // 100 <= 2200 and 1 <= one % 100 <= 12)]:
        said = say("the date %(found)s is no month as in 202307", found=wrong[0])
        raise refusals.ObservationsUnreadable(file=flux.name, problem=said)
    days = np.array([calendar.monthrange(one // 100, one % 100)[1] for one in date], dtype=float)
    site = np.array([row["site"] for row in kept])
    t_c = (numbers(flux, kept, "tmin_c") + numbers(flux, kept, "tmax_c")) / 2
    p_mm = numbers(flux, kept, "prec_mm_d") * days
    gpp = numbers(flux, kept, "gpp_gc_m2_d") * days
    nep = -numbers(flux, kept, "nee_gc_m2_d") * days
    cue = np.array([npp.CUE[kinds[one]] for one in site])
    return Towers(
        site=site,
        year=date // 100,
        china=np.char.startswith(site, "CN-"),
        observed=nep,
        respired=gpp - nep,
        npp=gpp * cue,
        pei=np.asarray(respiration.pei(t_c, p_mm), dtype=np.float64),
        rs=np.asarray(respiration.raich_potter(t_c, p_mm / 10, 1.0) * days, dtype=np.float64),
        left_out=len(rows) - len(kept),
    )


def chambers(srdb: Path, country: str = "China") -> Chambers:
    """Undisturbed plots of one country with annual Rh and the climate of the place. Refuses as ``towers`` does."""
    kept = [
        row
        for row in table(srdb, SRDB_COLUMNS)
        if row["Country"] == country
        and row["Manipulation"] in ("", "None")
        and all(row[name] for name in ("Rh_annual", "MAT", "MAP", "Latitude"))
    ]
    if not kept:
        raise refusals.NothingToCompare(file=srdb.name, needed=", ".join(SRDB_COLUMNS))
    observed, mat, rain, latitude = (numbers(srdb, kept, name) for name in ("Rh_annual", "MAT", "MAP", "Latitude"))
    t_c, p_mm = months(mat, rain, latitude)
    pei = np.asarray(respiration.pei(t_c, p_mm).sum(axis=1), dtype=np.float64)
    rs = respiration.raich_potter(t_c, p_mm / 10, respiration.MONTH).sum(axis=1)
    other = np.asarray(respiration.bond_lamberty(rs), dtype=np.float64)
    measured = numbers(srdb, [row | {"Rs_annual": row["Rs_annual"] or "0"} for row in kept], "Rs_annual")
    return Chambers(observed, measured, {PEI: pei, RPBL: other, MEAN: (pei + other) / 2})


def months(mat: Values, rain: Values, latitude: Values) -> tuple[Values, Values]:
    """Twelve months (places, 12) of temperature (degC) and rain (mm) from the year's, as a sine of the year."""
    sine = np.cos(2 * np.pi * (np.arange(12) - HOTTEST_MONTH) / 12)
    swing = SWING + SWING_PER_DEGREE * np.abs(latitude)
    return mat[:, None] + swing[:, None] * sine, rain[:, None] / 12 * (1 + RAIN_SWING * sine)


def table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a CSV by column name. Refuses a file that cannot be read or lacks a column."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [{name: (value or "").strip() for name, value in row.items() if name} for row in reader]
            found = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise refusals.ObservationsUnreadable(file=path.name, problem=why(problem)) from problem
    if missing := [name for name in columns if name not in found]:
        lacks = say("it lacks %(columns)s", columns=", ".join(missing))
        raise refusals.ObservationsUnreadable(file=path.name, problem=lacks)
    return rows


def numbers(path: Path, rows: Sequence[Mapping[str, Any]], column: str) -> Values:
    """One column as numbers. Refuses a text that is none, by its place."""
    try:
        found = np.array([float(row[column]) for row in rows])
    except ValueError as problem:
        wrong = next(row[column] for row in rows if not is_number(row[column]))
        raise no_number(path, column, wrong) from problem
    if not np.isfinite(found).all():
        raise no_number(path, column, "nan")
    return found


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def no_number(path: Path, column: str, found: str) -> refusals.ObservationsUnreadable:
    problem = say("“%(found)s” in the column %(column)s is no number", found=found, column=column)
    return refusals.ObservationsUnreadable(file=path.name, problem=problem)
