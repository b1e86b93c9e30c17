"""Mutual recognition over the API: what is recognised, statements taken in by their signature, statements given out."""

import datetime as dt
import json
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Path, Router, Schema

from tanhui.identity import rights
from tanhui.inclusion import access_policy as access
from tanhui.inclusion import regionfiles, signed_files
from tanhui.inclusion.acts import recognising
from tanhui.inclusion.api.credit import SignedFileOut
from tanhui.inclusion.queries import regions as queries
from tanhui.journal import log

router = Router(tags=["区域互认"], auth=None)
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/vnd.tanhui.statement+json": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class MappingOut(Schema):
    theirs: str
    their_methodology: str
    scenario: str
    methodology: str
    numerator: int = Field(description="Grams there × numerator ÷ denominator, rounded down, are grams here")
    denominator: int
    since: dt.date
    until: dt.date
    grade: str
    basis: str


class RegionOut(Schema):
    code: str
    name: str
    division_code: str
    body: str
    agreement: str
    key: str
    since: dt.date
    until: dt.date
    mappings: list[MappingOut]


class RegionsOut(Schema):
    home: str = Field(description="Our own name in statements")
    key: str = Field(description="The key that signs our statements")
    regions: list[RegionOut]


class LineOut(Schema):
    line: int
    scenario: str
    day: dt.date
    code: str
    detail: str


class TakenInOut(Schema):
    """What became of every line: received = accepted + refused."""

    statement: UUID
    region: str
    received: int
    accepted: int
    refused: int
    grams: int = Field(description="What the accepted lines count as here")
    lines: list[LineOut]


@router.get("/inclusion/regions", response=RegionsOut, operation_id="listRegions", summary="互认地区与对应关系")
@rights.needs(rights.PUBLIC)
def listing(request: HttpRequest) -> RegionsOut:
    names = list(MappingOut.model_fields)
    return RegionsOut(
        home=log.signer().name, key=str(log.signer().verifier),
        regions=[
            RegionOut(
                **{name: getattr(one, name) for name in RegionOut.model_fields if name != "mappings"},
                mappings=[
                    MappingOut(**{name: getattr(each, name) for name in names if name != "scenario"},
                               scenario=each.scenario.code)
                    for each in one.in_force  # type: ignore[attr-defined]
                ],
            )
            for one in queries.public()
        ],
    )  # fmt: skip


@router.post(
    "/inclusion/regions/statements", response=TakenInOut, operation_id="sendRegionStatement",
    summary="上报账户所在地签名的证明", openapi_extra=BODY,
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def send(request: HttpRequest) -> TakenInOut:
    """A statement as the home region signed it; its signature is the proof of who sends. The same file again is the
    same receipt."""
    raw = request.read(signed_files.LARGEST + 1)
    made = recognising.take_in(raw=raw, at=timezone.now())
    told = made.receipt
    return TakenInOut(
        statement=made.pk, region=made.region.code, received=told["received"], accepted=told["accepted"],
        refused=told["refused"], grams=told["grams"],
        lines=[
            LineOut(line=line, scenario=theirs, day=dt.date.fromisoformat(day), code=code, detail=regionfiles.say(code))
            for line, theirs, day, code in told["rows"]
        ],
    )  # fmt: skip


@router.get(
    "/inclusion/regions/statements/{key}", response=SignedFileOut, operation_id="fetchRegionStatement",
    summary="领取本平台出具的证明",
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def fetch(request: HttpRequest, key: Annotated[UUID, Path()]) -> dict[str, Any]:
    """A statement of ours by the number its holder passed on, which nobody guesses; refused once it was taken back."""
    found: dict[str, Any] = json.loads(recognising.handed(access.statement(key)))
    return found
