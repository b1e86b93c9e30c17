"""Where the lake lies, who is meant by a provider's mark of a person, and who consented when.

``<var>/lake`` is the lake (docs/algorithms/settlement.md); ``<var>/lake/incoming`` names batches that are being added,
so that what a killed process left behind is found and removed; ``<var>/inclusion/drop/<provider>`` takes daily files.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from tanhui.inclusion.models import Account, Pseudonym
from tanhui.inclusion.queries import counting

if TYPE_CHECKING:
    import pyarrow as pa

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

    return lake.opened(folder(), int(getattr(settings, "TANHUI_LAKE_BUCKETS", BUCKETS)))


def known(provider: int, marks: list[str]) -> dict[str, int]:
    """The account number of each mark that is this provider's, of accounts that are active."""
    rows = Pseudonym.objects.filter(provider=provider, value__in=marks, account__state=Account.State.ACTIVE)
    return dict(rows.values_list("value", "account_id"))


def trial(marks: list[str]) -> dict[str, int]:
    """The people of a trial: marks of zeros that end in a number up to ``TRIAL``."""
    found = {one: int(one) for one in marks if len(one) == 32 and one.isascii() and one.isdigit()}
    return {mark: number for mark, number in found.items() if 0 < number <= TRIAL}


def consents(kind: str, accounts: list[int]) -> "pa.Table":
    """Spans in which some accounts had a switch on: account, scenario, since, until (null while it holds)."""
    import pyarrow as pa

    from tanhui.tally import shape

    rows = counting.spans(kind, accounts)
    columns: Iterable[list[object]] = [list(one) for one in zip(*rows, strict=True)] if rows else [[], [], [], []]
    names = {"account": pa.int64(), "scenario": pa.string(), "since": shape.UTC_MS, "until": shape.UTC_MS}
    return pa.table({name: pa.array(values, kind) for (name, kind), values in zip(names.items(), columns, strict=True)})
