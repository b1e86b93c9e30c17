"""The papers of the register: what each states, and the PDF of it.

Each is a frozen record of facts that were true at one moment, so the same record gives the same bytes whenever it is
printed. The records refuse (``ValueError``) what does not add up, since a paper that contradicts itself is a defect of
the caller and not of the person reading it. Characters no font can print are refused with ``ui.glyph_missing``; an act
asks ``tanhui.ui.glyphs.require`` first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tanhui.registry.papers.parts import (
    Batch,
    Block,
    Label,
    LogPlace,
    Masthead,
    Methodology,
    Party,
    Project,
    apart,
    quantity,
    span,
)
from tanhui.ui import numerals, paper, qr

__all__ = [
    "Batch",
    "Block",
    "Holding",
    "HoldingCertificate",
    "IssuanceNotice",
    "Label",
    "Line",
    "LogPlace",
    "Masthead",
    "Methodology",
    "Movement",
    "Party",
    "Project",
    "RetirementCertificate",
    "Statement",
    "certificate",
    "holding_certificate",
    "issuance_notice",
    "statement",
]

TEMPLATES = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirementCertificate:
    """注销证书. ``detail`` is the purpose in the beneficiary's words, an event's name for one."""

    masthead: Masthead
    purpose_code: str
    purpose: Label
    detail: str
    beneficiary: Party
    holder: Party
    batches: tuple[Batch, ...]
    retired_at: datetime
    transaction_id: str
    log: LogPlace

    def __post_init__(self) -> None:
        apart(block for batch in self.batches for block in batch.blocks)
        if self.tonnes < 1:
            raise ValueError("a certificate for nothing")

    @property
    def tonnes(self) -> int:
        return sum(batch.tonnes for batch in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Units of one batch in one account. ``locked`` gives tonnes by reason; the rest is available."""

    batch: Batch
    locked: tuple[tuple[Label, int], ...] = ()

    def __post_init__(self) -> None:
        if any(tonnes < 1 for _, tonnes in self.locked) or self.available_tonnes < 0:
            raise ValueError(f"the locks on batch {self.batch.code} do not fit into {self.batch.tonnes} t")

    @property
    def locked_tonnes(self) -> int:
        return sum(tonnes for _, tonnes in self.locked)

    @property
    def available_tonnes(self) -> int:
        return self.batch.tonnes - self.locked_tonnes


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingCertificate:
    """持有证明: what an account held at ``as_of``, as recorded at ``issued_at``."""

    masthead: Masthead
    holder: Party
    account: str
    as_of: datetime
    issued_at: datetime
    holdings: tuple[Holding, ...]
    log: LogPlace | None = None

    def __post_init__(self) -> None:
        apart(block for holding in self.holdings for block in holding.batch.blocks)
        if self.issued_at < self.as_of:
            raise ValueError("a holding certificate speaks of the past, not of what is to come")


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Tonnes that came in (positive) or went out (negative)."""

    at: datetime
    kind: Label
    counterparty: str
    transaction_id: str
    batch: str
    tonnes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One batch over the period of a statement."""

    batch: str
    project: str
    opening_tonnes: int
    closing_tonnes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """对账单: opening balance, every movement, closing balance, by batch. ``ValueError`` unless it adds up."""

    masthead: Masthead
    holder: Party
    account: str
    period: tuple[date, date]
    drawn_at: datetime
    lines: tuple[Line, ...]
    movements: tuple[Movement, ...]
    log: LogPlace | None = None

    def __post_init__(self) -> None:
        if unknown := {movement.batch for movement in self.movements} - {line.batch for line in self.lines}:
            raise ValueError(f"movements of {', '.join(sorted(unknown))} have no line")
        for line in self.lines:
            moved = self.coming(line.batch) - self.going(line.batch)
            if line.opening_tonnes + moved != line.closing_tonnes or min(line.opening_tonnes, line.closing_tonnes) < 0:
                raise ValueError(f"batch {line.batch}: {line.opening_tonnes} and {moved} is not {line.closing_tonnes}")

    def coming(self, batch: str) -> int:
        return sum(movement.tonnes for movement in self.movements if movement.batch == batch and movement.tonnes > 0)

    def going(self, batch: str) -> int:
        return -sum(movement.tonnes for movement in self.movements if movement.batch == batch and movement.tonnes < 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuanceNotice:
    """签发通知: ``verified_tonnes`` less ``withheld`` (to the buffer pool, say, with the reason) is what was issued."""

    masthead: Masthead
    batch: Batch
    account: str
    verified_tonnes: int
    withheld: tuple[tuple[Label, int], ...]
    validator: str
    verifier: str
    issued_at: datetime
    transaction_id: str
    log: LogPlace

    def __post_init__(self) -> None:
        apart(self.batch.blocks)
        if self.verified_tonnes - sum(tonnes for _, tonnes in self.withheld) != self.batch.tonnes:
            raise ValueError(f"{self.verified_tonnes} t less what is withheld is not the {self.batch.tonnes} t issued")
        if self.validator == self.verifier:
            raise ValueError("the verifier of an issuance is never the validator of the project")


def certificate(facts: RetirementCertificate, *, attachments: Sequence[paper.Attachment] = ()) -> bytes:
    """The retirement certificate, PDF/A-3b with its ``proof.json`` when that is attached."""
    data = {
        "purpose_code": facts.purpose_code,
        "purpose": facts.purpose.plain(),
        "detail": facts.detail,
        "beneficiary": facts.beneficiary.plain(),
        "holder": facts.holder.plain(),
        "batches": [batch.plain() for batch in facts.batches],
        "blocks": sum(len(batch.blocks) for batch in facts.batches),
        "quantity": quantity(facts.tonnes),
        "retired_at": numerals.moment(facts.retired_at),
        "retired_on": numerals.day(facts.retired_at.astimezone(numerals.BEIJING)),
        "transaction_id": facts.transaction_id,
        "log": facts.log.plain(),
    }
    return draw("certificate", facts.masthead, data, facts.retired_at, attachments)


def holding_certificate(facts: HoldingCertificate, *, attachments: Sequence[paper.Attachment] = ()) -> bytes:
    """The holding certificate."""
    total = sum(holding.batch.tonnes for holding in facts.holdings)
    locked = sum(holding.locked_tonnes for holding in facts.holdings)
    data = {
        "holder": facts.holder.plain(),
        "account": facts.account,
        "as_of": numerals.moment(facts.as_of),
        "issued_on": numerals.day(facts.issued_at.astimezone(numerals.BEIJING)),
        "quantity": quantity(total),
        "available": numerals.grouped(total - locked),
        "locked": numerals.grouped(locked),
        "holdings": [
            {
                "batch": holding.batch.plain(),
                "available": numerals.grouped(holding.available_tonnes),
                "locked": numerals.grouped(holding.locked_tonnes),
                "locks": [reason.plain() | {"tonnes": numerals.grouped(tonnes)} for reason, tonnes in holding.locked],
            }
            for holding in facts.holdings
        ],
        "log": facts.log.plain() if facts.log else None,
    }
    return draw("holding", facts.masthead, data, facts.issued_at, attachments)


def statement(facts: Statement, *, attachments: Sequence[paper.Attachment] = ()) -> bytes:
    """The statement of an account over a period."""
    figures = [
        {
            "opening": line.opening_tonnes,
            "coming": facts.coming(line.batch),
            "going": facts.going(line.batch),
            "closing": line.closing_tonnes,
        }
        for line in facts.lines
    ]
    data = {
        "holder": facts.holder.plain(),
        "account": facts.account,
        "period": span(facts.period),
        "drawn_at": numerals.moment(facts.drawn_at),
        "drawn_on": numerals.day(facts.drawn_at.astimezone(numerals.BEIJING)),
        "lines": [
            {"batch": line.batch, "project": line.project}
            | {column: numerals.grouped(tonnes) for column, tonnes in row.items()}
            for line, row in zip(facts.lines, figures, strict=True)
        ],
        "totals": {
            column: numerals.grouped(sum(row[column] for row in figures))
            for column in ("opening", "coming", "going", "closing")
        },
        "movements": [
            {
                "at": f"{movement.at.astimezone(numerals.BEIJING):%Y-%m-%d %H:%M:%S}",
                "kind": movement.kind.plain(),
                "counterparty": movement.counterparty,
                "transaction_id": movement.transaction_id,
                "batch": movement.batch,
                "coming": numerals.grouped(movement.tonnes) if movement.tonnes > 0 else "",
                "going": numerals.grouped(-movement.tonnes) if movement.tonnes < 0 else "",
            }
            for movement in facts.movements
        ],
        "log": facts.log.plain() if facts.log else None,
    }
    return draw("statement", facts.masthead, data, facts.drawn_at, attachments)


def issuance_notice(facts: IssuanceNotice, *, attachments: Sequence[paper.Attachment] = ()) -> bytes:
    """The notice of an issuance."""
    data = {
        "batch": facts.batch.plain(),
        "account": facts.account,
        "verified": numerals.grouped(facts.verified_tonnes),
        "withheld": [reason.plain() | {"tonnes": numerals.grouped(tonnes)} for reason, tonnes in facts.withheld],
        "quantity": quantity(facts.batch.tonnes),
        "validator": facts.validator,
        "verifier": facts.verifier,
        "issued_at": numerals.moment(facts.issued_at),
        "issued_on": numerals.day(facts.issued_at.astimezone(numerals.BEIJING)),
        "transaction_id": facts.transaction_id,
        "log": facts.log.plain(),
    }
    return draw("issuance", facts.masthead, data, facts.issued_at, attachments)


TITLES = {
    "certificate": ("注销证书", "RETIREMENT CERTIFICATE"),
    "holding": ("持有证明", "CERTIFICATE OF HOLDING"),
    "statement": ("对账单", "STATEMENT OF ACCOUNT"),
    "issuance": ("签发通知", "NOTICE OF ISSUANCE"),
}


def draw(
    name: str, masthead: Masthead, data: Mapping[str, Any], at: datetime, attachments: Sequence[paper.Attachment]
) -> bytes:
    title, subtitle = TITLES[name]
    head = {
        "title": title,
        "subtitle": subtitle,
        "number": masthead.number,
        "operator": masthead.operator,
        "demonstration": masthead.demonstration,
        "url": masthead.url,
        "qr": qr.svg(masthead.url) if masthead.url else None,
    }
    return paper.render(template=TEMPLATES / f"{name}.typ", data={**head, **data}, at=at, attachments=attachments)
