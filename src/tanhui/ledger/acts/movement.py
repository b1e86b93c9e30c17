"""Moving quantities between accounts: the one way a holding changes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model
from psycopg.types.range import Int8Range

from tanhui.identity.models import Decision
from tanhui.journal.record import Draft
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import refusals

POST = """
SELECT movement, ordinal, serials
FROM ledger_post(%s, %s, %s, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int8range[], %s, %s::bigint[])
"""

POST_AND_TELL = """
WITH posted AS MATERIALIZED (
    SELECT * FROM ledger_post_and_tell(
        %s::text, %s::text, %s::timestamptz, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int8range[],
        %s::bigint, %s::bigint[], string_to_array(%s::text, chr(31)), %s::jsonb, %s::bigint)
)"""

BETWEEN = "\x1f"  # between the pieces of a leaf; JSON never has it bare

DECIDE = """, decided AS (
    INSERT INTO identity_decision (instruction_id, outcome, initiator_id, by_id, reason, at, result)
    SELECT %s::uuid, %s::text, %s::bigint, %s::bigint, %s::text, %s::timestamptz,
           %s::jsonb || jsonb_build_object('transaction', movement, %s::text, kept.id)
      FROM posted, kept
)"""


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity of one asset from one account to another. Without ``serials`` the oldest free units go.

    Accounts and assets by their ids; ``serials`` must count exactly ``quantity``.
    """

    source: int
    target: int
    asset: int
    quantity: int
    serials: Range | None = None

    def __post_init__(self) -> None:
        if self.quantity <= 0 or self.source == self.target:
            raise ValueError("a line moves a positive quantity between two accounts")
        if self.serials is not None and self.serials.count != self.quantity:
            raise ValueError("a line's serials count its quantity")


@dataclass(frozen=True, slots=True)
class Posted:
    """What a movement did: its id, and for each line the serial ranges that moved (none for plain assets)."""

    movement: int
    serials: tuple[tuple[Range, ...], ...]


def post(
    *,
    reference: str,
    kind: str,
    at: datetime,
    lines: Sequence[Line],
    reservation: int | None = None,
    under: Sequence[int] = (),
) -> Posted:
    """Post lines, in order, as one movement, inside the caller's transaction; all of them or none.

    ``reservation`` takes the units from that reservation and resolves it, freeing what the lines leave; ``under`` names
    locks that may be passed (an enforcement under its own lock). Refuses with ``NotEnoughHeld``, ``SerialsNotFree``,
    ``SerialsLocked``, ``AlreadyResolved`` or ``ReferenceUsed``.
    """
    with refusals.spoken(reference), connection.cursor() as cursor:
        cursor.execute(
            POST,
            [
                reference,
                kind,
                at,
                [line.source for line in lines],
                [line.target for line in lines],
                [line.asset for line in lines],
                [line.quantity for line in lines],
                [to_sql(line.serials) for line in lines],
                reservation,
                list(under),
            ],
        )
        rows = cursor.fetchall()
    pieces: list[list[Range]] = [[] for _ in lines]
    for _, ordinal, serials in rows:
        if serials is not None:
            pieces[ordinal - 1].append(from_sql(serials))
    return Posted(movement=rows[0][0], serials=tuple(tuple(found) for found in pieces))


@dataclass(frozen=True, slots=True)
class Told:
    """What a movement did: its id, the journal entry that tells it, the id of the fact's row, and for each line the
    serial ranges that moved (none for plain assets)."""

    movement: int
    entry: int
    row: int
    serials: tuple[tuple[Range, ...], ...]


def post_and_tell(
    *,
    reference: str,
    told: Draft,
    lines: Sequence[Line],
    fact: type[Model],
    values: Mapping[str, Any],
    reservation: int | None = None,
    under: Sequence[int] = (),
    decision: Decision | None = None,
) -> Told:
    """Post lines, in order, as one movement; tell it in the journal; and keep the fact's row: all of it or nothing.

    It is one statement, and so one transaction even without the caller's. ``told`` may hold ``record.MOVEMENT`` and,
    one a line, ``record.SERIALS``. ``fact`` is the model of the row, ``values`` its columns beside ``movement_id`` and
    ``entry``. ``reservation`` takes the units from that reservation and resolves it, freeing what the lines leave;
    ``under`` names locks that may be passed (an enforcement under its own lock). ``decision`` is the carried out
    instruction's, kept with the rest; its result names the movement and the fact beside what it already has.

    Refuses with ``NotEnoughHeld``, ``SerialsNotFree``, ``SerialsLocked``, ``AlreadyResolved``, ``TooManyBlocks`` or
    ``ReferenceUsed``; an ``IntegrityError`` when the instruction was decided already.
    """
    name = str(fact._meta.model_name)
    with refusals.spoken(reference), connection.cursor() as cursor:
        cursor.execute(
            keeping(fact, tuple(values), decision is not None),
            [
                reference,
                told.kind,
                told.at,
                array(line.source for line in lines),
                array(line.target for line in lines),
                array(line.asset for line in lines),
                array(line.quantity for line in lines),
                array(literal(line.serials) for line in lines),
                reservation,
                array(under),
                BETWEEN.join(told.pieces),
                told.private,
                told.by,
                *values.values(),
                *(ending(decision, name) if decision else []),
            ],
        )
        movement, entry, ordinals, ranges, row = cursor.fetchone()
    if decision:
        decision.result |= {"transaction": movement, name: row}
    pieces: list[list[Range]] = [[] for _ in lines]
    for ordinal, serials in zip(ordinals, ranges, strict=True):
        if serials is not None:
            pieces[ordinal - 1].append(from_sql(serials))
    return Told(movement, entry, row, tuple(tuple(found) for found in pieces))


def ending(made: Decision, name: str) -> list[Any]:
    """What ``DECIDE`` takes; ``name`` is what the decision's result calls the fact."""
    return [
        made.instruction_id, made.outcome, made.initiator_id, made.by_id, made.reason, made.at, json.dumps(made.result),
        name,
    ]  # fmt: skip


@cache
def keeping(fact: type[Model], columns: tuple[str, ...], deciding: bool) -> str:
    """The statement that posts and keeps a row of ``fact`` with these columns, and with it a decision."""
    meta = fact._meta
    types = {field.column: field.db_type(connection) for field in meta.concrete_fields}
    given = ", ".join(f"%s::{types[column]}" for column in columns)
    named = ", ".join(f'"{column}"' for column in columns)
    return (
        # only names of our own tables and columns are put in
        f"{POST_AND_TELL}, kept AS (INSERT INTO {meta.db_table} (movement_id, entry, {named})"  # noqa: S608
        f" SELECT movement, entry, {given} FROM posted RETURNING id){DECIDE if deciding else ''}"
        " SELECT movement, entry, ordinals, serials, kept.id FROM posted, kept"
    )


def take_serials(count: int) -> Range:
    """A contiguous range of serial numbers never used before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_take_serials(%s)", [count])
        return from_sql(cursor.fetchone()[0])


def array(values: Iterable[object]) -> str:
    """An array as PostgreSQL reads it; to have the driver build one costs several times as much."""
    return "{" + ",".join(map(str, values)) + "}"


def literal(serials: Range | None) -> str:
    return "NULL" if serials is None else f'"[{serials.first},{serials.last}]"'


def to_sql(serials: Range | None) -> Int8Range | None:
    return None if serials is None else Int8Range(serials.first, serials.last + 1)


def from_sql(serials: "Int8Range") -> Range:
    """Our range for PostgreSQL's, which ours are never open on."""
    lower, upper = serials.lower, serials.upper
    if lower is None or upper is None:
        raise ValueError(f"{serials} is open")
    return Range(lower, upper - 1)
