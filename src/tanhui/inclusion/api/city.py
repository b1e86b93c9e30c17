"""The city's data centre: its daily table taken as a data batch, and the schema every way in keeps to."""

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Router

from tanhui.identity import rights
from tanhui.inclusion import citydata
from tanhui.inclusion.acts import batches
from tanhui.inclusion.api.batches import BatchReceiptOut, Reference, answer, asking

router = Router(tags=["碳普惠数据批次"], auth=None)
EXAMPLE = (
    "数据主键,人员标识,场景编码,开始时间,结束时间,数量,单位\n"
    "T20260606-1,00000000000000000000000000000001,metro-bj,2026-06-06 08:00:00,2026-06-06 08:24:00,8200,m\n"
)
BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": EXAMPLE}}}}


@router.post(
    "/inclusion/city/events", response=BatchReceiptOut, operation_id="sendCityTable",
    summary="市大数据中心按日推送行为数据表", openapi_extra=BODY,
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def send(request: HttpRequest, reference: Reference) -> StreamingHttpResponse:
    """Take the data centre's daily table; `Authorization: Bearer` and its secret as a provider. Rows go the way of
    `sendEventBatch`: good ones are kept, each other one has its reason."""
    provider = asking(request)
    body = citydata.events(request.read(citydata.MOST_BYTES + 1))
    return answer(batches.take(provider=provider, way="HTTP", reference=reference, body=body, at=timezone.now()))


@router.get("/inclusion/schemas/event", operation_id="readEventSchema", summary="行为数据的字段规范")
@rights.needs(rights.PUBLIC)
def schema(request: HttpRequest) -> dict[str, Any]:
    """JSON Schema of an event; `x-csv` maps the heads of the data centre's table to its names."""
    return citydata.schema()
