"""Where the lake lies, and who is meant by a provider's mark of a person.

``<var>/lake`` is the lake (docs/algorithms/settlement.md); ``<var>/lake/incoming`` names batches that are being added,
so that what a killed process left behind is found and removed; ``<var>/inclusion/drop/<provider>`` takes daily files.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from tanhui.inclusion.models import Account, Pseudonym

if TYPE_CHECKING:
    from tanhui.tally.lake import Lake

BUCKETS = 64  # of a city; fixed in lake.json once the lake is there
TRIAL = 999  # people everybody may send while trying out: 000…001 to 000…999


def folder() -> Path:
    found: Path = settings.TANHUI_VAR / "lake"
    return found


def drop() -> Path:
    """Where providers' daily files are laid, a folder for each provider."""
    found: Path = settings.TANHUI_VAR / "inclusion" / "drop"
    return found


def opened() -> "Lake":
    """The lake, made where there is none."""
    from tanhui.tally import lake

    return lake.opened(folder(), buckets())


def buckets() -> int:
    """Into how many parts a new lake divides its people."""
    return int(getattr(settings, "TANHUI_LAKE_BUCKETS", BUCKETS))


def known(provider: int, marks: list[str]) -> dict[str, int]:
    """The account number of each mark that is this provider's, of accounts that are active."""
    rows = Pseudonym.objects.filter(provider=provider, value__in=marks, account__state=Account.State.ACTIVE)
    return dict(rows.values_list("value", "account_id"))


def trial(marks: list[str]) -> dict[str, int]:
    """The people of a trial: marks of zeros that end in a number up to ``TRIAL``."""
    found = {one: int(one) for one in marks if len(one) == 32 and one.isascii() and one.isdigit()}
    return {mark: number for mark, number in found.items() if 0 < number <= TRIAL}
