"""Events by MQTT: what a provider publishes under ``tanhui/inclusion/<code>/events`` is taken as if it came by HTTP.

The first line says who sends and which batch it is, ``{"token": "…", "reference": "…"}``; JSON lines follow. The
receipt goes to ``tanhui/inclusion/<code>/receipt``.
"""

from datetime import datetime
from typing import Any

from tanhui.inclusion import receipts
from tanhui.inclusion.acts import batches
from tanhui.kernel.refusal import Refusal
from tanhui.projects import listening

TOPIC = "tanhui/inclusion/+/events"


def taken(topic: str, payload: bytes, *, at: datetime, language: str = "zh-hans") -> dict[str, Any]:
    """Take one message; the receipt, or the refusal of the whole, as JSON values."""
    code = topic.split("/")[2]
    try:
        head, _, body = payload.partition(b"\n")
        said = listening.header(head)
        provider = batches.by_secret(said.get("token", ""), at=at)
        if provider.code != code:
            raise batches.SecretUnknown
        reference = said.get("reference", "") or batches.of_file(body)
        made = batches.take(provider=provider, way="MQTT", reference=reference, body=body, at=at)
    except Refusal as refusal:
        return {"code": refusal.code, "detail": refusal.say(language), "clause": refusal.clause}
    return receipts.receipt(made)
