"""What the pages of the field say of what they found, in words, with their tones."""

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from tanhui.kernel import clock
from tanhui.projects import latereadings, readings
from tanhui.projects.acts import late

CALIBRATION = {
    "": (_("Calibrated"), "good"),
    "SOON": (_("Calibration due soon"), "wait"),
    "OVER": (_("Calibration run out"), "stop"),
    "NONE": (_("No certificate"), "stop"),
}
VERDICTS = {
    "STEADY": (_("Steady"), "good"),
    "DRIFTING": (_("Drifting"), "stop"),
    "SHIFTED": (_("Level has shifted"), "stop"),
    "UNKNOWN": (_("Too few days to judge"), "quiet"),
}


def moment(seconds):
    return datetime.fromtimestamp(seconds, UTC).astimezone(clock.SHANGHAI)


# What is said of rows that were refused over a span of days, rule by rule: what was wrong with them, and what to do.
# The rule's own sentence speaks of one row.
REFUSED = {
    readings.ReadingUnreadable.code: _("Not readable as a reading. Look at what the device's program sends."),
    readings.ReadingWithoutZone.code: _("The time named no time zone. Set the device to send it with an offset."),
    readings.ReadingInFuture.code: _("Later than our clock. Set the device's clock."),
    readings.ReadingTooOld.code: _("Too old to be taken from a device. Hand them in as a sheet of late readings."),
    readings.UnitMissing.code: _("No unit was named. Set the device to send it with every reading."),
    readings.UnitDiffers.code: _("In another unit than the device was entered with. Nothing is converted here."),
    readings.ReadingOutOfRange.code: _("Outside what the device can show. Check the device, or its entry."),
    readings.ReadingContradicts.code: _(
        "Another value was kept for the same moment, and stands. Look for two devices with one code."
    ),
    readings.MonthStamped.code: _(
        "The month's evidence was stamped already. Hand them in as a sheet of late readings; they count as a gap "
        "until then."
    ),
    latereadings.RowWithoutTime.code: _("A row of a sheet without a time that can be read."),
    latereadings.RowWithoutReading.code: _("A row of a sheet without a number."),
    late.ReadingVerified.code: _("In a monitoring period that was verified already; nothing is added to it."),
}


def refused(many_by_code):
    """Rows refused, the most frequent rule first: how many, what is said of them, and the rule's code."""
    rows = sorted(many_by_code.items(), key=lambda one: (-one[1], one[0]))
    return [(many, REFUSED.get(code, code), code) for code, many in rows]
