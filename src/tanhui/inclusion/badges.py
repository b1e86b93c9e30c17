"""What a resident has come to: badges, each earned by a sum anybody can recompute. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.inclusion.models import Scenario
from tanhui.inclusion.queries.carbon import Sums

TREE_KG = 18  # kg CO2 a grown tree binds in a year; shown as a comparison only, never counted


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge: its sign, name, and what it takes. ``reached`` is how far, in percent."""

    sign: str
    name: str | Promise
    takes: str | Promise
    reached: int


def earned(sums: Sums, known: Mapping[int, Scenario]) -> list[Badge]:
    """Every badge with how far it is reached, those that are first."""
    fields = {known[key].field for key, (grams, _days) in sums.scenarios.items() if grams and key in known}
    kilograms = sums.grams / 1_000
    rows = [
        ("芽", pgettext_lazy("inclusion", "First sprout"), _("The first gram"), sums.grams, 1),
        ("叶", pgettext_lazy("inclusion", "Ten green days"), _("Something counted on 10 days"), sums.days, 10),
        ("枝", pgettext_lazy("inclusion", "A hundred green days"), _("Something counted on 100 days"), sums.days, 100),
        ("多", pgettext_lazy("inclusion", "Many-sided"), _("Three scenarios"), len(sums.scenarios), 3),
        (
            "衡",
            pgettext_lazy("inclusion", "Three fields of life"),
            _("Three of the five fields of life"),
            len(fields),
            3,
        ),
        ("十", pgettext_lazy("inclusion", "Ten kilograms"), _("10 kg in all"), kilograms, 10),
        ("百", pgettext_lazy("inclusion", "A hundred kilograms"), _("100 kg in all"), kilograms, 100),
    ]
    made = [Badge(sign, name, takes, int(min(100, 100 * have / need))) for sign, name, takes, have, need in rows]
    return sorted(made, key=lambda one: one.reached < 100)
