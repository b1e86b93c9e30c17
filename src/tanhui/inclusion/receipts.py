"""The receipt of a data batch in words: totals, and each row that was not simply accepted with its reason."""

from typing import Any

from django.utils.translation import get_language, pgettext

from tanhui.inclusion.models import Batch
from tanhui.kernel import clock
from tanhui.tally import reasons as tally

Row = tuple[int, str, str, str, dict[str, Any]]  # number from 1, key, result, code, facts


def receipt(batch: Batch) -> dict[str, Any]:
    """The receipt as plain JSON; ``received = accepted + duplicate + refused + waiting``."""
    return {
        "batch": str(batch.pk), "provider": batch.provider.code, "reference": batch.reference, "trial": batch.sandbox,
        "at": clock.for_machines(batch.at), "sha256": batch.sha256, "received": batch.received,
        "accepted": batch.accepted, "duplicate": batch.duplicate, "refused": batch.refused, "waiting": batch.waiting,
        "corrections": batch.corrected, "withdrawals": batch.withdrawn, "late": batch.late, "reasons": batch.reasons,
        "rows": [{name: one[name] for name in ("row", "key", "result", "code", "detail")} for one in rows(batch)],
    }  # fmt: skip


def rows(batch: Batch) -> list[dict[str, Any]]:
    """Rows that were refused, repeated or wait: number from 1, key, result, code and the sentence."""
    words = {
        "refused": pgettext("inclusion", "refused"), "duplicate": pgettext("inclusion", "duplicate"),
        "waiting": pgettext("inclusion", "waiting"),
    }  # fmt: skip
    return [
        {"row": number, "key": key, "result": result, "word": words[result], "code": code, "detail": said(code, facts)}
        for number, key, result, code, facts in batch.rows
    ]


def reasons(batch: Batch) -> list[dict[str, Any]]:
    """Why rows were refused, most first, each with one sentence that stands for all."""
    first = {code: facts for _, _, _, code, facts in reversed(batch.rows) if code}
    return [
        {"code": code, "many": many, "sentence": said(code, first.get(code, {}))}
        for code, many in batch.reasons.items()
    ]


def said(code: str, facts: dict[str, Any]) -> str:
    if not code:
        return ""
    return tally.say(code, facts, get_language() or "zh-hans")
