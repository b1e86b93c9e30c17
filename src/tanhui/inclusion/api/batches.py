"""Data batches of providers over HTTP: JSON lines or Parquet, proved by the secret of the provider's program."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Field, Header, Path, Router, Schema

from tanhui.identity import rights
from tanhui.inclusion import access_scenarios as access
from tanhui.inclusion import receipts
from tanhui.inclusion.acts import batches
from tanhui.inclusion.models import Batch, Provider

router = Router(tags=["碳普惠数据批次"], auth=None)
EXAMPLE = (
    '{"key":"T20260606-000123","person":"00000000000000000000000000000001","scenario":"metro-bj","unit":"m",'
    '"began_at":"2026-06-06T08:00:00+08:00","ended_at":"2026-06-06T08:24:00+08:00","quantity":8200}\n'
)
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}, "example": EXAMPLE},
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
Reference = Annotated[
    str,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=64,
        description="The provider's own name of the batch; sent again, the same receipt comes back.",
    ),
]  # fmt: skip


class RowOut(Schema):
    row: int = Field(description="Counted from 1.")
    key: str
    result: str = Field(description="refused, duplicate or waiting; rows not listed were accepted.")
    code: str
    detail: str


class BatchReceiptOut(Schema):
    """What became of every row: received = accepted + duplicate + refused + waiting."""

    batch: UUID
    provider: str
    reference: str
    trial: bool = Field(description="The provider is trying out: checked alike, nothing kept.")
    at: dt.datetime
    sha256: str
    received: int
    accepted: int
    duplicate: int
    refused: int
    waiting: int
    corrections: int
    withdrawals: int
    late: int = Field(description="Of the accepted: rows of days that were settled before.")
    reasons: dict[str, int]
    rows: list[RowOut]


@router.post(
    "/inclusion/batches", response=BatchReceiptOut, operation_id="sendEventBatch", summary="上报行为数据批次",
    openapi_extra=BODY,
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def send(request: HttpRequest, reference: Reference) -> StreamingHttpResponse:
    """Take a batch of at most 100,000 events; `Authorization: Bearer` and the provider's secret.

    Good rows are kept, each other row has its reason. A correction has the same `key`, the next `revision` and a
    `reason`; a withdrawal `withdrawn: true` besides. Times carry an offset. Refused as a whole: another schema, a
    Parquet file cut off, another batch under the same Idempotency-Key.
    """
    provider = asking(request)
    body = request.read(batches.MOST_BYTES + 1)
    return answer(batches.take(provider=provider, way="HTTP", reference=reference, body=body, at=timezone.now()))


@router.get(
    "/inclusion/batches/{batch}", response=BatchReceiptOut, operation_id="readEventBatch", summary="查询数据批次回执"
)
@rights.needs(rights.PUBLIC)
def receipt(request: HttpRequest, batch: Annotated[UUID, Path()]) -> StreamingHttpResponse:
    """The receipt of one of the provider's own batches."""
    return answer(access.batch_of(asking(request), batch))


def answer(batch: Batch) -> StreamingHttpResponse:
    """The receipt (``BatchReceiptOut``) as it is read: of a hundred thousand refused rows no more than some at once."""
    return StreamingHttpResponse(receipts.written(batch), content_type="application/json; charset=utf-8")


def asking(request: HttpRequest) -> Provider:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()[:200]
    return batches.by_secret(token, at=timezone.now())
