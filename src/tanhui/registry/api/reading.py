"""How rows become what the API sends."""

from datetime import datetime
from typing import Any

from tanhui.identity.models import Instruction
from tanhui.journal import queries as journal
from tanhui.kernel.serials import Range
from tanhui.registry import queries
from tanhui.registry.acts import lines
from tanhui.registry.api import shapes
from tanhui.registry.models import Batch, Retirement, SubAccount


def block(batch: Batch, numbers: Range) -> shapes.Block:
    return shapes.Block(first=numbers.first, last=numbers.last, serial=str(lines.printed(batch, numbers)))


def stock(one: queries.Stock) -> shapes.Stock:
    return shapes.Stock(
        sub_account=one.sub_account.purpose, batch=one.batch.asset.code, project=one.batch.project.number,
        project_name=one.batch.project.name, vintage=one.batch.vintage, quantity_t=one.quantity,
        available_t=one.available, reserved_t=one.reserved, locked_t=one.locked,
    )  # fmt: skip


def line(one: queries.Line) -> shapes.Line:
    return shapes.Line(
        batch=one.batch.asset.code, opening_t=one.opening, coming_t=one.coming, going_t=one.going, closing_t=one.closing
    )


def movement(one: queries.Moved) -> shapes.Movement:
    return shapes.Movement(
        at=one.at, kind=one.kind, transaction=one.transaction, sub_account=one.sub_account.purpose,
        counterparty=one.other, batch=one.batch.asset.code, quantity_t=one.quantity,
        serials=[block(one.batch, numbers) for numbers in one.serials],
    )  # fmt: skip


def state(asked: Instruction, at: datetime) -> str:
    """WAITING until decided or run out."""
    if (decision := getattr(asked, "decision", None)) is not None:
        return str(decision.outcome)
    return "EXPIRED" if asked.expires_at <= at else "WAITING"


def etag(asked: Instruction, at: datetime) -> str:
    return f'"{asked.pk.hex}.{state(asked, at)}"'


def tonnes(asked: Instruction) -> int:
    return sum(one["quantity_t"] for one in asked.body["wanted"])


def given(asked: Instruction, at: datetime) -> shapes.Given:
    return shapes.Given(
        id=str(asked.pk), act=asked.act, state=state(asked, at), organisation=asked.organisation.name,
        initiator=asked.initiator.name, at=asked.at, expires_at=asked.expires_at, quantity_t=tonnes(asked),
    )  # fmt: skip


def instruction(asked: Instruction, at: datetime) -> shapes.Instruction:
    source, target = queries.places(asked)
    body = asked.body
    return shapes.Instruction(
        **given(asked, at).dict(),
        account=source.account.code, sub_account=source.purpose, target=other_end(target), units=wanted(asked),
        purpose=body.get("purpose"), beneficiary=body.get("beneficiary"),
        text=body.get("reason") or body.get("statement") or "", decision=decision(asked),
    )  # fmt: skip


def other_end(target: SubAccount | None) -> str | None:
    return target.account.code if target else None


def wanted(asked: Instruction) -> list[shapes.Wanted]:
    """The units set aside, batch by batch."""
    found: dict[str, shapes.Wanted] = {}
    for batch, numbers in queries.set_aside(asked):
        one = found.setdefault(batch.asset.code, shapes.Wanted(batch=batch.asset.code, quantity_t=0, units=[]))
        one.quantity_t += numbers.count
        one.units.append(block(batch, numbers))
    return list(found.values())


def decision(asked: Instruction) -> shapes.Decision | None:
    made = getattr(asked, "decision", None)
    if made is None:
        return None
    result: dict[str, Any] = made.result
    return shapes.Decision(
        outcome=made.outcome, by=made.by.name if made.by else None, at=made.at, reason=made.reason,
        certificate=result.get("certificate"), transaction=result.get("transaction"),
    )  # fmt: skip


def retired(one: Retirement) -> shapes.Retired:
    return shapes.Retired(
        certificate=one.certificate, purpose=one.purpose, beneficiary_kind=one.beneficiary_kind,
        beneficiary_name=one.beneficiary_name, beneficiary_code=one.beneficiary_code, statement=one.statement,
        quantity_t=one.quantity_t, at=one.at,
    )  # fmt: skip


def certificate(one: Retirement) -> shapes.Certificate:
    place = journal.place(one.entry)
    return shapes.Certificate(
        **retired(one).dict(),
        transaction=one.movement_id,
        parts=[
            shapes.Part(
                batch=batch.asset.code, project=batch.project.number, project_name=batch.project.name,
                quantity_t=quantity_t, units=[block(batch, numbers) for numbers in ranges],
            )
            for batch, quantity_t, ranges in queries.retired(one)
        ],
        log_index=place.index if place else None,
        leaf_sha256=place.sha256 if place else None,
    )  # fmt: skip
