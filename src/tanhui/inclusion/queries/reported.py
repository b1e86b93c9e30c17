"""What providers reported of a person's day, and what became of each of it: while the day's events are kept."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language

from tanhui.inclusion import lakes
from tanhui.inclusion.models import Scenario, Settlement
from tanhui.inclusion.queries.carbon import measured
from tanhui.tally import reasons


@dataclass(slots=True)
class Reported:
    """One event: when it began, of which scenario (none where no scenario of ours has the name), how much, and what
    became of it; ``counted`` where it made grams."""

    began: datetime
    scenario: Scenario | None
    quantity: str
    became: str
    counted: bool


def reported(account: int, day: date) -> list[Reported]:
    """Every event that the last settlement of a person's day read, in the order of time; two statements."""
    from tanhui.tally import run
    from tanhui.tally.rules import Rules

    folder = lakes.folder()
    number = run.last_of(folder, day, account) if (folder / "lake.json").exists() else None
    row = Settlement.objects.filter(day=day, run=number, state=Settlement.State.DONE).first() if number else None
    if number is None or row is None:
        return []
    table = run.fates(folder, day, number, account, rules=Rules.of(row.rules))
    known = {one.code: one for one in Scenario.objects.filter(code__in=table["scenario"].unique().to_pylist())}
    language = get_language() or "zh-hans"
    found = []
    for name, began, quantity, word in zip(*table.to_pydict().values(), strict=True):
        scenario = known.get(name)
        said = reasons.say(word, {}, language)
        found.append(
            Reported(began, scenario, measured(quantity, scenario.unit) if scenario else "", said, word == "counted")
        )
    return found
