"""How developments are said: tones, stations of the way, files of papers, and the machines as drawings."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.kernel import clock
from tanhui.projects import deadlines, machine, numbers
from tanhui.projects.models import Development
from tanhui.projects.queries import clawbacks, cycle
from tanhui.registry.acts import clawback as register
from tanhui.ui.components.work import File, Step

TONES = {"draft": "quiet", "work": "wait", "notice": "good", "returned": "stop", "good": "good", "bad": "stop"}

STATIONS = 10  # that a life-line has room for


def tone(state):
    return TONES[state.tone]


def page(subject):
    """Where a case is worked on."""
    if isinstance(subject, Development):
        return reverse("projects:development_desk", args=[subject.code])
    return reverse("projects:period_desk", args=[subject.code])


def public_page(subject):
    if isinstance(subject, Development):
        return reverse("projects:development", args=[subject.code])
    return reverse("projects:period", args=[subject.code])


def title(subject):
    held = numbers.development_of(subject)
    if isinstance(subject, Development):
        return held.name
    return _("%(name)s, monitoring period %(number)s") % {"name": held.name, "number": subject.number}


def line(subject):
    """The life-line: every station that was passed, the present one, and the usual ones ahead."""
    stations = cycle.lifeline(subject)
    one = deadlines.of(subject)
    found = [
        Step(str(each.state.label), "done", each.step.at, str(each.step.organisation or each.side))
        for each in stations[:-1]
    ]  # fmt: skip
    if stations:
        last = stations[-1]
        kind = "stopped" if last.state.tone in {"bad", "returned"} else "done" if last.state.tone == "good" else "now"
        found.append(Step(str(last.state.label), kind, last.step.at, str(last.step.organisation or last.side)))
    else:
        found.append(Step(str(one.of(subject.state).label), "now", subject.opened_at, ""))
    rest = [Step(str(state.label), "todo") for state in ahead(one, subject)]
    return found[-max(4, STATIONS - len(rest)) :] + rest  # the whole course stands below


def ahead(one, subject):
    """The states on the plain way to the end, from here."""
    aside = {"withdraw", "suspend", "cancel", "ask_cancel", "revoke", "claw_back", "reject", "return", "send_back",
             "refuse_validation"}  # fmt: skip
    found, seen, state = [], set(), subject.state
    if one.of(state).stops:
        state = subject.stage or state
    while state not in seen:
        seen.add(state)
        ways = [row for row in one.out(state) if row.act not in aside]
        if state == "DRAFT" and not needs_county(subject):
            ways = [row for row in ways if row.act != "submit_county"] or ways
        if not ways or (one.of(state).tone == "good" and not ways):
            break
        state = ways[0].after
        if state in seen:
            break
        found.append(one.of(state))
    return found


def needs_county(subject):
    held = numbers.development_of(subject)
    found = numbers.said(held, "county_review_before_development", local=True)
    return bool(found and found[1].value is True) or held.profile == "local"


def clawback(subject, *, today):
    """The order behind a period under clawback, its state and the tonnes still owed; nothing where there is none."""
    order = clawbacks.of(subject)
    if order is None:
        return None
    return {"order": order, "state": clawbacks.state(order, today=today), "owed": register.owed_t(order)}


def files(subject, *, private):
    """The papers as a list for people: what each is, its edition, size and hash."""
    papers = machine.profile(numbers.development_of(subject).profile).papers
    found = []
    for one in cycle.papers(subject):
        if not (one.public or private):
            continue
        kind = papers.get(one.kind)
        found.append(
            File(
                title=str(kind.label if kind else one.kind), name=one.name, number=one.edition, sha256=one.sha256,
                url=reverse("files:download", args=[one.document, one.version, one.name]), size_bytes=one.size_bytes,
                at=one.at, by=str(one.organisation),
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Row:
    """One line of a list of developments."""

    subject: object
    state: object
    tone: str
    left: object
    url: str
    title: str


def row(subject, *, now, public=False):
    state = deadlines.state(subject)
    return Row(
        subject, state, tone(state), deadlines.left(subject, today=clock.day(now)),
        public_page(subject) if public else page(subject), title(subject),
    )  # fmt: skip
