"""How a review's rows are put into words and tones on its pages."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanhui.projects import checklists
from tanhui.projects.acts import checking
from tanhui.projects.models import Finding, Sighting

TONES = {Finding.State.OPEN: "stop", Finding.State.ANSWERED: "wait", Finding.State.CLOSED: "good"}
SEEN = {Sighting.Verdict.AGREES: "good", Sighting.Verdict.DEVIATES: "stop", Sighting.Verdict.UNREACHABLE: "wait"}
ANSWERS = {"YES": gettext_lazy("Yes"), "NO": gettext_lazy("No"), "NA": gettext_lazy("Not applicable")}
NOTHING = {"verdict": "", "note": "", "by": "", "label": ""}


def points(subject):
    """The points a report covers, by code, as labels."""
    found = {}
    for one in checklists.points(subject):
        if one.group == "LAW":
            found[one.key.removeprefix("law.")] = str(one)
    return found


def checklist(subject):
    """Every point with its answer so far."""
    kept = checking.begun(subject)
    rows = checklists.thawed(kept.points) if kept else checklists.points(subject)
    answers = kept.answers if kept else {}
    return [(one, answered(answers.get(one.key))) for one in rows]


def answered(said):
    if said is None:
        return NOTHING
    return said | {"label": str(ANSWERS[said["verdict"]])}


def units(sample):
    """Tones for the map, and each drawn or added unit with what was last seen there."""
    if sample is None:
        return {}, []
    seen = {one.unit: one for one in sorted(sample.sightings.all(), key=lambda one: one.at)}
    draw = getattr(sample, "draw", None)
    chosen = list(draw.chosen) if draw else []
    added = [key for key in seen if key not in chosen]
    rows = [(key, seen.get(key)) for key in [*chosen, *added]]
    for _key, said in rows:
        if said is not None:
            said.tone = SEEN[said.verdict]
    return {key: SEEN[said.verdict] if said else "wait" for key, said in rows}, rows


def chain(run):
    """The run's chapters with symbols and equations as plain text."""
    if run is None:
        return None
    for chapter in run["chapters"]:
        for block in chapter["blocks"]:
            for step in block.get("steps", []):
                step["symbol"], step["equation"] = flat(step["symbol"]), flat(step["equation"])
            for group in block.get("groups", []):
                group["symbol"] = flat(group["symbol"])
    return run


def flat(runs):
    return "".join(one if isinstance(one, str) else str(one[0]) for one in runs)


def outcome(panel):
    """How a panel ended, or that it runs."""
    minutes = getattr(panel, "minutes", None)
    if minutes is None:
        return _("In review"), "wait"
    return minutes.get_outcome_display(), "good" if minutes.outcome == "APPROVED" else "stop"
