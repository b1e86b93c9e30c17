"""What the API sends and takes. Tonnes are JSON integers named ``…_t``; times are UTC; days are those of Beijing."""

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from tanhui.kernel import clock, quantity
from tanhui.kernel.serials import HIGHEST, Range
from tanhui.registry.models import Retirement

NUMBER = "The printed number of an account."
CODE = "The batch's code: its printed serial without the unit numbers."


def whole(given: object) -> int:
    """A JSON integer of at least 1. Refuses with ``kernel.not_whole``, ``kernel.negative``, ``kernel.not_positive``;
    a text of digits is no integer here, and neither is ``true``."""
    if type(given) is not int:
        raise quantity.NotWhole(given=str(given)[:40], most=quantity.MOST)
    return quantity.positive(given)


Tonnes = Annotated[
    int,
    BeforeValidator(whole),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": quantity.MOST}),
]
Moment = Annotated[
    datetime,
    PlainSerializer(clock.for_machines, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Block(Schema):
    """Unit numbers from first to last, both included, and the serial printed for them."""

    first: int
    last: int
    serial: str


class Named(Schema):
    """Which unit numbers: first and last, both included."""

    first: Annotated[int, Field(ge=1, le=HIGHEST, strict=True)]
    last: Annotated[int, Field(ge=1, le=HIGHEST, strict=True)]

    def range(self) -> Range:
        return Range(self.first, self.last)


class Units(Schema):
    """Whole tonnes of one batch: these serials, or without serials the oldest free ones."""

    batch: str = Field(max_length=100, description=CODE)
    quantity_t: Tonnes
    serials: Named | None = None


class Move(Schema):
    """Units to be taken from one of your sub-accounts."""

    account: str = Field(max_length=20, description=NUMBER)
    sub_account: str = Field(default="HOLDING", max_length=20, description="ISSUED or HOLDING.")
    units: list[Units] = Field(min_length=1, max_length=100)


class Transfer(Move):
    """A transfer to be set up; a second person confirms it."""

    target: str = Field(max_length=20, description="The receiver's account number.")
    reason: str = Field(default="", max_length=120)


class Beneficiary(Schema):
    """On whose behalf. An organisation gives its USCC as code, a person an identity number (kept masked only), an event
    none."""

    kind: str = Field(max_length=20, json_schema_extra={"enum": [*Retirement.Beneficiary.values]})
    name: str = Field(max_length=200)
    code: str = Field(default="", max_length=40)


class Retire(Move):
    """A retirement to be set up; a second person confirms it."""

    purpose: str = Field(max_length=20, json_schema_extra={"enum": [*Retirement.Purpose.values]})
    beneficiary: Beneficiary
    statement: str = Field(default="", max_length=200, description="Printed on the certificate.")


class Reason(Schema):
    """Why an instruction is not carried out."""

    reason: str = Field(min_length=1, max_length=200)


class Organisation(Schema):
    uscc: str
    name: str
    role: str
    capacities: list[str] = Field(description="VIEW, INITIATE, CONFIRM: what you may do for it now.")
    account: str | None


class Me(Schema):
    username: str
    name: str
    organisations: list[Organisation]
    waiting: int = Field(description="Instructions that others gave and a second person may confirm.")


class Account(Schema):
    code: str
    organisation: str
    uscc: str
    state: str
    opened_at: Moment


class Accounts(Schema):
    items: list[Account]


class Stock(Schema):
    """What one sub-account holds of one batch: quantity = available + reserved + locked."""

    sub_account: str
    batch: str
    project: int
    project_name: str
    vintage: int
    quantity_t: int
    available_t: int
    reserved_t: int
    locked_t: int


class Holdings(Schema):
    account: str
    as_of: Moment | None
    items: list[Stock]


class Line(Schema):
    """One batch over the days: closing = opening + coming - going."""

    batch: str
    opening_t: int
    coming_t: int
    going_t: int
    closing_t: int


class Movement(Schema):
    at: Moment
    kind: str
    transaction: int
    sub_account: str
    counterparty: str
    batch: str
    quantity_t: int = Field(description="Positive came in, negative went out.")
    serials: list[Block]


class Statement(Schema):
    account: str
    first: date
    last: date
    lines: list[Line]
    movements: list[Movement]


class Wanted(Schema):
    batch: str
    quantity_t: int
    units: list[Block] = Field(description="Exactly the units set aside for the instruction.")


class Decision(Schema):
    outcome: str = Field(json_schema_extra={"enum": ["CONFIRMED", "REJECTED", "WITHDRAWN", "EXPIRED"]})
    by: str | None
    at: Moment
    reason: str
    certificate: str | None
    transaction: int | None


class Instruction(Schema):
    """What one person asked for and another decides. Its ETag changes with its state."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    act: str
    state: str = Field(json_schema_extra={"enum": ["WAITING", "CONFIRMED", "REJECTED", "WITHDRAWN", "EXPIRED"]})
    organisation: str
    initiator: str
    at: Moment
    expires_at: Moment
    account: str
    sub_account: str
    target: str | None
    quantity_t: int
    units: list[Wanted]
    purpose: str | None
    beneficiary: dict[str, Any] | None = Field(description="kind, name, code; a person's as published, masked.")
    text: str = Field(description="The reason of a transfer, the statement of a retirement.")
    decision: Decision | None


class Given(Schema):
    """An instruction in a list; its units are told by itself."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    act: str
    state: str
    organisation: str
    initiator: str
    at: Moment
    expires_at: Moment
    quantity_t: int


class Instructions(Schema):
    items: list[Given]
    next: str | None


class Retired(Schema):
    """A retirement as published."""

    certificate: str
    purpose: str
    beneficiary_kind: str
    beneficiary_name: str
    beneficiary_code: str
    statement: str
    quantity_t: int
    at: Moment


class Retirements(Schema):
    items: list[Retired]
    next: str | None


class Part(Schema):
    batch: str
    project: int
    project_name: str
    quantity_t: int
    units: list[Block]


class Certificate(Retired):
    transaction: int
    parts: list[Part]
    log_index: int | None = Field(description="The place in the transparency log; none for a moment after the act.")
    leaf_sha256: str | None
