"""Taking a sheet of late readings into a device's series: by its owner, with where they come from, row by row."""

from datetime import date, datetime

from django.db import transaction

from tanhui.files import store
from tanhui.files.acts import filing
from tanhui.files.models import Upload
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Mandate
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import latereadings
from tanhui.projects.acts import readings
from tanhui.projects.acts.land import plain
from tanhui.projects.models import Device, EarlierSeries, ReadingSheet, Series
from tanhui.projects.queries import field as queries
from tanhui.projects.readings import HOUSE

SUBJECT = "projects.readings"  # of a device, by its id
MOST_REPORTED = 20_000
# A monitoring period in one of these may still take readings; afterwards its figures were verified.
UNVERIFIED = ("MR_DRAFT", "MR_PUBLICITY", "VERIFICATION", "RETURNED", "WITHDRAWN")


class OriginUnsaid(Refusal):
    code = "projects.readings_origin_unsaid"
    sentence = gettext_noop(
        "Say in at most 500 characters where the readings come from and why they are late, such as the logger's memory "
        "read out on a day."
    )
    clause = HOUSE
    status = 422


class ReadingVerified(Refusal):
    code = "projects.reading_verified"
    sentence = gettext_noop(
        "%(day)s lies in monitoring period %(period)s, which was verified: its readings stay as the verifier saw them. "
        "Leave the row out; it counts as a gap."
    )
    clause = HOUSE


@transaction.atomic
def take(
    *, device: Device, upload: Upload, note: str, mandate: Mandate, reference: str, at: datetime
) -> ReadingSheet:  # fmt: skip
    """Take a sheet (``latereadings.read``) once; what is wrong is refused row by row and stays in its report.

    Readings of a month that is stamped are taken too; the file the stamp names is kept beside the new one. Refuses the
    whole with ``OriginUnsaid``, ``latereadings.SheetUnreadable``, as files do, or as the mandate is judged.
    """
    instructions.check_reference(reference)
    person = mandate.membership.person
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=device.organisation_id, at=at)
    held = Device.objects.select_for_update().get(pk=device.pk)
    if earlier := ReadingSheet.objects.filter(by=person, reference=reference).first():
        if (earlier.device_id, earlier.sha256) != (held.pk, upload.sha256):
            raise instructions.ReferenceTaken(reference=reference)
        return earlier
    said = note.replace("\x00", "").strip()
    if not 0 < len(said) <= 500:
        raise OriginUnsaid
    if upload.facts.get("previews") and not upload.encoding:
        upload.encoding = "gb18030"  # no UTF-8; whether it is read rightly shows in its headings
        upload.save(update_fields=["encoding"])
    filing.check(upload, SUBJECT)
    with store.as_file(upload.sha256, upload.size_bytes) as path:
        rows = latereadings.read(path, upload.name, upload.format, upload.encoding)
    good, wrong = latereadings.parse(rows, readings.limits(held), now=at)
    stamped = queries.stamped_months(held.development_id)

    def stays(day: Series) -> bool:
        return day.day.replace(day=1) in stamped

    receipt = readings.merge(held, good, wrong, at=at, source="SHEET", closed=of_verified_periods(held), stays=stays)
    document = filing.file(
        subject=f"{SUBJECT}:{held.pk}", kind=SUBJECT, title=f"{held.code} {upload.name}"[:200], upload=upload,
        by=person, at=at,
    )  # fmt: skip
    counts = {"accepted": receipt.accepted, "repeated": receipt.repeated, "refused": len(receipt.refused)}
    entry = record(
        kind="projects.late_readings_taken",
        fact={"device": held.code, "sha256": upload.sha256, **counts},
        private={"organisation": held.organisation.uscc, "device": str(held.pk), "note": said},
        at=at,
        by=person.pk,
    )
    made = ReadingSheet.objects.create(
        device=held, document=document.pk, name=upload.name, sha256=upload.sha256, note=said, reference=reference,
        report=[[line, one.code, plain(one.facts)] for line, one in receipt.refused[:MOST_REPORTED]],
        by=person, entry=entry, at=at, **counts,
    )  # fmt: skip
    EarlierSeries.objects.bulk_create(
        EarlierSeries(sheet=made, day=day, rows=rows, sha256=sha256, size_bytes=size)
        for day, rows, sha256, size in receipt.earlier
    )
    return made


def of_verified_periods(device: Device) -> readings.Closed:
    """Days of monitoring periods that were verified take no more readings from anybody."""
    periods = []
    if device.development is not None:
        periods = list(device.development.monitorings.exclude(state__in=UNVERIFIED))

    def why(day: date) -> Refusal | None:
        for one in periods:
            if one.span.lower <= day < one.span.upper:
                return ReadingVerified(day=day.isoformat(), period=one.code)
        return None

    return why
