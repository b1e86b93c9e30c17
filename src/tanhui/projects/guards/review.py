"""What must be true of a review before it counts: scope, report, findings, and the word of the experts."""

from datetime import datetime

from tanhui.identity import rules as identity
from tanhui.identity.models import Mandate
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import checklists, reviews
from tanhui.projects.acts import reporting
from tanhui.projects.models import Development, Minutes, Monitoring, Panel, Validation, VerificationReport

Subject = Development | Monitoring


class ReportMissing(Refusal):
    code = "projects.report_missing"
    sentence = gettext_noop("%(body)s has handed in no complete report on “%(name)s” in this review. Hand it in first.")
    clause = reporting.LAW + "第十三条、第二十条"


class ReportOutdated(Refusal):
    code = "projects.report_outdated"
    sentence = gettext_noop(
        "The report of %(at)s is about another run than the present one, or leaves a later comment or point out. Hand "
        "in a new edition."
    )
    clause = reporting.LAW + "第二十条、第二十一条"


class ConclusionOther(Refusal):
    code = "projects.conclusion_other"
    sentence = gettext_noop("The report concludes “%(conclusion)s”, and this step needs the other conclusion.")
    clause = reporting.LAW + "第十三条"


class PanelNotApproved(Refusal):
    code = "projects.panel_not_approved"
    sentence = gettext_noop(
        "The expert committee has not approved “%(name)s”: %(state)s. Its panel is convened, votes, and concludes "
        "first."
    )
    clause = "《四川深入推进林草碳普惠机制建设的指导意见》三（三）"


def verifier_scope(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The body's evidence is valid and covers the methodology's sector, on the day of its report or else today (R-02,
    R-03). Refuses with ``identity.VerifierUnqualified`` or ``identity.OutsideScope``."""
    body, report = reviews.body(subject), reporting.latest(subject)
    if body is None:
        raise ReportMissing(body="—", name=str(subject))
    day = report.dated if report else clock.day(at)
    identity.check_verifier(body, reviews.sector(reviews.development(subject).methodology), on=day)


def validation_report_complete(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The validator's report is there, with its points, comments, commitment and conclusion (article 13)."""
    complete(subject)


def verification_report_complete(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The verifier's report is there, about the present run (article 20)."""
    found = complete(subject)
    assert isinstance(found, VerificationReport)  # a guard of that machine
    assert isinstance(subject, Monitoring)
    if (found.reported_kg, found.trace_sha256) != (subject.quantity_kg, subject.trace_sha256):
        raise ReportOutdated(at=clock.for_people(found.at))


def validation_positive(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The validator concludes positively."""
    concludes(subject, Validation.Conclusion.POSITIVE)


def validation_negative(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The validator concludes negatively."""
    concludes(subject, Validation.Conclusion.NEGATIVE)


def findings_closed(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """No nonconformity and no clarification is open. Refuses with ``reporting.FindingsOpen``."""
    if open_ := reporting.open_findings(subject):
        raise reporting.FindingsOpen(count=len(open_), codes="、".join(one.code for one in open_))


def panel_approved(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The last panel on this matter, convened since it came here, has concluded and approves."""
    latest = Panel.objects.filter(**reviews.which(subject)).select_related("minutes").order_by("-number").first()
    if latest is None or latest.at < subject.stage_since:
        raise PanelNotApproved(name=str(subject), state="—")
    minutes = getattr(latest, "minutes", None)
    if minutes is None or minutes.outcome != Minutes.Outcome.APPROVED:
        state = minutes.get_outcome_display() if minutes else latest.get_state_display()
        raise PanelNotApproved(name=str(subject), state=str(state))


def complete(subject: Subject) -> Validation | VerificationReport:
    found = reporting.latest(subject)
    if found is None:
        raise ReportMissing(body=str(reviews.body(subject) or "—"), name=str(subject))
    unsaid = set(checklists.demanded(subject)) - set(found.points)
    if unsaid or {str(one) for one in reporting.comments(subject)} - set(found.comments):
        raise ReportOutdated(at=clock.for_people(found.at))
    return found


def concludes(subject: Subject, needed: str) -> None:
    found = complete(subject)
    if isinstance(found, Validation) and found.conclusion != needed:
        raise ConclusionOther(conclusion=str(found.get_conclusion_display()))
