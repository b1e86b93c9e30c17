"""What is told of reviews: findings to the owner, answers to the body, panels to their experts, yearly reports owed."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity.models import Organisation, Person, WorkReport
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.kernel.workdays import Deadline
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, holders, tell
from tanhui.projects import deadlines
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


def report(fact: Fact) -> WorkReport:
    """The yearly report a fact is about."""

    def read() -> WorkReport:
        rows = WorkReport.objects.select_related("organisation")
        return rows.get(organisation__uscc=fact.fact["organisation"], year=fact.fact["year"])

    found: WorkReport = fact.once("projects.work_report", read)
    return found


def reporting(fact: Fact) -> Iterable[Person]:
    return holders(report(fact).organisation_id, at=fact.at)


def receiving(fact: Fact) -> Iterable[Person]:
    bodies = Organisation.objects.filter(role=Organisation.Role.AUTHORITY)
    return {person for body in bodies for person in holders(body, at=fact.at)}


def of_report(fact: Fact) -> Mapping[str, Any]:
    one = report(fact)
    return {"body": one.organisation.name, "year": one.year, "due": one.due_on.isoformat()}


def reports_page(fact: Fact) -> str:
    return reverse("projects:work_reports")


for kind, subject in (
    ("identity.work_report_due", gettext_noop("The yearly report of %(body)s on %(year)s is owed by %(due)s")),
    ("projects.work_report_near", gettext_noop("Reminder: the report of %(body)s on %(year)s, last day %(due)s")),
):
    tell(
        kind, name="body", recipients=reporting, url=reports_page, words=of_report, subject=subject,
        body=gettext_noop("It goes to the market regulator and the competent authority; hand it in here."),
    )  # fmt: skip
tell(
    "identity.work_report_filed", name="authority", recipients=receiving, url=reports_page, words=of_report,
    subject=gettext_noop("%(body)s handed in its report on %(year)s"),
    body=gettext_noop("Read it and note that it is received; that is then public."),
)  # fmt: skip


def owed(held: Powers) -> list[waiting.Task]:
    """The yearly reports a body of the person has not handed in."""
    found = []
    for one in owed_reports(held):
        left = deadlines.until(Deadline(one.due_on), today=clock.day(held.at))
        found.append(
            waiting.Task(
                title=_("Hand in the yearly report on %(year)s") % {"year": one.year},
                url=reverse("projects:work_reports"),
                since=held.at,
                due=left.on,
                working_days_left=left.left,
                announced=left.announced,
                organisation=one.organisation.name,
            )
        )
    return found


def owed_reports(held: Powers) -> QuerySet[WorkReport]:
    mine = held.bodies((Organisation.Role.VERIFIER,))
    return WorkReport.objects.filter(organisation__in=mine, filed_at=None).select_related("organisation")


waiting.register(owed, rows=lambda held: [owed_reports(held)])
