"""A rule of settlement from a methodology of the shelf: grams for each small whole unit of an event, as a ratio.

Settlement adds whole numbers only. What the families of personal scenarios compute event by event, linear in the amount
between bounds, becomes here ``numerator / denominator`` grams per unit with the same factors, bounds and caps.
"""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tanhui.inclusion import numbers
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods import scenarios
from tanhui.methods.engine import shelf

TRIP, USE = "personal_trip/v01", "personal_use/v01"
UNITS = {"km": 1_000, "kg": 1_000}  # how many of the small unit a unit of the methodology has
SMALL = {"km": "m", "kg": "g"}
ITEM = "item"
STEP, PIECE = "step", "piece"
FIELDS = {"衣": "CLOTHING", "食": "FOOD", "住": "HOUSING", "行": "TRAVEL", "用": "GOODS"}


class CannotSettle(Refusal):
    code = "inclusion.cannot_settle"
    sentence = gettext_noop(
        "%(methodology)s cannot be settled event by event (%(problem)s). Choose a methodology of trips or of uses, its "
        "item where it has several, and one of its regions."
    )
    clause = "docs/algorithms/personal-scenarios.md"
    status = 422


@dataclass(frozen=True, slots=True)
class Compiled:
    """Grams per ``unit`` as a ratio, bounds of one event in that unit, speed in metres per hour (0: none asked), events
    of a day that count (0: all), caps of a person in grams (0: none), and the group whose
    events cannot overlap. ``factors`` are the values it came from."""

    unit: str
    numerator: int
    denominator: int
    least: int
    most: int
    slowest_m_per_h: int
    fastest_m_per_h: int
    events_a_day: int
    cap_day_g: int
    cap_year_g: int
    exclusive: str
    factors: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def known() -> list[tuple[str, str]]:
    """The methodologies a scenario can stand on: ``code/version`` and title, in Chinese."""
    found = [(name, shelf.load(name)) for name in scenarios.names()]
    return [
        (name, str(package.metadata["title_zh"]))
        for name, package in found
        if package.metadata.get("family") in (TRIP, USE)
        and not package.metadata["scenario"]["display_only"]
        and all(one.keys in ((), (ITEM,)) for one in package.parameters.values())
    ]


def about(methodology: str) -> dict[str, Any]:
    """What the methodology says of its scenario: field, baseline, exclusions, evidence, region.

    Refuses with ``methods.not_a_scenario`` or as the shelf does."""
    package = shelf.load(methodology)
    if "scenario" not in package.metadata:
        raise CannotSettle(methodology=methodology[:60], problem="scenario")
    return dict(package.metadata["scenario"]) | {"title_zh": package.metadata["title_zh"]}


def compiled(methodology: str, *, region: str, item: str, steps: bool, on: date) -> Compiled:
    """The rule as it holds in a region (division code) on a day; ``steps``: trips are handed in as steps.

    Refuses with ``CannotSettle``, ``methods.not_a_scenario`` or ``methods.scenario_elsewhere``.
    """
    scenario = scenarios.read(methodology, region=region, on=on)
    family = scenario.package.metadata.get("family")
    if family not in (TRIP, USE) or not scenario.counts:
        raise CannotSettle(methodology=methodology, problem=str(family or "—"))
    big = str(scenario.about["unit"])
    values = scenario.parameters
    own = "mode_factor" if family == TRIP else "own_factor"

    def value(name: str) -> Decimal:
        if values[name].keys not in ((), (ITEM,)):
            raise CannotSettle(methodology=methodology, problem=f"{name}: {', '.join(values[name].keys)}")
        return Decimal(str(values[name].row(item if values[name].keys else "").value))

    def number(name: str) -> Fraction:
        return Fraction(value(name))

    keyed = bool(values["baseline_factor"].keys)
    items = [row.key for row in values["baseline_factor"].rows] if keyed else []
    if (keyed and item not in items) or (not keyed and item):
        raise CannotSettle(methodology=methodology, problem=f"item = {item or '—'} ({', '.join(items) or '—'})")
    per_big = max(Fraction(0), number("baseline_factor") - number(own)) * 1_000  # grams
    small = Fraction(UNITS.get(big, 1))
    unit = SMALL.get(big, PIECE)
    if steps:
        if family != TRIP:
            raise CannotSettle(methodology=methodology, problem=STEP)
        unit, small = STEP, Fraction(1_000_000, numbers.whole("inclusion_step_length", on))  # steps in a kilometre
    per_small = per_big / small
    if per_small <= 0:
        raise CannotSettle(methodology=methodology, problem="0 g")
    least, most = ("shortest", "longest") if family == TRIP else ("smallest", "largest")
    kept = {name: str(value(name)) for name in ("baseline_factor", own)}
    return Compiled(
        unit=unit, numerator=per_small.numerator, denominator=per_small.denominator,
        least=max(1, int(number(least) * small)), most=int(number(most) * small),
        slowest_m_per_h=int(number("slowest") * 1_000) if family == TRIP and not steps else 0,
        fastest_m_per_h=int(number("fastest") * 1_000) if family == TRIP and not steps else 0,
        events_a_day=int(number("daily_events")), cap_day_g=int(number("daily_cap") * 1_000),
        cap_year_g=int(number("yearly_cap") * 1_000),
        exclusive="" if steps else str(scenario.about.get("overlap_group", "")),
        factors=kept | {"unit": values["baseline_factor"].unit, "baseline_zh": str(scenario.about["baseline_zh"])},
    )  # fmt: skip
