"""Green records that a body was given: its programs list and fetch them; each time is written down."""

import datetime as dt
import json
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Path, Router, Schema

from tanhui.identity import rights
from tanhui.inclusion import access_policy as access
from tanhui.inclusion.acts import crediting
from tanhui.inclusion.queries import credit as queries

router = Router(tags=["绿色信用记录"])
Number = Annotated[int, Path(ge=1, le=2**62)]


class RecordOut(Schema):
    number: int
    code: str
    evaluation: str
    recipient: str = Field(description="Unified social credit code")
    kinds: list[str]
    first: dt.date
    last: dt.date
    expires_on: dt.date = Field(description="The last day on which it is handed over")
    sha256: str = Field(description="Of the signed file, as the log states it")
    at: dt.datetime


class SignedFileOut(Schema):
    """A signed file; what is signed is told in docs/algorithms/regions.md §2."""

    format: str
    body: dict[str, Any]
    key: str
    signature: str


@router.get(
    "/inclusion/credit/records", response=list[RecordOut], operation_id="listGreenRecords",
    summary="本单位收到的绿色信用记录",
)  # fmt: skip
@rights.needs(access.RECEIVED)
def listing(request: HttpRequest) -> list[RecordOut]:
    """At most 200, the latest first; those whose consent was withdrawn or ran out are not among them."""
    person, now = rights.visitor(request), timezone.now()
    assert person is not None
    return [
        RecordOut(
            number=one.number, code=one.code, evaluation=one.consent.use.title, recipient=one.consent.use.uscc,
            kinds=one.consent.kinds, first=one.consent.first, last=one.consent.last, expires_on=one.consent.expires_on,
            sha256=one.sha256, at=one.at,
        )
        for one in queries.received(access.bodies(person, at=now))[:200]
    ]  # fmt: skip


@router.post(
    "/inclusion/credit/records/{number}/fetch", response=SignedFileOut, operation_id="fetchGreenRecord",
    summary="领取绿色信用记录",
)  # fmt: skip
@rights.needs(access.FETCHES)
def fetch(request: HttpRequest, number: Number) -> dict[str, Any]:
    """The signed file. Refused once its consent is withdrawn or has run out."""
    person, now = rights.visitor(request), timezone.now()
    assert person is not None
    record, mandate = access.received(person, number, at=now)
    raw = crediting.hand_over(record_=record, at=now, organisation=mandate.membership.organisation, by=mandate)
    found: dict[str, Any] = json.loads(raw)
    return found
