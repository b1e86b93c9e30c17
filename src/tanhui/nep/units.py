"""Units as files and plans write them, and the factor to the one a quantity is kept in."""

import calendar
from collections.abc import Mapping

from tanhui.nep import refusals

DAY = 86400.0
Factor = tuple[float, float, str]  # times, plus, and "" or what the number is multiplied with: days, seconds

FLUX: Mapping[str, Factor] = {
    "gC m-2 a-1": (1, 0, ""),
    "kgC m-2 a-1": (1000, 0, ""),
    "tC ha-1 a-1": (100, 0, ""),
    "MgC ha-1 a-1": (100, 0, ""),
}
DRY: Mapping[str, Factor] = {"t ha-1": (1, 0, ""), "kg m-2": (10, 0, ""), "g m-2": (0.01, 0, "")}  # of dry matter
KNOWN: Mapping[str, Mapping[str, Factor]] = {
    "npp": FLUX,
    "gpp": FLUX,
    "rh": FLUX,
    "previous": FLUX,
    "temperature": {"degC": (1, 0, ""), "K": (1, -273.15, "")},
    "precipitation": {
        "mm": (1, 0, ""),
        "cm": (10, 0, ""),
        "m": (1000, 0, ""),
        "mm d-1": (1, 0, "days"),
        "kg m-2 s-1": (1, 0, "seconds"),
        "kg m-2": (1, 0, ""),
    },
    "solar": {
        "MJ m-2": (1, 0, ""),
        "MJ m-2 d-1": (1, 0, "days"),
        "W m-2": (1e-6, 0, "seconds"),
        "J m-2": (1e-6, 0, ""),
    },
    "ndvi": {"1": (1, 0, "")},
    "biomass_before": DRY,
    "biomass_after": DRY,
    "soc": {"kgC m-2": (1, 0, ""), "tC ha-1": (0.1, 0, ""), "gC m-2": (0.001, 0, "")},
}
# Other spellings. "mm/m" is not among them: it parses as a number without dimension.
SPELT: Mapping[str, str] = {
    "gC m-2 a-1": "gC/m2/a, gC/m2/yr, gC/m^2/year, gC m-2 yr-1, g C m-2 yr-1, gC m-2 year-1, gC/m²/a, gC/m²/yr",
    "kgC m-2 a-1": "kgC/m2/yr, kgC/m^2/year, kg_C/m^2, kg_C/m^2/year, kgC m-2 yr-1, kgC/m²/yr",
    "tC ha-1 a-1": "tC/ha/a, tC/ha/yr",
    "degC": "C, °C, ℃, celsius, Celsius, deg C, degree_Celsius, degrees_celsius",
    "K": "kelvin, Kelvin, degK",
    "mm": "mm/month, mm month-1, mm a-1, mm/yr, mm/year, mm yr-1",
    "mm d-1": "mm/day, mm day-1, mm/d",
    "kg m-2 s-1": "kg m**-2 s**-1, kg/m2/s",
    "MJ m-2": "MJ m-2 month-1, MJ/m2, MJ/m2/month, MJ/m²",
    "MJ m-2 d-1": "MJ m-2 day-1, MJ/m2/day, MJ/m2/d",
    "W m-2": "W/m2, W m**-2, W/m²",
    "J m-2": "J m**-2, J/m2",
    "1": "NDVI, unitless, dimensionless, none, fraction",
    "kgC m-2": "kg/m2, kg m-2, kgC/m2",
    "tC ha-1": "t/ha, tC/ha",
}
OF_BIOMASS = dict.fromkeys(("t/ha", "Mg/ha", "Mg ha-1", "tDM/ha", "tDM ha-1", "t DM ha-1", "t/hm2", "t hm-2"), "t ha-1")
OF_BIOMASS |= dict.fromkeys(("kg/m2", "kgDM m-2"), "kg m-2") | dict.fromkeys(("g/m2", "gDM m-2"), "g m-2")
SPELLINGS = {"": "1"} | {one: unit for unit, others in SPELT.items() for one in others.split(", ")}


def plain(quantity: str, unit: str) -> str:
    """The unit by the name used here, or as it was written. An empty one is dimensionless."""
    if unit in KNOWN[quantity]:
        return unit
    if quantity.startswith("biomass"):
        return OF_BIOMASS.get(unit, unit)  # carbon is not among them: tC ha-1 is another thing
    spelled = SPELLINGS.get(unit, unit)
    if quantity == "precipitation" and spelled == "kgC m-2":
        return "mm"  # a kilogram of water on a square metre
    return spelled


def check(quantity: str, unit: str, *, file: str) -> None:
    """Refuse a unit that is none of the quantity's."""
    if plain(quantity, unit) not in KNOWN[quantity]:
        known = "、".join(KNOWN[quantity])
        raise refusals.UnitUnclear(layer=quantity, file=file, unit=unit, quantity=quantity, known=known)


def factor(quantity: str, unit: str, *, year: int, period: int, periods: int) -> tuple[float, float]:
    """Times and plus that turn a number of a period (from 0) into the unit the quantity is kept in."""
    times, plus, span = KNOWN[quantity][plain(quantity, unit)]
    length = days(year, periods)[period]
    return times * {"": 1.0, "days": length, "seconds": length * DAY}[span], plus


def days(year: int, periods: int) -> list[int]:
    """Days of the year's months, or of the year."""
    if periods == 1:
        return [365 + calendar.isleap(year)]
    return [calendar.monthrange(year, month)[1] for month in range(1, 13)]
