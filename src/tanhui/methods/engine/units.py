"""Units at the boundary: the giver declares one, and what the package does not accept is refused by name."""

from collections.abc import Sequence

from tanhui.methods.engine.faults import Fault

PLAIN = {"-", "1", "count", "plots", "people", "times", "trees"}  # nothing to be mistaken about
# What one of the first is in the second: told to whoever declared the one where the other is wanted, never applied.
KNOWN = {
    ("mu", "ha"): "1 ha = 15 mu",
    ("亩", "ha"): "1 ha = 15 亩",
    ("m2", "ha"): "1 ha = 10000 m2",
    ("km2", "ha"): "1 km2 = 100 ha",
    ("kg", "t"): "1 t = 1000 kg",
    ("g", "kg"): "1 kg = 1000 g",
    ("g", "t"): "1 t = 1000000 g",
    ("jin", "kg"): "1 kg = 2 jin",
    ("斤", "kg"): "1 kg = 2 斤",
    ("kWh", "MWh"): "1 MWh = 1000 kWh",
    ("mm", "cm"): "1 cm = 10 mm",
    ("dm", "m"): "1 m = 10 dm",
    ("m", "km"): "1 km = 1000 m",
    ("tC", "tCO2e"): "1 tC = 44/12 tCO2e",
    ("kgCO2e", "tCO2e"): "1 tCO2e = 1000 kgCO2e",
}
EQUAL = KNOWN | {(other, one): says for (one, other), says in KNOWN.items()}


def is_plain(unit: str) -> bool:
    """Whether a quantity of this unit needs no declaration."""
    return unit in PLAIN


def fault(file: str, column: str, declared: str | None, accepted: Sequence[str]) -> Fault:
    """A unit that is missing or not accepted."""
    known = ", ".join(accepted)
    if not declared:
        return Fault("unit_not_declared", file, 0, column, "", {"accepted": known})
    for wanted in accepted:
        if says := EQUAL.get((declared, wanted)):
            return Fault("unit_confused", file, 0, column, declared, {"accepted": known, "equal": says})
    return Fault("unit_not_accepted", file, 0, column, declared, {"accepted": known})
