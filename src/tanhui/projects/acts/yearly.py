"""The yearly report of a verification body (年度工作报告, 31号令 art. 32, R-04): owed, handed in, received."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from tanhui.files.acts import filing
from tanhui.files.models import Upload
from tanhui.identity.acts import instruction, verifier
from tanhui.identity.models import Mandate, Organisation, WorkReport
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.workdays import Deadline
from tanhui.projects import deadlines
from tanhui.projects.models import Nudge, ReportNudge

KIND = SUBJECT = "projects.work_report"
NEAR = 20  # working days before the last day that a body is reminded first


class ReportUnsaid(Refusal):
    code = "projects.work_report_unsaid"
    sentence = gettext_noop("Say which year's report this is about: choose it in the list, then send the form again.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十二条 (rules R-04)"
    status = 422


class ReportNotYours(Refusal):
    code = "projects.work_report_not_yours"
    sentence = gettext_noop(
        "The report of %(year)s is owed by %(body)s, and you act for %(organisation)s. Leave it to them."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十二条 (rules R-04)"
    status = 403


class ReportReceived(Refusal):
    code = "projects.work_report_received"
    sentence = gettext_noop("The report of %(year)s was received by the authority already and stays as it is.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十二条 (rules R-04)"


def owe(*, at: datetime) -> int:
    """Set the task of last year's report for every body whose qualification reached into that year; how many new."""
    year, made = clock.day(at).year - 1, 0
    bodies = Organisation.objects.filter(
        role=Organisation.Role.VERIFIER, qualifications__valid_from__lte=date(year, 12, 31),
        qualifications__expires_on__gt=date(year, 1, 1),
    ).exclude(work_reports__year=year).distinct()  # fmt: skip
    for body in bodies.order_by("pk"):
        verifier.owe_report(organisation=body, year=year, at=at)
        made += 1
    return made


@transaction.atomic
def hand_in(*, report: WorkReport, upload: Upload, mandate: Mandate, at: datetime) -> WorkReport:
    """Hand a year's report in, or a better one until it was received. It goes to the regulators, not to everybody.

    Refuses with ``ReportNotYours``, ``ReportReceived``, as ``instruction.check_mandate`` or as the room of files.
    """
    body = mandate.membership.organisation
    if report.organisation_id != body.pk:
        raise ReportNotYours(year=report.year, body=report.organisation.name, organisation=body.name)
    instruction.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body.pk, at=at)
    held = WorkReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if held.published_at is not None:
        raise ReportReceived(year=held.year)
    document = filing.file(
        subject=f"{SUBJECT}:{report.pk}", kind=KIND, title=f"{body.name} {report.year}", upload=upload,
        by=mandate.membership.person, at=at,
    )  # fmt: skip
    return verifier.file_report(report=report, document=document.pk, by=mandate.membership.person, at=at)


def receive(*, report: WorkReport, mandate: Mandate, at: datetime) -> WorkReport:
    """The authority has the report: everybody sees that it was handed in. Refuses with ``identity.report_not_filed``,
    or as ``instruction.check_mandate``."""
    body = mandate.membership.organisation
    instruction.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body.pk, at=at)
    return verifier.publish_report(report=report, by=mandate.membership.person, at=at)


def remind(*, at: datetime) -> int:
    """Remind a body once when its report is near, once on the day, once when it is overdue; how many reminders."""
    sent = 0
    for report in WorkReport.objects.filter(filed_at__isnull=True).select_related("organisation").order_by("pk"):
        left = deadlines.until(Deadline(report.due_on), today=clock.day(at))
        if left.left > NEAR:
            continue
        stage = Nudge.Stage.OVERDUE if left.left < 0 else Nudge.Stage.TODAY if left.left == 0 else Nudge.Stage.SOON
        if ReportNudge.objects.filter(report=report, stage=stage).exists():
            continue
        try:
            with transaction.atomic():
                ReportNudge.objects.create(report=report, stage=stage, at=at)
                record(
                    kind="projects.work_report_near",
                    fact={
                        "organisation": report.organisation.uscc, "year": report.year,
                        "due": report.due_on.isoformat(), "stage": stage.value,
                    },
                    private={"report": report.pk}, at=at, by=None,
                )  # fmt: skip
        except IntegrityError:  # another worker was here first
            continue
        sent += 1
    return sent
