"""Writing a fact down, inside the transaction of the act that made it."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from tanhui.kernel import canonical

VERSION = 1
MAX_LEAF_BYTES = 65_535  # C2SP tlog-tiles: an entry's length is a uint16

INSERT = """
WITH fact AS (
    INSERT INTO journal_entry (kind, leaf, private, by_id, at) VALUES (%s, %s, %s, %s, %s) RETURNING id
)
INSERT INTO journal_pending (entry_id) SELECT id FROM fact RETURNING entry_id
"""


class LeafTooLong(ValueError):
    """A programming error, not a person's: an act must keep its fact within a leaf."""


SERIALS, MOVEMENT = "\x00serials", "\x00movement"  # where the ledger has the word in a fact it posts
HOLE = re.compile(r'"\\u0000(?:serials|movement)"')
NULL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # behind one more backslash it is only what someone typed


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact ready to be written: its kind, canonical leaf, private opening, person and time."""

    kind: str
    leaf: bytes
    private: str | None
    by: int | None
    at: datetime

    @property
    def pieces(self) -> list[str]:
        """The leaf cut at the places that ``SERIALS`` and ``MOVEMENT`` hold."""
        return HOLE.split(self.leaf.decode())


def draft(
    *, kind: str, fact: Mapping[str, Any], at: datetime, by: int | None, private: Mapping[str, Any] | None = None
) -> Draft:
    """A fact in its canonical form.

    ``fact`` is published; JSON values without floats. ``private`` stays here: the leaf carries only a salted SHA-256 of
    it, which whoever is shown the opening can check. ``by`` is the person's id, kept here and not published.
    """
    leaf: dict[str, Any] = {"v": VERSION, "kind": kind, "at": stamp(at), "fact": fact}
    opening = None
    if private is not None:
        raw = canonical.dumps({"salt": secrets.token_hex(16), "private": private})
        opening, leaf["commitment"] = raw.decode(), hashlib.sha256(raw).hexdigest()
    written = canonical.dumps(leaf)
    told = written.decode()
    if len(NULL.findall(told)) != len(HOLE.findall(told)) or (opening and NULL.search(opening)):
        raise ValueError(f"{kind}: a fact holds a null character")
    return Draft(kind, written, opening, by, at)


def record(
    *, kind: str, fact: Mapping[str, Any], at: datetime, by: int | None, private: Mapping[str, Any] | None = None
) -> int:
    """Write one fact; returns the entry's id. It becomes public when the sequencer gives it a place in the log.

    The arguments are those of ``draft``. A fact of a ledger movement is written by ``movement.post`` instead.
    """
    made = draft(kind=kind, fact=fact, at=at, by=by, private=private)
    if len(made.pieces) > 1:
        raise ValueError(f"{kind}: only the ledger fills the null characters of a fact")
    if len(made.leaf) > MAX_LEAF_BYTES:
        raise LeafTooLong(f"{kind}: {len(made.leaf)} bytes")
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [kind, made.leaf, made.private, by, at])
        entry_id: int = cursor.fetchone()[0]
    return entry_id


def stamp(at: datetime) -> str:
    """UTC to the microsecond, as facts write it: ``2026-06-05T04:00:00.000000Z``."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
