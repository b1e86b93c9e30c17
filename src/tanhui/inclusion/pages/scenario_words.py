"""How scenarios and providers are told on their pages: tones, stations, acts, numbers."""

from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from tanhui.inclusion.forms import scenarios as forms
from tanhui.inclusion.models import TRANSITIONS, Scenario
from tanhui.ui.templatetags.ui import Step

State = Scenario.State
STATIONS = (State.APPLIED, State.ASSESSED, State.PUBLISHED, State.CONNECTED, State.OPERATING)
TONES = {
    "APPLIED": "quiet", "ASSESSED": "wait", "PUBLISHED": "wait", "CONNECTED": "wait", "OPERATING": "good",
    "SUSPENDED": "stop", "REMOVED": "final",
    "SANDBOX": "wait", "LIVE": "good", "ENDED": "final",
    "ASKED": "wait", "RUNNING": "wait", "DONE": "good", "STOPPED": "stop",
    "WAITING": "wait", "ALLOWED": "good", "REFUSED": "stop",
}  # fmt: skip
ACTS = {
    "assess": pgettext_lazy("inclusion", "Assess favourably"),
    "refuse": pgettext_lazy("inclusion", "Turn down"),
    "publish": pgettext_lazy("inclusion", "Publish"),
    "connect": pgettext_lazy("inclusion", "Note that a provider is connected"),
    "operate": pgettext_lazy("inclusion", "Begin operation"),
    "reassess": pgettext_lazy("inclusion", "Reassess"),
    "suspend": pgettext_lazy("inclusion", "Suspend"),
    "resume": pgettext_lazy("inclusion", "Resume"),
    "remove": pgettext_lazy("inclusion", "Remove"),
}
DONE = {
    "assess": pgettext_lazy("inclusion", "Assessed"),
    "refuse": pgettext_lazy("inclusion", "Turned down"),
    "publish": pgettext_lazy("inclusion", "Published"),
    "connect": pgettext_lazy("inclusion", "Connected"),
    "operate": pgettext_lazy("inclusion", "Operation begun"),
    "reassess": pgettext_lazy("inclusion", "Reassessed"),
    "suspend": pgettext_lazy("inclusion", "Suspended"),
    "resume": pgettext_lazy("inclusion", "Resumed"),
    "remove": pgettext_lazy("inclusion", "Removed"),
}
BECAME = {  # of events that a settlement read and that gave nothing, in the order in which it asks
    "superseded": pgettext_lazy("inclusion", "replaced by a correction"),
    "withdrawn": pgettext_lazy("inclusion", "taken back by the provider"),
    "no_rule": pgettext_lazy("inclusion", "of no scenario in operation that day"),
    "not_consented": pgettext_lazy("inclusion", "without consent"),
    "claimed": pgettext_lazy("inclusion", "counted by a project of the same body"),
    "implausible": pgettext_lazy("inclusion", "smaller or larger than the rule allows"),
    "same_activity": pgettext_lazy("inclusion", "reported by another provider too"),
    "decided_against": pgettext_lazy("inclusion", "decided against"),
    "surplus": pgettext_lazy("inclusion", "beyond the number of a day"),
    "waiting": pgettext_lazy("inclusion", "held back"),
}
EASE = dict(forms.EASE)  # 先易后难
UNITS = {
    "m": pgettext_lazy("inclusion", "metre"),
    "g": pgettext_lazy("inclusion", "gram handed in"),
    "step": pgettext_lazy("inclusion", "step"),
    "piece": pgettext_lazy("inclusion", "time"),
}
MANY = {"m": (1000, pgettext_lazy("inclusion", "km")), "step": (1000, pgettext_lazy("inclusion", "1,000 steps")),
        "g": (1000, "kg"), "piece": (1, pgettext_lazy("inclusion", "time"))}  # fmt: skip


def became(counts):
    """What became of the events of a settlement that gave nothing, in words, with how many there are."""
    held = sum(many for name, many in counts.items() if name.startswith("waiting_"))
    return [(word, many) for name, word in BECAME.items() if (many := (counts | {"waiting": held}).get(name))]


def line(scenario, steps):
    """The stations of a scenario's life, with the day each was reached."""
    when = {one.after: one for one in steps}
    if scenario.state in (State.SUSPENDED, State.REMOVED):
        last = when.get(scenario.state)
        reached = [one for one in STATIONS if one in when or one == State.APPLIED]
        stations = [Step(State(one).label, "done", when[one].at if one in when else scenario.opened_at)
                    for one in reached]  # fmt: skip
        return [*stations, Step(scenario.get_state_display(), "stopped", last.at if last else None)]
    place = STATIONS.index(scenario.state)
    return [
        Step(
            State(one).label,
            "done" if number < place or scenario.state == State.OPERATING else "now" if number == place else "todo",
            scenario.opened_at if one == State.APPLIED else when[one].at if one in when and number <= place else None,
            str(scenario.organisation) if one == State.APPLIED else str(when[one].organisation) if one in when else "",
        )
        for number, one in enumerate(STATIONS)
    ]


def per_many(scenario):
    """Grams for a handy amount: ``("72", "km")``; whole or with up to three decimals, never rounded up to zero."""
    many, unit = MANY[scenario.unit]
    grams = Fraction(scenario.rule["numerator"], scenario.rule["denominator"]) * many
    return decimal(grams), unit


def own_factor(scenario):
    """The factor of the behaviour itself, which is taken from the baseline's."""
    factors = scenario.rule["factors"]
    return factors.get("mode_factor") or factors.get("own_factor", "0")


def decimal(value):
    """A fraction in decimals, three at most."""
    return f"{float(value):,.3f}".rstrip("0").rstrip(".")


def example(scenario):
    """A worked example: an ordinary amount, the grams before and after the cap of a day."""
    amount = {"m": 5_000, "step": 6_000, "g": 2_000, "piece": 1}[scenario.unit]
    rule = scenario.rule
    grams = amount * rule["numerator"] // rule["denominator"]
    many, unit = MANY[scenario.unit]
    counted = min(grams, scenario.cap_day_g) if scenario.cap_day_g else grams
    shown = f"{amount:,} {_('steps')}" if scenario.unit == "step" else f"{amount // many} {unit}"
    return {"amount": shown, "grams": grams, "counted": counted, "capped": counted < grams}


def next_acts(scenario):
    """The acts the table allows from here, publishing apart, with their words and side."""
    return [
        {"act": one.act, "label": ACTS[one.act], "side": one.side}
        for one in TRANSITIONS
        if one.before == scenario.state and one.act != "publish"
    ]
