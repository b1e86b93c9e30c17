"""The receipt of a data batch in words: totals, and each row that was not simply accepted with its reason.

A batch may have a hundred thousand such rows: they are read and told some hundred at a time.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import get_language, pgettext

from tanhui.inclusion.models import Batch
from tanhui.inclusion.queries import batches as queries
from tanhui.kernel import clock
from tanhui.tally import reasons as tally

AT_ONCE = 500


def receipt(batch: Batch) -> dict[str, Any]:
    """The receipt as plain JSON; ``received = accepted + duplicate + refused + waiting``."""
    return totals(batch) | {"rows": [plain(one) for one in rows(batch)]}


def written(batch: Batch) -> Iterator[str]:
    """The receipt as JSON text, piece by piece."""
    return pieces(totals(batch), rows(batch))


def pieces(whole: dict[str, Any], told: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield json.dumps(whole, ensure_ascii=False)[:-1] + ', "rows": ['
    between = ""
    while some := list(islice(told, AT_ONCE)):
        yield between + ", ".join(json.dumps(plain(one), ensure_ascii=False) for one in some)
        between = ", "
    yield "]}"


def totals(batch: Batch) -> dict[str, Any]:
    return {
        "batch": str(batch.pk), "provider": batch.provider.code, "reference": batch.reference, "trial": batch.sandbox,
        "at": clock.for_machines(batch.at), "sha256": batch.sha256, "received": batch.received,
        "accepted": batch.accepted, "duplicate": batch.duplicate, "refused": batch.refused, "waiting": batch.waiting,
        "corrections": batch.corrected, "withdrawals": batch.withdrawn, "late": batch.late, "reasons": batch.reasons,
    }  # fmt: skip


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("row", "key", "result", "code", "detail")}


def rows(batch: Batch, most: int | None = None) -> Iterator[dict[str, Any]]:
    """Rows that were refused, repeated or wait, ``most`` at most: number from 1, key, result, code and the sentence in
    the language of whoever asks now."""
    words = {
        "refused": pgettext("inclusion", "refused"), "duplicate": pgettext("inclusion", "duplicate"),
        "waiting": pgettext("inclusion", "waiting"),
    }  # fmt: skip
    return read(batch, words, get_language() or "zh-hans", most)


def read(batch: Batch, words: dict[str, str], language: str, most: int | None) -> Iterator[dict[str, Any]]:
    for number, key, result, code, facts in queries.listed(batch, most, AT_ONCE):
        detail = tally.say(code, facts, language) if code else ""
        yield {"row": number, "key": key, "result": result, "word": words[result], "code": code, "detail": detail}


def listed(batch: Batch) -> int:
    """How many rows the receipt lists."""
    return batch.duplicate + batch.refused + batch.waiting


def reasons(batch: Batch) -> list[dict[str, Any]]:
    """Why rows were refused, most first, each with one sentence that stands for all."""
    first = queries.first(batch)
    return [
        {"code": code, "many": many, "sentence": tally.say(code, first[code], get_language() or "zh-hans")}
        for code, many in batch.reasons.items()
    ]
