"""How an accounting year is told on its pages: stations, what is next and for whom, numbers."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanhui.inventory import methods
from tanhui.inventory.models import AccountingYear, Item, Type
from tanhui.ui.components.work import File
from tanhui.ui.templatetags.ui import Step

State = AccountingYear.State
STATIONS = (
    State.PLANNED, State.COLLECTED, State.COMPUTED, State.VERIFIED, State.DRAFTED, State.PUBLISHED, State.ARCHIVED,
)  # fmt: skip
TONES = {
    State.PLANNED: "quiet", State.COLLECTED: "wait", State.COMPUTED: "wait", State.VERIFIED: "wait",
    State.DRAFTED: "wait", State.PUBLISHED: "good", State.ARCHIVED: "good", State.SUPERSEDED: "final",
}  # fmt: skip
FIRST = (*Item.PAPERS, Item.Category.ATLAS)
CHECK_TONES = {"pass": "good", "fail": "stop", "needs": "wait"}
CHECK_WORDS = {
    "pass": gettext_lazy("Passed"), "fail": gettext_lazy("Not passed"), "needs": gettext_lazy("Still to come"),
}  # fmt: skip
RUN_TONES = {"ASKED": "wait", "RUNNING": "wait", "STOPPED": "stop", "DONE": "good"}
STAGES = {
    "": gettext_lazy("Waiting for the worker"), "data": gettext_lazy("Laying out the data and checking its hashes"),
    "align": gettext_lazy("Aligning the inputs to the grid"), "tiles": gettext_lazy("Computing tile by tile"),
    "sums": gettext_lazy("Adding up zones and types"), "files": gettext_lazy("Writing tables and the catalogue"),
    "draft": gettext_lazy("Drawing maps and writing the papers"), "archive": gettext_lazy("Putting everything on file"),
}  # fmt: skip
ACTS = {
    "collect": gettext_lazy("Data collected"),
    "compute": gettext_lazy("Figures computed"),
    "verify": gettext_lazy("Figures verified"),
    "refute": gettext_lazy("Sent back by the verifier"),
    "draft": gettext_lazy("Papers drafted"),
    "publish": gettext_lazy("Published"),
    "archive": gettext_lazy("Archived"),
    "reopen": gettext_lazy("Back to the data"),
    "supersede": gettext_lazy("Superseded by a later edition"),
}


def life_line(year, steps):
    """The stations from plan to archive, with who and when, as the latest way through them went."""
    last = max((number for number, one in enumerate(steps) if one.act in {"reopen", "refute"}), default=-1)
    reached = {one.after: one for one in steps[last + 1 :]}
    place = len(STATIONS) - 1 if year.state == State.SUPERSEDED else STATIONS.index(year.state)
    found = []
    for number, station in enumerate(STATIONS):
        step = reached.get(station) or next(
            (one for one in steps[::-1] if one.after == station and number <= place), None
        )
        at = step.at if step and number <= place else year.opened_at if number == 0 else None
        who = str(step.organisation) if step and number <= place else str(year.organisation) if number == 0 else ""
        kind = "done" if number <= place else "now" if number == place + 1 else "todo"
        found.append(Step(station.label, kind, at, who))
    if year.state == State.SUPERSEDED:
        step = steps[-1]
        found = [*found[: place + 1], Step(State.SUPERSEDED.label, "stopped", step.at, str(step.organisation))]
    return found


def next_step(year):
    """What is to be done next, in a line."""
    match year.state:
        case State.PLANNED:
            return _("Enter the data and say what it is used for.")
        case State.COLLECTED:
            return _("Have it computed.")
        case State.COMPUTED:
            return _("The verifier compares and signs.") if year.verifier_id else _("Name the body that verifies it.")
        case State.VERIFIED:
            return _("Have report, bulletin and maps drafted.")
        case State.DRAFTED:
            return _("Publish it: one person proposes, another confirms.")
        case State.PUBLISHED:
            return _("Put everything on file.")
        case State.SUPERSEDED:
            return _("Nothing: a later edition counts.")
    return _("Nothing: it is complete.")


def tonnes(kilograms):
    """Whole tonnes with thin groups and a true minus: 31,073."""
    return f"{round(kilograms / 1000):,}".replace("-", "\N{MINUS SIGN}")


def per_area(year):
    """What the mean of a year's cells is called: what no NPP went into is no NEP."""
    return _("Carbon fixed") if methods.way(year.method) in {"rate", "biomass"} else "NEP"


def density(figure):
    """Mean NEP, gC m-2 a-1."""
    return f"{figure.nep_kg_c * 1000 / figure.area_m2:.0f}" if figure.area_m2 else "—"


def checked(found):
    """Checks with the tone and the word of their answer."""
    return [(one, CHECK_TONES[one.state], CHECK_WORDS[one.state]) for one in found]


def filed(items):
    """What is on file: the papers, and the rest by category with the day it is kept until."""
    papers = [shown(one) for category in FIRST for one in items if one.category == category]
    kept = []
    for category in Item.Category:
        rows = [one for one in items if one.category == category and category not in FIRST]
        if rows:
            kept.append((category.label, rows[0].retain_until, [shown(one, one.name) for one in rows]))
    return papers, kept


def shown(item, title=""):
    """An item as the list of files shows it."""
    return File(
        title=title or item.get_category_display(), name=item.name, size_bytes=item.size_bytes, sha256=item.sha256,
        at=item.at, url=reverse("files:download", args=[item.document, item.version, item.name]),
    )  # fmt: skip


def without(figure):
    """Why a type has no figure."""
    if figure.rule == "not_applicable":
        return _("The method does not apply to this type")
    return _("No data, or no coefficient in the norm's table")


def table(figures):
    """Figures as a page shows them: name, area, sink with interval, conservative bound; types in their order."""
    order = {kind: place for place, kind in enumerate(Type.values)}
    figures = sorted(figures, key=lambda one: order[one.type])
    return [
        {
            "figure": one, "area": f"{one.area_m2 / 1e6:,.1f}", "sink": tonnes(one.nep_kg_co2),
            "low": tonnes(one.lower_kg_co2), "high": tonnes(one.upper_kg_co2),
            "conservative": tonnes(one.conservative_kg_co2), "density": density(one),
            "counted": one.rule != "not_applicable" and one.cells > 0, "why": without(one),
        }
        for one in figures
        if one.area_m2
    ]  # fmt: skip
