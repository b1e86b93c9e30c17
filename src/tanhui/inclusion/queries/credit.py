"""What green records say, who was handed them, and what can be agreed to."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum

from tanhui.identity.models import Organisation
from tanhui.inclusion.models import Account, CreditConsent, CreditHandover, CreditRecord, CreditUse, Day
from tanhui.inclusion.queries import carbon
from tanhui.kernel import clock
from tanhui.registry.models import Issuance, Retirement

Kind = CreditUse.Kind
ONE_DAY = timedelta(days=1)


def contents(consent: CreditConsent) -> dict[str, Any]:
    """What a record under a consent says now, by kind: whole grams of settled days, whole tonnes of the register."""
    return {kind: TOLD[kind](consent) for kind in consent.kinds}


def days(consent: CreditConsent) -> QuerySet[Day]:
    return Day.objects.filter(account=consent.account_id, day__range=(consent.first, consent.last), grams__gt=0)


def summary(consent: CreditConsent) -> dict[str, int]:
    found = days(consent).aggregate(grams=Sum("grams"), days=Count("day", distinct=True))
    return {"grams": found["grams"] or 0, "days": found["days"]}


def by_scenario(consent: CreditConsent) -> list[dict[str, Any]]:
    known = carbon.names()
    rows = (
        days(consent).values_list("scenario_id").annotate(grams_=Sum("grams"), days_=Count("day")).order_by("-grams_")
    )
    return [
        {
            "scenario": known[key].code, "name": known[key].name, "methodology": known[key].methodology,
            "grams": grams, "days": many,
        }
        for key, grams, many in rows
    ]  # fmt: skip


def by_month(consent: CreditConsent) -> list[dict[str, Any]]:
    months: dict[date, int] = defaultdict(int)
    for day, grams in days(consent).values_list("day").annotate(sum=Sum("grams")):
        months[day.replace(day=1)] += grams
    return [{"month": f"{month:%Y-%m}", "grams": grams} for month, grams in sorted(months.items())]


def retirements(consent: CreditConsent) -> list[dict[str, Any]]:
    rows = Retirement.objects.filter(source__account__organisation=consent.organisation_id, **within(consent))
    return [
        {"certificate": one.certificate, "purpose": one.purpose, "tonnes": one.quantity_t, "on": on(one.at)}
        for one in rows.order_by("at")
    ]


def issuances(consent: CreditConsent) -> list[dict[str, Any]]:
    rows = Issuance.objects.filter(period__project__owner=consent.organisation_id, **within(consent))
    return [
        {
            "project": f"{one.period.project.number:06d}", "methodology": one.period.project.methodology,
            "tonnes": one.quantity_t, "on": on(one.at),
        }
        for one in rows.select_related("period__project").order_by("at")
    ]  # fmt: skip


def within(consent: CreditConsent) -> dict[str, Any]:
    return {"at__gte": clock.midnight_after(consent.first - ONE_DAY), "at__lt": clock.midnight_after(consent.last)}


def on(at: Any) -> str:
    return clock.day(at).isoformat()


TOLD: dict[str, Callable[[CreditConsent], Any]] = {
    Kind.SUMMARY: summary, Kind.SCENARIOS: by_scenario, Kind.MONTHS: by_month, Kind.RETIREMENTS: retirements,
    Kind.ISSUANCES: issuances,
}  # fmt: skip


# -- lists -------------------------------------------------------------------------------------------------------------


def uses(subject: str) -> QuerySet[CreditUse]:
    """The evaluations in force that ask for records of people, or of organisations."""
    return CreditUse.objects.filter(subject=subject, state="OPEN").order_by("title", "pk")


def desk() -> QuerySet[CreditUse]:
    """Every use, those that wait for a signature first."""
    rows = CreditUse.objects.select_related("operator", "instruction__initiator").order_by("-asked_at")
    return rows.annotate(given=Count("consents", distinct=True), drawn=Count("consents__records", distinct=True))


def consents(subject: Account | Organisation) -> list[CreditConsent]:
    """A subject's consents, the latest first, with their records and every hand-over."""
    whose = {"account": subject} if isinstance(subject, Account) else {"organisation": subject}
    rows = CreditConsent.objects.filter(**whose).exclude(state="DROPPED")
    rows = rows.select_related("use", "organisation", "instruction__initiator").order_by("-asked_at")
    return list(rows.prefetch_related("records__handovers__organisation", "records__handovers__by", "records__paper"))


def received(organisations: list[Organisation]) -> QuerySet[CreditRecord]:
    """Records for these bodies whose consent is in force, the latest first."""
    rows = CreditRecord.objects.filter(
        consent__use__uscc__in=[one.uscc for one in organisations], consent__state="OPEN", consent__use__state="OPEN",
        paper__isnull=False,
    )  # fmt: skip
    return rows.select_related("consent__use", "consent__account", "consent__organisation").order_by("-number")


def fetched(record: CreditRecord) -> QuerySet[CreditHandover]:
    return record.handovers.order_by("-at")


def by_digest(sha256: str) -> CreditRecord | None:
    """The record whose signed file has this hash."""
    rows = CreditRecord.objects.filter(sha256=sha256)
    return rows.select_related("consent__use", "consent__account").first()
