"""What a verification body shows of itself, and the report it owes every year (rules R-02 to R-04)."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tanhui.identity import rules
from tanhui.identity.models import Organisation, Person, Qualification, WorkReport
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop

DUE = (3, 31)  # month and day of the following year, unless the authority names another (recalled: art. 32 has no day)


class NotAVerifier(Refusal):
    code = "identity.not_a_verifier"
    sentence = gettext_noop("%(organisation)s is not a validation and verification body and owes none of this.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十条"
    status = 422


class NotFiled(Refusal):
    code = "identity.report_not_filed"
    sentence = gettext_noop("The report of %(year)s was not filed yet. File it first.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十二条 (rules R-04)"


@transaction.atomic
def qualify(
    *,
    organisation: Organisation,
    approval: str,
    sectors: Collection[str],
    staff: int,
    experienced: int,
    cover: str,
    undiscredited: bool,
    valid_from: date,
    expires_on: date,
    document: UUID | None,
    by: Person,
    at: datetime,
) -> Qualification:
    """Enter the evidence that a body may validate and verify; it counts from ``valid_from`` until the day before
    ``expires_on``. Refuses with ``NotAVerifier`` or ``rules.EvidenceTooWeak``."""
    verifier(organisation)
    rules.check_evidence(staff=staff, experienced=experienced, undiscredited=undiscredited)
    made = Qualification.objects.create(
        organisation=organisation, approval=approval, sectors=sorted(set(sectors)), staff=staff,
        experienced=experienced, cover=cover, undiscredited=undiscredited, document=document, valid_from=valid_from,
        expires_on=expires_on, at=at, by=by,
    )  # fmt: skip
    record(
        kind="identity.qualification_entered",
        fact={
            "organisation": organisation.uscc, "approval": approval, "sectors": made.sectors,
            "valid_from": valid_from.isoformat(), "expires_on": expires_on.isoformat(),
        },
        private={"qualification": made.pk, "staff": staff, "experienced": experienced},
        at=at,
        by=by.pk,
    )  # fmt: skip
    return made


@transaction.atomic
def owe_report(*, organisation: Organisation, year: int, at: datetime, due_on: date | None = None) -> WorkReport:
    """Set the task of a year's work report; the same year again is the same task. Refuses with ``NotAVerifier``."""
    verifier(organisation)
    made, new = WorkReport.objects.get_or_create(
        organisation=organisation, year=year, defaults={"due_on": due_on or date(year + 1, *DUE)}
    )
    if new:
        told(made, "identity.work_report_due", at, None)
    return made


@transaction.atomic
def file_report(*, report: WorkReport, document: UUID, by: Person, at: datetime) -> WorkReport:
    """Hand the report in; one that was published stays as it is."""
    found = locked(report)
    if found.published_at is None:
        found.document, found.filed_at, found.filed_by = document, at, by
        found.save(update_fields=["document", "filed_at", "filed_by"])
        told(found, "identity.work_report_filed", at, by)
    return found


@transaction.atomic
def publish_report(*, report: WorkReport, by: Person, at: datetime) -> WorkReport:
    """Make a filed report public. Refuses with ``NotFiled``."""
    found = locked(report)
    if found.filed_at is None:
        raise NotFiled(year=found.year)
    if found.published_at is None:
        found.published_at, found.published_by = max(at, found.filed_at), by
        found.save(update_fields=["published_at", "published_by"])
        told(found, "identity.work_report_published", at, by)
    return found


def verifier(organisation: Organisation) -> None:
    if organisation.role != Organisation.Role.VERIFIER:
        raise NotAVerifier(organisation=organisation.name)


def locked(report: WorkReport) -> WorkReport:
    return WorkReport.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=report.pk)


def told(report: WorkReport, kind: str, at: datetime, by: Person | None) -> None:
    fact = {"organisation": report.organisation.uscc, "year": report.year, "due_on": report.due_on.isoformat()}
    record(kind=kind, fact=fact, at=at, by=by.pk if by else None)
