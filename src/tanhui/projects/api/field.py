"""What devices hand in over HTTP: JSON lines, proved by the device's token or by its signature over the body."""

from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Field, Header, Router, Schema

from tanhui.identity import rights
from tanhui.projects.acts import readings

router = Router(tags=["监测数据"], auth=None)
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {
                "schema": {"type": "string"},
                "example": '{"at":"2026-06-05T12:00:00+08:00","value":12.5,"unit":"kWh"}\n',
            }
        },
    }
}
Code = Annotated[str, Header(default="", alias="Tanhui-Device", description="The device's code, where it signs.")]
Sent = Annotated[
    str, Header(default="", alias="Tanhui-Sent", description="The device's clock as it signs: seconds since 1970, UTC.")
]
Signature = Annotated[
    str,
    Header(
        default="",
        alias="Tanhui-Signature",
        description="Base64 of the Ed25519 signature over Tanhui-Sent, a full stop and the body.",
    ),
]


class RefusedOut(Schema):
    line: int
    code: str
    detail: str
    clause: str


class ReceiptOut(Schema):
    """What became of the batch. ``repeated`` rows were here already with the same value."""

    device: str
    accepted: int
    repeated: int
    refused: list[RefusedOut] = Field(description="Row by row; the others were taken.")


@router.post(
    "/field/readings", response=ReceiptOut, operation_id="sendReadings", summary="上报监测数据", openapi_extra=BODY
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def send(request: HttpRequest, tanhui_device: Code, tanhui_sent: Sent, tanhui_signature: Signature) -> ReceiptOut:
    """Take readings, each device and instant once; a batch sent twice changes nothing. At most 5,000 lines, 1 MB.

    `Authorization: Bearer` and the device's token; or, of a device that signs, the three headers below.
    """
    now, body = timezone.now(), request.body
    if tanhui_signature:
        device = readings.by_signature(tanhui_device[:40], tanhui_sent[:20], tanhui_signature[:120], body, at=now)
    else:
        device = readings.by_token(request.headers.get("Authorization", "").removeprefix("Bearer ").strip()[:200])
    return told(device.code, readings.take(device=device, body=body, at=now, source="HTTP"))


def told(code: str, receipt: readings.Receipt) -> ReceiptOut:
    language = get_language() or "zh-hans"
    return ReceiptOut(
        device=code,
        accepted=receipt.accepted,
        repeated=receipt.repeated,
        refused=[
            RefusedOut(line=line, code=one.code, detail=one.say(language), clause=one.clause)
            for line, one in receipt.refused
        ],
    )
