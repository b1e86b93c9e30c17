"""The reports of validation and verification bodies: complete, within scope, after the notice, and with their paper.

A report is handed in by one person and takes effect when the body's two people take the step it belongs to
(``steps.step``: validate, refuse_validation, verify); until then a better edition may take its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction

from tanhui.files.models import Upload
from tanhui.identity import rules as identity
from tanhui.identity.models import Mandate, Qualification
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import checklists, reviews
from tanhui.projects.acts import checking, finding, papers, reviewing
from tanhui.projects.models import (
    Comment,
    Development,
    Finding,
    Monitoring,
    Paper,
    Sample,
    Validation,
    VerificationReport,
)
from tanhui.registry.acts.project import ValidatorVerifies

LAW = "《温室气体自愿减排交易管理办法（试行）》"
COMMITMENT = (
    "本机构承诺：本报告的内容真实、准确、客观，与项目业主不存在利益关系，对报告的合规性、真实性、准确性负责，"
    "并承担相应法律责任。"
)
LONGEST = 1000
Conclusion = Validation.Conclusion
Subject = TypeVar("Subject", bound=Development | Monitoring)


class ReportDated(Refusal):
    code = "projects.report_dated"
    sentence = gettext_noop(
        "The report is dated %(dated)s; it must be dated between %(since)s, when the review began, and today."
    )
    clause = LAW + "第十三条、第二十条"
    status = 422


class PointsOpen(Refusal):
    code = "projects.report_points_open"
    sentence = gettext_noop(
        "The report says nothing of: %(points)s. Say of each point whether it is met, and what was found."
    )
    clause = LAW + "第十三条、第二十条"
    status = 422


class ConclusionContradicts(Refusal):
    code = "projects.conclusion_contradicts"
    sentence = gettext_noop(
        "The conclusion is “%(conclusion)s”, and %(unmet)s of the points are not met. A positive conclusion needs all "
        "of them, a negative one names at least one that is not."
    )
    clause = LAW + "第十三条"
    status = 422


class CommentsUnhandled(Refusal):
    code = "projects.comments_unhandled"
    sentence = gettext_noop("Say how these public comments were handled: %(numbers)s.")
    clause = LAW + "第十三条、第二十条"
    status = 422


class CommitmentMissing(Refusal):
    code = "projects.commitment_missing"
    sentence = gettext_noop("A report carries the commitment of its body. Tick it, or do not hand the report in.")
    clause = LAW + "第十三条、第二十条"
    status = 422


class FindingsOpen(Refusal):
    code = "projects.findings_open"
    sentence = gettext_noop("%(count)s findings are not closed: %(codes)s. Each is answered by the owner, then closed.")
    clause = "ISO 14064-3:2019 6.1.4、9.2"


class ObservationsLeft(Refusal):
    code = "projects.observations_left"
    sentence = gettext_noop(
        "The period before left observations for this one to follow up: %(codes)s. Close them, or raise a finding that "
        "carries them on."
    )
    clause = "ISO 14064-3:2019 6.1.4"


class ChecklistOpen(Refusal):
    code = "projects.checklist_open"
    sentence = gettext_noop("%(count)s points of the checklist are not answered, the first of them “%(first)s”.")
    clause = "ISO 14064-3:2019 6.1.4"
    status = 422


class SampleOpen(Refusal):
    code = "projects.sample_open"
    sentence = gettext_noop(
        "The sample is not done: %(left)s of %(size)s drawn units were not looked at. Declare it, draw it, and say "
        "what was seen at each."
    )
    clause = "ISO 14064-3:2019 6.1.3"


class DifferenceUnexplained(Refusal):
    code = "projects.difference_unexplained"
    sentence = gettext_noop(
        "%(verified)s kg were verified and %(reported)s kg reported; closed findings explain %(explained)s kg of the "
        "difference of %(difference)s kg. Raise a finding that says why, with its effect, and close it."
    )
    clause = LAW + "第二十条、第二十一条"
    status = 422


class QuantityWrong(Refusal):
    code = "projects.verified_quantity_wrong"
    sentence = gettext_noop("A verified quantity is a whole number of kilograms, not below zero.")
    clause = LAW + "第二十条"
    status = 422


class RunMissing(Refusal):
    code = "projects.verification_without_run"
    sentence = gettext_noop("%(name)s has no run of its methodology, so that there is nothing to verify.")
    clause = LAW + "第十九条、第二十条"


class ReportPaper(Refusal):
    code = "projects.report_paper"
    sentence = gettext_noop("“%(name)s” is %(format)s. A report is handed in as PDF, the signed and sealed original.")
    clause = LAW + "第十三条、第二十条"
    status = 422


@dataclass(frozen=True, slots=True)
class Point:
    """What a report says of one point: met or not, and what was found."""

    met: bool
    text: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a report says besides its conclusion: its points by code, how each public comment was handled by its number,
    the day it is dated, and whether the body commits itself."""

    points: Mapping[str, Point]
    comments: Mapping[int, str]
    dated: date
    commits: bool


@transaction.atomic
def validation(
    *, development: Development, opinion: Opinion, conclusion: str, upload: Upload, mandate: Mandate, at: datetime
) -> Validation:
    """Hand in a validation report with its paper.

    Refuses with ``reviewing.NotTheBody``, ``reviewing.PartInIt``, ``reviewing.TooEarly``, ``reviewing.NotUnderReview``,
    ``identity.VerifierUnqualified``, ``identity.OutsideScope``, ``ReportDated``, ``PointsOpen``,
    ``ConclusionContradicts``, ``CommentsUnhandled``, ``CommitmentMissing``, ``ReportPaper`` or as files do; a positive
    one also with ``FindingsOpen`` and ``ChecklistOpen``.
    """
    held = begun(development, mandate, at)
    qualification = sound(held, opinion, mandate, at)
    unmet = [code for code, one in opinion.points.items() if not one.met]
    if conclusion not in Conclusion.values or (conclusion == Conclusion.POSITIVE) == bool(unmet):
        label = str(Conclusion(conclusion).label) if conclusion in Conclusion.values else "—"
        raise ConclusionContradicts(conclusion=label, unmet=len(unmet))
    if conclusion == Conclusion.POSITIVE:
        worked(held)
    paper = kept(held, "VALIDATION", upload, mandate, at)
    number = held.validations.count() + 1
    entry = record(
        kind="projects.validation_handed_in",
        fact=fact(held, number, paper, mandate) | {"conclusion": conclusion},
        private={"development": str(held.pk), "points": said(opinion)},
        at=at,
        by=mandate.membership.person_id,
    )
    return Validation.objects.create(
        development=held, conclusion=conclusion, **columns(number, opinion, qualification, paper, mandate, entry, at)
    )


@transaction.atomic
def verification(
    *, monitoring: Monitoring, opinion: Opinion, verified_kg: int, upload: Upload, mandate: Mandate, at: datetime
) -> VerificationReport:
    """Hand in a verification report with its quantity and its paper. A quantity other than the reported one stands on
    closed findings whose effects sum to the difference.

    Refuses as ``validation``, and with ``registry.ValidatorVerifies``, ``RunMissing``, ``QuantityWrong``,
    ``ObservationsLeft``, ``SampleOpen``, ``DifferenceUnexplained``.
    """
    held = begun(monitoring, mandate, at)
    if held.verifier_id == held.development.validator_id:
        raise ValidatorVerifies(body=mandate.membership.organisation.name)
    if held.quantity_kg is None:
        raise RunMissing(name=str(held))
    qualification = sound(held, opinion, mandate, at)
    if type(verified_kg) is not int or not 0 <= verified_kg < 2**53:
        raise QuantityWrong
    if unmet := [code for code, one in opinion.points.items() if not one.met]:
        raise ConclusionContradicts(conclusion=str(Conclusion.POSITIVE.label), unmet=len(unmet))
    worked(held)
    followed_up(held)
    sampled(held)
    why = explained(held, verified_kg)
    paper = kept(held, "VERIFICATION", upload, mandate, at)
    number = held.verifications.count() + 1
    entry = record(
        kind="projects.verification_handed_in",
        fact=fact(held, number, paper, mandate)
        | {"reported_kg": held.quantity_kg, "verified_kg": verified_kg, "trace_sha256": held.trace_sha256},
        private={"monitoring": str(held.pk), "points": said(opinion)},
        at=at,
        by=mandate.membership.person_id,
    )
    return VerificationReport.objects.create(
        monitoring=held, reported_kg=held.quantity_kg, verified_kg=verified_kg, trace_sha256=held.trace_sha256,
        difference=why, **columns(number, opinion, qualification, paper, mandate, entry, at),
    )  # fmt: skip


# -- what every report owes --------------------------------------------------------------------------------------------


def begun(subject: Subject, mandate: Mandate, at: datetime) -> Subject:
    """The subject, locked and under review by this mandate's body."""
    reviewing.may_review(subject, mandate, at=at)
    reviewing.lock(subject)
    return reviewing.settled(subject, at=at)


def sound(subject: Development | Monitoring, opinion: Opinion, mandate: Mandate, at: datetime) -> Qualification:
    """The evidence under which the body may report, if date, scope, points, comments and commitment are in order."""
    since, today = clock.day(subject.stage_since), clock.day(at)
    if not since <= opinion.dated <= today:
        raise ReportDated(dated=opinion.dated.isoformat(), since=since.isoformat())
    sector = reviews.sector(reviews.development(subject).methodology)
    qualification = identity.check_verifier(mandate.membership.organisation, sector, on=opinion.dated)
    demanded = checklists.demanded(subject)
    open_ = [code for code in demanded if code not in opinion.points or not spoken(opinion.points[code].text)]
    if open_:
        raise PointsOpen(points="、".join(checklists.LAW.get(code, (code,))[0] for code in open_))
    left = [one for one in comments(subject) if not spoken(opinion.comments.get(one, ""))]
    if left:
        raise CommentsUnhandled(numbers="、".join(map(str, left)))
    if not opinion.commits:
        raise CommitmentMissing
    return qualification


def spoken(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST and "\x00" not in text


def comments(subject: Development | Monitoring) -> list[int]:
    """The numbers of the public comments a report must say something of."""
    rows = Comment.objects.filter(**reviews.which(subject))
    return list(rows.order_by("number").values_list("number", flat=True))


def worked(subject: Development | Monitoring) -> None:
    """Refuse while findings are open or points of the checklist unanswered."""
    if open_ := open_findings(subject):
        raise FindingsOpen(count=len(open_), codes="、".join(one.code for one in open_))
    if left := checking.left(subject):
        raise ChecklistOpen(count=len(left), first=left[0].zh[:60])


def open_findings(subject: Development | Monitoring) -> list[Finding]:
    """Findings that stand in the way of a report."""
    rows = Finding.objects.filter(**reviews.which(subject), kind__in=Finding.BLOCKING).order_by("number")
    return list(rows.exclude(state=Finding.State.CLOSED))


def followed_up(monitoring: Monitoring) -> None:
    if left := finding.observations(monitoring):
        raise ObservationsLeft(codes="、".join(f"{finding.of(one).code} {one.code}" for one in left))


def sampled(monitoring: Monitoring) -> None:
    """Refuse until the latest sample is drawn and every drawn unit was looked at."""
    latest = Sample.objects.filter(monitoring=monitoring).select_related("draw").order_by("-number").first()
    if latest is None or not hasattr(latest, "draw"):
        raise SampleOpen(left=latest.size if latest else "—", size=latest.size if latest else "—")
    seen = set(latest.sightings.values_list("unit", flat=True))
    if left := [unit for unit in latest.draw.chosen if unit not in seen]:
        raise SampleOpen(left=len(left), size=latest.size)


def explained(monitoring: Monitoring, verified_kg: int) -> Finding | None:
    """The finding a difference stands on; none where there is no difference. What an earlier run was found wrong in
    explains nothing of the present one."""
    difference = verified_kg - (monitoring.quantity_kg or 0)
    if difference == 0:
        return None
    rows = monitoring.findings.filter(state=Finding.State.CLOSED, effect_kg__isnull=False)
    effects = list(rows.filter(trace_sha256=monitoring.trace_sha256).order_by("-number"))
    total = sum(one.effect_kg or 0 for one in effects)
    if difference != total:
        raise DifferenceUnexplained(
            verified=verified_kg, reported=monitoring.quantity_kg or 0, explained=total, difference=difference
        )
    return effects[0]


# -- what is kept of it ------------------------------------------------------------------------------------------------


def kept(subject: Development | Monitoring, kind: str, upload: Upload, mandate: Mandate, at: datetime) -> Paper:
    if upload.format and upload.format != "pdf":
        raise ReportPaper(name=upload.name, format=upload.format.upper())
    return papers.hand_in(subject=subject, kind=kind, upload=upload, mandate=mandate, at=at)


def fact(subject: Development | Monitoring, number: int, paper: Paper, mandate: Mandate) -> dict[str, Any]:
    return {
        "subject": subject.code, "edition": number, "report_sha256": paper.sha256,
        "body": mandate.membership.organisation.name,
    }  # fmt: skip


def said(opinion: Opinion) -> dict[str, Any]:
    return {code: {"met": one.met, "text": one.text.strip()} for code, one in opinion.points.items()}


def columns(
    number: int, opinion: Opinion, qualification: Qualification, paper: Paper, mandate: Mandate, entry: int,
    at: datetime,
) -> dict[str, Any]:  # fmt: skip
    return {
        "number": number, "body": mandate.membership.organisation, "qualification": qualification,
        "points": said(opinion), "comments": {str(key): text.strip() for key, text in opinion.comments.items()},
        "commitment": COMMITMENT, "dated": opinion.dated, "document": paper.document, "version": paper.version,
        "sha256": paper.sha256, "by": mandate.membership.person, "entry": entry, "at": at,
    }  # fmt: skip


def latest(subject: Development | Monitoring) -> Validation | VerificationReport | None:
    """The report that counts for the review under way: its last edition since it began, by its present body."""
    found, body = newest(subject), reviews.body(subject)
    if found is None or body is None or found.body_id != body.pk or found.at < subject.stage_since:
        return None
    return found


def newest(subject: Development | Monitoring) -> Validation | VerificationReport | None:
    """The last edition there is, of whichever review."""
    if isinstance(subject, Development):
        return subject.validations.select_related("by").order_by("-number").first()
    return subject.verifications.select_related("by").order_by("-number").first()
