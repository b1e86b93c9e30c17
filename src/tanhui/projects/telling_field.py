"""What is told of devices, and what of land and of devices waits for whom."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.identity.models import Mandate, Person
from tanhui.identity.powers import Powers
from tanhui.kernel import clock
from tanhui.kernel.refusal import gettext_noop
from tanhui.notices import waiting
from tanhui.notices.telling import Fact, concerns, holders, tell
from tanhui.projects.models import Device, Survey
from tanhui.projects.queries import field

NEAR = timedelta(days=30)  # from when on a certificate that ends stands among what waits
State = Survey.State


def device(fact: Fact) -> Device:
    rows = Device.objects.select_related("organisation", "development")
    found: Device = fact.once("projects.device", lambda: rows.get(pk=fact.private["device"]))
    return found


def keepers(fact: Fact) -> Iterable[Person]:
    return holders(device(fact).organisation_id, capacities=["INITIATE"], at=fact.at)


def page(fact: Fact) -> str:
    return reverse("projects:device", args=[device(fact).code])


def words(fact: Fact) -> Mapping[str, Any]:
    one = device(fact)
    where = one.development.name if one.development else one.organisation.name
    return {"name": one.name, "code": one.code, "where": where, **fact.fact}


def whose(fact: Fact) -> Iterable[int]:
    return [device(fact).organisation_id]


def passed(fact: Fact) -> bool:
    return int(fact.private["ahead"]) < 0


tell(
    "projects.device_calibration_due", name="near", url=page, words=words,
    recipients=lambda fact: [] if passed(fact) else keepers(fact),
    subject=gettext_noop("The calibration of %(name)s ends on %(until)s"),
    body=gettext_noop("%(code)s (%(where)s): have it calibrated again and enter the certificate before that day."),
)  # fmt: skip
tell(
    "projects.device_calibration_due", name="passed", url=page, words=words,
    recipients=lambda fact: keepers(fact) if passed(fact) else [],
    subject=gettext_noop("The calibration of %(name)s ended on %(until)s"),
    body=gettext_noop(
        "%(code)s (%(where)s): readings are taken on, and a verifier will ask for a certificate that covers them."
    ),
)  # fmt: skip
tell(
    "projects.device_silent", url=page, words=words, recipients=keepers,
    subject=gettext_noop("Nothing was heard of %(name)s since %(since)s"),
    body=gettext_noop(
        "%(code)s (%(where)s): look at power and network. What its memory holds can be handed in as a sheet of late "
        "readings."
    ),
)  # fmt: skip
for _kind in ("projects.device_calibration_due", "projects.device_silent", "projects.late_readings_taken"):
    concerns(_kind, whose)


# -- what waits --------------------------------------------------------------------------------------------------------


def mine(held: Powers) -> list[int]:
    return held.bodies((), Mandate.Capacity.INITIATE)


def to_calibrate(held: Powers) -> QuerySet[Device]:
    """Devices of the person's organisations whose certificate ends soon or has ended."""
    rows = field.devices().filter(organisation__in=mine(held), state=Device.State.ACTIVE)
    rows = rows.filter(calibrated_until__lte=clock.day(held.at) + NEAR)  # type: ignore[misc]  # an annotation of devices()
    return rows.order_by("code")


def faulty(held: Powers) -> QuerySet[Survey]:
    """Surveys with faults that nobody has decided about, and that no later one of the same source and year replaced."""
    later = Survey.objects.filter(source=OuterRef("source"), year=OuterRef("year"), at__gt=OuterRef("at"))
    rows = Survey.objects.filter(source__organisation__in=mine(held), state=State.FAULTY)
    return rows.filter(~Exists(later)).select_related("source__organisation").order_by("at")


def calibrations(held: Powers) -> list[waiting.Task]:
    return [
        waiting.Task(
            title=_("Have %(device)s calibrated: its certificate ends") % {"device": one.name},
            url=reverse("projects:device", args=[one.code]), since=one.at, organisation=one.organisation.name,
            due=one.calibrated_until,  # type: ignore[attr-defined]  # an annotation of devices()
        )
        for one in to_calibrate(held)
    ]  # fmt: skip


def surveys(held: Powers) -> list[waiting.Task]:
    return [
        waiting.Task(
            title=_("Correct the survey %(survey)s: %(n)s rows have faults")
            % {"survey": str(one), "n": one.counts.get("left_out", 0)},
            url=reverse("projects:land_survey", args=[one.pk]), since=one.finished_at or one.at,
            organisation=one.source.organisation.name,
        )
        for one in faulty(held)
    ]  # fmt: skip


waiting.register(calibrations, rows=lambda held: [to_calibrate(held)])
waiting.register(surveys, rows=lambda held: [faulty(held)])
