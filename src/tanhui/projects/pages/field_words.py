"""What the pages of the field say of what they found, in words, with their tones."""

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from tanhui.kernel import clock

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
