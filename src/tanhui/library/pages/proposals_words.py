"""How proposals are said: names of fields, tones of states, stations of the way, and what a round contains."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tanhui.library import forms, rules
from tanhui.library.acts import content
from tanhui.library.models import PRINCIPLES, Category, Paper, Proposal, Scheme, Sector
from tanhui.ui.components.work import File, Step

State = Proposal.State
PARTS = {
    "about": (gettext_lazy("What is proposed"), forms.About),
    "chapters": (gettext_lazy("Main points of the text"), forms.Chapters),
    "package": (gettext_lazy("Package"), forms.Package),
    "papers": (gettext_lazy("Papers"), None),
}
FIELDS = {
    name: field
    for _title, form in PARTS.values()
    if form
    for name, field in form.base_fields.items()
    if name != "revision"
}
TONES = {
    State.DRAFT: "quiet", State.SUBMITTED: "wait", State.FORM_CHECK: "wait", State.COMMENT: "good",
    State.REVIEW: "wait", State.APPROVED: "good", State.PUBLISHED: "good", State.RETURNED: "stop",
    State.REJECTED: "stop", State.WITHDRAWN: "quiet",
}  # fmt: skip
ACTS = {
    "submit": gettext_lazy("Submitted"),
    "take": gettext_lazy("Form check begun"),
    "publicise": gettext_lazy("Opened to public comment"),
    "convene": gettext_lazy("Given to the experts"),
    "file": gettext_lazy("Filed"),
    "publish": gettext_lazy("Published"),
    "return": gettext_lazy("Returned for correction"),
    "reject": gettext_lazy("Not approved"),
    "withdraw": pgettext_lazy("proposal", "Withdrawn"),
}
STATIONS = [State.SUBMITTED, State.FORM_CHECK, State.COMMENT, State.REVIEW, State.APPROVED, State.PUBLISHED]
REACHED = {"submit": 0, "take": 1, "publicise": 2, "convene": 3, "file": 4, "publish": 5}


@dataclass(frozen=True)
class Line:
    """One answer of a proposal."""

    field: str
    label: str
    value: str
    changed: bool = False


def label(field):
    """What a field, a point of the form check or a kind of paper is called."""
    if field in FIELDS:
        return str(FIELDS[field].label)
    if field in rules.POINTS:
        return str(rules.POINTS[field].label)
    return str(dict(Paper.Kind.choices).get(field, field))


def part_of(field):
    """The page of the form a field or a point is on."""
    field = rules.POINTS[field].field if field in rules.POINTS else field
    if field in Paper.Kind.values:
        return "papers"
    return next((part for part, fields in content.FIELDS.items() if field in fields), "about")


def shown(field, value, names):
    """A value as it is read: choices in words."""
    choices = {
        "scheme": Scheme.choices, "sector": Sector.choices, "category": Category.choices,
        "kind": Proposal.Kind.choices,
    }.get(field)  # fmt: skip
    if choices:
        return str(dict(choices).get(value, value))
    return names.get(value, value) if field in {"authority", "organisation"} else value


def sections(said, proposal, *, contact=False, before=None):
    """A round as it is read, page by page; the contact particulars only where they may be seen. ``before`` is the round
    it is compared with."""
    names = {
        one.uscc: one.name for one in (proposal.authority, proposal.organisation) if one is not None
    }  # fmt: skip
    found = []
    for part, (title, _form) in PARTS.items():
        lines = []
        for field in content.FIELDS[part]:
            if field in content.SECRET and not contact:
                continue
            value = shown(field, said.get(field, ""), names)
            changed = (
                before is not None and field not in content.SECRET and before.get(field, "") != said.get(field, "")
            )
            if field == "organisation" and not value:
                value = _("In their own name")
            if value or changed:
                lines.append(Line(field, label(field), value, changed))
        if part == "package" and said.get("package_sha256"):
            lines.append(Line("package_sha256", "SHA-256", said["package_sha256"]))
        if lines:
            found.append((part, str(title), lines))
    return found


def life_line(proposal, steps):
    """The stations from handing in to publication, with who and when, as the latest round went."""
    last = max((number for number, one in enumerate(steps) if one.act == "submit"), default=0)
    latest = {REACHED[one.act]: one for one in steps[last:] if one.act in REACHED}
    reached = max(latest, default=-1)
    state = proposal.state
    stopped = state in {State.RETURNED, State.REJECTED, State.WITHDRAWN}
    stations = []
    for place, station in enumerate(STATIONS):
        step = latest.get(place)
        done = place < reached or (place == reached and (stopped or state in {State.PUBLISHED, State.APPROVED}))
        now = place == reached and not done
        kind = "now" if now else "done" if done else "todo"
        who = proposal.by_whom if place == 0 and step else str(step.organisation or step.by) if step else ""
        stations.append(Step(station.label, kind, step.at if step else None, who))
    if stopped and steps:
        one = steps[-1]
        end = Step(str(ACTS[one.act]), "stopped", one.at, str(one.organisation or proposal.by_whom))
        rest = stations[reached + 1 :] if state == State.RETURNED else []
        return [*stations[: reached + 1], end, *rest]
    return stations


def history(steps):
    """Every step, the latest first, with what it is called and what was to be corrected at which point."""
    return [
        (one, ACTS[one.act], [(label(point), one.remarks[point]) for point in rules.POINTS if point in one.remarks])
        for one in reversed(steps)
    ]


def paper_files(papers):
    """The papers of a round as a list of files; the application form is for those who decide."""
    order = Paper.Kind.values
    return [
        (
            one["kind"],
            label(one["kind"]),
            File(
                one["name"], one["name"],
                reverse("files:download", args=[one["document"], one["version"], one["name"]]), one["version"],
                one["size_bytes"], one["sha256"],
            ),
        )
        for one in sorted(papers, key=lambda one: order.index(one["kind"]))
    ]  # fmt: skip


def as_kept(papers):
    """The papers as they stand now, like those of a round."""
    return [
        {
            "kind": one.kind, "document": str(one.document), "version": one.version, "name": one.name,
            "sha256": one.sha256, "size_bytes": one.size_bytes,
        }
        for one in papers
    ]  # fmt: skip


@dataclass(frozen=True)
class Score:
    label: Any
    mean: str
    least: bool  # whether it is below what the rule pack asks


def scores(minutes):
    """The mean score of each principle as text."""
    least = 100 * minutes.rules[rules.LEAST]["value"]
    return [
        Score(label, f"{minutes.scores[name] // 100}.{minutes.scores[name] % 100:02d}", minutes.scores[name] < least)
        for name, label in PRINCIPLES.items()
    ]


def votes(panel):
    """The panel as the page shows it: who, the declaration, the vote with reasons and scores."""
    return [
        (one, one.vote, [(label, one.vote.scores[name]) for name, label in PRINCIPLES.items()])
        if hasattr(one, "vote")
        else (one, None, [])
        for one in panel
    ]
