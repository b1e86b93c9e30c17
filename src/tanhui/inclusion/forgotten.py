"""Of whom nothing is posted any more: whoever closed their account while their days were still being settled."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tanhui.inclusion.models import Account
from tanhui.kernel import clock

if TYPE_CHECKING:
    import pyarrow as pa


def without(tables: "Iterable[pa.Table]", day: date) -> "Iterator[pa.Table]":
    """Tables with a column ``account``, without accounts that were closed since a day began; earlier ones have nothing
    of that day."""
    import pyarrow as pa
    import pyarrow.compute as pc

    since = clock.midnight_after(day - timedelta(days=1))
    closed = Account.objects.filter(state=Account.State.CLOSED, closed_at__gte=since).values_list("pk", flat=True)
    numbers = pa.array(sorted(closed), pa.int64())
    for table in tables:
        yield table.filter(pc.invert(pc.is_in(table["account"], value_set=numbers))) if len(numbers) else table
