"""What must be true of a development or a monitoring period itself: owner, land, time, draft, quantity."""

from datetime import date, datetime

from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import clock, identifiers, workdays
from tanhui.kernel.refusal import Refusal
from tanhui.projects import deadlines, evidence, numbers, refusals, runs, sheets
from tanhui.projects.models import Ban, Development, Monitoring
from tanhui.projects.queries import clawbacks
from tanhui.registry.acts import project as register
from tanhui.registry.models import Period

Subject = Development | Monitoring
NOT_OWNERS = {
    Organisation.Role.AUTHORITY, Organisation.Role.LOCAL_AUTHORITY, Organisation.Role.REGISTRY,
    Organisation.Role.EXCHANGE, Organisation.Role.VERIFIER,
}  # fmt: skip
DONE = ("WITHDRAWN", "ISSUED", "UNDER_CLAWBACK", "CLAWBACK_SHORT", "CLAWED_BACK", "CLAWBACK_CLOSED")


def of(subject: Subject) -> Development:
    return numbers.development_of(subject)


def period(subject: Subject) -> Monitoring:
    """The monitoring period a guard of that machine is asked about."""
    if not isinstance(subject, Monitoring):
        raise TypeError("this guard is about a monitoring period")
    return subject


# -- the development ---------------------------------------------------------------------------------------------------


def owner_is_organisation(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The owner is a legal person or other organisation registered in China, and none that decides (article 4)."""
    owner = of(subject).owner
    try:
        identifiers.uscc(owner.uscc)
    except Refusal:
        raise refusals.OwnerUnfit(owner=owner.name) from None
    if owner.role in NOT_OWNERS:
        raise refusals.OwnerUnfit(owner=owner.name)


def owner_not_banned(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """No ban on applications of this owner stands, and no order to cancel units was missed (article 43)."""
    today = clock.day(at)
    if clawbacks.missed(of(subject).owner, today=today) is not None:
        raise refusals.OwnerBanned(owner=of(subject).owner.name, until="—")
    for ban in Ban.objects.filter(organisation=of(subject).owner_id, since__lte=today).order_by("-since"):
        if ban.until is None or today < ban.until:
            raise refusals.OwnerBanned(owner=of(subject).owner.name, until=ban.until.isoformat() if ban.until else "—")


def boundary_drawn(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """There is land, a meter or a facility."""
    held = of(subject)
    if not held.boundaries.exists() and not held.facilities.exists():
        raise refusals.BoundaryMissing


def crediting_given(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The crediting period has a first and a last day."""
    crediting = of(subject).crediting
    if crediting is None or crediting.lower is None or crediting.upper is None:
        raise refusals.CreditingMissing


def county_named(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """Who reviews in the county and files in the city is known."""
    held = of(subject)
    if held.county_id is None or held.city_id is None:
        raise refusals.CountyMissing


def cleared_locally(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """Where the city asks for it, county and city looked at boundary and crediting period first (Chifeng 五（四）)."""
    held = of(subject)
    asked = [
        key
        for key in ("county_review_before_development", "city_filing_before_development")
        if (found := numbers.said(held, key, local=True)) and found[1].value is True
    ]
    if asked and not held.steps.filter(monitoring=None, act="file_city", after="CLEARED").exists():
        raise refusals.NotCleared(pack=held.local_pack or held.rule_pack)


def draft_complete(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """Everything the design document says is filled in."""
    found = sheets.open_points(of(subject))
    if found:
        raise refusals.DraftOpen(count=len(found), first=str(found[0].label))


def methodology_in_force(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The version of the methodology takes new projects on this day (M-07). Refuses as the register does."""
    held = of(subject)
    register.takes_new_projects(held.methodology, held.scheme, on=clock.day(at))


def construction_after(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """Construction began after the day the pack names (article 10: 2012-11-08)."""
    held = of(subject)
    after, began = numbers.value(held, "construction_after"), sheets.day(held, "construction_start")
    if began is None:
        raise refusals.ConstructionUnknown
    if isinstance(after, date) and began <= after:
        raise refusals.ConstructionEarly(began=began.isoformat(), after=after.isoformat())


def not_excluded(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """No duty to reduce, and outside every emissions trading scheme (P-09)."""
    held = of(subject)
    if any(sheets.filled(held, name) == "yes" for name in ("legal_duty", "in_ets")):
        raise refusals.Excluded


def validator_named(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The validation body is named when the design document is published (article 12)."""
    held = of(subject)
    if held.validator is None or held.validator.role != Organisation.Role.VERIFIER:
        raise refusals.BodyMissing


def comments_answered(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """Every comment of the public has its answer (articles 13 and 20)."""
    rows = subject.comments.filter(answer__isnull=True)
    if isinstance(subject, Development):
        rows = rows.filter(monitoring=None)
    if left := rows.count():
        raise refusals.CommentsOpen(count=left)


def nothing_under_way(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """No monitoring period is between its report and its issuance."""
    held = of(subject)
    for one in held.monitorings.exclude(state__in=DONE).exclude(state="MR_DRAFT"):
        raise refusals.UnderWay(what=one.code, state=str(deadlines.state(one).label))


# -- the monitoring period ---------------------------------------------------------------------------------------------


def project_registered(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The project is registered and not suspended, cancelled or revoked."""
    held = of(subject)
    if held.registered is None or held.state not in {"REGISTERED", "FILED"}:
        raise refusals.NotRegistered(project=held.code, state=str(deadlines.state(held).label))


def run_complete(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """A run of the methodology gives the quantity, at least one whole tonne (I-04, I-06)."""
    one = period(subject)
    if one.bundle is None or one.quantity_kg is None:
        raise refusals.RunMissing
    if one.quantity_kg < 1000:
        raise refusals.LessThanATonne(kg=one.quantity_kg)
    run_current(subject, mandate, at)


def run_current(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """No data were corrected since the run."""
    one = period(subject)
    if runs.outdated(one):
        raise refusals.RunOutdated(count=one.corrections.count())


def generated_after(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The reductions were generated after the day the pack names (I-01: 2020-09-22)."""
    one, after = period(subject), numbers.value(subject, "reductions_generated_after")
    if isinstance(after, date) and one.span.lower <= after:
        raise refusals.GeneratedEarly(start=one.span.lower.isoformat(), after=after.isoformat())


def inside_crediting(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The period lies within the crediting period, as the methodology lets it be registered (I-03)."""
    one, held = period(subject), of(subject)
    inside = held.registered.crediting if held.registered else held.crediting
    if inside is None or one.span.lower < inside.lower or (inside.upper and one.span.upper > inside.upper):
        raise register.OutsideCrediting(**{
            "first": one.span.lower.isoformat(), "last": last(one).isoformat(),
            "from": inside.lower.isoformat() if inside else "—",
            "to": (inside.upper - workdays.DAY).isoformat() if inside and inside.upper else "—",
        })  # fmt: skip


def period_over(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """Nothing is reported before its last day is past (I-02)."""
    one = period(subject)
    if one.span.upper > clock.day(at):
        raise refusals.ReportEarly(last=last(one).isoformat(), today=clock.day(at).isoformat())


def period_in_reach(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The whole period lies within five years before the application (I-02)."""
    one, years, today = period(subject), numbers.value(subject, "application_reach"), clock.day(at)
    if isinstance(years, int):
        earliest = workdays.corresponding_day(today, -12 * years)
        if one.span.lower < earliest:
            raise refusals.OutOfReach(
                start=one.span.lower.isoformat(), years=years, earliest=earliest.isoformat(), applied=today.isoformat()
            )


def no_other_period(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """No day is in another period of the project (I-05)."""
    one, held = period(subject), of(subject)
    others = held.monitorings.exclude(pk=one.pk).exclude(state="WITHDRAWN").filter(span__overlap=one.span)
    if other := others.first():
        raise refusals.PeriodTwice(other=other.code, first=other.span.lower.isoformat(), last=last(other).isoformat())
    if held.registered and Period.objects.filter(project=held.registered, span__overlap=one.span).exists():
        raise refusals.PeriodTwice(other=str(held.registered), first=one.span.lower.isoformat(),
                                   last=last(one).isoformat())  # fmt: skip


def evidence_stamped(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The data of every month of the period were stamped into the log (I-07)."""
    one = period(subject)
    missing = evidence.missing(of(subject), one.span.lower, one.span.upper)
    if missing:
        raise refusals.EvidenceMissing(count=len(missing), first=f"{missing[0]:%Y-%m}")


def verifier_named(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """The verification body is named when the report is published (article 19)."""
    one = period(subject)
    if one.verifier is None or one.verifier.role != Organisation.Role.VERIFIER:
        raise refusals.BodyMissing


def verifier_is_not_validator(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """Who validated the project does not verify its reductions (R-01, article 18)."""
    one = period(subject)
    validator = of(subject).validator_id
    if one.verifier is not None and one.verifier_id == validator:
        raise register.ValidatorVerifies(body=one.verifier.name)


def applied_equals_verified(subject: Subject, mandate: Mandate | None, at: datetime) -> None:
    """What is applied for is exactly what was verified, in whole tonnes (article 21)."""
    one = period(subject)
    verified = (one.verified_kg or 0) // 1000
    if one.applied_t != verified or not verified:
        raise refusals.AppliedDiffers(applied=one.applied_t or 0, verified=verified)


def last(one: Monitoring) -> date:
    found: date = one.span.upper - workdays.DAY
    return found
