"""What applications are called on pages: labels, choices, sections, and the life-line."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tanhui.registry import openings
from tanhui.registry.acts.opening import content, drafting
from tanhui.registry.forms import opening as forms
from tanhui.registry.models import Application, Paper
from tanhui.ui.components.work import File, Step

State = Application.State
SOON = 60  # days from which the end of a paper is pointed out
PARTS = {
    "subject": (gettext_lazy("Organisation"), forms.Subject),
    "bank": (gettext_lazy("Bank account"), forms.Bank),
    "people": (gettext_lazy("People who sign"), forms.People),
    "papers": (gettext_lazy("Papers"), None),
    "undertaking": (gettext_lazy("Undertaking"), forms.Undertaking),
}
FIELDS = {
    name: field
    for _title, form in PARTS.values()
    if form
    for name, field in form.base_fields.items()
    if name not in {"version", "accepted"}
}
TONES = {
    State.DRAFT: "quiet", State.APPLIED: "wait", State.EXC_PRELIM: "wait", State.REG_FINAL: "wait",
    State.RETURNED: "stop", State.OPEN: "good", State.REJECTED: "stop", State.WITHDRAWN: "quiet",
}  # fmt: skip
ACTS = {
    "submit": gettext_lazy("Submitted"),
    "take": gettext_lazy("Taken in hand"),
    "pass": gettext_lazy("Passed on to the registry"),
    "return": gettext_lazy("Returned for correction"),
    "resubmit": gettext_lazy("Corrected and submitted again"),
    "reject": gettext_lazy("Not approved"),
    "open": gettext_lazy("Account opened"),
    "withdraw": gettext_lazy("Withdrawn by the applicant"),
}


def label(field):
    """What a field or a kind of paper is called."""
    if field in FIELDS:
        return str(FIELDS[field].label)
    return str(dict(Paper.Kind.choices).get(field, _("Undertaking") if field == "undertaking" else field))


def part_of(field):
    """The page of the wizard a field is on."""
    if field in Paper.Kind.values:
        return "papers"
    if field == "exchange":
        return "subject"
    return next((part for part, fields in content.FIELDS.items() if field in fields), "subject")


def shown(field, value, *, exchanges=None):
    """A value as it is read: choices in words, secrets masked."""
    if field in content.SECRET:
        return openings.masked(field, value)
    if field == "exchange":
        return (exchanges if exchanges is not None else drafting.exchanges()).get(value, value)
    if field == "undertaking":
        return _("Accepted, version %(version)s") % {"version": value} if value else ""
    choices = getattr(FIELDS.get(field), "choices", None)
    return str(dict(choices).get(value, value)) if choices and value else value


@dataclass(frozen=True)
class Line:
    """One answer of an application, and what a reviewer said about it."""

    field: str
    label: str
    value: str
    remark: str = ""
    changed: bool = False


def ordered(remarks):
    """Remarks in the order of the form, as the database keeps none."""
    order = [*(field for fields in content.FIELDS.values() for field in fields), *Paper.Kind.values]
    return sorted(remarks.items(), key=lambda one: order.index(one[0]) if one[0] in order else -1)


def sections(said, *, remarks=None, changed=(), revealed=False):
    """An application as it is read, page by page; ``said`` has the secrets in it, which are masked unless they are to
    be revealed."""
    exchanges = drafting.exchanges()
    found = []
    for part, (title, _form) in PARTS.items():
        fields = (["exchange"] if part == "subject" else []) + content.FIELDS[part]
        lines = [
            Line(
                one,
                label(one),
                said.get(one, "")
                if revealed and one in content.SECRET
                else shown(one, said.get(one, ""), exchanges=exchanges),
                (remarks or {}).get(one, ""),
                one in changed,
            )
            for one in fields
        ]
        if lines:
            found.append((part, str(title), lines))
    return found


def life_line(application, steps):
    """The stations from handing in to the account, with who and when."""
    at = {}
    for one in steps:
        at.setdefault(one.after, []).append(one)
    state = application.state

    def station(name, reached, now, step=None, who=""):
        if now:
            return Step(name, "now", None, who)
        return Step(name, "done" if reached else "todo", step.at if step else None, who)

    first = steps[0] if steps else None
    passed = next((one for one in reversed(steps) if one.act == "pass"), None)
    opened = next((one for one in steps if one.act == "open"), None)
    exchange = str(application.exchange or "")
    final = application.stage == Application.Stage.FINAL
    stations = [station(_("Submitted"), bool(first), False, first, str(first.by) if first else "")]
    stations.append(
        station(
            _("Preliminary review by the exchange"),
            bool(passed),
            not passed and state in {"APPLIED", "EXC_PRELIM"},
            passed,
            exchange,
        )
    )
    stations.append(station(
        _("Final review by the registry"), bool(opened), final and state == "REG_FINAL", opened,
        str(opened.organisation) if opened else "",
    ))  # fmt: skip
    stations.append(station(_("Account opened"), bool(opened), False, opened))
    if state in {"RETURNED", "REJECTED", "WITHDRAWN"} and steps:
        last = steps[-1]
        where = 2 if final else 1
        stopped = Step(str(ACTS[last.act]), "stopped", last.at, str(last.organisation or last.by))
        return [*stations[:where], stopped, *(stations[where:] if state == "RETURNED" else [])]
    return stations


def files(application, papers, *, changed=()):
    """The papers of a round or a draft as a list of files, by kind, in the order in which they are asked for."""
    by_kind = {one["kind"]: one for one in papers}
    return [
        (kind, label(kind), paper_file(application, by_kind.get(kind)), kind in changed) for kind in Paper.Kind.values
    ]


def history(steps):
    """Every step, the latest first, with what it is called and what was to be corrected at which field."""
    return [
        (one, ACTS[one.act], [(label(field), text) for field, text in ordered(one.remarks)]) for one in reversed(steps)
    ]


def paper_file(application, one):
    if one is None:
        return None
    url = reverse("registry:opening_paper", args=[application.pk, one["document"], one["version"]])
    until = _("long-term") if one["endless"] else one["valid_until"] or ""
    file = File(one["name"], url=url, number=one["version"], size_bytes=one["size_bytes"], sha256=one["sha256"])
    return {"file": [file], "until": until, **one}


def as_kept(papers):
    """The papers as they stand now, like those of a round."""
    return [
        {
            "kind": one.kind, "document": str(one.document), "version": one.version, "name": one.name,
            "sha256": one.sha256, "size_bytes": one.size_bytes, "endless": one.endless,
            "valid_until": one.valid_until.isoformat() if one.valid_until else None,
        }
        for one in papers
    ]  # fmt: skip


def ending(until, today):
    """How near the end of a paper is: a word and its tone, or nothing when it is far."""
    if until is None:
        return None
    days = (until - today).days
    if days < 0:
        return _("Expired"), "stop"
    if days <= SOON:
        return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}, "wait"
    return None
