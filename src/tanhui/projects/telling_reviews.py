"""What is told of reviews: findings to the owner, answers to the body, samples to both, panels to their experts."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from tanhui.identity.models import Person
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices.telling import Fact, holders, tell
from tanhui.projects.acts import panel as panels
from tanhui.projects.models import Finding, Panel, Seat


def finding(fact: Fact) -> Finding:
    rows = Finding.objects.select_related("development__owner", "monitoring", "body")
    found: Finding = fact.once("finding", lambda: rows.get(pk=fact.private["id"]))
    return found


def about(fact: Fact) -> Mapping[str, Any]:
    one = finding(fact)
    return {
        "finding": one.code, "name": one.development.name, "body": one.body.name,
        "owner": one.development.owner.name, "text": fact.private.get("text", ""),
    }  # fmt: skip


def owner(fact: Fact) -> Iterable[Person]:
    return holders(finding(fact).development.owner_id, at=fact.at)


def body(fact: Fact) -> Iterable[Person]:
    return holders(finding(fact).body_id, at=fact.at)


def list_of_findings(fact: Fact) -> str:
    return reverse("projects:findings", args=[finding(fact).development_id])


def workbench(fact: Fact) -> str:
    one = finding(fact)
    return reverse("projects:workbench", args=[one.monitoring_id or one.development_id])


for kind, subject, text in (
    (
        "projects.finding_raised",
        gettext_noop("%(finding)s was raised about %(name)s"),
        gettext_noop("%(body)s found: %(text)s Answer it; the report waits for it."),
    ),
    (
        "projects.finding_sent_back",
        gettext_noop("%(finding)s about %(name)s came back"),
        gettext_noop("%(body)s is not satisfied yet: %(text)s"),
    ),
    (
        "projects.finding_closed",
        gettext_noop("%(finding)s about %(name)s is closed"),
        gettext_noop("%(body)s: %(text)s"),
    ),
):
    tell(kind, name="owner", recipients=owner, url=list_of_findings, words=about, subject=subject, body=text)

tell(
    "projects.finding_answered",
    name="body",
    recipients=body,
    url=workbench,
    words=about,
    subject=gettext_noop("%(finding)s about %(name)s is answered"),
    body=gettext_noop("%(owner)s: %(text)s Close it or send it back."),
)


def panel(fact: Fact) -> Panel:
    rows = Panel.objects.select_related("development", "monitoring__development", "convener")
    found: Panel = fact.once("panel", lambda: rows.get(pk=fact.private["panel"]))
    return found


def experts(fact: Fact) -> Iterable[Person]:
    return Person.objects.filter(pk__in=Seat.objects.filter(panel=panel(fact)).values("expert__person"))


def judged(fact: Fact) -> Mapping[str, Any]:
    one = panel(fact)
    return {"name": str(panels.matter(one)), "convener": one.convener.name}


tell(
    "projects.panel_convened",
    name="experts",
    recipients=experts,
    url=lambda fact: reverse("projects:my_panels"),
    words=judged,
    subject=gettext_noop("You are appointed to judge %(name)s"),
    body=gettext_noop("%(convener)s has convened a panel. Declare your interests first, then vote with your reasons."),
)
tell(
    "projects.panel_concluded",
    name="experts",
    recipients=experts,
    url=lambda fact: reverse("projects:panel_minutes", args=[panel(fact).pk]),
    words=judged,
    subject=gettext_noop("The panel on %(name)s is concluded"),
    body=gettext_noop("The minutes with every vote are public."),
)
