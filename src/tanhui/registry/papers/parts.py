"""What several papers state: parties, projects, serial blocks, batches, a place in the log.

``plain`` gives each as the texts a template prints. Tonnes are whole, hashes are 64 hexadecimal digits.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from tanhui.kernel import serials
from tanhui.ui import numerals


@dataclass(frozen=True, slots=True)
class Label:
    """A word of the register in both languages, as ``("自愿注销", "Voluntary retirement")``."""

    zh: str
    en: str

    def plain(self) -> dict[str, Any]:
        return {"zh": self.zh, "en": self.en}


KINDS = {
    "organisation": Label("统一社会信用代码", "USCC"),
    "person": Label("证件号（部分隐去）", "ID, masked"),
    "event": Label("活动", "Event"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody or something named on a paper; an event has no identifier.

    A person's identity number comes masked; ``ValueError`` when it does not.
    """

    name: str
    identifier: str = ""
    kind: Literal["organisation", "person", "event"] = "organisation"

    def __post_init__(self) -> None:
        if self.kind == "person" and re.fullmatch("[0-9]{17}[0-9Xx]|[0-9]{15}", self.identifier.strip()):
            raise ValueError("a paper never prints a whole identity number: mask it")

    def plain(self) -> dict[str, Any]:
        """``label`` says what the identifier is, or that it is an event; ``None`` where there is nothing to say."""
        said = KINDS[self.kind].plain() if self.identifier or self.kind == "event" else None
        return {"name": self.name, "identifier": self.identifier, "label": said}


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    code: str
    name: str
    kind: Label
    region: str
    owner: str

    def plain(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind.plain(),
            "region": self.region,
            "owner": self.owner,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Methodology:
    code: str
    version: str
    name: str = ""

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "version": self.version, "name": self.name}


@dataclass(frozen=True, slots=True)
class Block:
    """A contiguous run of unit numbers and the serial printed for it."""

    printed: str
    first: int
    last: int

    @classmethod
    def of(cls, serial: serials.Serial) -> "Block":
        return cls(str(serial), serial.numbers.first, serial.numbers.last)

    @property
    def tonnes(self) -> int:
        return self.last - self.first + 1

    def plain(self) -> dict[str, Any]:
        """The printed serial in three pieces, so that first and last stand out, and the tonnes."""
        span = f"{self.first:010}-{self.last:010}"
        head, found, tail = self.printed.rpartition(span)
        pieces = (head, found, tail) if found else (self.printed, "", "")
        return dict(zip(("head", "span", "tail"), pieces, strict=True)) | {"tonnes": numerals.grouped(self.tonnes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Units of one issuance on a paper. The period has its first and its last day.

    ``input_hash`` and ``trace_hash`` name what the quantity was computed from and how, for ``tanhui method rerun``.
    """

    code: str
    project: Project
    methodology: Methodology
    period: tuple[date, date]
    input_hash: str
    trace_hash: str
    blocks: tuple[Block, ...]

    @property
    def tonnes(self) -> int:
        return sum(block.tonnes for block in self.blocks)

    def plain(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "project": self.project.plain(),
            "methodology": self.methodology.plain(),
            "period": span(self.period),
            "input_hash": self.input_hash,
            "trace_hash": self.trace_hash,
            "blocks": [block.plain() for block in self.blocks],
            "tonnes": numerals.grouped(self.tonnes),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """Where the act's leaf lies in the transparency log, and the checkpoint it is proved against.

    ``key`` is the fingerprint of the log's public key; an empty one is not printed.
    """

    origin: str
    leaf_index: int
    tree_size: int
    leaf_hash: str
    root_hash: str
    key: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.leaf_index < self.tree_size:
            raise ValueError(f"leaf {self.leaf_index} is not in a tree of {self.tree_size}")

    def plain(self) -> dict[str, Any]:
        return {
            "origin": self.origin,
            "leaf_index": str(self.leaf_index),
            "tree_size": str(self.tree_size),
            "leaf_hash": self.leaf_hash,
            "root_hash": self.root_hash,
            "key": self.key,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """Who gives out the paper. ``url`` is the short address behind its QR code; ``None`` prints no code."""

    operator: str
    number: str
    url: str | None
    demonstration: bool


def span(period: tuple[date, date]) -> dict[str, str]:
    """Both days of a period. ``ValueError`` when it ends before it begins."""
    first, last = period
    if last < first:
        raise ValueError(f"the period ends on {last}, before it begins on {first}")
    return {"first": numerals.day(first), "last": numerals.day(last)}


def quantity(tonnes: int) -> dict[str, str]:
    return {"figures": numerals.grouped(tonnes), "words": numerals.capital(tonnes) + "吨"}


def apart(blocks: Iterable[Block]) -> None:
    """``ValueError`` when a unit number stands on the paper twice."""
    if not serials.disjoint(serials.Range(block.first, block.last) for block in blocks):
        raise ValueError("the serial blocks of the paper overlap")
